"""Figures of a sentence: its numbers in one comparable form, whatever way they are written. Pure; newsroom."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.newsroom.plain import any_of
from digest.newsroom.quantities import number

_WORD = any_of(
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty"),
    *("sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million", "dozen"),
)
_DIGITS = r"\d{1,3}(?:[, \u00a0\u202f]\d{3})+(?!\d)|\d{1,15}"
_FIGURE = re.compile(
    rf"(?<![\w])(?:(?P<whole>{_DIGITS})(?P<part>[.·]\d{{1,8}})?(?P<scale>(?: |-)?(?:thousand|million|billion"
    rf"|trillion|bn|m)\b)?"
    rf"|(?P<word>(?:(?:a|one) )?{_WORD}(?:[ -](?:and )?(?:{_WORD}|one)){{0,6}})(?![\w]))"
    r"(?P<percent>\s?%|(?: |-)per ?cent(?:age points?)?\b|(?: |-)percent\b)?",
    re.IGNORECASE,
)
_RUN = re.compile(r"\d+")
_SCALES = {"thousand": 10**3, "million": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12}


def figures(text: str) -> Iterator[tuple[str, int, int]]:
    """Each number as ("2300", start, end), the per cent of it as "27%", in order. "2.3 million" is "2300000"."""
    for match in _FIGURE.finditer(text):
        value = _value(match)
        if value is not None:
            yield value + ("%" if match["percent"] else ""), match.start(), match.end()


def figure_set(text: str) -> frozenset[str]:
    return frozenset(value for value, _, _ in figures(text))


def digit_runs(text: str) -> frozenset[str]:
    """Every run of digits as it stands, those inside words too ("H5N1" has 5 and 1)."""
    return frozenset(_RUN.findall(text))


def _value(match: re.Match[str]) -> str | None:
    if match["word"]:
        value = number(match["word"].lower().removeprefix("one "))
        return None if value is None else str(value)
    whole = re.sub(r"\D", "", match["whole"]).lstrip("0") or "0"
    part = (match["part"] or "")[1:].rstrip("0")
    scale = _SCALES.get((match["scale"] or "").strip(" -").lower())
    if scale is None:
        return f"{whole}.{part}" if part else whole
    power = len(str(scale)) - 1
    return (whole + part.ljust(power, "0")).lstrip("0") if len(part) <= power else f"{whole}.{part}e{power}"
