"""Logistic regression in plain Python: ridge, weights, Newton's method. For calibrate.py."""

from __future__ import annotations

import math
from collections.abc import Sequence

RIDGE = 100.0
"""Large, for rows that weigh a few thousand together: it shares the credit among likenesses that say the same, and what
is found on one half of the data is found on the other."""

STEPS = 8

Row = tuple[Sequence[float], bool, float]
"""What was seen, the answer, and how much the row counts."""


def fit(rows: Sequence[Row]) -> tuple[list[float], float]:
    """Weights and bias, of the columns as they are; inside, columns are standardised so that the ridge is fair."""
    columns = list(zip(*(seen for seen, _, _ in rows), strict=True))
    parts = [part for _, _, part in rows]
    total = sum(parts)
    mean = [sum(map(float.__mul__, parts, map(float, column))) / total for column in columns]
    spread = [
        math.sqrt(sum(part * (value - centre) ** 2 for part, value in zip(parts, column, strict=True)) / total) or 1.0
        for column, centre in zip(columns, mean, strict=True)
    ]
    scaled = [
        ([*((value - c) / s for value, c, s in zip(seen, mean, spread, strict=True)), 1.0], float(answer), part)
        for seen, answer, part in rows
    ]
    found = [0.0] * (len(columns) + 1)
    for _ in range(STEPS):
        found = _newton(scaled, found)
    weights = [value / s for value, s in zip(found, spread, strict=False)]
    return weights, found[-1] - sum(map(float.__mul__, weights, mean))


def chance(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


def _newton(rows: Sequence[tuple[list[float], float, float]], found: list[float]) -> list[float]:
    size = len(found)
    slope = [-RIDGE * value for value in found[:-1]] + [0.0]
    bend = [[RIDGE * (one == other < size - 1) for other in range(size)] for one in range(size)]
    for row, answer, part in rows:
        guess = chance(sum(map(float.__mul__, found, row)))
        pull, steep = part * (answer - guess), part * guess * (1 - guess)
        for one in range(size):
            slope[one] += pull * row[one]
            if steep > 1e-6:
                value, line = steep * row[one], bend[one]
                for other in range(one + 1):
                    line[other] += value * row[other]
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
