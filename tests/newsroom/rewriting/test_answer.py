"""The answer: exactly the JSON that was asked for, or a line that says what it is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.newsroom.rewriting.answer import LONGEST_ANSWER, Answer, AnswerError, Point, read_answer

GOOD = '{"summary": "It helps.", "points": [{"text": "It helps a lot.", "source": 2}]}'


@pytest.mark.parametrize(
    "words",
    [GOOD, f"```json\n{GOOD}\n```", f"```\n{GOOD}\n```\n", f"<think>\nHm { {} }.\n</think>\n\n{GOOD}", f"\n {GOOD} \n"],
)
def test_what_was_asked_for_is_read(words: str) -> None:
    assert read_answer(words) == Answer("It helps.", (Point("It helps a lot.", 2),))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "not JSON"),
        ("I am sorry, I cannot do that.", "not JSON"),
        (f"Here it is: {GOOD}", "not JSON"),
        (GOOD + GOOD, "not JSON"),
        (GOOD[:-3], "not JSON"),
        ("[" * 5_000, "not JSON"),
        ("null", "not an object with just summary and points"),
        ("[]", "not an object"),
        ('"It helps."', "not an object"),
        ('{"summary": "x"}', "not an object with just summary and points"),
        ('{"summary": "x", "points": [], "headline": "y"}', "not an object with just summary and points"),
        ('{"summary": "x", "summary": "y", "points": []}', "twice"),
        ('{"summary": 7, "points": []}', "its summary is no text"),
        ('{"summary": null, "points": []}', "its summary is no text"),
        ('{"summary": "x", "points": "y"}', "its points are no list"),
        ('{"summary": "x", "points": {"0": "y"}}', "its points are no list"),
        ('{"summary": "x", "points": ["y"]}', "not an object with just text and source"),
        ('{"summary": "x", "points": [{"text": "y"}]}', "not an object with just text and source"),
        ('{"summary": "x", "points": [{"text": "y", "source": "1"}]}', "a point that is not"),
        ('{"summary": "x", "points": [{"text": "y", "source": true}]}', "a point that is not"),
        ('{"summary": "x", "points": [{"text": "y", "source": 1.5}]}', "a point that is not"),
        ('{"summary": "x", "points": [{"text": ["y"], "source": 1}]}', "a point that is not"),
        ('{"summary": "x", "points": [{"text": "y", "source": 1, "html": "z"}]}', "not an object with just"),
        ('{"summary": NaN, "points": []}', "NaN"),
        (json.dumps({"summary": "x", "points": [{"text": "y", "source": 1}] * 21}), "21 points"),
        (json.dumps({"summary": "x" * LONGEST_ANSWER, "points": []}), "longer than"),
        ('{"summary": "x", "points": [{"text": "y", "source": %s}]}' % ("9" * 5_000), "not JSON"),
    ],
    ids=lambda text: text[:40],
)
def test_what_was_not_asked_for_is_refused(words: str, why: str) -> None:
    with pytest.raises(AnswerError, match=why) as told:
        read_answer(words)

    assert "\n" not in str(told.value)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_words_are_read_or_refused(words: str) -> None:
    try:
        read_answer(words)
    except AnswerError as fault:
        assert str(fault)
