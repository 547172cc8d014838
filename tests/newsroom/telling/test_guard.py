"""Whatever a machine adds to its article is found."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.newsroom.telling import Piece
from digest.newsroom.telling.guard import LONGEST, faults

ARTICLE = Piece(
    title="Magnesium for leg cramps unsupported by evidence",
    text="The use of magnesium tablets to treat leg cramps at night is not supported by evidence, a new Cochrane "
    "review has found. The review of 41 trials involved over 1,800 adults. Ada O’Lorn, a pharmacist at Northmoor "
    "University, said: “We found no clear evidence of benefit.” About 27% of adults had loose stools. Magnesium "
    "increased the risk of diarrhoea in the COVID-19 years.",
    outlet="Sample Post",
    url="https://post.example/cramps",
)


@pytest.mark.parametrize(
    "text",
    [
        "A review of 41 trials with more than 1,800 adults found no clear evidence that magnesium helps leg cramps.",
        "A Cochrane review of forty-one trials does not support magnesium for leg cramps.",
        'Ada O\'Lorn said: "We found no clear evidence of benefit."',
        "About 27 per cent of adults had loose stools with magnesium.",
        "Researchers found no clear evidence of benefit of magnesium for leg cramps.",
        "The review found no evidence of benefit of magnesium (https://post.example/cramps).",
    ],
)
def test_what_the_article_says_passes(text: str) -> None:
    assert faults(text, ARTICLE) == ()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("A review of 14 trials found no clear evidence for magnesium.", "number"),
        ("A review of fourteen trials found no clear evidence for magnesium.", "number"),
        ("About 41% of adults had loose stools with magnesium.", "number"),
        ("A review of ４４ trials found no clear evidence for magnesium.", "number"),
        ("A review of 41 trials found no evidence for B12 or magnesium.", "number"),
        ("Magnesium trials involved over 1,800,000 adults with leg cramps.", "number"),
        ("The review found no evidence for magnesium, John Doe said.", "name"),
        ("Harvard found no clear evidence of benefit of magnesium for cramps.", "name"),
        ("The review found “no harm at all” of magnesium for leg cramps.", "quotation"),
        ("The review found ‘no harm at all’ of magnesium for leg cramps.", "quotation"),
        ('The review found no evidence for "magnesium in leg cramps.', "quotation"),
        ("No evidence for magnesium in leg cramps: https://evil.example/x", "link"),
        ("No evidence for magnesium in leg cramps, see evil.com for more.", "link"),
        ("No evidence for magnesium in leg cramps, ask a@evil.example.", "link"),
        ("Magnesium [does not](x) help leg cramps.", "markup"),
        ("Magnesium <i>does not</i> help leg cramps.", "markup"),
        ("Magnesium does not help leg\u202e cramps.", "markup"),
        ("Fish oil lets toddlers sleep longer and play better with their cousins.", "words"),
        ("The use of magnesium tablets to treat leg cramps at night is supported by evidence.", "opposite"),
        ("Magnesium lowered the risk of diarrhoea.", "opposite"),
        ("  ", "empty"),
        ("magnesium " * 400, "length"),
    ],
)
def test_what_the_article_does_not_say_is_found(text: str, rule: str) -> None:
    assert rule in {fault.rule for fault in faults(text, ARTICLE)}


def test_a_true_summary_under_the_wrong_article_is_found() -> None:
    other = Piece(title="Measles in the valley", text="Nine children fell ill with measles in the valley this month.")

    assert "words" in {fault.rule for fault in faults("Magnesium does little against cramps at night.", other)}


def test_several_cited_articles_speak_together() -> None:
    other = Piece(title="Cramps", text="The tablets cost 12 pounds a month, the makers of magnesium said.")

    assert (
        faults("Magnesium tablets cost 12 pounds a month, and 41 trials show no clear benefit.", ARTICLE, other) == ()
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**7))
def test_no_foreign_number_passes(number: int) -> None:
    found = faults(f"A review of {number:,} trials found no clear evidence for magnesium.", ARTICLE)

    assert (found == ()) == (number == 41)  # 1,800 are the adults, and 19 is of a name


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_judged(text: str, article: str) -> None:
    faults(text, Piece(title="", text=article))


@pytest.mark.parametrize("unit", ["a.", "“", "A ", "1 ", "<", "www.", "no more. ", "A. "])
def test_judging_ends_in_time(unit: str) -> None:
    hostile = Piece(title=unit * 1000, text=unit * 500_000)
    begun = time.process_time()

    faults((unit * LONGEST)[:LONGEST], hostile)

    assert time.process_time() - begun < 1.5
