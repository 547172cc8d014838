"""How much of a story a sentence tells, as a score from its place, its company and its words. Pure; newsroom.

News says the main thing first and abstracts conclude last; what several articles tell matters more than what one does;
headlines name the subject; findings with their numbers beat background. The weights were set by hand and are measured
by benchmarks/newsroom/telling_bench.py.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from digest.newsroom.plain import any_of, fold
from digest.newsroom.profile import stems
from digest.newsroom.telling.abstracts import Section
from digest.newsroom.telling.piece import Piece
from digest.newsroom.telling.risks import absolute
from digest.newsroom.telling.saying import Saying

POSITION, SLOPE = 2.0, 0.35
"""Points of a news article's first sentence, and how fast the next ones have less."""

SECTIONS: dict[Section | None, float] = {
    "conclusions": 3.4,
    "results": 1.5,
    "background": 0.2,
    "methods": -0.4,
    "other": -2.0,
    None: 0.0,
}
FIRST, LAST, LAST_SENTENCES = 1.2, 3.2, 4
"""Points of an abstract's first sentence, and of its last; without headings the last four conclude, each before the
last a quarter less."""

CENTRAL, TITLE, FINDING, NUMBERS, ABSOLUTE, LIMITS = 2.5, 1.5, 0.5, 0.4, 0.6, 0.3
_SHORT = 3  # imagined words of no weight, lest the shortest sentence be the most central

_FINDING = re.compile(
    r"\b"
    + any_of(
        *(
            "found",
            "finds?",
            "show(?:s|ed|n)",
            "conclud(?:es|ed)",
            "suggest(?:s|ed)",
            "no (?:clear |significant )?evidence",
        ),
        *(
            "reduc(?:es|ed|tion)",
            "increas(?:es|ed)",
            "lower(?:s|ed)?",
            "associated with",
            "linked to",
            "improv(?:es|ed)",
        ),
        *(
            "no (?:significant |clear )?(?:difference|benefit)",
            "did not",
            "approved",
            "recommends?",
            "compared (?:with|to)",
        ),
    )
    + r"\b"
)
_LIMITS = re.compile(
    r"\b"
    + any_of(
        *(
            "limitations?",
            "caution(?:ed|s)?",
            "side effects?",
            "adverse",
            "uncertain(?:ty)?",
            "low[- ]certainty",
            "harms?",
        ),
        *(
            "more (?:research|studies|trials)",
            "further (?:research|studies)",
            "small (?:study|trial|sample)",
            "does not prove",
        ),
        *("not (?:been )?peer[- ]reviewed", "cannot prove", "observational"),
    )
    + r"\b"
)


def scorer(sayings: Sequence[Saying], pieces: Sequence[Piece]) -> Callable[[Saying], float]:
    """A function that scores any of `sayings`, the sentences of `pieces`; about -2 to 10, more is better."""
    weights = _weights(sayings, len({saying.piece for saying in sayings}))
    titles = Counter(stem for piece in pieces for stem in set(stems(piece.title[:300])))
    abstracts = {saying.piece for saying in sayings if saying.section} | {
        number for number, piece in enumerate(pieces) if piece.journal
    }

    def score(saying: Saying) -> float:
        placed = _in_abstract(saying) if saying.piece in abstracts else POSITION / (1 + SLOPE * saying.place)
        central = CENTRAL * _mean(weights.get(stem, 0.0) for stem in sorted(saying.stems))
        named = TITLE * _share(saying.stems, titles)
        return placed + central + named + _words(saying) - saying.awkwardness

    return score


def _in_abstract(saying: Saying) -> float:
    first = FIRST if saying.place == 0 else 0.0
    behind = saying.among - 1 - saying.place
    last = LAST * (1 - behind / LAST_SENTENCES) if saying.section is None and behind < LAST_SENTENCES else 0.0
    return first + last + SECTIONS[saying.section]


def _words(saying: Saying) -> float:
    folded = fold(saying.text)
    return (
        FINDING * bool(_FINDING.search(folded))
        + NUMBERS * min(len(saying.numbers), 2) / 2
        + ABSOLUTE * absolute(saying.text)
        + LIMITS * bool(_LIMITS.search(folded))
    )


def _weights(sayings: Sequence[Saying], told_by: int) -> dict[str, float]:
    """Stem → how much of the story it is, 0 to 1: the share of articles with it, or a lone article's use of it."""
    if told_by > 1:
        found = Counter(stem for _, stem in {(saying.piece, stem) for saying in sayings for stem in saying.stems})
        return {stem: (count - 1) / (told_by - 1) for stem, count in found.items()}
    found = Counter(stem for saying in sayings for stem in saying.stems)
    most = max(found.values(), default=1)
    return {stem: math.log(count) / math.log(most) if most > 1 else 0.0 for stem, count in found.items()}


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / (len(listed) + _SHORT)


def _share(said: frozenset[str], titles: Counter[str]) -> float:
    """How much of what headlines say the sentence says, words of more headlines counting more."""
    total = sum(titles.values())
    return sum(count for stem, count in titles.items() if stem in said) / total if total else 0.0
