"""Names, languages, time zones and topics, cleaned."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.details import clean_language, clean_name, clean_timezone, clean_topics
from subscribers.errors import DetailError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann Lee", "Ann Lee"),
        ("  Ann \t Lee\r\n", "Ann Lee"),
        ("Ann\x00\x07Lee", "AnnLee"),
        ("Ann\u202eeeL", "AnneeL"),
        ("Ann\u00a0Lee\u2028x", "Ann Lee x"),
        ("Jose\u0301", "José"),
        ("\ud800Ann", "Ann"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("", ""),
    ],
)
def test_a_name_is_one_line_without_controls(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@settings(max_examples=150)
@given(st.text(st.characters(), max_size=60))
def test_cleaning_twice_is_cleaning_once_and_leaves_nothing_that_breaks_a_header(text: str) -> None:
    name = clean_name(text)

    assert clean_name(name) == name
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u2029" for c in name)
    name.encode()


def test_an_endless_name_is_refused() -> None:
    with pytest.raises(DetailError, match="longer than 200 characters"):
        clean_name("x" * 201)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("de", "de"), ("PT_br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("", None), (None, None)],
)
def test_a_language_tag_gets_its_usual_look(typed: str | None, kept: str | None) -> None:
    assert clean_language(typed) == kept


@pytest.mark.parametrize("typed", ["english", "d", "de-", "../de", "de\x00"])
def test_what_is_no_language_tag_is_refused(typed: str) -> None:
    with pytest.raises(DetailError, match="not a language tag"):
        clean_language(typed)


def test_a_time_zone_must_exist() -> None:
    assert clean_timezone(" Europe/London ") == "Europe/London"
    assert clean_timezone("") is None
    for wrong in ("Mars/Olympus", "../../etc/passwd", "/etc/localtime", "GMT+25"):
        with pytest.raises(DetailError, match="not a known zone"):
            clean_timezone(wrong)


def test_topics_keep_their_order_without_repeats() -> None:
    assert clean_topics(["pain", " sleep\n", "", "pain"]) == ("pain", "sleep")


@pytest.mark.parametrize("topics", [["a;b"], ["a,b"], ["a|b"], ["x" * 61], [f"t{n}" for n in range(51)]])
def test_topics_that_could_not_be_told_apart_or_go_on_for_ever_are_refused(topics: list[str]) -> None:
    with pytest.raises(DetailError):
        clean_topics(topics)
