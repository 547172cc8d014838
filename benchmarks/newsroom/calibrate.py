"""Finds the scales of `digest/newsroom/alike.py` from labelled collections, and shows what they are worth elsewhere.

    python -m benchmarks.newsroom.calibrate GENERAL.jsonl HEALTH.jsonl [HEALTH_PAIRS.jsonl]

A logistic regression (fitting.py) over the candidate pairs of both collections, each collection with the same weight of
true pairs; once by words alone, once with sentence embeddings where the extra is there. Cross-validation never lets a
story be on both sides: general news is split by topic into thirds, so that look-alike events stay together and a test
third is as small as a week; health news by story into halves, each pair judged by models that have not seen it. Prints
the figures for a range of thresholds, the mean of `ROUNDS` random splits, and the weights of all data, to be copied.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.newsroom.fitting import chance, fit
from benchmarks.newsroom.measures import Labelled, b_cubed, judged_f1, load, pair_f1
from digest.embedding import Embedder, missing
from digest.newsroom.alike import BY_MEANING, BY_WORDS, Closeness, Corpus, Likeness
from digest.newsroom.group import FAINT, brought_together, candidate_pairs
from digest.newsroom.meaning import Meanings, wording
from digest.newsroom.profile import Item, Profile, profile

ROUNDS = 5
THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
TRUE_PAIRS = 1000.0  # the weight of all true pairs of a collection together
MOST_FALSE = 200.0  # the weight of its other pairs, at most, for each of its true ones: half a collection has a quarter
# of the pairs but half of the true ones, and a model must not learn from that how large its collection was
TELLING_NUMBER = re.compile(r"\d+")
Figures = dict[str, list[list[float]]]
Model = Callable[[Likeness], float]


@dataclass(frozen=True, slots=True)
class Known:
    """What is computed once for each item of all collections."""

    profiles: dict[str, Profile]
    places: dict[str, int]
    meanings: Meanings | None

    @classmethod
    def of(cls, items: Sequence[Item], *, meanings: Meanings | None) -> Known:
        return cls({item.id: profile(item) for item in items}, {item.id: n for n, item in enumerate(items)}, meanings)

    def closeness(self, items: Sequence[Item]) -> Closeness | None:
        places, meanings = [self.places[item.id] for item in items], self.meanings
        if meanings is None:
            return None
        return lambda one, others: meanings.closeness(places[one], [places[other] for other in others])


@dataclass(frozen=True, slots=True)
class Sample:
    """The candidate pairs of a collection, with likenesses and answers."""

    labelled: Labelled
    pairs: list[tuple[int, int]]
    likenesses: list[Likeness]
    same: list[bool]

    @property
    def truth(self) -> list[str]:
        return [self.labelled.story[item.id] for item in self.labelled.items]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("general", type=Path)
    arguments.add_argument("health", type=Path)
    arguments.add_argument("pairs", type=Path, nargs="?")
    options = arguments.parse_args()
    general, health = load(options.general), load(options.health, options.pairs)
    items = [*general.items, *health.items]
    print(f"by words alone (shipped threshold {BY_WORDS.alike})")
    calibrate(general, health, Known.of(items, meanings=None))
    if missing():
        print(f"\nwith sentence embeddings: not measured, {', '.join(missing())} not installed")
        return
    print(f"\nwith sentence embeddings (shipped threshold {BY_MEANING.alike})")
    calibrate(general, health, Known.of(items, meanings=Embedder()([wording(item) for item in items])))


def calibrate(general: Labelled, health: Labelled, known: Known) -> None:
    of_health, figures = sample(health, known), Figures()
    for turn in range(ROUNDS):
        luck = random.Random(turn)
        thirds = [sample(third, known) for third in _thirds(general, luck)]
        side = _halves(of_health, luck)
        out_of_fold = [0.0] * len(of_health.pairs)
        for half in (0, 1):
            unseen = [place for place, pair in enumerate(of_health.pairs) if any(side[item] == half for item in pair)]
            seen = _kept(of_health, [all(side[item] != half for item in pair) for pair in of_health.pairs])
            models = [model([seen, *(thirds[:k] + thirds[k + 1 :])])[0] for k in range(3)]
            for place in unseen:
                parts = sum(side[item] == half for item in of_health.pairs[place]) / 2
                out_of_fold[place] += models[turn % 3](of_health.likenesses[place]) * parts
            for third, judge in zip(thirds, models, strict=True):
                _note(figures, "general", third, [judge(likeness) for likeness in third.likenesses])
        _note(figures, "health", of_health, out_of_fold)
    _print_table(figures)
    _print_weights([of_health, *(sample(third, known) for third in _thirds(general, random.Random(0)))])


def sample(labelled: Labelled, known: Known) -> Sample:
    corpus = Corpus([known.profiles[item.id] for item in labelled.items], known.closeness(labelled.items))
    pairs, likenesses = [], []
    for later, earlier in candidate_pairs(corpus):
        for other, likeness in corpus.likenesses(later, earlier):
            pairs.append((other, later))
            likenesses.append(likeness)
    stories = [labelled.story[item.id] for item in labelled.items]
    return Sample(labelled, pairs, likenesses, [stories[one] == stories[other] for one, other in pairs])


def model(samples: Sequence[Sample]) -> tuple[Model, list[float], float]:
    """What judges a likeness, with its weights and bias."""
    rows = []
    for one in samples:
        true = sum(one.same)
        others = len(one.same) - true
        share = len([other for other in samples if other.labelled.name == one.labelled.name])
        weight = TRUE_PAIRS / share / max(1, true)
        of_others = weight * min(1.0, MOST_FALSE * true / max(1, others))
        rows += [
            (likeness, same, weight if same else of_others)
            for likeness, same in zip(one.likenesses, one.same, strict=True)
        ]
    weights, bias = fit(rows)
    return lambda likeness: chance(bias + sum(map(float.__mul__, weights, map(float, likeness)))), weights, bias


def _thirds(labelled: Labelled, luck: random.Random) -> list[Labelled]:
    """Split by topic, the number that a story's name begins with: "12ecb" and "12ecbplus" are look-alikes."""

    def topic(story: str) -> str:
        number = TELLING_NUMBER.match(story)
        return number.group() if number else story

    topics = sorted({topic(story) for story in labelled.story.values()})
    luck.shuffle(topics)
    return [
        _part(labelled, lambda story, third=set(topics[start::3]): topic(story) in third)  # type: ignore[misc]
        for start in range(3)
    ]


def _part(labelled: Labelled, wanted: Callable[[str], bool]) -> Labelled:
    kept = tuple(item for item in labelled.items if wanted(labelled.story[item.id]))
    return Labelled(labelled.name, kept, {item.id: labelled.story[item.id] for item in kept})


def _halves(one: Sample, luck: random.Random) -> list[int]:
    stories = sorted(set(one.truth))
    luck.shuffle(stories)
    side = {story: place % 2 for place, story in enumerate(stories)}
    return [side[story] for story in one.truth]


def _kept(one: Sample, known: Sequence[bool]) -> Sample:
    places = [place for place, kept in enumerate(known) if kept]
    return Sample(
        one.labelled,
        [one.pairs[place] for place in places],
        [one.likenesses[place] for place in places],
        [one.same[place] for place in places],
    )


def _note(figures: Figures, name: str, one: Sample, chances: Sequence[float]) -> None:
    likely = {pair: found for pair, found in zip(one.pairs, chances, strict=True) if found > FAINT}
    b3, pairs, judged = [], [], []
    for threshold in THRESHOLDS:
        found = brought_together(len(one.truth), likely, threshold)
        b3.append(b_cubed(one.truth, found))
        pairs.append(pair_f1(one.truth, found))
        by_id = {item.id: story for item, story in zip(one.labelled.items, found, strict=True)}
        judged.append(judged_f1(one.labelled.judged, by_id))
    figures.setdefault(f"{name} B3", []).append(b3)
    figures.setdefault(f"{name} pair F1", []).append(pairs)
    if one.labelled.judged:
        figures.setdefault(f"{name} judged pairs F1", []).append(judged)


def _print_table(figures: Figures) -> None:
    print(f"{'threshold':<24}" + "".join(f"{threshold:>7.2f}" for threshold in THRESHOLDS))
    for name, runs in figures.items():
        print(f"{name:<24}" + "".join(f"{sum(column) / len(runs):>7.3f}" for column in zip(*runs, strict=True)))


def _print_weights(samples: Sequence[Sample]) -> None:
    _, weights, bias = model(samples)
    told = [f"{name} {weight:.2f}" for name, weight in zip(Likeness._fields, weights, strict=True)]
    print(f"weights of all data: {', '.join(told)}; bias {bias:.2f}")


if __name__ == "__main__":
    main()
