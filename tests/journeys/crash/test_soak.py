"""Kills and faults together, the short form of `make soak-delivery`."""

from __future__ import annotations

import pytest

from tests.journeys.crash.laboratory import Laboratory
from tests.journeys.crash.weather import Weather


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 7))
def test_the_promise_holds_in_any_weather(laboratory: Laboratory, seed: int) -> None:
    passed = Weather(seed).passed_through(laboratory, kills=2)

    assert passed.broken == []
    assert passed.faults
