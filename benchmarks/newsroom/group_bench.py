"""How well, and how fast, `digest.newsroom.group` brings stories together.

    python -m benchmarks.newsroom.group_bench GENERAL.jsonl HEALTH.jsonl [HEALTH_PAIRS.jsonl] [--sizes 1000,3000]

Prints B³ and pair F1 beside the bars and beside a plain tf-idf baseline at its own best threshold on the same data (an
advantage that the shipped weights do not have), then CPU seconds by number of items. The shipped weights were found on
the development collections: on those the figures may flatter; the honest ones are calibrate.py's, or a held-out
collection's. For the sizes, the collections are repeated with their rare words changed, so that every repetition brings
new stories.
"""

from __future__ import annotations

import argparse
import math
import resource
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from benchmarks.newsroom.measures import Labelled, b_cubed, judged_f1, load, pair_f1
from digest.newsroom.group import group
from digest.newsroom.linkage import average_linkage
from digest.newsroom.profile import Item

BARS = {"general": (0.88, 0.84), "health": (None, 0.66)}
RARE = 15  # items: rarer words are a story's own and change with each repetition


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("general", type=Path)
    arguments.add_argument("health", type=Path)
    arguments.add_argument("pairs", type=Path, nargs="?")
    arguments.add_argument("--sizes", default="1000,3000,10000,30000")
    options = arguments.parse_args()
    collections = load(options.general), load(options.health, options.pairs)
    print(f"{'':<30}{'B3':>8}{'bar':>7}{'pair F1':>9}{'bar':>7}{'judged':>8}{'tf-idf B3':>11}{'pair F1':>9}")
    for labelled, bar in zip(collections, BARS.values(), strict=True):
        _quality(labelled, *bar)
    print(f"\n{'items':>8}{'stories':>9}{'CPU s':>8}{'ms/item':>9}{'peak MB':>9}")
    for size in (int(part) for part in options.sizes.split(",") if part):
        _speed([*collections[1].items, *collections[0].items], size)


def _quality(labelled: Labelled, b3_bar: float | None, pair_bar: float) -> None:
    truth = [labelled.story[item.id] for item in labelled.items]
    found = group(labelled.items)
    stories = [found[item.id] for item in labelled.items]
    judged = f"{judged_f1(labelled.judged, found):8.3f}" if labelled.judged else f"{'':8}"
    plain_b3, plain_pairs = _baseline(labelled.items, truth)
    shown_bar = f"{b3_bar:7.2f}" if b3_bar else f"{'':7}"
    print(
        f"{labelled.name + f' ({len(truth)} items)':<30}{b_cubed(truth, stories):8.3f}{shown_bar}"
        f"{pair_f1(truth, stories):9.3f}{pair_bar:7.2f}{judged}{plain_b3:11.3f}{plain_pairs:9.3f}"
    )


def _baseline(items: Sequence[Item], truth: Sequence[str]) -> tuple[float, float]:
    """Cosine of tf-idf words and pairs of words, average linkage; the best of all thresholds, by pair F1."""
    counts = []
    for item in items:
        words = f"{item.title} {item.text}".lower().split()
        counts.append(Counter([*words, *(f"{one} {other}" for one, other in pairwise(words))]))
    found = Counter(word for one in counts for word in one)
    vectors = []
    for one in counts:
        vector = {
            word: (1 + math.log(times)) * (1 + math.log((1 + len(items)) / (1 + found[word])))
            for word, times in one.items()
        }
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        vectors.append({word: value / length for word, value in vector.items() if found[word] > 1})
    alike = {
        (one, other): likeness
        for other in range(len(items))
        for one in range(other)
        if (likeness := sum(value * vectors[other].get(word, 0.0) for word, value in vectors[one].items())) > 0.03
    }
    runs = [average_linkage(len(items), alike, threshold / 50) for threshold in range(2, 20)]
    return max(((b_cubed(truth, run), pair_f1(truth, run)) for run in runs), key=lambda run: run[1])


def _speed(items: Sequence[Item], size: int) -> None:
    many = list(_repeated(items, size))
    begun = time.process_time()
    stories = len(set(group(many).values()))
    spent = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{size:>8}{stories:>9}{spent:>8.2f}{1000 * spent / size:>9.2f}{peak:>9.0f}")


def _repeated(items: Sequence[Item], size: int) -> Iterator[Item]:
    found = Counter(word for item in items for word in set(f"{item.title} {item.text}".split()))
    for place in range(size):
        turn, item = divmod(place, len(items))
        yield _changed(items[item], turn, found) if turn else items[item]


def _changed(item: Item, turn: int, found: Counter[str]) -> Item:
    mark = "".join(chr(ord("b") + int(digit)) for digit in str(turn))

    def other(text: str) -> str:
        return " ".join(f"{word[:1]}{mark}{word[1:]}" if found[word] <= RARE else word for word in text.split())

    day = item.day + timedelta(weeks=turn) if item.day else None
    return replace(item, id=f"{item.id}#{turn}", title=other(item.title), text=other(item.text), day=day)


if __name__ == "__main__":
    main()
