"""Stories: items that tell the same news, brought together. Pure; newsroom. Called for `digest story group`.

Likely pairs come from an inverted index of telling words, each gets a calibrated probability (`alike`), and linkage
brings together what belongs together. Nothing is compared with everything: with more items the work grows
by a little more than their number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from digest.errors import InputError
from digest.newsroom.alike import BY_MEANING, BY_WORDS, Closeness, Corpus, Scale
from digest.newsroom.linkage import average_linkage, take_in_strays
from digest.newsroom.meaning import Meanings
from digest.newsroom.profile import Item, Profile, profile

__all__ = ["Item", "group"]

CROWD = 150
"""Items with a word beyond which the word leads nobody to anybody: what so many share is a subject, not a story."""

ACQUAINTED = 0.5
"""Shared telling (squared, summed) that makes a pair worth a closer look: about one rare word."""

NEIGHBOURS = 60
"""Candidates per item that get a closer look, the likeliest first; bounds the work on hostile or boundless input."""

STRAY = 0.35
"""The mean probability over its best pairs that brings a stray into a large story."""

FAINT = 0.01
"""Probability below which a pair counts as 0."""

COPY_WORDS = 8
"""Distinct words that make two equal texts copies of each other rather than two empty shells ("Morning briefing")."""


def group(items: Sequence[Item], meanings: Meanings | None = None, *, alike: float | None = None) -> dict[str, str]:
    """Item id → story id, the id of the story's first item in the order given; a lone item is its own story.

    `meanings` are those of the items' wordings (`meaning.wording`), in their order; without them words decide alone.
    `alike` is the mean probability over its pairs that keeps a story together, when the scale's own will not do.
    Raises InputError when two items have the same id. The order of the items changes names, hardly ever groups.
    """
    if len({item.id for item in items}) < len(items):
        twice = next(item.id for place, item in enumerate(items) if item.id in {before.id for before in items[:place]})
        raise InputError(f"id: {twice}: two items have it; give each its own")
    originals, copy_of = _without_copies([profile(item) for item in items])
    corpus = Corpus([profiled for _, profiled in originals], _closeness(meanings, [place for place, _ in originals]))
    scale = BY_WORDS if meanings is None else BY_MEANING
    likely = {pair: chance for pair, chance in _likely_pairs(corpus, scale) if chance > FAINT}
    story = brought_together(len(originals), likely, scale.alike if alike is None else alike)
    return {item.id: items[originals[story[copy_of[place]]][0]].id for place, item in enumerate(items)}


def brought_together(count: int, likely: Mapping[tuple[int, int], float], alike: float) -> list[int]:
    """For each of `count` items the smallest number in its story."""
    return take_in_strays(average_linkage(count, likely, alike), likely, STRAY)


def _without_copies(profiles: Sequence[Profile]) -> tuple[list[tuple[int, Profile]], list[int]]:
    """The profiles that are no copy, with their places, and for every place its number among them."""
    originals: list[tuple[int, Profile]] = []
    copy_of: list[int] = []
    seen: dict[object, int] = {}
    for place, profiled in enumerate(profiles):
        said = frozenset(profiled.words.items()), profiled.day, profiled.identifiers
        number = seen.setdefault(said, len(originals)) if len(profiled.words) >= COPY_WORDS else len(originals)
        if number == len(originals):
            originals.append((place, profiled))
        copy_of.append(number)
    return originals, copy_of


def _closeness(meanings: Meanings | None, places: Sequence[int]) -> Closeness | None:
    if meanings is None:
        return None
    return lambda one, others: meanings.closeness(places[one], [places[other] for other in others])


def _likely_pairs(corpus: Corpus, scale: Scale) -> Iterator[tuple[tuple[int, int], float]]:
    for later, candidates in candidate_pairs(corpus):
        for earlier, likeness in corpus.likenesses(later, candidates):
            yield (earlier, later), scale.probability(likeness)


def candidate_pairs(corpus: Corpus) -> Iterator[tuple[int, list[int]]]:
    """Each item with the earlier ones that share telling words with it, the likeliest first."""
    index: defaultdict[str, list[int]] = defaultdict(list)
    for item, profiled in enumerate(corpus.profiles):
        met: defaultdict[int, float] = defaultdict(float)
        for word in profiled.words:
            if 2 <= corpus.found[word] <= CROWD:
                weight = corpus.telling[word] ** 2
                for other in index[word]:
                    met[other] += weight
                index[word].append(item)
        close = [(-weight, other) for other, weight in met.items() if weight >= ACQUAINTED]
        yield item, [other for _, other in sorted(close)[:NEIGHBOURS]]
