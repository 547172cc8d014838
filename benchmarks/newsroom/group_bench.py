"""How well, and how fast, `digest.newsroom.group` brings stories together.

    python -m benchmarks.newsroom.group_bench GENERAL.jsonl HEALTH.jsonl [HEALTH_PAIRS.jsonl] [--sizes 1000,3000]

Prints B³ and pair F1 of the shipped scales, by words alone and with sentence embeddings (where the extra is there),
beside the bars and beside a plain tf-idf baseline at its own best threshold on the same data (an advantage that the
shipped scales do not have). The scales were found on the development collections: on those the figures may flatter; the
honest ones are calibrate.py's, or a held-out collection's. Then CPU seconds by number of items, with the exponent of
the growth from one size to the next. For the sizes, the collections are repeated with their rare words changed, so that
every repetition brings new stories.
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
from digest.embedding import Embedder, missing
from digest.newsroom.group import group
from digest.newsroom.linkage import average_linkage
from digest.newsroom.meaning import Embed
from digest.newsroom.profile import Item
from digest.verbs.grouping import bring_together, grouped_by

BARS = {(0, False): (0.88, 0.84), (1, False): (None, 0.66), (0, True): (0.91, 0.88), (1, True): (None, 0.80)}
"""B³ and pair F1 wanted, by collection (general, health) and whether embeddings help."""

RARE = 15  # items: rarer words are a story's own and change with each repetition
EMBEDDED = 1000  # items: the time for embeddings grows with their number, no faster


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("general", type=Path)
    arguments.add_argument("health", type=Path)
    arguments.add_argument("pairs", type=Path, nargs="?")
    arguments.add_argument("--sizes", default="1000,3000,10000,30000")
    options = arguments.parse_args()
    collections = load(options.general), load(options.health, options.pairs)
    embed = None if missing() else Embedder()
    print(f"{'':<56}{'B3':>8}{'bar':>6}{'pair F1':>9}{'bar':>6}{'judged':>8}")
    for number, labelled in enumerate(collections):
        for helper in (None, embed) if embed else (None,):
            _quality(labelled, helper, *BARS[number, helper is not None])
        _row(labelled, "tf-idf at its best", *_baseline(labelled))
    if embed is None:
        print(f"sentence embeddings: not measured, {', '.join(missing())} not installed")
    items = [*collections[1].items, *collections[0].items]
    _sizes(items, [int(part) for part in options.sizes.split(",") if part])
    if embed:
        _embedding(embed, list(_repeated(items, EMBEDDED)))


def _quality(labelled: Labelled, embed: Embed | None, b3_bar: float | None, pair_bar: float) -> None:
    found = bring_together(labelled.items, embed)
    stories = [found[item.id] for item in labelled.items]
    truth = [labelled.story[item.id] for item in labelled.items]
    judged = judged_f1(labelled.judged, found) if labelled.judged else None
    _row(labelled, grouped_by(embed), b_cubed(truth, stories), pair_f1(truth, stories), b3_bar, pair_bar, judged)


def _row(
    labelled: Labelled,
    name: str,
    b3: float,
    pairs: float,
    b3_bar: float | None = None,
    pair_bar: float | None = None,
    judged: float | None = None,
) -> None:
    name = f"{labelled.name} ({len(labelled.items)} items), {name}"
    bars = [f"{bar:6.2f}" if bar else f"{'':6}" for bar in (b3_bar, pair_bar)]
    print(f"{name:<56}{b3:8.3f}{bars[0]}{pairs:9.3f}{bars[1]}" + (f"{judged:8.3f}" if judged else ""))


def _baseline(labelled: Labelled) -> tuple[float, float]:
    """Cosine of tf-idf words and pairs of words, average linkage; the best of all thresholds, by pair F1."""
    items, truth = labelled.items, [labelled.story[item.id] for item in labelled.items]
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


def _sizes(items: Sequence[Item], sizes: Sequence[int]) -> None:
    print(f"\n{'items':>8}{'stories':>9}{'CPU s':>8}{'ms/item':>9}{'exponent':>10}{'peak MB':>9}   by words alone")
    before: tuple[int, float] | None = None
    for size in sizes:
        many = list(_repeated(items, size))
        begun = time.process_time()
        stories = len(set(group(many).values()))
        spent = time.process_time() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        grown = f"{math.log(spent / before[1]) / math.log(size / before[0]):10.2f}" if before else f"{'':10}"
        print(f"{size:>8}{stories:>9}{spent:>8.2f}{1000 * spent / size:>9.2f}{grown}{peak:>9.0f}")
        before = size, spent


def _embedding(embed: Embed, items: Sequence[Item]) -> None:
    begun = time.process_time()
    bring_together(items, embed)
    spent = time.process_time() - begun
    print(
        f"\n{len(items)} items with sentence embeddings: {spent:.1f} s of CPU, {1000 * spent / len(items):.1f} ms/item"
    )


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
