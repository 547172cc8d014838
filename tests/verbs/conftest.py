"""A whole newsletter in a folder, with a clock that stands where the test puts it and a relay that is really there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.config import load
from digest.model import Totals
from digest.store import ledger
from digest.store.editions import EditionRow
from digest.verbs import due, people
from digest.verbs.assemble import assemble
from digest.verbs.parts import Parts
from digest.verbs.workspace import init
from digest.wiring import assemble_parts, new_key_ring
from tests.smtpd import Script, SmtpServer

LONDON = ZoneInfo("Europe/London")
FRIDAY_16 = datetime(2026, 11, 20, 16, 0, tzinfo=LONDON)
MONDAY_7 = datetime(2026, 11, 23, 7, 0, tzinfo=LONDON)

STORY = """---
headline: {headline}
summary: A sample summary of what was found.
date: {day}
key_points: [One thing was found., "Another, too.", A third as well.]
articles:
  - {{outlet: Northern Ledger, title: "About {headline}", url: "https://northern-ledger.example/{slug}"}}
---
"""


class Clock:
    """The present instant, as told."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Newsletter:
    """The parts of one newsletter, its clock, and shorthands for what tests do all the time."""

    parts: Parts
    clock: Clock
    relay: SmtpServer

    def story(self, headline: str, day: str = "2026-11-18", extra: str = "") -> Path:
        slug = headline.lower().replace(" ", "-")
        text = STORY.format(headline=headline, day=day, slug=slug).replace("summary:", f"{extra}\nsummary:", 1)
        path = self.parts.stories_folder / f"{slug}.md"
        path.write_text(text, encoding="utf-8")
        return path

    def readers(self, *names: str) -> None:
        for name in names:
            people.add(self.parts, f"{name}@example.com", name=name.title(), topics=(), proof="test")

    def assembled(self, **how: bool) -> EditionRow:
        row = assemble(self.parts, due.slot_to_assemble(self.parts), **how).row
        assert row is not None
        return row

    def totals(self, edition: str) -> Totals:
        with self.parts.store.read() as db:
            return ledger.totals(db, edition)

    def received(self) -> list[str]:
        return sorted(address for mail in self.relay.accepted for address in mail.rcpt_to)


@pytest.fixture(scope="session")
def _workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace") / "w"
    init(folder, new_key_ring=new_key_ring, with_story=False)
    assemble_parts(load(str(folder), {}), create=True).store.close()
    return folder


@pytest.fixture
def script() -> Script:
    """How the relay behaves; tests override it by parametrisation or by changing its rules before use."""
    return Script()


@pytest.fixture
def newsletter(_workspace: Path, tmp_path: Path, script: Script) -> Iterator[Newsletter]:
    folder = tmp_path / "w"
    shutil.copytree(_workspace, folder)
    clock = Clock(FRIDAY_16)
    with SmtpServer(script) as relay:
        parts = assemble_parts(load(str(folder), {"DIGEST_SMTP__PORT": str(relay.port)}))
        with parts.store:
            # Keys that sign are slow, and nothing here looks at signatures.
            yield Newsletter(replace(parts, clock=clock, signers=()), clock, relay)


@pytest.fixture
def auto(newsletter: Newsletter) -> Newsletter:
    """A newsletter that goes out without an editor's word."""
    newsletter.parts = replace(newsletter.parts, approval="auto")
    return newsletter
