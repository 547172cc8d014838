"""How many messages may leave, by a clock that the test owns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.pace import Pace


def test_without_a_limit_all_may_leave() -> None:
    pace = Pace(None, 0)

    assert pace.allowed(50, 0) == 50
    assert pace.wait_s() == 0


def test_ten_a_second_means_one_every_hundred_milliseconds_from_the_start() -> None:
    pace = Pace(10, 0)

    assert pace.allowed(5, 0) == 1
    pace.spend(1)
    assert pace.allowed(5, 0) == 0
    assert pace.wait_s() == pytest.approx(0.1)
    assert pace.allowed(5, 0.1) == 1


def test_a_pause_saves_up_one_second_at_most() -> None:
    pace = Pace(10, 0)

    assert pace.allowed(500, 3600) == 10


def test_less_than_one_a_second_works() -> None:
    pace = Pace(0.5, 0)
    pace.spend(pace.allowed(1, 0))

    assert pace.wait_s() == pytest.approx(2)
    assert pace.allowed(1, 2) == 1


def test_a_pace_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Pace(0, 0)


@given(rate=st.floats(0.1, 1000), steps=st.lists(st.floats(0, 2), min_size=1, max_size=50))
def test_over_any_stretch_no_more_than_the_rate_and_one_second_ahead(rate: float, steps: list[float]) -> None:
    pace, now, sent = Pace(rate, 0), 0.0, 0
    for step in steps:
        now += step
        allowed = pace.allowed(10_000, now)
        pace.spend(allowed)
        sent += allowed

    assert sent <= rate * now + max(1, rate) + 1e-6
