"""Watching: a short text that changes whenever what an edition is made of changes. Hall; looks at files, reads none."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from digest.render.themes import shipped_templates
from digest.store import editions
from digest.verbs.folders import story_folders
from digest.verbs.parts import Parts

_MOST = 5_000


def files_stamp(parts: Parts) -> str:
    """Of the story files, templates, outlets and settings: their names, sizes, and instants of change. About 1 ms."""
    digest = hashlib.sha256()
    for path in _watched(parts):
        try:
            found = path.stat()
        except OSError:
            continue  # gone in between: the next stamp differs
        digest.update(f"{path}\0{found.st_mtime_ns}\0{found.st_size}\0{found.st_ino}\n".encode(errors="replace"))
    return digest.hexdigest()[:16]


def books_stamp(parts: Parts) -> str:
    """Of the latest editions: what is sealed, approved and sent."""
    with parts.store.read() as db:
        rows = editions.listing(db, parts.newsletter, limit=5)
    state = "".join(f"{row.edition.id} {row.state} {row.hash} {row.approved_hash} {row.finished_at}\n" for row in rows)
    return hashlib.sha256(state.encode()).hexdigest()[:16]


def _watched(parts: Parts) -> Iterator[Path]:
    workspace = parts.workspace
    yield workspace / "digest.toml"
    yield workspace / "outlets.toml"
    yield from _files(workspace / "outlets")
    for folder in (parts.stories_folder, *(path for _, path in story_folders(parts))):
        yield from _files(folder)
    yield from _files(workspace / "templates")
    yield from _files(shipped_templates())


def _files(folder: Path) -> Iterator[Path]:
    """At most so many, so that a folder full of other things does not make every look slow."""
    count = 0
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            count += 1
            if count > _MOST:
                return
            yield Path(where) / name
