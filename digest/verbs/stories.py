"""The editors' hand: add, list, show, edit, pin and drop story files. Hall."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from digest.errors import InputError, UsageError
from digest.gather import storyedit
from digest.gather.folder import StoryFile, free_path, read_stories, read_story_file
from digest.model import Notice, Story
from digest.newsroom.coverage import with_coverage
from digest.newsroom.outlets import Ratings
from digest.newsroom.page import read_story
from digest.newsroom.parsed import Parsed
from digest.newsroom.storywriting import format_story_file
from digest.newsroom.text import slug
from digest.store import retractions
from digest.verbs.folders import folder_stories
from digest.verbs.parts import Parts


@dataclass(frozen=True, slots=True)
class Added:
    story: Story
    notices: tuple[Notice, ...]
    path: Path
    again: bool = False  # it was there already


def understand(path: Path, ratings: Ratings) -> Parsed:
    """What a story file or pasted page says, without keeping it. Raises InputError."""
    parsed = read_story_file(path)
    return replace(parsed, story=with_coverage(parsed.story, ratings))


def add(parts: Parts, path: Path) -> Added:
    """Put a story file or a pasted page into `stories/`, as a story file.

    The same story again is not added twice; another one of the same name gets the next free name.
    """
    parsed = read_story_file(path)
    story = parsed.story
    for file in read_stories(parts.stories_folder):
        if file.parsed and _content(file.parsed.story) == _content(story):
            return Added(with_coverage(file.parsed.story, parts.ratings), parsed.notices, file.path, again=True)
    if story.day is None and story.added is None:
        story = replace(story, added=parts.clock().astimezone(parts.calendar.timezone).date())
    parts.stories_folder.mkdir(parents=True, exist_ok=True)
    target = free_path(parts.stories_folder, slug(story.headline))
    kept = replace(story, id=target.stem, origin=target.name)
    write_atomically(target, format_story_file(kept))
    return Added(with_coverage(kept, parts.ratings), parsed.notices, target)


def _content(story: Story) -> Story:
    """The story without what depends on when and where it came in, or on what an editor decided since."""
    return replace(
        story, id="", origin=None, added=None, pinned=False, dropped=False, weight=0,
        evidence=replace(story.evidence, spans=()),
    )  # fmt: skip


def write_atomically(target: Path, text: str) -> None:
    """Readers see the old file or the new one, never half of it."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            os.fchmod(file.fileno(), target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def listing(parts: Parts) -> list[StoryFile]:
    """Every file of `stories/` and of the folders among the sources, good or bad, with its coverage worked out, and
    called retracted where its paper was."""
    files = [*read_stories(parts.stories_folder), *folder_stories(parts)]
    told = [file.parsed.story for file in files if file.parsed]
    with parts.store.read() as db:
        marked = iter(retractions.marked(db, parts.newsletter, told))
    return [
        replace(file, parsed=replace(file.parsed, story=with_coverage(next(marked), parts.ratings)))
        if file.parsed
        else file
        for file in files
    ]


def find(parts: Parts, story_id: str) -> StoryFile:
    """The story of this id or file name, or of a part that fits no other. Raises UsageError."""
    files = listing(parts)
    for file in files:
        if story_id in (file.path.stem, file.path.name, file.parsed.story.id if file.parsed else None):
            return file
    near = [file.path.stem for file in files if story_id.casefold() in file.path.stem.casefold()]
    if len(near) == 1:
        return next(file for file in files if file.path.stem == near[0])
    if near:
        raise UsageError(f"{story_id}: fits {', '.join(near[:5])}; write more of the one that is meant")
    raise UsageError(f"{story_id}: no such story; `digest story list` shows all")


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
        raise InputError(f"{fault}; your text is kept in {keep_rejected(path, after)}") from None
    write_atomically(path, after)
    return Added(with_coverage(parsed.story, parts.ratings), parsed.notices, path)


def keep_rejected(path: Path, text: str) -> Path:
    """Keep a text that cannot be used beside the file that it was meant for; returns where."""
    rejected = _free(path.with_name(path.name + ".rejected"))
    write_atomically(rejected, text)
    return rejected


def _free(path: Path) -> Path:
    """This path, or the next one that nothing has: an earlier rejected text is work as well."""
    others = (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain([path], others) if not name.exists())


def rewrite(parts: Parts, story_id: str, said: Mapping[str, str | int | None]) -> Path:
    """Set front-matter keys of a story file (None takes a key out), all else staying as it is. Raises InputError."""

    def change(text: str, name: str) -> str:
        for key, value in said.items():
            text = storyedit.set_front_matter(text, key, value, name)
        return text

    return _mark(parts, story_id, change)


def pin(parts: Parts, story_id: str, *, undo: bool = False) -> Path:
    """Pinned stories come first."""
    return _mark(parts, story_id, storyedit.release if undo else storyedit.pin)


def drop(parts: Parts, story_id: str, *, undo: bool = False) -> Path:
    """Dropped stories stay in the folder but enter no edition."""
    return _mark(parts, story_id, storyedit.release if undo else storyedit.drop)


def _mark(parts: Parts, story_id: str, change: Callable[[str, str], str]) -> Path:
    path = find(parts, story_id).path
    with path.open(encoding="utf-8", newline="") as file:  # line ends stay as they are
        text = file.read()
    write_atomically(path, change(text, path.name))
    return path
