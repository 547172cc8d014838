"""Kills and faults together, the short form of `make soak-delivery`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.crash.laboratory import Laboratory
from tests.journeys.crash.weather import Weather
from tests.journeys.stage import Workspace

READERS = 60


@pytest.fixture(scope="module")
def laboratory(initialised: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.mktemp("soak"), READERS, initialised=initialised)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 7))
def test_the_promise_holds_in_any_weather(laboratory: Laboratory, seed: int) -> None:
    passed = Weather(seed).passed_through(laboratory, kills=2)

    assert passed.broken == []
    assert passed.faults
