"""Journeys share one new workspace, made by `digest init` once and copied for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.stage import Preloaded, Workspace, copy, run
from tests.smtpd import Script, SmtpServer


@pytest.fixture(scope="session")
def preloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preloaded]:
    runner = Preloaded(tmp_path_factory.mktemp("preloaded"))
    yield runner
    runner.close()


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory, preloaded: Preloaded) -> Workspace:
    """As `digest init` leaves it. Do not write into it."""
    home = tmp_path_factory.mktemp("initialised")
    run("init", "w", cwd=home)
    return Workspace(home / "w", runner=preloaded)


@pytest.fixture
def script() -> Script:
    """How the relay behaves; change it before the relay is asked for anything."""
    return Script()


@pytest.fixture
def relay(script: Script) -> Iterator[SmtpServer]:
    with SmtpServer(script) as server:
        yield server


@pytest.fixture
def workspace(initialised: Workspace, relay: SmtpServer, tmp_path: Path) -> Workspace:
    """A workspace of one's own, which sends to `relay` and does not sign (signing has journeys of its own)."""
    mine = copy(initialised, tmp_path / "w")
    mine.env = {"DIGEST_SMTP__PORT": str(relay.port), "DIGEST_DKIM": "[]"}
    return mine
