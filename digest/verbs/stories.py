"""The editors' hand: add, list, show, edit, pin and drop story files. Hall."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from digest.errors import InputError, UsageError
from digest.gather.folder import StoryFile, read_bytes, read_stories
from digest.gather.storyedit import set_front_matter
from digest.model import Notice, Story
from digest.newsroom.coverage import Ratings, with_coverage
from digest.newsroom.storyfile import Parsed, format_story_file, read_story, slug
from digest.verbs.parts import Parts


@dataclass(frozen=True, slots=True)
class Added:
    story: Story
    notices: tuple[Notice, ...]
    path: Path


def understand(path: Path, ratings: Ratings) -> Parsed:
    """What a story file or pasted page says, without keeping it. Raises InputError."""
    parsed = read_story(read_bytes(path), path.name)
    return replace(parsed, story=with_coverage(parsed.story, ratings))


def add(parts: Parts, path: Path) -> Added:
    """Put a story file or a pasted page into `stories/`, as a story file.

    The same file again is not added twice; another story with the same name gets the next free name.
    """
    parsed = read_story(read_bytes(path), path.name)
    today = parts.clock().astimezone(parts.calendar.timezone).date()
    story = parsed.story if parsed.story.day else replace(parsed.story, added=parsed.story.added or today)
    parts.stories_folder.mkdir(parents=True, exist_ok=True)
    target = _keep(parts.stories_folder, story, slug(story.headline))
    kept = replace(story, id=target.stem, origin=target.name)
    return Added(with_coverage(kept, parts.ratings), parsed.notices, target)


def _keep(folder: Path, story: Story, stem: str) -> Path:
    for number in range(1, 1000):
        name = stem if number == 1 else f"{stem}-{number}"
        target = folder / f"{name}.md"
        text = format_story_file(replace(story, id=name, origin=target.name))
        if not target.exists():
            write_atomically(target, text)
            return target
        if target.read_text(encoding="utf-8") == text:
            return target
    raise InputError(f"{stem}: a thousand stories have this name; remove some from {folder}")


def write_atomically(target: Path, text: str) -> None:
    """Readers see the old file or the new one, never half of it."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def listing(parts: Parts) -> list[StoryFile]:
    """Every file of `stories/`, good or bad, with its coverage worked out."""
    return [
        replace(file, parsed=replace(file.parsed, story=with_coverage(file.parsed.story, parts.ratings)))
        if file.parsed
        else file
        for file in read_stories(parts.stories_folder)
    ]


def find(parts: Parts, story_id: str) -> StoryFile:
    """The story of this id (or file name). Raises UsageError with near misses."""
    files = listing(parts)
    for file in files:
        if story_id in (file.path.stem, file.path.name, file.parsed.story.id if file.parsed else None):
            return file
    near = [file.path.stem for file in files if story_id.casefold() in file.path.stem.casefold()]
    if len(near) == 1:
        return next(file for file in files if file.path.stem == near[0])
    hint = f"; did you mean {', '.join(near[:5])}?" if near else "; `digest story list` shows all"
    raise UsageError(f"{story_id}: no such story{hint}")


def edit(parts: Parts, story_id: str, editor: Callable[[str], str | None]) -> Added | None:
    """Open a story file in the editor and keep what comes back, once it can be understood; None when unchanged.

    `editor` takes the text and returns the new one, or None. A text with a fault is kept beside the file
    (`NAME.md.rejected`), so that no work is lost, and InputError tells the fault.
    """
    path = find(parts, story_id).path
    before = path.read_text(encoding="utf-8", errors="replace")
    after = editor(before)
    if after is None or after == before:
        return None
    try:
        parsed = read_story(after.encode(), path.name)
    except InputError as fault:
        rejected = path.with_name(path.name + ".rejected")
        write_atomically(rejected, after)
        raise InputError(f"{fault}; your text is kept in {rejected}") from None
    write_atomically(path, after)
    return Added(with_coverage(parsed.story, parts.ratings), parsed.notices, path)


def pin(parts: Parts, story_id: str, *, pinned: bool) -> Path:
    """Pinned stories come first."""
    return _mark(parts, story_id, {"pinned": pinned})


def drop(parts: Parts, story_id: str, *, dropped: bool) -> Path:
    """Dropped stories stay in the folder but enter no edition; undone with dropped=False."""
    return _mark(parts, story_id, {"dropped": dropped})


def _mark(parts: Parts, story_id: str, keys: dict[str, bool]) -> Path:
    file = find(parts, story_id)
    if file.parsed is None:
        raise InputError(f"{file.error}; mend the file first")
    text = file.path.read_text(encoding="utf-8-sig")
    for key, value in keys.items():
        text = set_front_matter(text, key, value)
    write_atomically(file.path, text)
    return file.path
