"""How lengths of time are told."""

from __future__ import annotations

import pytest

from digest.cli.output import lasting


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.04, "0.0 s"),
        (9.9, "9.9 s"),
        (9.97, "10 s"),
        (46, "46 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3_599, "1 h 0 min"),
        (3_725, "1 h 2 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_lengths_of_time_are_as_exact_as_people_want_to_know(seconds: float, told: str) -> None:
    assert lasting(seconds) == told
