"""digest story: bring stories in and look at them. Door."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from digest.cli.app import Door, pass_door
from digest.cli.output import bold, counted, dim, say, say_error, say_json, table, warn
from digest.cli.storyhand import (
    drop_story,
    edit_story,
    merge_stories,
    pin_story,
    show_history,
    split_story,
    undo_change,
)
from digest.cli.storymachine import rewrite_story
from digest.cli.storypieces import group_items, read_evidence
from digest.cli.storywords import (
    LISTED,
    day_words,
    evidence_words,
    file_json,
    gathered_json,
    marks,
    marks_of,
    tell_gathered,
    tell_story,
    told_by,
)
from digest.errors import DigestError, SettingsError
from digest.model import Notice, Story
from digest.newsroom.evidence import evidence_to_json
from digest.newsroom.ranking import score_of
from digest.verbs import overruling, stories
from digest.verbs.newsdesk import Gathered, why_empty
from digest.wiring import ratings


@click.group("story")
def story_command() -> None:
    """Stories: yours, and those gathered from sources.

    Yours is a Markdown file in stories/, or a page pasted from a news aggregator, saved as text. A gathered one is made
    of the articles that tell it; what you change in it stays, whatever comes in.
    """


@story_command.command("add", short_help="Put story files or pasted pages into stories/.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print what was understood, one object a line for several files.")
@pass_door
def add_story(door: Door, files: tuple[Path, ...], as_json: bool) -> int:
    """Put story files or pasted pages into stories/; says what was understood and what was left out.

    \b
    Example:  digest story add ketamine.txt
    """
    failed = 0
    parts = None if as_json and _outside_workspace(door) else door.parts()
    for file in files:
        try:
            if parts is None:
                parsed = stories.understand(file, ratings(Path()))
                story, notices, kept = parsed.story, parsed.notices, ""
            else:
                added = stories.add(parts, file)
                story, notices = added.story, added.notices
                kept = f"{'was there already' if added.again else 'kept'} as {added.path}"
        except DigestError as fault:
            if len(files) == 1:
                raise
            failed += 1
            say_error(str(fault))
            continue
        if as_json:
            say_json(story_json(story, notices), indent=2 if len(files) == 1 else None)
        else:
            _tell(story, notices, file, kept)
    return 1 if failed else 0


def _outside_workspace(door: Door) -> bool:
    """Whether there is no workspace here: then `--json` only tells what it understands and keeps nothing."""
    try:
        door.loaded()
    except SettingsError:
        if door.config is not None or Path("digest.toml").exists():
            raise
        return True
    return False


def story_json(story: Story, notices: tuple[Notice, ...]) -> dict[str, Any]:
    """The shape of contract.md."""
    coverage = story.coverage
    return {
        "id": story.id,
        "story": {
            "headline": story.headline,
            "summary": story.summary,
            "topic": story.topic,
            "key_points": [asdict(point) for point in story.key_points],
            "articles": [
                {
                    "title": article.title,
                    "excerpt": article.excerpt,
                    "outlet": article.outlet,
                    "url": article.url,
                    "published": article.published,
                }
                for article in story.articles
            ],
            "articles_total": story.articles_total,
            "coverage": {
                "bias_percent": asdict(coverage.reported) if coverage.reported else None,
                "counts": asdict(coverage.counts) if coverage.counts else None,
                "factuality": coverage.factuality,
            },
            "evidence": evidence_to_json(story.evidence),
        },
        "notices": [asdict(notice) for notice in notices],
    }


def _tell(story: Story, notices: tuple[Notice, ...], file: Path, kept: str) -> None:
    say(f"{bold(story.id)}  {story.headline}")
    if kept:
        say(f"  {kept}")
    say(
        f"  {counted(len(story.key_points), 'key point')}, {counted(story.articles_total, 'article')} "
        f"({len(story.articles)} listed), evidence: {evidence_words(story)}"
    )
    for notice in notices:
        shown = notice.text if len(notice.text) <= 60 else notice.text[:59] + "…"
        say(f"  {file.name}:{notice.line}: {notice.message}: {dim(shown)}")


@story_command.command("list", short_help="Every story, yours and the gathered ones, with what speaks for it.")
@click.option("--all", "everything", is_flag=True, help="All gathered stories, not the best alone.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def list_stories(door: Door, everything: bool, as_json: bool) -> None:
    """Every story file and the gathered stories, best first; files with a fault are told with what is wrong.

    \b
    Example:  digest story list
    """
    parts = door.parts()
    files, desk = stories.listing(parts), overruling.desk(parts)
    today = parts.clock().astimezone(parts.calendar.timezone).date()
    gathered = sorted(desk.stories, key=lambda one: (-score_of(one.story, today).score, one.story.id))
    if as_json:
        say_json([*map(file_json, files), *(gathered_json(one, today) for one in gathered)])
        return
    good = [file.parsed.story for file in files if file.parsed]
    if not files and not gathered:
        say("No story yet; `digest story add FILE` brings one in, `digest fetch` asks your sources.")
    if not gathered and (why := why_empty(parts)):
        say(dim(why))
    shown = gathered if everything else gathered[:LISTED]
    rows = [(story.id, day_words(story), "file", marks(story), story.headline) for story in good]
    rows += [
        (one.story.id, day_words(one.story), told_by(one.story), marks_of(one), one.story.headline) for one in shown
    ]
    table(rows, ("story", "day", "from", "marks", "headline"))
    for file in files:
        if file.parsed is None:
            warn(str(file.error))
    if len(shown) < len(gathered):
        say(dim(f"and {counted(len(gathered) - len(shown), 'more gathered story', 'more gathered stories')}: --all"))
    if desk.unread:
        say(dim(f"{counted(desk.unread, 'article')} of little promise, not read closely"))


@story_command.command("show")
@click.argument("story_id", metavar="STORY")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def show_story(door: Door, story_id: str, as_json: bool) -> None:
    """One story as it was understood, and what speaks for it; of a gathered one also what to look out for.

    \b
    Example:  digest story show ketamine
    """
    parts = door.parts()
    found = overruling.find(parts, story_id)
    today = parts.clock().astimezone(parts.calendar.timezone).date()
    if isinstance(found, Gathered):
        if as_json:
            say_json({**story_json(found.story, ()), **gathered_json(found, today)})
        else:
            tell_story(found.story)
            tell_gathered(found, today)
        return
    if found.parsed is None:
        raise found.error or DigestError(f"{found.path}: cannot be read")
    story, notices = found.parsed.story, found.parsed.notices
    if as_json:
        say_json(story_json(story, notices))
        return
    tell_story(story)
    for notice in notices:
        say(f"  {found.path.name}:{notice.line}: {notice.message}")


for _command in (
    edit_story,
    pin_story,
    drop_story,
    merge_stories,
    split_story,
    undo_change,
    show_history,
    rewrite_story,
):
    story_command.add_command(_command)
for _command in (group_items, read_evidence):
    story_command.add_command(_command)
