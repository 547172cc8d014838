"""Copies: word for word the same is a copy, however it is headed or cut; the same event in other words is not."""

from __future__ import annotations

from digest.gather.copies import Copies

AGENCY = (
    "Researchers followed two thousand office workers for a year and found that those who dimmed their screens in the "
    "evening slept twelve minutes longer, according to a report published on Thursday by the national sleep institute."
)
OWN_WORDS = (
    "People who turn down the brightness of their computers at night get about twelve more minutes of sleep, a "
    "year-long study of 2,000 desk workers suggests. The sleep institute, which ran the study, published it this week."
)


def seen(*texts: str) -> Copies:
    copies = Copies()
    for number, text in enumerate(texts, 1):
        copies.add(number, text, f"outlet {number}")
    return copies


def test_the_same_words_are_a_copy() -> None:
    assert seen(OWN_WORDS, AGENCY).original_of(AGENCY) == 2


def test_cut_or_lengthened_or_slightly_edited_it_is_still_one() -> None:
    copies = seen(AGENCY)

    assert copies.original_of(" ".join(AGENCY.split()[:20])) == 1
    assert copies.original_of(AGENCY + " " + OWN_WORDS) == 1
    assert copies.original_of(AGENCY.replace("Thursday", "Friday").upper()) == 1


def test_other_words_are_none() -> None:
    assert seen(AGENCY).original_of(OWN_WORDS) is None


def test_few_words_are_never_a_copy() -> None:
    assert seen("Read the full story on our site.").original_of("Read the full story on our site.") is None


def test_the_first_is_the_original() -> None:
    copies = seen(AGENCY, AGENCY, AGENCY)

    assert copies.original_of(AGENCY) == 1
    assert copies.owner(1) == "outlet 1"
