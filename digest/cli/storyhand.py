"""digest story edit, pin, drop, merge, split, undo, history: an editor's hand in the newsroom. Door."""

from __future__ import annotations

import json
from typing import Any

import click

from digest.cli.app import Door, pass_door, who
from digest.cli.output import counted, dim, say, say_json, warn
from digest.cli.storywords import tell_story
from digest.errors import UsageError
from digest.gather.folder import StoryFile
from digest.newsroom.text import single_line, tidy
from digest.verbs import overruling, stories
from digest.verbs.newsdesk import Gathered
from digest.verbs.parts import Parts

_TAKEN_UP = "`digest assemble --refresh` takes it up"
_STORY = click.argument("story_id", metavar="STORY")


@click.command("edit", short_help="Change a story, in $EDITOR or by options.")
@_STORY
@click.option("--headline", help="Another headline.")
@click.option("--summary", help="Another summary; '' for none.")
@click.option("--topic", help="Another topic; '' for none.")
@click.option("--weight", type=click.IntRange(-100, 100), help="Each point is worth ten of the score.")
@click.option("--point", "points", multiple=True, metavar="N=TEXT", help="Rewrite key point N; N= takes it out.")
@click.option("--source", type=click.IntRange(1), help="With --point: the number of the article that says so.")
@click.option("--evidence", multiple=True, metavar="KEY=VALUE", help="Such as study_type=cohort; KEY= for not known.")
@pass_door
def edit_story(door: Door, story_id: str, points: tuple[str, ...], source: int | None, **words: Any) -> None:
    """Change a story. Without options it opens in $EDITOR, and is kept once it can be understood.

    What you change in a gathered story stays over every fetch; `digest story undo` takes the last change back.

    \b
    Examples:  digest story edit ketamine
               digest story edit croup --headline "A nasal spray for croup" --weight 2
               digest story edit croup --point "2=Nosebleeds were the commonest side effect." --source 1
               digest story edit croup --evidence study_type=cohort --evidence "participants=over 800"
    """
    parts = door.parts()
    found = overruling.find(parts, story_id)
    said = _said(words)
    if source is not None and len(points) != 1:
        raise UsageError("--source: says where one --point is from; give both")
    if isinstance(found, Gathered):
        _edit_gathered(parts, found, said, points, source)
    elif points or "evidence" in said:
        raise UsageError(f"{found.path}: a story file: change points and evidence in the file, or without options here")
    elif said:
        path = stories.rewrite(parts, found.path.name, said)
        say(f"{path.stem} is changed; {_TAKEN_UP}")
    else:
        _edit_file(parts, found.path.name)


def _said(words: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as a change; an empty text is none."""
    said = {key: words[key] for key in ("headline", "summary", "topic", "weight") if words[key] is not None}
    said = {key: tidy(value) or None if isinstance(value, str) else value for key, value in said.items()}
    if "headline" in said and not said["headline"]:
        raise UsageError("--headline: a story needs one")
    if words["evidence"]:
        pairs = [_pair(text, "--evidence", "study_type=cohort") for text in words["evidence"]]
        said["evidence"] = {key: value or None for key, value in pairs}
    return said


def _pair(text: str, option: str, example: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{option} {text}: write for example {example}")
    return key.strip(), tidy(value)


def _edit_gathered(
    parts: Parts, one: Gathered, said: dict[str, Any], points: tuple[str, ...], source: int | None
) -> None:
    by = who()
    if not said and not points:
        story = overruling.edit(parts, one, _in_editor, by=by)
        if story is None:
            say("unchanged")
            return
    else:
        story = overruling.change(parts, one, said, by=by) if said else one.story
        for text in points:
            number, words = _pair(text, "--point", '"2=What was found."')
            if not number.isascii() or not number.isdigit():
                raise UsageError(f"--point {text}: begin with the key point's number, such as 2=What was found.")
            one = overruling.find_gathered(parts, one.story.id)
            story = overruling.rewrite_point(parts, one, int(number), words or None, source, by=by)
    tell_story(story)
    say(dim(f"  kept; {_TAKEN_UP}; `digest story undo {one.story.id}` takes the last change back"))


def _in_editor(text: str) -> str | None:
    try:
        return click.edit(text, extension=".md")
    except click.ClickException as fault:
        raise UsageError(f"$EDITOR: {fault.message}; the story is as it was") from None


def _edit_file(parts: Parts, name: str) -> None:
    done = stories.edit(parts, name, _in_editor)
    if done is None:
        say("unchanged")
        return
    tell_story(done.story)
    for notice in done.notices:
        warn(f"{done.path.name}:{notice.line}: {notice.message}")
    say(dim(f"  kept as {done.path}"))


@click.command("pin")
@_STORY
@click.option("--undo", is_flag=True, help="Pin it no more.")
@pass_door
def pin_story(door: Door, story_id: str, undo: bool) -> None:
    """Pinned stories come first in the edition.

    \b
    Example:  digest story pin ketamine
    """
    name = _marked(door.parts(), story_id, "pin", undo=undo)
    say(f"{name} is {'pinned no more' if undo else 'pinned'}; {_TAKEN_UP}")


@click.command("drop")
@_STORY
@click.option("--undo", is_flag=True, help="Let it in again.")
@pass_door
def drop_story(door: Door, story_id: str, undo: bool) -> None:
    """A dropped story enters no edition; a story file stays in its folder.

    \b
    Example:  digest story drop ketamine
    """
    name = _marked(door.parts(), story_id, "drop", undo=undo)
    say(f"{name} is {'back' if undo else 'dropped'}; {_TAKEN_UP}")


def _marked(parts: Parts, story_id: str, mark: str, *, undo: bool) -> str:
    found = overruling.find(parts, story_id)
    if isinstance(found, StoryFile):
        return (stories.pin if mark == "pin" else stories.drop)(parts, found.path.name, undo=undo).stem
    said = {"pinned": mark == "pin" and not undo, "dropped": mark == "drop" and not undo}
    return overruling.change(parts, found, said, by=who()).id


@click.command("merge", short_help="Make one gathered story of several.")
@_STORY
@click.argument("others", metavar="OTHER...", nargs=-1, required=True)
@pass_door
def merge_stories(door: Door, story_id: str, others: tuple[str, ...]) -> None:
    """Make one gathered story of several: the OTHERs become part of STORY, now and after every fetch.

    \b
    Example:  digest story merge croup "nasal spray"
    """
    parts = door.parts()
    into = overruling.find_gathered(parts, story_id)
    overruling.merge(parts, into, [overruling.find_gathered(parts, other) for other in others], by=who())
    tell_story(overruling.find_gathered(parts, into.story.id).story)
    say(dim(f"  merged; {_TAKEN_UP}; `digest story undo {into.story.id}` takes it back"))


@click.command("split", short_help="Make a story of its own of some articles.")
@_STORY
@click.argument("numbers", metavar="ARTICLE...", nargs=-1, required=True, type=click.IntRange(1))
@pass_door
def split_story(door: Door, story_id: str, numbers: tuple[int, ...]) -> None:
    """Make a gathered story of its own of some articles, by their numbers in `digest story show`.

    \b
    Example:  digest story split croup 3 5
    """
    parts = door.parts()
    one = overruling.find_gathered(parts, story_id)
    name = overruling.split(parts, one, numbers, by=who())
    tell_story(overruling.find_gathered(parts, name).story)
    say(dim(f"  split off as {name}; {_TAKEN_UP}; `digest story undo {one.story.id}` takes it back"))


@click.command("undo")
@_STORY
@pass_door
def undo_change(door: Door, story_id: str) -> None:
    """Take back the last change to a gathered story; again for the one before.

    \b
    Example:  digest story undo ketamine
    """
    undone = overruling.undo(door.parts(), story_id, by=who())
    say(f"{undone.story}: taken back: {_change_words(undone.change)}; {_TAKEN_UP}")


@click.command("history")
@_STORY
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def show_history(door: Door, story_id: str, as_json: bool) -> None:
    """Every change to a gathered story: when, by whom, what, and whether it was taken back.

    \b
    Example:  digest story history ketamine
    """
    parts = door.parts()
    name, changes = overruling.history(parts, story_id)
    if as_json:
        members = ("at", "by", "change", "undone_at", "undone_by")
        say_json([{member: getattr(change, member) for member in members} for change in changes])
        return
    say(f"{name}: {counted(len(changes), 'change')}")
    for change in changes:
        at = change.at.astimezone(parts.calendar.timezone)
        undone = dim(f"  taken back by {change.undone_by}") if change.undone_at else ""
        say(f"  {at:%Y-%m-%d %H:%M}  {change.by}  {_change_words(change.change)}{undone}")


def _change_words(change: Any) -> str:
    """A change in one line, as it is written down."""
    return "; ".join(
        f"{key}: {value if isinstance(value, str) else single_line(json.dumps(value, ensure_ascii=False))}"
        for key, value in change.items()
    )
