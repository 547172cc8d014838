"""Linkage over a sparse graph: brings items together while they are alike on average, then takes in the strays. Pure;
newsroom."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

STRAYS = 3
"""Items, at most, that average linkage left on their own and that may still find a home."""

HOME = 4
"""Items that make a group a home for strays; where fewer agree, nothing is sure enough."""

SIDE = 3
"""The links of each stray that count: so many others tell the side of the news that it tells."""


def average_linkage(count: int, alike: Mapping[tuple[int, int], float], least: float) -> list[int]:
    """For each of `count` items the smallest number among those it belongs with.

    `alike` holds the likeness of pairs (lower number first); a pair that is missing counts as 0. The two groups that
    are most alike are joined as long as the mean over all their pairs is `least` or more; the lower numbers go first
    among equals, so that the result never depends on the order of `alike`.
    """
    sums: list[dict[int, float]] = [{} for _ in range(count)]
    for (one, other), score in alike.items():
        sums[one][other] = sums[other][one] = score
    size, home = [1] * count, list(range(count))
    queue = [(-score, one, other) for (one, other), score in alike.items() if score >= least]
    heapq.heapify(queue)
    while queue:
        negative, keep, drop = heapq.heappop(queue)
        # An entry is stale when one of its groups has been joined, or has grown, since it was queued.
        if home[keep] != keep or home[drop] != drop or _mean(sums, size, keep, drop) != -negative:
            continue
        home[drop] = keep
        _join(sums, size, keep, drop)
        for near in sums[keep]:
            mean = _mean(sums, size, keep, near)
            if mean >= least:
                heapq.heappush(queue, (-mean, min(keep, near), max(keep, near)))
    return [_root(home, item) for item in range(count)]


def _mean(sums: list[dict[int, float]], size: list[int], one: int, other: int) -> float:
    return sums[one].get(other, 0.0) / (size[one] * size[other])


def _join(sums: list[dict[int, float]], size: list[int], keep: int, drop: int) -> None:
    size[keep] += size[drop]
    del sums[keep][drop]
    for near, total in sums[drop].items():
        if near != keep:
            del sums[near][drop]
            sums[keep][near] = sums[near][keep] = sums[keep].get(near, 0.0) + total
    sums[drop] = {}


def _root(home: list[int], item: int) -> int:
    while home[item] != item:
        home[item] = home[home[item]]
        item = home[item]
    return item


def take_in_strays(home: Sequence[int], alike: Mapping[tuple[int, int], float], least: float) -> list[int]:
    """`home` as `average_linkage` gives it, with small groups moved into the large one that they are likest.

    The larger a group, the more sides of its news it tells, and the less a piece that tells one of them is like the
    mean of all. So a stray is held against those that it is likest: the mean of its best `SIDE` links must be `least`.
    Large groups never join by this; two events of one kind are told by many each.
    """
    size = Counter(home)
    links: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for (one, other), score in alike.items():
        small, large = sorted((home[one], home[other]), key=lambda group: (size[group], -group))
        if size[small] <= STRAYS and size[large] >= HOME:
            links[small, large].append(score)
    likest: dict[int, tuple[float, int]] = {}
    for (small, large), scores in links.items():
        count = SIDE * size[small]
        mean = sum(sorted(scores, reverse=True)[:count]) / count
        if mean >= least:
            likest[small] = max(likest.get(small, (0.0, 0)), (mean, -large))
    joined = [-likest[group][1] if group in likest else group for group in home]
    first: dict[int, int] = {}
    return [first.setdefault(group, item) for item, group in enumerate(joined)]
