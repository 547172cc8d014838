"""One laboratory for all crashes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.crash.laboratory import Laboratory
from tests.journeys.stage import Workspace


@pytest.fixture(scope="package")
def laboratory(initialised: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.mktemp("laboratory"), readers=40, initialised=initialised)
    yield made
    made.close()
