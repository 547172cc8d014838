"""Finds the weights of `digest/newsroom/alike.py` from labelled collections, and shows what they are worth elsewhere.

    python -m benchmarks.newsroom.calibrate GENERAL.jsonl HEALTH.jsonl [HEALTH_PAIRS.jsonl]

A logistic regression (ridge, pure Python) over the candidate pairs of both collections, each collection with the same
weight of true pairs. Cross-validation never lets a story be on both sides: general news is split by topic into thirds,
so that look-alike events stay together and a test third is as small as a week; health news by story into halves, each
pair judged by models that have not seen it. Prints the figures for a range of thresholds, the mean of
`ROUNDS` random splits, and then the weights of all data, to be copied.
"""

from __future__ import annotations

import math
import random
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.newsroom.measures import Labelled, b_cubed, judged_f1, load, pair_f1
from digest.newsroom.alike import Corpus, Likeness
from digest.newsroom.group import FAINT, candidate_pairs
from digest.newsroom.linkage import average_linkage
from digest.newsroom.profile import Profile, profile

ROUNDS = 2
THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
TRUE_PAIRS = 1000.0  # the weight of all true pairs of a collection together
MOST_FALSE = 200.0  # the weight of its other pairs, at most, for each of its true ones: half a collection has a quarter
# of the pairs but half of the true ones, and a model must not learn from that how large its collection was
RIDGE = 3.0
STEPS = 7
TELLING_NUMBER = re.compile(r"\d+")


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


@dataclass(frozen=True, slots=True)
class Model:
    weights: Likeness
    bias: float

    def __call__(self, likeness: Likeness) -> float:
        logit = self.bias + sum(map(float.__mul__, map(float, self.weights), map(float, likeness)))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


def main() -> None:
    general, health = load(Path(sys.argv[1])), load(Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    profiles = {item.id: profile(item) for item in (*general.items, *health.items)}
    of_health = sample(health, profiles)
    figures: dict[str, list[list[float]]] = {}
    for turn in range(ROUNDS):
        chance = random.Random(turn)
        thirds = [sample(third, profiles) for third in _thirds(general, chance)]
        side = _halves(of_health, chance)
        out_of_fold = [0.0] * len(of_health.pairs)
        for half in (0, 1):
            unseen = [place for place, pair in enumerate(of_health.pairs) if any(side[item] == half for item in pair)]
            seen = _kept(of_health, [all(side[item] != half for item in pair) for pair in of_health.pairs])
            models = [fit([seen, *(thirds[:k] + thirds[k + 1 :])]) for k in range(3)]
            for place in unseen:
                parts = sum(side[item] == half for item in of_health.pairs[place]) / 2
                out_of_fold[place] += models[turn % 3](of_health.likenesses[place]) * parts
            for third, model in zip(thirds, models, strict=True):
                _note(figures, "general", third, [model(likeness) for likeness in third.likenesses])
        _note(figures, "health", of_health, out_of_fold)
    _print_table(figures)
    _print_weights(fit([of_health, *(sample(third, profiles) for third in _thirds(general, random.Random(0)))]))


def sample(labelled: Labelled, profiles: dict[str, Profile]) -> Sample:
    corpus = Corpus([profiles[item.id] for item in labelled.items])
    pairs, likenesses = [], []
    for later, earlier in candidate_pairs(corpus):
        for other, likeness in corpus.likenesses(later, earlier):
            pairs.append((other, later))
            likenesses.append(likeness)
    stories = [labelled.story[item.id] for item in labelled.items]
    return Sample(labelled, pairs, likenesses, [stories[one] == stories[other] for one, other in pairs])


def fit(samples: Sequence[Sample]) -> Model:
    """Newton's method on the ridge-penalised, weighted log likelihood of standardised likenesses."""
    rows = []
    for one in samples:
        true = sum(one.same)
        others = len(one.same) - true
        weight = (
            TRUE_PAIRS / len([other for other in samples if other.labelled.name == one.labelled.name]) / max(1, true)
        )
        of_others = weight * min(1.0, MOST_FALSE * true / max(1, others))
        rows += [
            (likeness, float(same), weight if same else of_others)
            for likeness, same in zip(one.likenesses, one.same, strict=True)
        ]
    size = len(Likeness._fields)
    total = sum(weight for _, _, weight in rows)
    mean = [sum(row[place] * weight for row, _, weight in rows) / total for place in range(size)]
    spread = [
        math.sqrt(sum((row[place] - mean[place]) ** 2 * weight for row, _, weight in rows) / total) or 1.0
        for place in range(size)
    ]
    scaled = [
        ([(row[place] - mean[place]) / spread[place] for place in range(size)] + [1.0], same, weight)
        for row, same, weight in rows
    ]
    found = [0.0] * (size + 1)
    for _ in range(STEPS):
        found = _newton(scaled, found)
    weights = [found[place] / spread[place] for place in range(size)]
    return Model(Likeness(*weights), found[size] - sum(w * m for w, m in zip(weights, mean, strict=True)))


def _newton(rows: Sequence[tuple[list[float], float, float]], found: list[float]) -> list[float]:
    size = len(found)
    slope = [-RIDGE * value for value in found[:-1]] + [0.0]
    bend = [[RIDGE * (one == other < size - 1) for other in range(size)] for one in range(size)]
    for row, same, weight in rows:
        chance = 1 / (1 + math.exp(-max(-60.0, min(60.0, sum(map(float.__mul__, found, row))))))
        pull, steep = weight * (same - chance), weight * chance * (1 - chance)
        for one in range(size):
            slope[one] += pull * row[one]
            if steep > 1e-6:
                part, line = steep * row[one], bend[one]
                for other in range(one + 1):
                    line[other] += part * row[other]
    for one in range(size):
        for other in range(one):
            bend[other][one] = bend[one][other]
    return [value + step for value, step in zip(found, _solved(bend, slope), strict=True)]


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss with pivots."""
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda line: abs(rows[line][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for line in range(size):
            if line != column and rows[line][column]:
                factor = rows[line][column] / rows[column][column]
                rows[line] = [a - factor * b for a, b in zip(rows[line], rows[column], strict=True)]
    return [rows[line][size] / rows[line][line] for line in range(size)]


def _thirds(labelled: Labelled, chance: random.Random) -> list[Labelled]:
    """Split by topic, the number that a story's name begins with: "12ecb" and "12ecbplus" are look-alikes."""

    def topic(story: str) -> str:
        number = TELLING_NUMBER.match(story)
        return number.group() if number else story

    topics = sorted({topic(story) for story in labelled.story.values()})
    chance.shuffle(topics)
    return [
        _part(labelled, lambda story, third=set(topics[start::3]): topic(story) in third)  # type: ignore[misc]
        for start in range(3)
    ]


def _part(labelled: Labelled, wanted: Callable[[str], bool]) -> Labelled:
    kept = tuple(item for item in labelled.items if wanted(labelled.story[item.id]))
    return Labelled(labelled.name, kept, {item.id: labelled.story[item.id] for item in kept})


def _halves(one: Sample, chance: random.Random) -> list[int]:
    stories = sorted(set(one.truth))
    chance.shuffle(stories)
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


def _note(figures: dict[str, list[list[float]]], name: str, one: Sample, chances: Sequence[float]) -> None:
    likely = {pair: chance for pair, chance in zip(one.pairs, chances, strict=True) if chance > FAINT}
    b3, pairs, judged = [], [], []
    for threshold in THRESHOLDS:
        found = average_linkage(len(one.truth), likely, threshold)
        b3.append(b_cubed(one.truth, found))
        pairs.append(pair_f1(one.truth, found))
        by_id = {item.id: story for item, story in zip(one.labelled.items, found, strict=True)}
        judged.append(judged_f1(one.labelled.judged, by_id))
    figures.setdefault(f"{name} B3", []).append(b3)
    figures.setdefault(f"{name} pair F1", []).append(pairs)
    if one.labelled.judged:
        figures.setdefault(f"{name} judged pairs F1", []).append(judged)


def _print_table(figures: dict[str, list[list[float]]]) -> None:
    print(f"{'threshold':<24}" + "".join(f"{threshold:>7.2f}" for threshold in THRESHOLDS))
    for name, runs in figures.items():
        print(f"{name:<24}" + "".join(f"{sum(column) / len(runs):>7.3f}" for column in zip(*runs, strict=True)))


def _print_weights(model: Model) -> None:
    print("\nweights of all data")
    for name, weight in model.weights._asdict().items():
        print(f"  {name:<10}{weight:>8.2f}")
    print(f"  {'bias':<10}{model.bias:>8.2f}")


if __name__ == "__main__":
    main()
