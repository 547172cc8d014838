"""Average linkage over a sparse graph: brings items together while they are alike on average. Pure; newsroom."""

from __future__ import annotations

import heapq
from collections.abc import Mapping


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
