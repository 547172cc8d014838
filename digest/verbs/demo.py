"""The demo: the main job on sample input, from stories to signed mails in a local mailbox. Hall."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from digest.errors import UsageError
from digest.render.findings import Finding
from digest.store.editions import EditionRow
from digest.verbs import approve, due, people, preview
from digest.verbs import stories as storydesk
from digest.verbs.assemble import assemble
from digest.verbs.parts import Parts
from digest.verbs.report import Run
from digest.verbs.send import Order, send_edition
from digest.verbs.workspace import sample, sample_stories, write_new

MARKER = ".digest-demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo did."""

    row: EditionRow
    findings: tuple[Finding, ...]
    run: Run
    readers: int


def clear(folder: Path) -> Path:
    """Make room for a fresh demo; returns the empty workspace directory. Only what a demo made is removed.

    Raises UsageError when `folder` holds anything else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise UsageError(f"{folder}: not empty, and not made by a demo; name another directory with --dir")
    for old in (folder / "workspace", folder / "out"):
        shutil.rmtree(old, ignore_errors=True)
    (folder / "out").mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(
        "made by `digest demo`, which empties workspace/ and out/ each time\n", encoding="utf-8"
    )
    return folder / "workspace"


def play(parts: Parts, out: Path, tell: Callable[[str], None]) -> Demo:
    """Bring stories and readers in, assemble, check, approve, send; write the edition into `out`."""
    incoming = parts.workspace / "samples"
    for name in sample_stories():
        page = incoming / name
        if not page.exists():
            write_new(page, sample(f"stories/{name}"), 0o644)
        added = storydesk.add(parts, page)
        tell(f"story      {added.story.headline}")
    storydesk.pin(parts, "ketamine")
    report = people.import_file(
        parts, incoming / "subscribers.csv", mapping={}, encoding=None, confirmed=True, dry_run=False,
        progress=lambda rows: None,
    )  # fmt: skip
    tell(f"readers    {report.added} imported")
    done = assemble(parts, due.slot_to_assemble(parts))
    assert done.row is not None
    tell(f"assembled  {done.row.edition.id}: {len(done.row.edition.stories)} stories, {done.row.hash}")
    findings = approve.check(parts, done.row)
    tell(f"checked    {len(findings)} findings, none an error" if not _errors(findings) else "checked    with errors")
    row = approve.approve(parts, done.row, hash_prefix=done.row.hash, by="demo")
    tell("approved   exactly these bytes")
    run = send_edition(parts, row.edition.id, Order(stop=threading.Event(), wait=timedelta(0)))
    preview.write_out(parts, row, out)
    return Demo(row, tuple(findings), run, report.added)


def _errors(findings: list[Finding]) -> int:
    return sum(finding.severity == "error" for finding in findings)
