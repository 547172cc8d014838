"""digest outlets: who rates whom, and how. Door."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Literal

import click

from digest.cli.app import FILE, Door, pass_door
from digest.cli.output import bold, counted, dim, say, say_json, table, warn
from digest.errors import UsageError
from digest.model import Outlet
from digest.newsroom.ratingrows import words_in_order
from digest.verbs import outlets
from digest.verbs.outlets import Imported

_MOST_TOLD = 30


@click.group("outlets")
def outlets_command() -> None:
    """Outlets: their bias and factuality, as raters of your choice see them."""


@outlets_command.command("import")
@click.argument("file", type=FILE)
@click.option("--rater", required=True, help="Who rated: kept with every rating, and shown to readers.")
@click.option(
    "--date", "rated_on", metavar="DATE", help="When they rated, such as 2026-11-18 [default: the file's own day]."
)
@click.option(
    "--leaning", type=click.Choice(["side", "center"]), default="side", show_default=True,
    help="Count lean-left and left-center with their side, or with the center.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def import_outlets(
    door: Door, file: Path, rater: str, rated_on: str | None, leaning: Literal["side", "center"], dry_run: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Take in a rater's table (CSV, as it goes round of Media Bias/Fact Check or AllSides).

    It becomes a file of its own, outlets/RATER.csv; what you wrote into outlets.toml stands above it. Every word is
    shown with what it was taken for. Exit code 1 when some were not understood.

    \b
    Example:  digest outlets import mbfc.csv --rater "Media Bias/Fact Check" --date 2026-06-30
    """
    workspace = door.loaded().workspace
    day = _day(rated_on) if rated_on else None
    done = outlets.import_file(workspace, file, rater=rater, rated_on=day, leaning=leaning, dry_run=dry_run)
    if as_json:
        say_json(_as_json(done, dry_run))
    else:
        _tell(done, file.name, workspace, dry_run)
    return 1 if done.tally.not_understood else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--date {text}: not a date; write for example 2026-11-18") from None


def _as_json(done: Imported, dry_run: bool) -> dict[str, Any]:
    tally = done.tally
    return {
        **{name: getattr(done, name) for name in ("outlets", "added", "changed", "unchanged", "removed")},
        **{name: getattr(tally, name) for name in ("rows", "rated", "unrated", "duplicates", "rejected")},
        "words": [
            dict(zip(("column", "word", "taken_for", "rows"), line, strict=True)) for line in words_in_order(tally)
        ],
        "not_understood": [{"row": row, "message": why} for row, why in tally.not_understood],
        "columns_left_out": list(done.left_out),
        "shared_hosts": list(done.shared_hosts),
        "notices": list(done.notices),
        "file": str(done.path),
        "dry_run": dry_run,
    }


def _tell(done: Imported, name: str, workspace: Path, dry_run: bool) -> None:
    for notice in done.notices:
        say(dim(f"{name}: {notice}"))
    if done.left_out:
        say(dim(f"{name}: columns not read: {', '.join(done.left_out[:20])}"))
    words = [
        (column, word or "(nothing)", taken_for, f"{rows:,}")
        for column, word, taken_for, rows in words_in_order(done.tally)
    ]
    table(words, ("column", "word", "taken for", "rows"))
    _tell_trouble(done, name)
    tally = done.tally
    counts = ", ".join(f"{word} {getattr(tally, word):,}" for word in ("rated", "unrated", "duplicates", "rejected"))
    say(f"{counted(tally.rows, 'row')}{' (dry run, nothing written)' if dry_run else ''}: {counts}")
    change = ", ".join(f"{word} {getattr(done, word):,}" for word in ("added", "changed", "unchanged", "removed"))
    say(f"{bold(str(done.path.relative_to(workspace)))}: {counted(done.outlets, 'outlet')}: {change}")


def _tell_trouble(done: Imported, name: str) -> None:
    trouble = done.tally.not_understood
    for row, why in trouble[:_MOST_TOLD]:
        warn(f"{name}:{row}: {why}")
    if len(trouble) > _MOST_TOLD:
        warn(f"… and {len(trouble) - _MOST_TOLD:,} more")
    if done.shared_hosts:
        say(dim(f"hosts of several outlets, so of none: {', '.join(done.shared_hosts[:10])}"))


@outlets_command.command("list")
@click.argument("words", required=False, default="")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def list_outlets(door: Door, words: str, limit: int, as_json: bool) -> None:
    """Rated outlets by name: all, or those with these words in their name or host.

    \b
    Example:  digest outlets list ledger
    """
    found = outlets.listing(door.loaded().workspace, words)
    if as_json:
        say_json([asdict(outlet) for outlet in found[:limit]])
    elif not found:
        say(f"No rated outlet for {words}." if words else "No rated outlet.")
    else:
        table([_row(outlet.name, outlet) for outlet in found[:limit]], ("outlet", "bias", "factuality", "rated by", ""))
        if len(found) > limit:
            say(dim(f"… and {len(found) - limit:,} more; --limit shows them"))


@outlets_command.command("show")
@click.argument("outlet")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def show_outlet(door: Door, outlet: str, as_json: bool) -> None:
    """Who an article of this name, host or link belongs to, how it is rated, and what each file says.

    \b
    Example:  digest outlets show https://news.ledger.example/sleep
    """
    shown = outlets.show(door.loaded().workspace, outlet)
    if as_json:
        said = [{"file": file, **asdict(one)} for file, one in shown.said]
        say_json({"outlet": asdict(shown.outlet), "said": said})
        return
    say(f"{bold(shown.outlet.name)}  {dim(', '.join(shown.outlet.hosts))}")
    say(f"  bias        {shown.outlet.bias or 'unrated'}")
    say(f"  factuality  {shown.outlet.factuality or 'unrated'}")
    table([_row(f"  {file}", one) for file, one in shown.said], ("  file", "bias", "factuality", "rated by", ""))


def _row(first: str, outlet: Outlet) -> tuple[str, ...]:
    raters = [outlet.rater, outlet.factuality_rater if outlet.factuality_rater != outlet.rater else None]
    rated_by = ", ".join(filter(None, raters)) or "–"
    remark = f"{outlet.rated_on or ''}  {', '.join(outlet.hosts)}".strip()
    return first, outlet.bias or "unrated", outlet.factuality or "unrated", rated_by, remark
