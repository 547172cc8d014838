"""The stories folder: editors' files, read into stories. An edge of gather; one bad file never stops the others."""

from __future__ import annotations

import functools
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from digest.errors import InputError
from digest.newsroom.page import read_story
from digest.newsroom.parsed import MAX_BYTES, Parsed
from digest.newsroom.text import slug

SUFFIXES = (".md", ".markdown", ".txt")
MAX_FILES = 1_000


@dataclass(frozen=True, slots=True)
class StoryFile:
    """A file of the folder with what it says, or why it cannot be used; exactly one of the two is None."""

    path: Path
    parsed: Parsed | None
    error: InputError | None


def read_stories(folder: Path) -> list[StoryFile]:
    """The folder's `.md` and `.txt` files, in order of their names; a story's id is its file's stem as a slug.

    Hidden files and backups (`~`) are not stories. Of two files with one id the later gets `-2`. Symbolic links that
    lead out of the folder, files over 1 MB, devices and files past the thousandth are told as errors. A folder that
    does not exist is empty. Raises InputError when the folder itself cannot be listed.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
        home = folder.resolve(strict=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"cannot be listed: {error.strerror}; check its permissions", file=str(folder)) from None
    paths = [folder / name for name in names if _is_story(name)]
    taken: set[str] = set()
    files = [_read(path, home, taken) for path in paths[:MAX_FILES]]
    late = f"more than {MAX_FILES} stories in the folder: this one is not read; move old ones away"
    return files + [StoryFile(path, None, InputError(late, file=str(path))) for path in paths[MAX_FILES:]]


@functools.lru_cache(maxsize=64)  # a preview reads the folder at each change of one file; YAML is slow
def _understood(data: bytes, name: str) -> Parsed:
    return read_story(data, name)


def read_story_file(path: Path) -> Parsed:
    """One file that a person named, wherever it lies; InputError when it cannot be read or used."""
    return read_story(read_bytes(path), path.name)


def free_path(folder: Path, story_id: str) -> Path:
    """Where a story of this id can be put: `ID.md`, or `ID-2.md` and so on where that id is taken."""
    try:
        taken = {slug(path.stem) for path in folder.iterdir() if _is_story(path.name)}
    except FileNotFoundError:
        taken = set()
    return folder / f"{_free(story_id, taken)}.md"


def _read(path: Path, home: Path, taken: set[str]) -> StoryFile:
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(home):
            raise InputError("a link that leads out of the stories folder; put the file itself here", file=str(path))
        parsed = _understood(read_bytes(path), path.name)
    except InputError as error:
        return StoryFile(path, None, error)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads in a circle
        return StoryFile(path, None, InputError(f"cannot be read: {error}", file=str(path)))
    story_id = _free(slug(path.stem), taken)
    taken.add(story_id)
    return StoryFile(path, replace(parsed, story=replace(parsed.story, id=story_id, origin=path.name)), None)


def read_bytes(path: Path) -> bytes:
    """At most one byte more than a story may have. Opened without waiting: a pipe would wait for a writer for ever."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise InputError("not a file", file=str(path))
    with os.fdopen(number, "rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _free(story_id: str, taken: set[str]) -> str:
    if story_id not in taken:
        return story_id
    count = 2
    while f"{story_id}-{count}" in taken:
        count += 1
    return f"{story_id}-{count}"


def _is_story(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith((".", "#", "~"))
