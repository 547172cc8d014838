"""Coverage as readers see it: the bias bar, its line in words, and factuality. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from digest.model import BiasCounts, BiasPercent, Coverage
from digest.render.words import Words

Side = Literal["left", "center", "right", "rest"]

SIDES: dict[str, str] = {"left": "Left", "center": "Center", "right": "Right"}
FACTUALITY = {"very high", "high", "mostly factual", "mixed", "low", "very low"}

# Below these shares (per cent) a label does not fit into its cell of a bar 327 px wide.
_NAME_FITS = 26
_SHARE_FITS = 13


@dataclass(frozen=True, slots=True)
class Segment:
    """One cell of the bar: `width` and `share` in per cent; `label` may be empty where it would not fit."""

    side: Side
    width: int
    share: int
    label: str


@dataclass(frozen=True, slots=True)
class CoverageView:
    """`line`: "Left 4 · Center 4 · Right 3 · 2 unrated"; `notes` say what it rests on; `factuality` may be None.

    Whoever rated is named with what they rated, and once where both are theirs: with the factuality then.
    """

    segments: tuple[Segment, ...]
    line: str
    notes: tuple[str, ...]
    factuality: str | None


def coverage_view(coverage: Coverage, words: Words, *, reprints: int = 0) -> CoverageView | None:
    """None when nothing is known of a story's coverage: then nothing is said.

    `reprints` are the articles that were not counted, since their text is somebody else's. Per cents are of the rated
    outlets, each rounded by itself, so that equal counts show equal per cents.
    """
    factuality = _factuality(coverage, words)
    if coverage.counts is not None and coverage.counts.outlets:
        return CoverageView(*_counted(coverage.counts, words), _counted_notes(coverage, words, reprints), factuality)
    if coverage.reported is not None:
        note = words.say("as reported, not counted by us")
        return CoverageView(*_reported(coverage.reported, words), (note,), factuality)
    return CoverageView((), "", (), factuality) if factuality else None


def _counted(counts: BiasCounts, words: Words) -> tuple[tuple[Segment, ...], str]:
    if not counts.rated:
        return (), _how_many_rated(counts, words)
    by_side = _sides(counts)
    shares = {side: _share(n, counts.rated) for side, n in by_side.items()}
    line = [f"{words.say(SIDES[side])} {words.number(n)}" for side, n in by_side.items()]
    if counts.unrated:
        line.append(words.count("%(n)s unrated", "%(n)s unrated", counts.unrated))
    return _bar(shares, words), " · ".join(line)


def _how_many_rated(counts: BiasCounts, words: Words) -> str:
    rated, total = words.number(counts.rated), words.number(counts.outlets)
    return words.count(
        "%(rated)s of %(n)s outlet rated", "%(rated)s of %(n)s outlets rated", counts.outlets, n=total, rated=rated
    )


def _counted_notes(coverage: Coverage, words: Words, reprints: int) -> tuple[str, ...]:
    counts = coverage.counts
    assert counts is not None
    notes = []
    if counts.rated:  # else the line says it
        notes.append(_how_many_rated(counts, words))
        named_below = coverage.factuality_counts and coverage.factuality_raters == coverage.raters
        notes += [] if named_below else _rated_by(coverage.raters, words)
    if reprints:
        notes.append(words.count("%(n)s reprint not counted", "%(n)s reprints not counted", reprints))
    return tuple(notes)


def _rated_by(raters: Sequence[str], words: Words) -> list[str]:
    return [words.say("rated by %(names)s", names=", ".join(raters))] if raters else []


def _reported(reported: BiasPercent, words: Words) -> tuple[tuple[Segment, ...], str]:
    shares = _sides(reported)
    line = [f"{words.say(SIDES[side])} {words.percent(share)}" for side, share in shares.items() if share]
    return _bar(shares, words), " · ".join(line)


def _sides(of: BiasCounts | BiasPercent) -> dict[Side, int]:
    return {"left": of.left, "center": of.center, "right": of.right}


def _share(n: int, rated: int) -> int:
    return (200 * n + rated) // (2 * rated) if rated else 0


def _bar(shares: dict[Side, int], words: Words) -> tuple[Segment, ...]:
    total = sum(shares.values())
    if total == 0:
        return ()
    # 99 and 101 come from rounding and are left alone; only a page that reports part of it leaves a rest.
    rest = 100 - total if total < 97 else 0
    whole = total if total > 103 else 100
    cells = [Segment(side, 100 * n // whole, n, _label(side, n, words)) for side, n in shares.items() if n]
    return (*cells, Segment("rest", rest, rest, "")) if rest else tuple(cells)


def _label(side: Side, share: int, words: Words) -> str:
    if share >= _NAME_FITS:
        return f"{words.say(SIDES[side])} {words.percent(share)}"
    return words.percent(share) if share >= _SHARE_FITS else ""


def _factuality(coverage: Coverage, words: Words) -> str | None:
    """The word that most outlets have, the worse one of two, with how many have it; then the others."""
    counts = [(word, n) for word, n in coverage.factuality_counts if n]
    if counts:
        at = max(range(len(counts)), key=lambda place: (counts[place][1], place))
        word, most = counts[at]
        rated = sum(n for _, n in counts)
        shown = _mostly(word, most, rated, words)
        others = [f"{_word(word, words)} {words.number(n)}" for word, n in (*counts[:at], *counts[at + 1 :])]
        raters = _rated_by(coverage.factuality_raters, words)
        return " · ".join([shown[:1].upper() + shown[1:], *others, *raters])
    if coverage.factuality:
        said = words.say("%(word)s, as reported", word=_word(coverage.factuality, words))
        return f"{words.say('Factuality')}: {said}"
    return None


def _mostly(word: str, most: int, rated: int, words: Words) -> str:
    n = words.number(most)
    if word.lower() == "mostly factual":  # in English the word would stand there twice
        return words.count("Mostly factual: %(most)s of %(n)s rated outlet",
                           "Mostly factual: %(most)s of %(n)s rated outlets", rated, most=n)  # fmt: skip
    return words.count("%(word)s factuality: %(most)s of %(n)s rated outlet",
                       "%(word)s factuality: %(most)s of %(n)s rated outlets", rated,
                       word=_word(word, words), most=n)  # fmt: skip


def _word(word: str, words: Words) -> str:
    return words.say(word.lower()) if word.lower() in FACTUALITY else word
