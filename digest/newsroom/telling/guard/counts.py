"""Counts: each number of a clause with what it counts: its unit, the word that limits it, the words beside it. Pure.

Newsroom. Takes folded text (plain.fold), a clause at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from digest.newsroom.plain import any_of
from digest.newsroom.quantities import QUALIFIERS
from digest.newsroom.telling.figures import figures

_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|a hundred|a thousand"
)
_NUMBERED = rf"(?:\d{{1,3}},\d{{3}}|\d{{1,7}}|{_WORDS})"
_IN = re.compile(
    rf"\b(?P<a>{_NUMBERED}) (?:in|of|out of)(?: every| the)? (?P<b>{_NUMBERED})\b(?! ?%| ?(?:per ?cent|percent))"
)
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_PART = re.compile(
    r"\b(?:(?P<n>a|one|two|three|four|nine)[ -])?(?P<part>half|halves|(?:third|quarter|fifth|sixth|eighth|tenth)s?)\b"
)
_SMALL = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "nine": 9}

_UNITS = """
mg milligram milligrams milligrammes
g gram grams grammes
mcg µg μg ug microgram micrograms
kg kilogram kilograms kilo kilos
ml millilitre millilitres milliliter milliliters
l litre litres liter liters
iu
kcal calorie calories
km kilometre kilometres kilometer kilometers
m metre metres meter meters
cm centimetre centimetres centimeter centimeters
mm millimetre millimetres millimeter millimeters mmhg
mile miles
second seconds
minute minutes min mins
hour hours hrs
day days
night nights
week weeks
month months
year years
decade decades
am a.m
pm p.m
pp point points
degree degrees
euro euros eur
pound pounds gbp
dollar dollars usd
yen
fold times
step steps
cup cups
dose doses
"""
_UNIT_OF = {
    word: line.split()[0]
    for line in _UNITS.strip().splitlines()
    for word in line.split()
    if word != "second"  # "the second trial"
}
_TIMES = frozenset(("minute", "hour", "day", "night", "week", "month", "year", "decade"))
TIME_WORDS = {
    word: unit
    for word, unit in _UNIT_OF.items()
    | {
        ("daily", "day"),
        ("weekly", "week"),
        ("monthly", "month"),
        ("yearly", "year"),
        ("annual", "year"),
        ("annually", "year"),
        ("nightly", "night"),
    }
    if unit in _TIMES
}
"""Words for a length of time, each with the unit it names."""

UNIT_WORDS = frozenset(_UNIT_OF)
_CURRENCY = {"$": "dollar", "£": "pound", "€": "euro", "¥": "yen"}
_UNIT = re.compile(r"[- ]?(?P<unit>" + "|".join(sorted(map(re.escape, _UNIT_OF), key=len, reverse=True)) + r")\b")
_LINKED = re.compile(r"\s*(?:-|to|and|or)\s*(?:[$£€¥])?(?=\d|[a-z]+\b)")
_CLASS = {
    "over": "over", "more than": "over", "at least": "over", "about": "about", "nearly": "nearly", "up to": "up to",
    "fewer than": "under",
}  # fmt: skip
_LEAD = re.compile(
    r"(?:^|[\s(])(?P<word>" + "|".join(re.escape(word) for word in sorted(QUALIFIERS, key=len, reverse=True))
    + r"|older than|younger than|exceeding|a maximum of|at most|no more than) ?(?:the |a total of |age )?[$£€¥]?$"
)  # fmt: skip
_MORE = {
    "older than": "over", "exceeding": "over", "younger than": "under", "a maximum of": "up to", "at most": "up to",
    "no more than": "up to",
}  # fmt: skip
_AFTER_OVER = re.compile(r"[^,;]{0,12}?\b(?:and|or) (?:over|older|more|above|up)\b|\+")
_AFTER_UNDER = re.compile(r"[^,;]{0,12}?\b(?:and|or) (?:under|younger|less|fewer|below)\b")
_NOT_A_LEAD = re.compile(any_of(r"\bsome of$", r"\b(?:all|or) over $"))


@dataclass(frozen=True, slots=True)
class Count:
    """A number in a clause, at characters [start, end). `value` is "67", "27%", or "1/5" for one in five and for a
    fifth; `of` the whole of "11 of 100"; `unit` "week", "mg" …; `limit` over, under, up to, about, nearly or ""."""

    value: str
    unit: str
    limit: str
    start: int
    end: int
    of: str = ""


def counts(clause: str) -> Iterator[Count]:
    """The counts of a clause in order. "One" alone is no count: it is mostly a pronoun."""
    shares = list(_shares(clause))
    yield from shares
    found = [each for each in figures(clause) if not any(s.start <= each[1] < s.end for s in shares)]
    units = [_unit(clause, start, end) for _, start, end in found]
    for place, (value, start, end) in enumerate(found):
        unit = units[place]
        if not unit and place + 1 < len(found) and _LINKED.fullmatch(clause[end : found[place + 1][1]]):
            unit = units[place + 1]  # "from 41 to 33 micrograms"
        limit = _limit(clause, start, end)
        if limit == "over" and unit in _TIMES and clause[:start].endswith("over "):
            limit = ""  # "over nine years": in the course of them
        yield Count(value, unit, limit, start, end)


def ratio(value: str) -> Fraction | None:
    """A share as a fraction: of "27%" and of "1/5"; None for what is no share."""
    if value.endswith("%"):
        try:
            return Fraction(value[:-1]) / 100
        except ValueError:
            return None
    return Fraction(value) if "/" in value else None


def _shares(clause: str) -> Iterator[Count]:
    for match in _IN.finditer(clause):
        first, whole = _number(match["a"]), _number(match["b"])
        if first and whole and first <= whole:
            limit = _limit(clause, match.start(), match.end())
            yield Count(f"{first}/{whole}", "", limit, match.start(), match.end(), str(whole))
    for match in _PART.finditer(clause):
        part = match["part"].rstrip("s").replace("halve", "half")
        if (
            part in ("third", "fifth", "sixth", "eighth", "tenth", "quarter")
            and not match["n"]
            and not match["part"].endswith("s")
        ):
            continue  # "the third trial"
        n = _SMALL.get(match["n"] or "a", 1)
        limit = _limit(clause, match.start(), match.end())
        yield Count(f"{n}/{_PARTS[part]}", "", limit, match.start(), match.end())


def _number(written: str) -> int:
    words = {"one": "1", "a hundred": "100", "a thousand": "1000"}
    return int(next((value for value, *_ in figures(words.get(written, written))), "0").split(".")[0])


def _unit(clause: str, start: int, end: int) -> str:
    if start and clause[start - 1] in _CURRENCY:
        return _CURRENCY[clause[start - 1]]
    if "point" in clause[start:end]:
        return "pp"
    match = _UNIT.match(clause, end)
    if match is None and re.match(r" (?:australian|us|u\.s\.|canadian|hong kong|new zealand) ", clause[end : end + 20]):
        match = _UNIT.search(clause, end, end + 30)
    return _UNIT_OF[match["unit"]] if match else ""


def _limit(clause: str, start: int, end: int) -> str:
    before = clause[max(0, start - 30) : start]
    lead = _LEAD.search(before)
    if lead and not _NOT_A_LEAD.search(before):
        word = lead["word"]
        return _MORE.get(word) or _CLASS[QUALIFIERS[word]]
    after = clause[end : end + 24]
    if _AFTER_OVER.match(after):
        return "over"
    return "under" if _AFTER_UNDER.match(after) else ""
