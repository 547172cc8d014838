"""digest story: the editors' hand in the newsroom. Door."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import click

from digest.cli.app import Door, pass_door
from digest.cli.output import bold, counted, dim, say, say_json, table, warn
from digest.cli.storywords import coverage_words, evidence_words, factuality_words
from digest.errors import DigestError, SettingsError, UsageError
from digest.gather.folder import StoryFile
from digest.model import Notice, Story
from digest.newsroom.evidence import evidence_to_json
from digest.verbs import pieces, stories
from digest.verbs.grouping import grouped_by
from digest.wiring import embedder, ratings


@click.group("story")
def story_command() -> None:
    """Stories: add, list, show, edit, pin, drop.

    A story is a Markdown file in stories/, or a page pasted from a news aggregator, saved as text.
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
            click.echo(f"error: {fault}", err=True)
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


@story_command.command("list", short_help="Every story file, with its day and marks.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def list_stories(door: Door, as_json: bool) -> None:
    """Every story file, with its day and marks; faulty ones with what is wrong."""
    files = stories.listing(door.parts())
    if as_json:
        say_json([_file_json(file) for file in files])
        return
    good = [file.parsed.story for file in files if file.parsed]
    if not files:
        say("No story yet; `digest story add FILE` brings one in.")
    if good:
        table([(s.id, _day(s), _marks(s), s.headline) for s in good], ("story", "day", "marks", "headline"))
    for file in files:
        if file.parsed is None:
            warn(str(file.error))


def _file_json(file: StoryFile) -> dict[str, Any]:
    if file.parsed is None:
        return {"file": file.path.name, "error": str(file.error)}
    story = file.parsed.story
    return {
        "id": story.id, "file": file.path.name, "headline": story.headline, "date": story.day, "added": story.added,
        "pinned": story.pinned, "dropped": story.dropped, "articles_total": story.articles_total,
    }  # fmt: skip


def _day(story: Story) -> str:
    return str(story.day or story.added or "new")


def _marks(story: Story) -> str:
    return ", ".join(word for word, on in (("pinned", story.pinned), ("dropped", story.dropped)) if on) or "–"


@story_command.command("show")
@click.argument("story_id", metavar="STORY")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def show_story(door: Door, story_id: str, as_json: bool) -> None:
    """One story as it was understood."""
    file = stories.find(door.parts(), story_id)
    if file.parsed is None:
        raise file.error or DigestError(f"{file.path}: cannot be read")
    story, notices = file.parsed.story, file.parsed.notices
    if as_json:
        say_json(story_json(story, notices))
        return
    say(bold(story.headline))
    if story.summary:
        say(story.summary)
    for point in story.key_points:
        say(f"  • {point.text}" + (dim(f" [{point.source}]") if point.source else ""))
    for number, article in enumerate(story.articles, 1):
        say(
            f"  {number}. {article.title}"
            + dim(f"  {article.outlet or 'outlet not known'}  {article.url or 'no link'}")
        )
    say(f"  evidence    {evidence_words(story)}")
    say(f"  coverage    {coverage_words(story)}")
    say(f"  factuality  {factuality_words(story)}")
    for notice in notices:
        say(f"  {file.path.name}:{notice.line}: {notice.message}")


@story_command.command("edit")
@click.argument("story_id", metavar="STORY")
@pass_door
def edit_story(door: Door, story_id: str) -> None:
    """Open a story in $EDITOR; it is kept once it can be understood."""
    try:
        done = stories.edit(door.parts(), story_id, lambda text: click.edit(text, extension=".md"))
    except click.ClickException as fault:
        raise UsageError(f"$EDITOR: {fault.message}; the story is as it was") from None
    if done is None:
        say("unchanged")
    else:
        _tell(done.story, done.notices, done.path, "")


@story_command.command("pin")
@click.argument("story_id", metavar="STORY")
@click.option("--undo", is_flag=True, help="Pin it no more.")
@pass_door
def pin_story(door: Door, story_id: str, undo: bool) -> None:
    """Pinned stories come first in the edition."""
    path = stories.pin(door.parts(), story_id, undo=undo)
    say(f"{path.stem} is {'pinned no more' if undo else 'pinned'}; `digest assemble --refresh` takes it up")


@story_command.command("drop")
@click.argument("story_id", metavar="STORY")
@click.option("--undo", is_flag=True, help="Let it in again.")
@pass_door
def drop_story(door: Door, story_id: str, undo: bool) -> None:
    """A dropped story stays in the folder but enters no edition."""
    path = stories.drop(door.parts(), story_id, undo=undo)
    say(f"{path.stem} is {'back' if undo else 'dropped'}; `digest assemble --refresh` takes it up")


@story_command.command("group", short_help="Bring items together that tell the same news.")
@click.argument("file", type=click.File("rb"), metavar="FILE.jsonl")
@click.option("--no-embeddings", is_flag=True, help="By words alone, also where the extra is there.")
def group_items(file: BinaryIO, no_embeddings: bool) -> None:
    """Bring items together that tell the same news: {"id", "title", "text", "day"?, "outlet"?, "url"?} a line.

    Sentence embeddings help where the extra is installed (pip install 'health-digest[embeddings]').

    \b
    Example:  digest story group week.jsonl > stories.jsonl
    """
    embed = embedder("off" if no_embeddings else "auto")
    click.echo(f"grouped {grouped_by(embed)}", err=True)
    for row in pieces.grouped(file, file.name, embed):
        say_json(row, indent=None)


@story_command.command("evidence", short_help="What a text says about its evidence.")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--medline", is_flag=True, help="FILE holds MEDLINE records; one answer a line.")
def read_evidence(file: BinaryIO, medline: bool) -> None:
    """What a text says about its evidence: study type, size, identifiers, and where each was read.

    \b
    Examples:  digest story evidence article.txt
               digest story evidence --medline pubmed.txt
    """
    data = file.read(pieces.LARGEST_BYTES)
    if medline:
        for row in pieces.evidence_of_medline(data, file.name):
            say_json(row, indent=None)
    else:
        say_json(pieces.evidence_of_text(data, file.name))
