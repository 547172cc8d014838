"""The marker beside a SQLite database: which database lives here, and how far it had come. Edge: one small file.

A database that is older than its marker was restored from a backup, or is a copy: mail that it calls unsent may be
out. So it is not opened before a person has said so.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Known:
    """`instance` names the database; `sender` is the highest number a sending process was given."""

    instance: str
    sender: int


def read_known(folder: Path) -> Known | None:
    """The marker; None when there is none or it cannot be read."""
    try:
        members = json.loads((folder / "known.json").read_text("utf-8"))
        return Known(str(members["instance"]), int(members["sender"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_known(folder: Path, known: Known) -> None:
    """Replace the marker in one step. Call after the commit it tells of: a marker that is behind is harmless, one
    that is ahead would call a good database old. Raises OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    # A name of its own: threads and processes may write at the same time.
    file, fresh = tempfile.mkstemp(prefix="known.", suffix=".new", dir=folder)
    try:
        os.write(file, json.dumps({"instance": known.instance, "sender": known.sender}).encode())
        Path(fresh).replace(folder / "known.json")
    finally:
        os.close(file)
        Path(fresh).unlink(missing_ok=True)
