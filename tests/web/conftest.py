"""A newsletter in a folder whose preview is served on loopback, with a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.cli.preview import reopened
from digest.config import load
from digest.store.editions import EditionRow
from digest.verbs import approve, due
from digest.verbs.assemble import assemble
from digest.verbs.parts import Parts
from digest.verbs.workspace import init
from digest.web.preview import serve_preview
from digest.web.previewdesk import Desk
from digest.wiring import assemble_parts, new_key_ring

FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)

STORY = """---
headline: {headline}
summary: A sample summary of what was found.
date: {day}
key_points: [One thing was found., "Another, too.", A third as well.]
articles:
  - {{outlet: Northern Ledger, title: About it, url: "https://northern-ledger.example/it"}}
---
{body}
"""


@dataclass
class Newsletter:
    """A workspace, its parts, and shorthands for what an editor does."""

    folder: Path
    parts: Parts

    def story(self, name: str, headline: str, day: str = "2026-11-18", body: str = "") -> Path:
        path = self.folder / "stories" / f"{name}.md"
        path.write_text(STORY.format(headline=headline, day=day, body=body), encoding="utf-8")
        return path

    def assembled(self, *, refresh: bool = False) -> EditionRow:
        row = assemble(self.parts, due.slot_to_assemble(self.parts), refresh=refresh).row
        assert row is not None
        return row

    def approved(self) -> EditionRow:
        return approve.approve(self.parts, self.assembled(), hash_prefix=None, by="Ada")

    def desk(self, edition: str | None = None, kind: type[Desk] = Desk) -> Desk:
        return kind(self.parts, lambda: reopened(load(str(self.folder), {}).settings, self.parts), edition)

    @contextmanager
    def preview(self, edition: str | None = None) -> Iterator[str]:
        """The address of the preview's page, as the command prints it."""
        with serve_preview(self.desk(edition), 0) as url:
            yield url


@pytest.fixture(scope="session")
def _workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace") / "w"
    init(folder, new_key_ring=new_key_ring, with_story=False)
    assemble_parts(load(str(folder), {}), create=True).store.close()
    return folder


@pytest.fixture
def newsletter(_workspace: Path, tmp_path: Path) -> Iterator[Newsletter]:
    folder = tmp_path / "w"
    shutil.copytree(_workspace, folder)
    parts = assemble_parts(load(str(folder), {}))
    with parts.store:
        yield Newsletter(folder, replace(parts, clock=lambda: FRIDAY))
