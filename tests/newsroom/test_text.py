"""Plain text: controls stripped, damage put right, and nothing else changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.newsroom.text import content_words, cut, single_line, slug, strip_controls, tidy


@pytest.mark.parametrize(
    ("damaged", "tidied"),
    [
        ("Australia , and London .", "Australia, and London."),
        ("Australia ,and London", "Australia, and London"),
        ("UNSW Sydney ’s team", "UNSW Sydney’s team"),
        ("note `the most common`, they", "note “the most common”, they"),
        ("note ``the most common'' here", "note “the most common” here"),
        ("note `patients’ pain' here", "note “patients’ pain” here"),
        ("note `the most common' here", "note “the most common” here"),
        ("`a` and `b`", "“a” and “b”"),
        ("ketamine`s use", "ketamine’s use"),
        ("two\u00a0\u00a0words\tand\u2009more ", "two words and more"),
        ("0 .5 mg and 3 . 4", "0 .5 mg and 3. 4"),
        ("wait ... what", "wait ... what"),
        ('“curly” and "straight" stay', '“curly” and "straight" stay'),
    ],
)
def test_what_copying_damaged_is_put_right(damaged: str, tidied: str) -> None:
    assert tidy(damaged) == tidied


@given(st.text(alphabet=st.one_of(st.sampled_from("ab `'’,. \u00a0\n\u202e\x00"), st.characters()), max_size=80))
def test_tidying_twice_changes_nothing(text: str) -> None:
    once = tidy(text)

    assert tidy(once) == once


@given(st.text(max_size=60))
def test_a_single_line_can_be_a_header(text: str) -> None:
    line = single_line(text)

    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029" for char in line)
    assert line.encode("utf-8").decode("utf-8") == line


def test_line_ends_of_all_kinds_become_one_kind() -> None:
    assert strip_controls("a\r\nb\rc\u2028d\x85e\x0cf") == "a\nb\nc\nd\ne\nf"


def test_half_characters_and_turned_writing_are_stripped() -> None:
    assert single_line("a\ud83db\u202ec\u2066d\ufeffe\u200bf") == "abcdef"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Off-Label Use: What’s New?", "off-label-use-whats-new"),
        ("Größe zählt", "groe-zahlt"),
        ("x" * 100, "x" * 60),
        ("a word " * 20, "a-word-a-word-a-word-a-word-a-word-a-word-a-word-a-word-a"),
    ],
)
def test_slugs_are_short_plain_names(text: str, name: str) -> None:
    assert slug(text) == name


def test_a_headline_without_latin_letters_has_a_steady_name_too() -> None:
    assert slug("كيتامين") == slug("كيتامين") != slug("ألم")
    assert slug("كيتامين").startswith("story-")


def test_cutting_keeps_whole_words() -> None:
    assert cut("one two three, four", 15) == "one two three…"
    assert cut("short", 15) == "short"
    assert len(cut("x" * 50, 15)) == 15


def test_content_words_say_what_a_text_is_about() -> None:
    assert content_words("The new review of KETAMINE says: not enough evidence") == {
        "review",
        "ketamine",
        "enough",
        "evidence",
    }
