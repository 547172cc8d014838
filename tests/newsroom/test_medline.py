"""MEDLINE records: fields are joined, answers kept apart, and identifiers come from the record."""

from __future__ import annotations

from digest.model import Identifiers, Quantity
from digest.newsroom.medline import parse_medline, record_evidence

RECORDS = """\
PMID- 11111111
TI  - Tonic water for night cramps: a randomized trial of
      three doses.
LID - 10.1000/cramps.1 [doi]
AB  - METHODS: We randomly assigned 120 adults to tonic water
      or placebo. RESULTS: None.
JT  - The journal of cramps
PT  - Journal Article
PT  - Randomized Controlled Trial
MH  - *Muscle Cramp/therapy
SI  - ClinicalTrials.gov/NCT01234567
PMC - PMC7654321

PMID- 22222222
TI  - A letter.
RIN - J Cramps. 2026;1:2
PT  - Letter
"""


def test_records_come_in_order_with_their_lines_joined() -> None:
    first, second = parse_medline(RECORDS)

    assert (first.id, second.id) == ("11111111", "22222222")
    assert first.title == "Tonic water for night cramps: a randomized trial of three doses."
    assert first.abstract == "METHODS: We randomly assigned 120 adults to tonic water or placebo. RESULTS: None."
    assert first.journal == "The journal of cramps"
    assert first.publication_types == ("Journal Article", "Randomized Controlled Trial")
    assert first.headings == ("*Muscle Cramp/therapy",)
    assert second.text == "A letter."


def test_windows_line_ends_and_missing_blank_lines_change_nothing() -> None:
    crowded = RECORDS.replace("\n\n", "\n").replace("\n", "\r\n")

    assert list(parse_medline("\ufeff" + crowded)) == list(parse_medline(RECORDS))


def test_text_that_is_no_record_gives_none() -> None:
    assert list(parse_medline("TI  - No number\n\nsomething else\nPMID- none\n")) == []


def test_evidence_of_a_record_carries_the_identifiers_of_the_record() -> None:
    first, second = map(record_evidence, parse_medline(RECORDS))

    assert first.study_type == "randomised trial"
    assert first.participants == Quantity(120)
    assert first.identifiers == Identifiers(
        doi="10.1000/cramps.1", pmid="11111111", trial="NCT01234567", pmcid="PMC7654321"
    )
    assert first.retracted is None
    assert second.retracted is True


def test_publication_types_are_never_read() -> None:
    without = RECORDS.replace("PT  - Randomized Controlled Trial\n", "PT  - Systematic Review\n")

    assert record_evidence(next(parse_medline(without))).study_type == "randomised trial"
