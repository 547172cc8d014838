"""One text is one voice, however many print it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from digest.newsroom.telling import Piece
from digest.newsroom.telling.copies import Voice, credit_of, voices

OWN = (
    "Our reporter asked nine pharmacists in the valley what they tell people with cramps. Most of them said that "
    "stretching before bed costs nothing, and that tablets rarely do what the label on the box says they do."
)


def of(found: list[Voice]) -> list[str | None]:
    return [voice.of for voice in found]


def test_the_agencys_own_article_is_the_original_whenever_it_came(week: list[Piece]) -> None:
    agency, daily, evening = week[1:4]

    assert of(voices([daily, evening, agency])) == ["Reuters", "Reuters", None]
    assert voices([daily, evening, agency])[0].original == 2


def test_one_article_stands_for_an_agency_that_is_not_there(week: list[Piece]) -> None:
    agency, daily, evening = week[1:4]
    reprint = replace(agency, outlet="Morning Copy")

    found = voices([reprint, daily, evening])

    assert of(found) == [None, "Reuters", "Reuters"]
    assert [voice.by for voice in found] == ["Reuters", None, None]
    assert [voice.by for voice in voices([agency, daily])] == [None, None]


def test_an_agencys_own_site_prints_nobody_elses_text(piece: Callable[..., Piece]) -> None:
    own = piece("a", "LONDON (Reuters) - " + OWN, outlet="reuters.com", url="https://www.reuters.com/pills")

    assert [voice.by for voice in voices([own])] == [None]


def test_a_shortened_copy_is_a_copy(week: list[Piece]) -> None:
    assert of(voices([week[2], week[3]])) == [None, "Daily Copy"]


def test_a_text_of_its_own_is_a_voice_of_its_own(week: list[Piece], piece: Callable[..., Piece]) -> None:
    assert of(voices([*week[:2], piece("Cramps", OWN, outlet="Valley Post")])) == [None, None, None]


def test_two_versions_of_one_agencys_report_are_one_voice(piece: Callable[..., Piece]) -> None:
    first = piece("a", "PARIS (AFP) - " + OWN, outlet="A")
    second = piece(
        "b", "PARIS (AFP) - Tablets do nothing for cramps, doctors said on Monday in a short note.", outlet="B"
    )

    assert of(voices([first, second])) == [None, "AFP"]


def test_two_reports_on_an_agencys_own_pages_are_two_reports(piece: Callable[..., Piece]) -> None:
    pair = [piece("a", OWN, outlet="Reuters"), piece("b", "Doctors met in Lyon to speak of cramps.", outlet="Reuters")]

    assert of(voices(pair)) == [None, None]


def test_short_teasers_are_not_called_copies(piece: Callable[..., Piece]) -> None:
    assert of(
        voices([piece("a", "Read it here today.", outlet="A"), piece("b", "Read it here today.", outlet="B")])
    ) == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("more", "agency"),
    [
        ({"outlet": "The Associated Press"}, "AP"),
        ({"url": "https://www.reuters.com/pills"}, "Reuters"),
        ({"text": "LONDON (AFP) — Pills."}, "AFP"),
        ({"text": "LONDON, Nov 18 (Reuters) - Pills."}, "Reuters"),
        ({"text": "Pills do little.\nReporting by A. Lorn for Reuters"}, None),
        ({"text": "Pills do little.\n© 2026 Reuters"}, "Reuters"),
        ({"url": "https://www.eurekalert.example/x"}, "EurekAlert"),
        ({"text": "He told Reuters that pills do little."}, None),
        ({}, None),
    ],
)
def test_an_agency_is_known_by_its_own_word(
    more: dict[str, str], agency: str | None, piece: Callable[..., Piece]
) -> None:
    assert credit_of(piece("x", **more)).agency == agency
