"""digest retractions: papers that were retracted, as a list says that the user brings. Door."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from digest.cli.app import FILE, Door, pass_door
from digest.cli.output import counted, dim, progress, say, say_json, table, warn
from digest.verbs import retractions
from digest.verbs.retractions import Imported

_COUNTS = ("added", "changed", "unchanged", "duplicates", "nameless")


@click.group("retractions")
def retractions_command() -> None:
    """Retracted papers: stories that rest on one are labelled, and held when it was retracted since."""


@retractions_command.command("import")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Forget records that the file does not name (it is a whole list).")
@click.option("--encoding", help="The file's encoding, when it is not told by the file itself.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def import_retractions(
    door: Door, file: Path, replace: bool, encoding: str | None, dry_run: bool, as_json: bool
) -> int:
    """Take in the Retraction Watch list (CSV). The same file again changes nothing. Exit code 1 when rows were refused.

    \b
    Example:  digest retractions import retraction_watch.csv --dry-run
    """
    with progress("rows") as show:
        done = retractions.import_file(
            door.parts(), file, encoding=encoding, replace=replace, dry_run=dry_run, progress=show
        )
    if as_json:
        say_json(_as_json(done))
    else:
        _tell(done, file.name)
    return 1 if done.rejected.count else 0


def _as_json(done: Imported) -> dict[str, Any]:
    return {
        **{name: getattr(done, name) for name in ("rows", *_COUNTS, "removed", "encoding", "dry_run")},
        "rejected": done.rejected.count,
        "errors": [asdict(error) for error in done.rejected.listed],
        "unread": done.unread.count,
        "unread_cells": [asdict(cell) for cell in done.unread.listed],
        "notices": list(done.notices),
    }


def _tell(done: Imported, name: str) -> None:
    for notice in done.notices:
        say(dim(f"{name}: {notice}"))
    for cell in done.unread.listed:
        say(dim(f"{name}:{cell.row}: {cell.message}"))
    if done.unread.count > len(done.unread.listed):
        say(dim(f"… and {done.unread.count - len(done.unread.listed):,} more such cells"))
    for error in done.rejected.listed:
        warn(f"{name}:{error.row}: {error.message}")
    if done.rejected.count > len(done.rejected.listed):
        warn(f"… and {done.rejected.count - len(done.rejected.listed):,} more")
    counts = ", ".join(f"{word} {getattr(done, word):,}" for word in _COUNTS)
    gone = f"; removed {done.removed:,}" if done.removed else ""
    trial = " (dry run, nothing written)" if done.dry_run else ""
    say(f"{counted(done.rows, 'row')}{trial}: {counts}, rejected {done.rejected.count:,}{gone}")
    if done.nameless:
        say(dim("nameless: without DOI and PubMed number, so no story could be found by them"))


@retractions_command.command("list")
@click.argument("words", required=False, default="")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def list_retractions(door: Door, words: str, limit: int, as_json: bool) -> None:
    """The newest records, or those of a DOI, a PubMed number or words of the title.

    \b
    Example:  digest retractions list 10.1000/xyz123
    """
    found = retractions.listing(door.parts(), words, limit)
    if as_json:
        say_json([asdict(record) for record in found])
    elif not found:
        say(f"No record{f' for {words}' if words else ' yet; `digest retractions import FILE` takes a list in'}.")
    else:
        rows = [
            (str(record.day or "–"), record.nature, record.doi or f"PMID {record.pmid}", record.title, record.reason)
            for record in found
        ]
        table([(*row[:3], f"{row[3][:70]}  {dim(row[4][:70])}".strip()) for row in rows], ("day", "what", "paper", ""))


@retractions_command.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def retraction_stats(door: Door, as_json: bool) -> None:
    """How many records of each kind there are, the newest one's day, and when the last list was taken in.

    \b
    Example:  digest retractions stats
    """
    held = retractions.held(door.parts())
    if as_json:
        say_json(asdict(held))
        return
    if not held.natures:
        say("No record yet; `digest retractions import FILE` takes a list in.")
        return
    table([(nature, f"{count:,}") for nature, count in held.natures.items()])
    say(f"newest of {held.newest or 'no day'}, imported {held.imported_at:%Y-%m-%d %H:%M} UTC")
