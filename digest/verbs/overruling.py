"""Overruling: an editor's word over gathered stories, kept over every fetch, with history and undo. Hall."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from digest.errors import InputError, UsageError
from digest.gather.folder import StoryFile
from digest.model import Article, Story
from digest.newsroom.changes import applied, difference, point_change
from digest.newsroom.naming import story_name
from digest.newsroom.page import read_story
from digest.newsroom.storywriting import evidence_words, format_story_file
from digest.store import gathered, storychanges
from digest.store.storychanges import ChangeRow
from digest.verbs import stories
from digest.verbs.due import slot_to_assemble
from digest.verbs.newsdesk import Desk, Gathered, open_desk
from digest.verbs.parts import Parts

_FIXED = ("articles", "articles_total", "coverage", "day", "added")


def desk(parts: Parts) -> Desk:
    """The gathered stories for the edition in the making."""
    own = [file.parsed.story for file in stories.listing(parts) if file.parsed]
    return open_desk(parts, slot_to_assemble(parts), own)


def find(parts: Parts, words: str) -> StoryFile | Gathered:
    """The story that is meant: a file or a gathered one, by its name, or a part of name or headline that fits no other.

    Raises UsageError with what there is.
    """
    files, there = stories.listing(parts), desk(parts).stories
    named: dict[str, StoryFile | Gathered] = {one.story.id: one for one in there}
    heads = {one.story.id: one.story.headline for one in there}
    for file in files:
        name = file.parsed.story.id if file.parsed else file.path.stem
        named |= {name: file, file.path.name: file}
        heads[name] = file.parsed.story.headline if file.parsed else ""
    if words in named:
        return named[words]
    sought = words.casefold()
    near = [name for name, head in heads.items() if sought in name.casefold() or sought in head.casefold()]
    if len(near) == 1:
        return named[near[0]]
    if near:
        more = f" and {len(near) - 5} more" if len(near) > 5 else ""
        raise UsageError(f"{words}: fits {', '.join(near[:5])}{more}; write more of the one that is meant")
    raise UsageError(f"{words}: no such story; `digest story list` shows all")


def find_gathered(parts: Parts, words: str) -> Gathered:
    """The gathered story that is meant. Raises UsageError, also for a story file."""
    found = find(parts, words)
    if isinstance(found, StoryFile):
        raise UsageError(f"{words}: {found.path} is a story file: change the file itself")
    return found


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def change(parts: Parts, one: Gathered, said: Mapping[str, Any], *, by: str) -> Story:
    """Write a change down (newsroom/changes.py); returns the story with it. Raises InputError for what it cannot be."""
    changed = applied(one.story, [said])
    if not changed.headline.strip():
        raise InputError(f"{one.story.id}: headline: a story needs one; write it, or undo the change")
    with parts.store.write() as db:
        storychanges.add(db, parts.newsletter, one.story.id, said, by=by, now=parts.clock())
    return changed


def rewrite_point(parts: Parts, one: Gathered, number: int, text: str | None, source: int | None, *, by: str) -> Story:
    """Rewrite a key point, take it out (None), or add one (the number after the last)."""
    return change(parts, one, point_change(one.story, number, text, source), by=by)


def edit(parts: Parts, one: Gathered, editor: Callable[[str], str | None], *, by: str) -> Story | None:
    """Open a gathered story as a story file; what comes back different is written down as one change.

    None when nothing is. A text with a fault is kept in the workspace (`STORY.md.rejected`), and InputError tells it.
    """
    before = format_story_file(one.story)
    after = editor(before)
    if after is None or after == before:
        return None
    name = f"{one.story.id}.md"
    try:
        old = read_story(before.encode(), name).story
        new = read_story(after.encode(), name).story
        touched = [field for field in _FIXED if _plain(getattr(new, field)) != _plain(getattr(old, field))]
        if touched:
            wish = "a gathered story has them from its articles; use `digest story merge` and `split`"
            raise InputError(f"{', '.join(touched)}: {wish}", file=name)
        said = difference(old, new, _evidence_said(old, new))
        return change(parts, one, said, by=by) if said else None
    except InputError as fault:
        kept = stories.keep_rejected(parts.workspace / name, after)
        raise InputError(f"{fault}; your text is kept in {kept}") from None


def _plain(value: object) -> object:
    """Articles without what a story file does not hold."""
    if isinstance(value, tuple):
        return tuple(replace(item, copy_of=None) if isinstance(item, Article) else item for item in value)
    return value


def _evidence_said(old: Story, new: Story) -> dict[str, Any]:
    before, after = evidence_words(old.evidence), evidence_words(new.evidence)
    return {key: value for key, value in after.items() if value != before[key]}


# ── articles ─────────────────────────────────────────────────────────────────────────────────────


def merge(parts: Parts, into: Gathered, others: Sequence[Gathered], *, by: str) -> None:
    """Make one story of several: all their articles belong to `into` from now on, and what comes in beside them."""
    names = [one.story.id for one in others]
    if not others or into.story.id in names:
        raise UsageError("merge: two different stories or more are wanted; the first is what the others become part of")
    articles = sorted({*into.articles, *(number for one in others for number in one.articles)})
    change(parts, into, {"merge": {"articles": articles, "stories": names}}, by=by)


def split(parts: Parts, one: Gathered, numbers: Sequence[int], *, by: str) -> str:
    """Make a story of its own of some articles, by their numbers in `story show`; returns its name."""
    count = len(one.story.articles)
    wrong = next((number for number in numbers if not 1 <= number <= count), None)
    if wrong is not None:
        raise UsageError(f"article {wrong}: {one.story.id} lists {count} articles; write some of their numbers")
    away = sorted({one.articles[number - 1] for number in numbers})
    rest = [number for number in one.articles if number not in away]
    if not away or not rest:
        raise UsageError("split: some articles are wanted, but not all of them")
    first = one.story.articles[min(numbers) - 1]
    with parts.store.read() as db:
        taken = gathered.names_taken(db, parts.newsletter)
    name = story_name(first.title, f"split {first.url or first.title}", taken)
    change(parts, one, {"split": {"into": name, "articles": away, "rest": rest}}, by=by)
    return name


# ── history ──────────────────────────────────────────────────────────────────────────────────────


def history(parts: Parts, words: str) -> tuple[str, list[ChangeRow]]:
    """A story's name and every change to it, undone ones too; also of a story that is on the desk no more."""
    name = _name(parts, words)
    with parts.store.read() as db:
        return name, storychanges.all_changes(db, parts.newsletter, name)


def undo(parts: Parts, words: str, *, by: str) -> ChangeRow:
    """Take back the latest change of a story. Raises UsageError when there is none."""
    name = _name(parts, words)
    with parts.store.write() as db:
        undone = storychanges.undo_last(db, parts.newsletter, name, by=by, now=parts.clock())
    if undone is None:
        raise UsageError(f"{name}: no change to undo; `digest story history {name}` shows what there was")
    return undone


def _name(parts: Parts, words: str) -> str:
    with parts.store.read() as db:
        changed = {row.story for row in storychanges.all_changes(db, parts.newsletter)}
    return words if words in changed else find_gathered(parts, words).story.id
