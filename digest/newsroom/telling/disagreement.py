"""Numbers on which the articles of a story disagree, shown side by side. Pure; newsroom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from digest.model import Evidence, Quantity
from digest.newsroom.plain import fold
from digest.newsroom.quantities import number
from digest.newsroom.telling.findings import Finding
from digest.newsroom.telling.piece import Piece

ROUNDED = 0.1
"""How far an exact number may be from a rounded one ("over 2,300") and still be the same: ten per cent of it."""

_NUMBER = r"\d{1,3}(?:,\d{3}){1,3}|\d{1,9}"
_COUNTED = {
    noun: re.compile(rf"(?<![\w.,/$£€<>=-])({_NUMBER}) (?:[a-z-]{{3,15}} )?{pattern}\b(?!-)")
    for noun, pattern in {
        "deaths": "(?:deaths|people (?:have |had )?died)",
        "cases": "(?:confirmed )?(?:cases|infections)",
        "countries": "countries",
    }.items()
}
_LOWER_RISK = re.compile(
    r"(?<![\w.])(\d{1,3}(?:\.\d)?) ?(?:%|per ?cent) (lower|higher|reduced|increased|greater|less|more) "
    r"(?:[a-z-]{1,15} ){0,3}?(?:risks?|odds|chances?|likely|likelihood)\b"
)
_DOWN = frozenset({"lower", "reduced", "less"})

Told = dict[str, Quantity]


def disagreements(pieces: Sequence[Piece], read: Sequence[Evidence], places: Sequence[int]) -> list[Finding]:
    """A finding for each number that articles tell differently, the most told value first.

    `places` are the articles' numbers in the story, from 1. Hand in no copies: a number copied six times is told once.
    """
    told: defaultdict[str, list[tuple[Quantity, int]]] = defaultdict(list)
    for piece, evidence, place in zip(pieces, read, places, strict=True):
        for noun, quantity in _numbers(piece, evidence):
            told[noun].append((quantity, place))
    return [finding for noun, values in told.items() if (finding := _finding(noun, values))]


def _numbers(piece: Piece, evidence: Evidence) -> Iterator[tuple[str, Quantity]]:
    if evidence.trials is not None:
        yield "trials", Quantity(evidence.trials)
    if evidence.participants is not None:
        yield "participants", evidence.participants
    folded = fold(f"{piece.title[:300]}. {piece.body}")
    for noun, pattern in _COUNTED.items():
        values = {number(match[1]) for match in pattern.finditer(folded)} - {None, 0, 1}
        if len(values) == 1:  # an article that tells several has counted several things
            yield noun, Quantity(values.pop() or 0)
    risks = {(match[1], match[2] in _DOWN) for match in _LOWER_RISK.finditer(folded)}
    if len(risks) == 1:
        per_cent, down = risks.pop()
        if per_cent.isdigit():
            yield f"% {'lower' if down else 'higher'} risk", Quantity(int(per_cent))


def _finding(noun: str, values: list[tuple[Quantity, int]]) -> Finding | None:
    groups: list[list[tuple[Quantity, int]]] = []
    for quantity, place in sorted(values, key=lambda value: (value[0].qualifier is not None, value[1])):
        group = next((group for group in groups if agree(quantity, group[0][0])), None)
        if group is None:
            groups.append([(quantity, place)])
        else:
            group.append((quantity, place))
    if len(groups) < 2:
        return None
    groups.sort(key=lambda group: (-len(group), group[0][1]))
    shown = " · ".join(f"{_shown(group[0][0], noun)} ({_articles(len(group))})" for group in groups)
    return Finding("numbers", shown, tuple(sorted(place for group in groups for _, place in group)))


def agree(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers can be the same: equal, or one of them rounded and the other near it on its side."""
    if one.value == other.value:
        return True
    if one.qualifier is None and other.qualifier is None:
        return False
    rounded, exact = (one, other) if one.qualifier else (other, one)
    distance = (exact.value - rounded.value) / max(1, rounded.value)
    if rounded.qualifier in ("over", "more than", "at least"):
        return (0 if exact.qualifier is None else -ROUNDED) <= distance <= ROUNDED
    if rounded.qualifier in ("nearly", "up to", "fewer than"):
        return -ROUNDED <= distance <= (0 if exact.qualifier is None else ROUNDED)
    return abs(distance) <= ROUNDED


def _shown(quantity: Quantity, noun: str) -> str:
    lead = f"{quantity.qualifier} " if quantity.qualifier else ""
    return f"{lead}{quantity.value:,}{'' if noun.startswith('%') else ' '}{noun}"


def _articles(count: int) -> str:
    return f"{count} article{'s' * (count != 1)}"
