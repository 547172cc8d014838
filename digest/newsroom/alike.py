"""How likely two items tell the same story: a few plain likenesses, weighed into one probability. Pure; newsroom."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import mul
from typing import NamedTuple

from digest.newsroom.common_words import SHARE
from digest.newsroom.profile import Profile

PRIOR = 500
"""Imagined items that use words as `common_words` says, lest a small collection take every word for rare."""

FAR_APART = 60
"""Days after which two pieces are two stories, whatever their words: the flu comes every winter."""

FEW_WORDS = 4
"""Distinct words below which an item is an empty shell ("Morning briefing") that only its day can place."""

POVERTY = 2.0
"""Telling words, about, that are added to the poorer item: half of four words is less of an overlap than of forty."""

Closeness = Callable[[int, Sequence[int]], Iterable[float]]
"""How close in meaning one item is to each of others: cosines of their sentence embeddings."""

OUTLET_PRIOR = 20
"""Imagined further pieces of each outlet, which use none of its words, lest two pieces be taken for its style."""

PIECE = 4
"""Letters in the pieces by which spellings are compared ("anticoagulant", "anticoagulation")."""


class Likeness(NamedTuple):
    """What speaks for one story and what against. Sums are over words, each counted by how telling it is (0 to 1)."""

    spelling: float  # cosine of the letter pieces, 0 to 1
    overlap: float  # of the words of the poorer item, the part that the other has too, 0 to 1
    title: float  # words that both titles have
    names: float  # names that both have
    numbers: float  # numbers that both have
    dated: float  # 1 when the days of both are known
    apart: float  # log(1 + days between them), 0 when a day is unknown
    meaning: float = 0.0  # cosine of the sentence embeddings; 0 without the extra


class Scale(NamedTuple):
    """How much each likeness counts, in log odds; the log odds of two items that have nothing in common; and the mean
    probability over its pairs that keeps a story together (lower joins more)."""

    weights: Likeness
    bias: float
    alike: float

    def probability(self, likeness: Likeness) -> float:
        """The calibrated chance of one story, 0 to 1."""
        logit = self.bias + sum(map(mul, self.weights, likeness))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


BY_WORDS = Scale(
    Likeness(spelling=6.9, overlap=12.5, title=1.7, names=0.9, numbers=2.5, dated=2.6, apart=-0.7),
    bias=-9.2,
    alike=0.35,
)
"""Found by benchmarks/newsroom/calibrate.py on general and health news, rounded. Read them as log odds (0.7 doubles the
odds): strangers start at 1 to 10,000; half of the words in common adds 6.2; a title word that only these two have, 1.7;
the same day 2.6, of which a week leaves 1.1 and two weeks little. No one of them is enough."""

BY_MEANING = Scale(
    Likeness(spelling=0.5, overlap=9.3, title=1.3, names=0.9, numbers=2.6, dated=2.0, apart=-0.5, meaning=8.6),
    bias=-11.6,
    alike=0.45,
)
"""The same with sentence embeddings, which take over what spelling only guessed at. One meaning (a cosine of 0.8) adds
6.9 to strangers at 1 to 100,000; words, names, numbers and days must make up the rest."""


class Corpus:
    """The items to compare, and how telling each of their words is: 1 for a word of one item, 0 for everybody's."""

    def __init__(self, profiles: Sequence[Profile], closeness: Closeness | None = None) -> None:
        self.profiles = profiles
        self._closeness = closeness
        self.found = Counter(word for profile in profiles for word in profile.words)
        self.telling = _telling(self.found, SHARE, len(profiles))
        pieces = Counter(
            piece for profile in profiles for piece in {p for word in profile.words for p in _pieces(word)}
        )
        self._pieces = _telling(pieces, _piece_share(), len(profiles))
        self._numbered = {piece: number for number, piece in enumerate(self._pieces)}
        self._richness = [sum(map(self.telling.__getitem__, profile.words)) for profile in profiles]
        self._own = _own_words(profiles)
        self._spelled: list[tuple[array[int], array[float]] | None] = [None] * len(profiles)

    def likenesses(self, one: int, others: Iterable[int]) -> Iterator[tuple[int, Likeness]]:
        """Compares item `one` with each of `others`, those that a veto keeps apart left out."""
        mine = dict(zip(*self._spelling(one), strict=True))
        kept = [other for other in others if not vetoed(self.profiles[one], self.profiles[other])]
        meanings = self._closeness(one, kept) if self._closeness and kept else repeat(0.0)
        for other, meaning in zip(kept, meanings, strict=False):
            yield other, self._likeness(one, other, mine, meaning)

    def _likeness(self, one: int, other: int, mine: Mapping[int, float], meaning: float) -> Likeness:
        a, b = self.profiles[one], self.profiles[other]
        numbers, weights = self._spelling(other)
        words = a.words.keys() & b.words.keys()
        shared = self._sum(words)
        telling = self._own.get(a.outlet) if a.outlet and a.outlet == b.outlet else None
        # What an outlet says in all its pieces makes them alike in every way, the meaning of their texts included.
        news = self._sum(words, telling) / shared if telling and shared else 1.0
        days = abs((a.day - b.day).days) if a.day and b.day else 0
        return Likeness(
            spelling=news * sum(map(mul, weights, [mine.get(number, 0.0) for number in numbers])),
            overlap=news * shared / (min(self._richness[one], self._richness[other]) + POVERTY),
            title=self._sum(a.title & b.title, telling),
            names=self._sum(a.names & b.names, telling),
            numbers=self._sum(a.numbers & b.numbers, telling),
            dated=1.0 if a.day and b.day else 0.0,
            apart=math.log1p(days),
            meaning=news * meaning,
        )

    def _sum(self, words: Iterable[str], in_outlet: Mapping[str, float] | None = None) -> float:
        # fsum rounds once: the order of a set, which differs from process to process, must not decide a tie.
        if in_outlet is None:
            return math.fsum(self.telling.get(word, 0.0) for word in words)
        return math.fsum(self.telling.get(word, 0.0) * in_outlet.get(word, 1.0) for word in words)

    def _spelling(self, item: int) -> tuple[array[int], array[float]]:
        """The item's letter pieces by number with their weights, as a vector of length 1; kept small for many items."""
        known = self._spelled[item]
        if known is None:
            counts: Counter[str] = Counter()
            for word, times in self.profiles[item].words.items():
                counts.update(dict.fromkeys(_pieces(word), times))
            weights = {piece: (1 + math.log(times)) * self._pieces[piece] for piece, times in counts.items()}
            length = math.sqrt(math.fsum(weight * weight for weight in weights.values())) or 1.0
            numbers = array("I", [self._numbered[piece] for piece in weights])
            known = self._spelled[item] = numbers, array("f", [weight / length for weight in weights.values()])
        return known


def vetoed(one: Profile, other: Profile) -> bool:
    """True where two pieces cannot tell one story: weeks apart, about other studies, or too short to say."""
    if one.identifiers and other.identifiers:
        return not one.identifiers & other.identifiers
    days = abs((one.day - other.day).days) if one.day and other.day else None
    if min(len(one.words), len(other.words)) < FEW_WORDS:
        return days is None or days > 1
    return days is not None and days > FAR_APART


def _own_words(profiles: Sequence[Profile]) -> dict[str, dict[str, float]]:
    """How telling words are within their outlet: little for its furniture, and nowhere quite 1, since an outlet seldom
    tells one story twice. Only for outlets with more than one piece, and words that more than one of these has."""
    pieces = Counter(profile.outlet for profile in profiles if profile.outlet)
    found: dict[str, Counter[str]] = {outlet: Counter() for outlet, count in pieces.items() if count > 1}
    for profile in profiles:
        if profile.outlet in found:
            found[profile.outlet].update(profile.words.keys())
    return {outlet: _telling_among(words, pieces[outlet] + OUTLET_PRIOR) for outlet, words in found.items()}


def _telling_among(words: Mapping[str, int], pieces: int) -> dict[str, float]:
    scale = math.log(pieces + 1)
    return {word: math.log(pieces / (count + 0.5)) / scale for word, count in words.items() if count > 1}


def _telling(found: Mapping[str, int], share: Mapping[str, float], items: int) -> dict[str, float]:
    """Inverse document frequency over the items and the imagined ones, scaled to at most 1."""
    scale = math.log(items + PRIOR + 1)
    return {
        word: max(0.0, scale - math.log(count + PRIOR * share.get(word, 0.0) + 0.5)) / scale
        for word, count in found.items()
    }


def _piece_share() -> dict[str, float]:
    without: dict[str, float] = {}
    for word, share in SHARE.items():
        for piece in set(_pieces(word)):
            without[piece] = without.get(piece, 1.0) * (1 - share)
    return {piece: 1 - part for piece, part in without.items()}


def _pieces(word: str) -> list[str]:
    return [word[start : start + PIECE] for start in range(max(1, len(word) - PIECE + 1))]
