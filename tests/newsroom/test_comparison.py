"""What a study compared with what: its own words for it, and nothing where they are about something else."""

from __future__ import annotations

import time

import pytest

from digest.newsroom.evidence import read_evidence


@pytest.mark.parametrize(
    ("text", "comparison"),
    [
        ("Laparoscopic versus open repair: a randomised trial", "Laparoscopic versus open repair"),
        ("A randomised trial comparing nortipan versus standard drops", "nortipan versus standard drops"),
        ("Researchers randomly assigned 1,204 patients to vitamin D or placebo.", "vitamin D or placebo"),
        ("They were randomly assigned to receive vitamin D or placebo for a year.", "vitamin D or placebo"),
        ("Patients were randomised to get ramilol (5-10 mg daily) or placebo.", "ramilol (5-10 mg daily) or placebo"),
        ("In the trial of 90 adults pain fell, compared with usual care.", "compared with usual care"),
        ("A double-blind, placebo-controlled trial", "placebo-controlled"),
        ("The trial in 90 adults found no benefit compared with placebo.", "compared with placebo"),
        ("The trial in 90 adults found less pain, compared with those who took a placebo.",
         "compared with those who took a placebo"),
        ("In a cohort of 900 people, risk was lower compared with people who never ate nuts.",
         "compared with people who never ate nuts"),
        ("A randomised trial in 90 nurses found less pain compared with surgery, at half the price.",
         "compared with surgery"),
    ],
)  # fmt: skip
def test_the_two_sides_of_a_study_are_quoted(text: str, comparison: str) -> None:
    assert read_evidence(text).comparison == comparison


@pytest.mark.parametrize(
    "text",
    [
        "In the trial of 90 adults deaths fell compared with 2019.",
        "In the trial of 90 adults 5% died compared with 8% of the others.",
        "In the trial of 90 adults risk fell compared with the previous decade.",
        "Compared with childhood vaccines, this trial of 90 adults was small.",
        "In the trial of 90 adults the spray should be compared with usual care.",
        "In the trial of 90 adults the spray was not directly compared with usual care.",
        "In the trial of 90 adults the spray helped, but an earlier one saw none, compared with placebo.",
        "In the trial of 90 adults pain fell compared with those who did not.",
        "Spending rose compared with hospitals abroad.",  # no study at all
        "In a randomised trial 90 women were assigned to get 200 mg of oral or rectal, to no avail.",
        "In the trial of 90 adults PT helped compared with MT.",  # who would know?
    ],
)
def test_trends_results_and_riddles_are_no_comparison(text: str) -> None:
    assert read_evidence(text).comparison is None


def test_the_words_are_found_where_the_span_says() -> None:
    text = "İ. A randomised trial.\nPeople had less pain compared\u00a0with placebo pills."

    evidence = read_evidence(text)

    span = next(span for span in evidence.spans if span.field == "comparison")
    assert text[span.start : span.end] == span.text == "compared\u00a0with placebo pills"
    assert evidence.comparison == "compared with placebo pills"


@pytest.mark.parametrize(
    "seed", ["compared with ", "randomised to ", "randomly to receive a or ", "a vs ", "people who ", "versus a: b "]
)
def test_a_hostile_megabyte_is_read_within_a_second(seed: str) -> None:
    text = "randomised trial " + seed * (1_000_000 // len(seed))

    begun = time.process_time()
    read_evidence(text)

    assert time.process_time() - begun < 1
