"""How right a grouping is: B³ and pair F1, with the loaders of the labelled collections."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.newsroom.profile import Item


@dataclass(frozen=True, slots=True)
class Labelled:
    """Items with the story that a reader put each into; `judged` are pairs that a reader looked at, and the verdict."""

    name: str
    items: tuple[Item, ...]
    story: Mapping[str, str]
    judged: tuple[tuple[str, str, bool], ...] = ()


def load(file: Path, pairs: Path | None = None) -> Labelled:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    verdicts = [] if pairs is None else [json.loads(line) for line in pairs.read_text("utf-8").splitlines() if line]
    return Labelled(
        file.stem,
        tuple(map(item, rows)),
        {row["id"]: row["story"] for row in rows},
        tuple((verdict["a"], verdict["b"], bool(verdict["same_story"])) for verdict in verdicts),
    )


def item(row: Mapping[str, str | None]) -> Item:
    day = row.get("day")
    return Item(
        id=row["id"] or "",
        title=row["title"] or "",
        text=row.get("text") or "",
        day=date.fromisoformat(day) if day else None,
        outlet=row.get("outlet"),
        url=row.get("url"),
    )


def b_cubed(truth: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """Bagga and Baldwin 1998: harmonic mean of the items' mean precision and recall."""
    both, really, said = Counter(zip(truth, found, strict=True)), Counter(truth), Counter(found)
    precision = sum(both[pair] / said[pair[1]] for pair in zip(truth, found, strict=True)) / len(truth)
    recall = sum(both[pair] / really[pair[0]] for pair in zip(truth, found, strict=True)) / len(truth)
    return 2 * precision * recall / (precision + recall)


def pair_f1(truth: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """F1 of "these two are in one story" over all pairs."""
    right = _pairs(Counter(zip(truth, found, strict=True)).values())
    total = _pairs(Counter(truth).values()) + _pairs(Counter(found).values())
    return 2 * right / total if total else 1.0


def judged_f1(judged: Sequence[tuple[str, str, bool]], found: Mapping[str, Hashable]) -> float:
    """F1 over the pairs that a reader judged, no others."""
    verdicts = Counter((same, found[one] == found[other]) for one, other, same in judged)
    right = verdicts[True, True]
    return 2 * right / (2 * right + verdicts[True, False] + verdicts[False, True]) if right else 0.0


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
