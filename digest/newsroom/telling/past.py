"""Follow-ups: which earlier story a group of articles goes on with. Pure; newsroom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from digest.model import Identifiers
from digest.newsroom.alike import BY_WORDS, Corpus
from digest.newsroom.profile import Item, profile
from digest.newsroom.telling.piece import NO_IDENTIFIERS, Piece, item_of, key_of

MOST_COMPARED = 8
"""Articles of either side, and earlier stories, that are compared word for word."""

_SHARED_WORDS = 3  # title words that make two stories worth a comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A story of an earlier edition: what it was made of. `items` are its articles, their ids `piece.key_of`."""

    id: str
    headline: str
    edition: str
    day: date | None = None
    items: tuple[Item, ...] = ()
    identifiers: Identifiers = NO_IDENTIFIERS


class Past:
    """The stories of earlier editions, newest last, ready to be asked about many groups."""

    def __init__(self, earlier: Sequence[Earlier]) -> None:
        self.earlier = tuple(earlier)
        self._by_key = {item.id: story for story in earlier for item in story.items}
        self._by_study = {name: story for story in earlier for name in _studies([story.identifiers])}
        self._profiles = [[profile(item) for item in story.items[:MOST_COMPARED]] for story in earlier]
        self._by_word: defaultdict[str, set[int]] = defaultdict(set)
        for number, profiles in enumerate(self._profiles):
            for word in {word for profiled in profiles for word in profiled.title}:
                self._by_word[word].add(number)

    def continued_by(self, pieces: Sequence[Piece]) -> Earlier | None:
        """The earlier story that `pieces` go on with: by an article, a DOI or trial number of its own, or its words."""
        for piece in pieces:
            if (story := self._by_key.get(key_of(piece))) is not None:
                return story
        for name in sorted(_studies([piece.identifiers for piece in pieces])):
            if (story := self._by_study.get(name)) is not None:
                return story
        return self._likest(pieces[:MOST_COMPARED])

    def _likest(self, pieces: Sequence[Piece]) -> Earlier | None:
        mine = [profile(item_of(piece)) for piece in pieces]
        met = Counter(
            number
            for word in {word for profiled in mine for word in profiled.title}
            for number in self._by_word.get(word, ())
        )
        likely = sorted((-count, -number) for number, count in met.items() if count >= _SHARED_WORDS)
        best: tuple[float, int] | None = None
        for _, negative in likely[:MOST_COMPARED]:
            theirs = self._profiles[-negative]
            corpus = Corpus([*mine, *theirs])
            others = range(len(mine), len(mine) + len(theirs))
            chances = [
                BY_WORDS.probability(likeness)
                for one in range(len(mine))
                for _, likeness in corpus.likenesses(one, others)
            ]
            mean = sum(chances) / (len(mine) * len(theirs))
            if mean >= BY_WORDS.alike and (best is None or (mean, -negative) > best):
                best = mean, -negative
        return self.earlier[best[1]] if best else None


def fresh(pieces: Sequence[Piece], earlier: Earlier | None) -> list[Piece]:
    """The articles that the earlier story did not have."""
    known = {item.id for item in earlier.items} if earlier else frozenset()
    return [piece for piece in pieces if key_of(piece) not in known]


def _studies(identifiers: Sequence[Identifiers]) -> set[str]:
    return {name.casefold() for ids in identifiers for name in (ids.doi, ids.trial) if name}
