"""Summary and key points: the sentences that tell most of a story, each fact once, each with its article. Pure.

Newsroom. Extractive: a sentence is taken whole or not at all, so that no number and no quotation can change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.newsroom.profile import stems
from digest.newsroom.telling.piece import Piece
from digest.newsroom.telling.risks import absolute, relative
from digest.newsroom.telling.saying import Saying, sayings_of
from digest.newsroom.telling.scoring import scorer

FEWEST, MOST = 3, 5
"""Key points that are wanted; fewer where the articles say no more."""

ENOUGH, LEAST = 0.45, 0.3
"""The part of the best score that a fourth or fifth point must reach, and the part that the first three must."""

SAME_WORDS, SAME_WITH_NUMBERS, SAME_OPENINGS = 0.5, 0.25, 0.3
"""Share of the poorer sentence's words that makes it a repetition; with all its numbers told, less will do."""

_MOST_SAYINGS = 400
_FROM_ONE = 0.4  # what a point loses for each one before it from the same article, where there are several


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentence that sums the story up, if any can, and the points in the order in which to tell them."""

    summary: Saying | None
    points: tuple[Saying, ...]


def telling_sentences(pieces: Sequence[Piece]) -> Sentences:
    """Summary and key points of articles that tell the same news; `Saying.piece` is the place in `pieces` from 0."""
    sayings = sayings_of(pieces)[:_MOST_SAYINGS]
    if not sayings:
        return Sentences(None, ())
    score = scorer(sayings, pieces)
    scored = {saying: score(saying) for saying in sayings}
    topic = frozenset(stem for piece in pieces[:20] for stem in stems(piece.title[:300]))
    summary, absolutely = _summary(scored)
    points = _points(scored, summary, absolutely, topic)
    return Sentences(summary, tuple(_told_in_order(points, scored)))


def _summary(scored: dict[Saying, float]) -> tuple[Saying, Saying | None]:
    """The sentence that sums the story up; and the one that says how many of how many, if it must be told as well.

    "Half the risk" is never the first that readers hear where an article gives the absolute numbers.
    """

    def clear(saying: Saying) -> float:
        return scored[saying] - saying.awkwardness

    best = max(scored, key=clear)
    usable = [
        saying for saying in scored if scored[saying] >= LEAST * scored[best] and _kind_of_risk(saying) == "absolute"
    ]
    if not usable:
        return best, None
    absolutely = max(usable, key=clear)
    if _kind_of_risk(best) == "relative":
        best = max((saying for saying in scored if _kind_of_risk(saying) != "relative"), key=clear)
    return best, absolutely


def _points(
    scored: dict[Saying, float], summary: Saying, absolutely: Saying | None, topic: frozenset[str]
) -> list[Saying]:
    """The best sentences, none of which repeats another or the summary; `absolutely` before any relative risk."""
    best = scored[summary]
    points: list[Saying] = []
    left = [saying for saying in scored if not repeats(saying, [summary], topic)]
    while left and len(points) < MOST:
        used = [point.piece for point in points]
        following = max(left, key=lambda saying: scored[saying] - _FROM_ONE * used.count(saying.piece))
        if absolutely in left and absolutely is not None and _kind_of_risk(following) == "relative":
            following = absolutely
        if scored[following] < best * (LEAST if len(points) < FEWEST else ENOUGH):
            break
        points.append(following)
        left = [saying for saying in left if not repeats(saying, [following], topic)]
    return points


def repeats(saying: Saying, told: Iterable[Saying], topic: frozenset[str] = frozenset()) -> bool:
    """Whether a sentence tells what one of `told` does. Words of the story's `topic` are in all of them."""
    return any(_same(saying, other, topic) for other in told)


def _same(one: Saying, other: Saying, topic: frozenset[str]) -> bool:
    mine, theirs = one.stems - topic, other.stems - topic
    if min(len(mine), len(theirs)) < 3:
        mine, theirs = one.stems, other.stems
    shared = len(mine & theirs) / max(1, min(len(mine), len(theirs)))
    if shared >= SAME_WORDS:
        return True
    few, many = sorted((one.numbers, other.numbers), key=len)
    if few and few <= many and shared >= SAME_WITH_NUMBERS:
        return True
    # Articles open with the same news in words of their own: between openings less will do.
    openings = one.place + other.place <= 1 and one.piece != other.piece
    alike = len(one.stems & other.stems) / max(1, min(len(one.stems), len(other.stems)))
    return alike >= SAME_WORDS or (openings and alike >= SAME_OPENINGS and one.numbers <= other.numbers)


def _told_in_order(points: list[Saying], scored: dict[Saying, float]) -> list[Saying]:
    return absolute_first(sorted(points, key=lambda saying: (-scored[saying], saying.piece, saying.place)))


def absolute_first(ordered: list[Saying]) -> list[Saying]:
    """In this order, but a sentence with absolute numbers goes before those with relative ones."""
    kinds = [_kind_of_risk(saying) for saying in ordered]
    if "relative" in kinds and "absolute" in kinds[kinds.index("relative") :]:
        first = kinds.index("relative")
        before = [saying for saying, kind in zip(ordered[first:], kinds[first:], strict=True) if kind == "absolute"]
        rest = [saying for saying in ordered[first:] if saying not in before]
        return ordered[:first] + before + rest
    return ordered


def _kind_of_risk(saying: Saying) -> str:
    if absolute(saying.text):
        return "absolute"
    return "relative" if next(relative(saying.text), None) else ""
