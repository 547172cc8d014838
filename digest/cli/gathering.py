"""digest fetch, source. Door."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from digest.cli.app import FILE, Door, pass_door
from digest.cli.output import bold, counted, dim, say, say_json, table, warn
from digest.config import load
from digest.errors import UsageError
from digest.gather.opml import write_opml
from digest.gather.source import Source
from digest.store.sources import Health
from digest.verbs import fetch as fetching
from digest.verbs import sourcehealth, sourcelist
from digest.verbs.asking import ask_by_hand
from digest.verbs.fetch import Report
from digest.verbs.pages import PagesRead

_COLOURS = {"new": "green", "failed": "red", "stale": "yellow", "waiting": "yellow", "retired": "red"}


@click.command("fetch")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def fetch_command(door: Door, names: tuple[str, ...], as_json: bool) -> int:
    """Ask the sources for new articles; a line for each: new, unchanged, stale, failed and why.

    Then the articles are brought together into stories. `digest send` without an EDITION and `digest serve` do this
    by themselves when it is time: [gather] every.

    Exit code 4 when a source with require = true failed, 1 when all did.

    \b
    Examples:  digest fetch
               digest fetch "Northern Ledger"
    """
    parts = door.parts()
    if not parts.gathering.sources and not as_json:
        say("No source yet; add [[source]] to digest.toml, or `digest source import FILE.opml`.")
    count = _Counter(len(names) or len(parts.gathering.sources))
    pages: list[PagesRead] = []
    reports, desk = ask_by_hand(
        parts,
        names,
        lambda report: count.done(None if as_json else report, parts.clock()),
        told_pages=pages.append,
    )
    blocking = sourcehealth.blocking(parts)
    if as_json:
        say_json({
            "sources": [_report_json(report) for report in reports],
            "pages": asdict(pages[0]) if pages else None,
            "blocking": [f"{one.source.name}: {one.reason}" for one in blocking],
            "desk": asdict(desk),
        })  # fmt: skip
    elif reports:
        new, failed = sum(report.new for report in reports), _failed(reports)
        say(
            f"{counted(new, 'new article')} from {counted(len(reports), 'source')}"
            + (f", {failed} failed" if failed else "")
            + f"; {counted(desk.stories, 'story', 'stories')} on the desk"
            + (f", {desk.new:,} of them new" if desk.new else "")
        )
        for read_pages in pages:
            _tell_pages(read_pages)
        for one in blocking:
            warn(f"the next edition waits for {one}")
    return 4 if blocking else 1 if reports and _failed(reports) == len(reports) else 0


def _tell_pages(read: PagesRead) -> None:
    failed = read.failed.total()
    if not read.taken and not read.no_longer and not failed:
        return
    counts = [f"{read.taken:,} read"]
    counts += [f"{read.no_longer:,} told no more than the feed"] if read.no_longer else []
    counts += [f"{failed:,} could not be read"] if failed else []
    counts += [f"{read.left:,} left for the next round"] if read.left else []
    say(f"pages of articles: {', '.join(counts)}")
    for reason, count in read.failed.most_common(5):
        say(dim(f"  {count:,} × {reason}"))


def _failed(reports: list[Report]) -> int:
    return sum(report.state in ("failed", "retired") for report in reports)


class _Counter:
    """How far a round has come: a line for each source, and on a terminal a bar below them."""

    def __init__(self, of: int) -> None:
        self._of = of
        self._done = 0
        self._terminal = sys.stderr.isatty()

    def done(self, report: Report | None, now: datetime) -> None:
        self._done += 1
        if self._terminal:
            click.echo("\r\x1b[K", nl=False, err=True)
        if report is not None:
            say(_line(report, now))
        if self._terminal and self._done < self._of:
            full = 30 * self._done // self._of
            click.echo(f"[{'█' * full}{'·' * (30 - full)}] {self._done}/{self._of}", nl=False, err=True)


def _line(report: Report, now: datetime) -> str:
    counts = [
        f"{number:,} {word}"
        for number, word in ((report.new, "new"), (report.changed, "changed"), (report.copies, "copied from others"))
        if number
    ]
    said = [", ".join(counts)] if counts else []
    if report.reason:
        said.append(report.reason)
    if report.state == "failed":
        said.append(f"last good {_ago(report.last_ok, now)}" if report.last_ok else "never good so far")
    word = click.style(f"{report.state:<9}", fg=_COLOURS.get(report.state))
    return f"{word}  {report.source.name:<28}  {'; '.join(said)}".rstrip()


def _ago(then: datetime, now: datetime) -> str:
    hours = int((now - then).total_seconds()) // 3600
    return f"{counted(hours, 'hour')} ago" if hours < 48 else f"{counted(hours // 24, 'day')} ago"


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "source": report.source.name, "url": report.source.url, "kind": report.source.kind, "state": report.state,
        "new": report.new, "changed": report.changed, "copies": report.copies, "reason": report.reason or None,
        "newest": report.newest, "last_ok": report.last_ok,
    }  # fmt: skip


@click.group("source")
def source_command() -> None:
    """Sources: how they are doing, and lists of feeds in and out."""


@source_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def list_sources(door: Door, as_json: bool) -> None:
    """Every source with its health: when it last answered, its newest article, what is wrong with it.

    \b
    Example:  digest source list
    """
    parts = door.parts()
    found = sourcehealth.health(parts)
    if as_json:
        say_json([_health_json(source, health) for source, health in found])
        return
    if not found:
        say("No source yet; add [[source]] to digest.toml, or `digest source import FILE.opml`.")
        return
    rows = [
        (
            source.name, source.kind, _word(source, health, parts.clock()),
            _ago(health.ok_at, parts.clock()) if health and health.ok_at else "never",
            str(health.newest or "–") if health else "–",
            _remark(source, health),
        )
        for source, health in found
    ]  # fmt: skip
    table(rows, ("source", "kind", "state", "last good", "newest", ""))


def _word(source: Source, health: Health | None, now: datetime) -> str:
    if health is None:
        return "not yet asked"
    if health.retired_at:
        return "retired"
    if health.failures:
        return f"failing ({health.failures}×)"
    stale = health.newest and health.newest < (now - fetching.STALE_AFTER).date()
    return "stale" if stale and source.kind != "folder" else "good"


def _remark(source: Source, health: Health | None) -> str:
    remarks = ["required"] if source.require else []
    if health and health.reason:
        remarks.append(health.reason)
    if health and health.address:
        remarks.append(f"moved to {health.address}; change its url")
    return "; ".join(remarks) or source.url


def _health_json(source: Source, health: Health | None) -> dict[str, Any]:
    remembered = asdict(health) if health else {}
    return {**asdict(source), "health": {k: v for k, v in remembered.items() if k not in ("url", "name")} or None}


@source_command.command("import")
@click.argument("file", type=FILE)
@click.option("--append", is_flag=True, help="Write them to digest.toml instead of printing them.")
@pass_door
def import_sources(door: Door, file: Path, append: bool) -> None:
    """Feeds of an OPML file, as every feed reader exports it, become [[source]] tables.

    \b
    Example:  digest source import feeds.opml --append
    """
    loaded = door.loaded()
    found, notices = sourcelist.read_list(file, [Source(**entry.model_dump()) for entry in loaded.settings.source])
    for notice in notices:
        warn(f"{file.name}: {notice}")
    if not append:
        say(sourcelist.as_settings(found) or f"{file.name}: no feed that is not there already")
        return
    if found:
        sourcelist.append(loaded.file, found, lambda trial: load(str(trial), {}))
    say(f"{counted(len(found), 'source')} added to {bold(str(loaded.file))}")


@source_command.command("export")
@click.option("--out", type=FILE, help="Write to this file [default: standard output].")
@pass_door
def export_sources(door: Door, out: Path | None) -> None:
    """The feeds among the sources as OPML.

    \b
    Example:  digest source export > feeds.opml
    """
    settings = door.loaded().settings
    sources = [Source(**entry.model_dump()) for entry in settings.source]
    text = write_opml(sources, settings.newsletter.name)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise UsageError(f"{out}: cannot be written: {fault.strerror}") from None
    say(dim(f"written to {out}"))


@source_command.command("revive")
@click.argument("name", metavar="SOURCE")
@pass_door
def revive_source(door: Door, name: str) -> None:
    """Ask a source again that was retired (410), or that asked to be left alone.

    \b
    Example:  digest source revive "Northern Ledger"
    """
    source = fetching.revive(door.parts(), name)
    say(f"{bold(source.name)} is asked again by the next `digest fetch`")
