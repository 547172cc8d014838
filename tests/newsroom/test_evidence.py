"""Evidence is read from a text's own words, with the place of every value, and never guessed."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Evidence, Identifiers, Quantity
from digest.newsroom.evidence import evidence_to_json, read_evidence

REVIEW_PAGE = """\
Tonic Water for Night Cramps Lacks Scientific Basis
A review of 67 trials with over 2,300 adults found no clear benefits of tonic water for night cramps, researchers said.
- A recent Cochrane review found that tonic water lacks evidence of benefit and increases risks such as nausea.
- Researchers examined 67 trials involving over 2,300 adults, finding no clear benefit across conditions or doses.
- The review highlights the urgent need for high-quality trials to clarify its role.
11 Articles
Coverage Details
Bias Distribution
- 100% of the sources are Center
Factuality
"""


def test_page_about_a_cochrane_review_is_understood() -> None:
    evidence = read_evidence(REVIEW_PAGE)

    assert evidence.study_type == "systematic review"
    assert evidence.trials == 67
    assert evidence.participants == Quantity(2300, "over")
    assert evidence.publisher == "Cochrane"
    assert evidence.preprint is False
    assert evidence.peer_reviewed is True
    assert evidence.retracted is None
    assert evidence.identifiers == Identifiers()


def test_json_has_the_promised_shape() -> None:
    shape = evidence_to_json(read_evidence(REVIEW_PAGE), id="a")

    assert list(shape) == [
        "id", "study_type", "preprint", "peer_reviewed", "participants", "trials", "identifiers", "publisher",
        "retracted", "comparison", "funding", "conflicts", "spans",
    ]  # fmt: skip
    assert shape["participants"] == {"value": 2300, "qualifier": "over"}
    assert shape["identifiers"] == {"doi": None, "pmid": None, "trial": None, "pmcid": None}
    assert json.loads(json.dumps(shape)) == shape
    assert "id" not in evidence_to_json(Evidence())


def test_empty_text_says_nothing() -> None:
    assert read_evidence("") == Evidence()


@pytest.mark.parametrize(
    ("text", "study_type"),
    [
        ("Researchers randomly assigned 1,204 patients to vitamin D or placebo.", "randomised trial"),
        ("DESIGN: Open-label, randomized, parallel-group, multicenter study.", "randomised trial"),
        ("Patients received naltrexone (50 mg) or placebo. Four hours later they were assessed.", "randomised trial"),
        ("Effects of a yoga class: a randomised pilot study", "randomised trial"),
        ("This was not a randomised trial: they followed 300 people for two years.", "cohort"),
        ("Participants were randomly selected from the electoral roll.", "unknown"),
        ("The authors say that randomised trials are needed.", "unknown"),
        ("Earlier randomised trials had been inconclusive.", "unknown"),
        ("Mendelian randomisation study links coffee and kidney stones", "other"),
        ("Yoga for back pain: protocol for a randomised controlled trial", "other"),
        ("A review of 67 trials found no benefit.", "systematic review"),
        ("Search strategy: we searched MEDLINE. Selection criteria: randomised trials.", "systematic review"),
        ("A systematic review and meta-analysis of cohort studies", "meta-analysis"),
        ("A study of 12,000 women in the Nurses' Health Study", "cohort"),
        ("A case-control study of lung cancer", "case-control"),
        ("Neonatal spondylitis: a case report", "case report"),
        ("Blurred vision. A 58 year old woman presented with a headache and a rash.", "case report"),
        ("Thyroid storm presenting as stroke\nWe saw it in a young patient.", "case report"),
        ("We report on the repair of torn tendons in four children; all can run again.", "case report"),
        ("Quinine and deafness in a hospital population\nSome heard less.", "unknown"),
        ("In a cross-sectional survey of 2,000 nurses, burnout was common.", "cross-sectional"),
        ("A cross sectional study was made in 69 patients with lupus.", "cross-sectional"),
        ("The cross-sectional area of the thigh was smaller in runners.", "unknown"),
        ("Sixty consecutive patients had the operation. Mean follow-up was 40 months.", "cohort"),
        (
            "Stents, a prospective study\nForty consecutive patients were randomized to steel or tin.",
            "randomised trial",
        ),
        ("Wards gave antibiotics sooner once practice guidelines hung on the wall.", "unknown"),
        ("Rats were randomly assigned to one of two diets. In rats fed fat, weight rose.", "animal"),
        ("Graft failure in rat livers\nMETHODS: Livers of Wistar rats were chilled. RESULTS: Cells died.", "animal"),
        ("In mice, the drug halved tumour size. Randomised trials in people are needed.", "animal"),
        ("The compound killed human cell lines in vitro.", "in vitro"),
        ("In vitro fertilisation is booming.", "unknown"),
        ("Climber on trial for leaving his friend on the summit\nHe denies it.", "unknown"),
        ("21-year-old man charged over thwarted attack\nPolice searched two flats.", "unknown"),
        ("The envoy and the case of the missing letters\nA minister answers.", "unknown"),
        ("Dogs of the harbour: an interview\nThey walk along the quay at dawn.", "unknown"),
        ("USPSTF issues new guidelines for breast cancer screening", "guideline"),
        ("FOR IMMEDIATE RELEASE: New superfood blend boosts energy", "press release"),
        ("Coffee is good for you, says the coffee industry.", "unknown"),
    ],
)
def test_study_type(text: str, study_type: str) -> None:
    assert read_evidence(text).study_type == study_type


@pytest.mark.parametrize(
    ("text", "participants"),
    [
        ("a trial of 1,204 patients", Quantity(1204)),
        ("a trial of 2 300 participants", Quantity(2300)),
        ("a trial of 2\u202f300 participants", Quantity(2300)),
        ("involving over 2,300 adults", Quantity(2300, "over")),
        ("more than two hundred and three women took part", Quantity(203, "more than")),
        ("a study of nearly 2.3 million people", Quantity(2_300_000, "nearly")),
        ("approximately sixty-seven children were enrolled", Quantity(67, "about")),
        ("enrolled at least 40 healthy male volunteers", Quantity(40, "at least")),
        ("patients with asthma (n = 1,204) were studied", Quantity(1204)),
        ("534 type 1 diabetic subjects were randomised", Quantity(534)),
        ("two arms (n = 60) and (n = 62)", None),
        ("10-15 patients were treated", None),
        ("between 100 and 200 people took part", None),
        ("one in 5 adults was treated", None),
        ("deaths per 1,000 people were studied", None),
        ("In 2019 patients were treated at home", None),
        ("About 3 million people in the US are diagnosed every year", None),
        ("50% of patients improved in the trial", None),
        ("treated for 12 weeks, patients improved", None),
    ],
)
def test_participants(text: str, participants: Quantity | None) -> None:
    assert read_evidence(text).participants == participants


@pytest.mark.parametrize(
    ("text", "trials"),
    [
        ("a review of 67 trials", 67),
        ("Sixty-seven randomised controlled trials were pooled", 67),
        ("they found 23 RCTs", 23),
        ("between 10 and 15 trials", None),
        ("10 to 15 trials", None),
        ("two phase 3 trials", 2),
        ("the phase 3 trials began", None),
        ("since 2019 trials have stopped", None),
        ("67 patients in trials", None),
    ],
)
def test_trials(text: str, trials: int | None) -> None:
    assert read_evidence(text).trials == trials


def test_identifiers_end_where_their_sentence_goes_on() -> None:
    text = "Registered (NCT01234567), see https://doi.org/10.1016/S0140-6736(20)31180-6). PMID: 33378609; PMC7787219."

    assert read_evidence(text).identifiers == Identifiers(
        doi="10.1016/S0140-6736(20)31180-6", pmid="33378609", trial="NCT01234567", pmcid="PMC7787219"
    )


@pytest.mark.parametrize(
    ("text", "publisher", "preprint", "reviewed"),
    [
        ("The findings were published Monday in the journal Nature Medicine.", "Nature Medicine", False, True),
        ("A study published in The Lancet", "The Lancet", False, True),
        ("A JAMA Internal Medicine study of statins", "JAMA Internal Medicine", False, True),
        ("The preprint, posted on medRxiv, has not yet been peer reviewed.", None, True, False),
        ("doi 10.1101/2026.01.02.123456", None, True, False),
        ("doi 10.1101/123456", None, True, False),
        ("doi 10.1101/gad.123456.118", None, None, None),  # a journal's
        ("First posted as a preprint, it now appears in the journal Cell Reports.", "Cell Reports", False, True),
        ("Published in the journal Cell; a new preprint contradicts it.", "Cell", None, None),
        ("Experts in a Lancet editorial criticised the plan.", None, None, None),
        ("Cochrane's chief executive resigned.", "Cochrane", None, None),
        ("Coffee is good for you.", None, None, None),
    ],
)
def test_provenance(text: str, publisher: str | None, preprint: bool | None, reviewed: bool | None) -> None:
    evidence = read_evidence(text)

    assert (evidence.publisher, evidence.preprint, evidence.peer_reviewed) == (publisher, preprint, reviewed)


@pytest.mark.parametrize(
    ("text", "retracted"),
    [
        ("RETRACTED: Tonic water and cramps", True),
        ("The paper has been retracted after concerns about its data.", True),
        ("An earlier study was retracted.", None),
        ("There are calls for the paper to be retracted.", None),
        ("The foreskin was retracted in 12 patients.", None),
    ],
)
def test_retraction_is_told_only_of_the_work_itself(text: str, retracted: bool | None) -> None:
    assert read_evidence(text).retracted is retracted


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["İ", "a randomised trial ", "of 1\u202f204 patients ", "ß", "(10.1000/x). ", "“", "\r\n", "67 trials "]
        ),
        max_size=12,
    ).map("".join)
    | st.text(max_size=60)
)
def test_spans_are_exact(text: str) -> None:
    evidence = read_evidence(text)

    assert [text[span.start : span.end] for span in evidence.spans] == [span.text for span in evidence.spans]


@pytest.mark.parametrize(
    "seed",
    [
        "1 ",
        " ",
        "1,111,111 ",
        "twenty ",
        "a two-",
        "randomised ",
        "n = 1 ",
        "10.1000/((((",
        "either a (n=1 ",
        "in the journal A of ",
        "\n",
    ],
)
def test_a_hostile_megabyte_is_read_within_a_second(seed: str) -> None:
    text = seed * (1_000_000 // len(seed))

    begun = time.process_time()
    read_evidence(text)

    assert time.process_time() - begun < 1
