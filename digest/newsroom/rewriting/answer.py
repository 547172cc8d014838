"""The answer: a machine's words, read as exactly the JSON that was asked for. Pure; newsroom."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from digest.newsroom.text import cut, single_line

LONGEST_ANSWER = 20_000
"""Characters. Five points and a summary come to two thousand."""

MOST_ITEMS = 20

_THOUGHTS = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)
_FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)


class AnswerError(ValueError):
    """Not what was asked for; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Point:
    """What a machine calls a key point; `source` is whatever whole number it wrote."""

    text: str
    source: int


@dataclass(frozen=True, slots=True)
class Answer:
    summary: str
    points: tuple[Point, ...]


def read_answer(words: str) -> Answer:
    """The summary and the points, not judged yet. A fence around the JSON, and thoughts before it, are forgiven.

    Raises AnswerError for anything else than an object with just these two keys.
    """
    words = _THOUGHTS.sub("", words, count=1) if words.lstrip()[:7] == "<think>" else words
    if len(words) > LONGEST_ANSWER:
        raise AnswerError(f"longer than {LONGEST_ANSWER:,} characters")
    fenced = _FENCE.fullmatch(words)
    try:
        found = json.loads(fenced[1] if fenced else words, object_pairs_hook=_object, parse_constant=_refuse)
    except AnswerError:
        raise
    except (ValueError, RecursionError):
        raise AnswerError(f"not JSON: {cut(single_line(words), 80)!r}") from None
    members = _exactly(found, "summary", "points")
    if not isinstance(members["summary"], str):
        raise AnswerError("its summary is no text")
    return Answer(members["summary"], _points(members["points"]))


def _points(found: Any) -> tuple[Point, ...]:
    if not isinstance(found, list):
        raise AnswerError("its points are no list")
    if len(found) > MOST_ITEMS:
        raise AnswerError(f"{len(found)} points")
    points = []
    for each in found:
        members = _exactly(each, "text", "source")
        text, source = members["text"], members["source"]
        if not isinstance(text, str) or type(source) is not int:
            raise AnswerError("a point that is not a text with the number of its article")
        points.append(Point(text, source))
    return tuple(points)


def _exactly(found: Any, *keys: str) -> dict[str, Any]:
    if not isinstance(found, dict) or set(found) != set(keys):
        raise AnswerError(f"not an object with just {' and '.join(keys)}")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two members with one name, readers of JSON take either: neither is taken here."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise AnswerError("a name is there twice in one object")
    return members


def _refuse(constant: str) -> NoReturn:
    raise AnswerError(f"{constant}: no number of JSON")
