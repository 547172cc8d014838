"""Evidence is read from a text's own words, with the place of every value, and never guessed."""

from __future__ import annotations

import json

import pytest

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
        "retracted", "spans",
    ]  # fmt: skip
    assert shape["participants"] == {"value": 2300, "qualifier": "over"}
    assert shape["identifiers"] == {"doi": None, "pmid": None, "trial": None, "pmcid": None}
    assert json.loads(json.dumps(shape)) == shape
    assert "id" not in evidence_to_json(Evidence())


def test_empty_text_says_nothing() -> None:
    assert read_evidence("") == Evidence()


@pytest.mark.parametrize("text", [REVIEW_PAGE, "İstanbul İİİ: a randomised trial of 1\u202f204 patients (10.1000/x)."])
def test_spans_are_exact(text: str) -> None:
    evidence = read_evidence(text)

    assert evidence.spans
    assert [text[span.start : span.end] for span in evidence.spans] == [span.text for span in evidence.spans]
