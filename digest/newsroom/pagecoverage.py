"""Coverage as a pasted page reports it: per cents or counts by bias, and factuality. Pure (newsroom).

A line counts only when every word of it belongs to this trade, so that "40% of adults left the study" stays news.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.model import BiasCounts, BiasPercent, Coverage, Notice

_TOKEN = re.compile(r"(?P<number>\d{1,4}(?:[.,]\d{1,2})?)\s*(?P<percent>%|per ?cent\b)?|(?P<word>[a-z]+)|(?P<mark>\S)")
_MARKS = frozenset(",;:.·•|/()[]-–—&+'’")
_SIDES = {
    **dict.fromkeys(("left", "l"), "left"),
    **dict.fromkeys(("center", "centre", "centrist", "centered", "neutral", "c"), "center"),
    **dict.fromkeys(("right", "r"), "right"),
    **dict.fromkeys(("unrated", "untracked", "unknown"), "unrated"),
}
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "a all an and are as articles at bias biased by coverage covering distribution each far from have in "
        "is lean leaning leans media moderate moderately mostly news of on organizations outlet outlets "
        "politically publications publishers rated reporting slightly source sources story strongly that the "
        "their this to total toward towards were wing with ",
    )
)
_WHO = frozenset(("sources", "source", "outlets", "outlet", "publications", "publishers"))
_FACTUALITY = re.compile(r"\b(very high|very low|mostly factual|mostly high|high|mixed|low)\b")
_FACTUALITY_FILLERS = _FILLERS | frozenset(
    ("factuality", "factual", "rating", "score", "has", "overall", "average", "level", "very", "mostly", "info", "for")
)
_SPELLINGS = {"mostly high": "mostly factual"}
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Share:
    """A side (or "total") with its number on some line; `percent` False means a count of outlets."""

    side: str
    number: int
    percent: bool


def bias_shares(text: str) -> list[Share] | None:
    """What a line says about bias: "40% of the sources lean Left", "L 33% C 33% R 33%", "Leaning Left 2".

    None when it is not such a line, or when its numbers and sides do not come in pairs.
    """
    found = _tokens(text, _FILLERS)
    if found is None:
        return None
    numbers, sides, order = found
    if not numbers:
        return None
    if not sides:
        counted = len(numbers) == 1 and not numbers[0][1] and bool(_WHO & set(text.lower().split()))
        return [Share("total", round(numbers[0][0]), False)] if counted else None
    if order not in ("ns" * len(sides), "sn" * len(sides)):
        return None
    return _added(Share(side, _whole(number), percent) for side, (number, percent) in zip(sides, numbers, strict=True))


def bias_label(text: str) -> str | None:
    """The side that a line names without any number ("Lean Left"), or "total"; None when it is not such a line."""
    found = _tokens(text, _FILLERS)
    if found is None or found[0]:
        return None
    if len(found[1]) == 1 and len(text) > 1:
        return found[1][0]
    return "total" if re.fullmatch(r"total (?:news )?(?:sources|outlets)\W?", text.lower()) else None


def lone_number(text: str) -> tuple[int, bool] | None:
    """A line that is only a number, with whether it is a per cent."""
    match = _TOKEN.fullmatch(text.lower())
    if match is None or match["number"] is None:
        return None
    return _whole(float(match["number"].replace(",", "."))), match["percent"] is not None


def factuality_shares(text: str) -> list[tuple[str, int | None]] | None:
    """What a line says about factuality: words of the scale, best first as written, with per cents where given."""
    plain = text.lower()
    words = [_SPELLINGS.get(word, word) for word in _FACTUALITY.findall(plain)]
    found = _tokens(_FACTUALITY.sub(" ", plain), _FACTUALITY_FILLERS)
    if not words or found is None or found[1] or not all(percent for _, percent in found[0]):
        return None
    numbers = [_whole(number) for number, _ in found[0]]
    if not numbers:
        return [(words[0], None)] if len(words) == 1 else None
    return list(zip(words, numbers, strict=True)) if len(words) == len(numbers) else None


def _tokens(text: str, fillers: frozenset[str]) -> tuple[list[tuple[float, bool]], list[str], str] | None:
    """The numbers and the sides of a line, and in which order ("nsns"); None when any other word stands in it."""
    if len(text) > _LONGEST:
        return None
    numbers: list[tuple[float, bool]] = []
    sides: list[str] = []
    order = ""
    for token in _TOKEN.finditer(text.lower()):
        if token["number"] is not None:
            numbers.append((float(token["number"].replace(",", ".")), token["percent"] is not None))
            order += "n"
        elif token["word"] in _SIDES:
            sides.append(_SIDES[token["word"]])
            order += "s"
        elif not (token["word"] in fillers or token["mark"] in _MARKS):
            return None
    return numbers, sides, order


def _added(shares: Iterable[Share]) -> list[Share]:
    """Shares of one side on one line ("Far left 10%, Left 20%") put together."""
    sums: dict[tuple[str, bool], int] = {}
    for share in shares:
        sums[share.side, share.percent] = sums.get((share.side, share.percent), 0) + share.number
    return [Share(side, number, percent) for (side, percent), number in sums.items()]


def _whole(number: float) -> int:
    return int(number + 0.5)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the page that reports coverage, with what it says."""

    line: int
    text: str
    shares: tuple[Share, ...] = ()
    factuality: tuple[tuple[str, int | None], ...] = ()


def coverage_reported(facts: Sequence[Fact]) -> tuple[Coverage, list[Notice]]:
    """The coverage that the facts add up to. Per cents stay as reported; counts stand in only where there are none.

    A line that contradicts an earlier one, per cents over 100 and whatever has no place is left out with a notice.
    """
    notices: list[Notice] = []
    percents = _gathered(facts, True, notices)
    counts = _gathered(facts, False, notices)
    factuality = _factuality(facts, notices)
    first = next((fact for fact in facts if any(share.percent for share in fact.shares)), None)
    reported = None if first is None else _percent(percents, first, notices)
    if counts and reported is not None:
        notices += _left_out(facts, "count left out: the page reports per cents")
    elif set(counts) == {"total"}:
        notices += _left_out(facts, "number of sources left out: the page does not say how they lean")
    own = counts.keys() & {"left", "center", "right"} and reported is None
    return Coverage(counts=_counts(counts) if own else None, reported=reported, factuality=factuality), notices


def _gathered(facts: Sequence[Fact], percent: bool, notices: list[Notice]) -> dict[str, int]:
    found: dict[str, int] = {}
    for fact in facts:
        for share in fact.shares:
            if share.percent is percent and found.setdefault(share.side, share.number) != share.number:
                notices.append(Notice(fact.line, fact.text, "contradicts an earlier line; left out"))
    return found


def _percent(percents: dict[str, int], first: Fact, notices: list[Notice]) -> BiasPercent | None:
    total = sum(percents.values())
    if total > 102:
        notices.append(Notice(first.line, first.text, f"per cents that add up to {total}; left out"))
        return None
    if percents.get("unrated"):
        notices.append(Notice(first.line, first.text, "share of unrated sources left out: only rated ones are shown"))
    elif total < 98:
        notices.append(Notice(first.line, first.text, f"per cents add up to {total}: the page does not say the rest"))
    return BiasPercent(left=percents.get("left", 0), center=percents.get("center", 0), right=percents.get("right", 0))


def _counts(counts: dict[str, int]) -> BiasCounts:
    rated = sum(counts.get(side, 0) for side in ("left", "center", "right"))
    unrated = max(counts.get("unrated", 0), counts.get("total", 0) - rated)
    return BiasCounts(
        left=counts.get("left", 0), center=counts.get("center", 0), right=counts.get("right", 0), unrated=unrated
    )


def _left_out(facts: Sequence[Fact], message: str) -> list[Notice]:
    return [
        Notice(fact.line, fact.text, message)
        for fact in facts
        if fact.shares and not any(share.percent for share in fact.shares)
    ]


def _factuality(facts: Sequence[Fact], notices: list[Notice]) -> str | None:
    """One word, or "75% high, 25% mixed" where the page gives shares."""
    found: dict[str, int | None] = {}
    for fact in facts:
        for word, number in fact.factuality:
            single = number is None and found and word not in found
            if single or found.setdefault(word, number) != number:
                notices.append(Notice(fact.line, fact.text, "contradicts an earlier line; left out"))
    shares = {word: number for word, number in found.items() if number}
    if not shares:
        return next((word for word, number in found.items() if number is None), None)
    if len(shares) == 1 and 100 in shares.values():
        return next(iter(shares))
    return ", ".join(f"{number}% {word}" for word, number in shares.items())
