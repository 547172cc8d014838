"""Ratings of outlets: a rater's table taken in, and what is known of an outlet. Hall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from digest.errors import InputError, UsageError
from digest.gather.ratingfiles import FOLDER, read_layers
from digest.model import Article, Outlet
from digest.newsroom.links import host_of
from digest.newsroom.outlets import Ratings
from digest.newsroom.ratingfile import as_csv, parse_rated
from digest.newsroom.ratinglayers import Layer, laid_over
from digest.newsroom.ratingrows import Table, Tally, find_columns
from digest.newsroom.ratingwords import Leaning
from digest.newsroom.text import single_line, slug
from digest.verbs.stories import write_atomically
from subscribers.errors import ImportProblem
from subscribers.sheet import Sheet

MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did, or would do. `path` is the rater's file; the counts say how it differs from before."""

    path: Path
    tally: Tally
    outlets: int
    added: int
    changed: int
    unchanged: int
    removed: int
    left_out: tuple[str, ...]  # columns that are not read
    shared_hosts: tuple[str, ...]  # claimed by several outlets, so nobody's
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An outlet as it counts, and what each file says of it."""

    outlet: Outlet
    said: tuple[tuple[str, Outlet], ...]


def import_file(
    workspace: Path,
    file: Path,
    *,
    rater: str,
    rated_on: date | None = None,
    leaning: Leaning = "side",
    dry_run: bool = False,
) -> Imported:
    """A rater's table becomes `outlets/RATER.csv` of the workspace, which takes the place of that rater's last one.

    Nothing else is touched. `rated_on` None: the day the file was last changed; so the same file again is the same.
    Raises UsageError, InputError; nothing is written then.
    """
    rater = single_line(rater)
    if not rater or len(rater) > 100:
        raise UsageError("--rater: the name of whoever rated is wanted, in at most 100 characters")
    table, columns_left, notices = _read(file, rater, rated_on or _day_of(file), leaning)
    outlets = table.outlets()
    if not outlets:
        why = f": {table.tally.not_understood[0][1]}" if table.tally.not_understood else ""
        raise InputError(f"no outlet in it has a rating that we understand{why}", file=file.name)
    path = workspace / FOLDER / f"{slug(rater)}.csv"
    before = _before(path)
    text = as_csv(outlets)
    if not dry_run and (not path.exists() or text != as_csv(list(before.values()))):
        _write(path, text)
    now = {outlet.name: outlet for outlet in outlets}
    same = sum(before.get(name) == outlet for name, outlet in now.items())
    added = sum(name not in before for name in now)
    return Imported(
        path=path,
        tally=table.tally,
        outlets=len(outlets),
        added=added,
        changed=len(now) - added - same,
        unchanged=same,
        removed=sum(name not in now for name in before),
        left_out=columns_left,
        shared_hosts=table.shared_hosts(),
        notices=notices,
    )


def _read(file: Path, rater: str, rated_on: date, leaning: Leaning) -> tuple[Table, tuple[str, ...], tuple[str, ...]]:
    try:
        with file.open("rb") as stream:
            sheet = Sheet(stream)
            header = sheet.header()
            if header is None:
                raise InputError("empty: a table of ratings is wanted", file=file.name)
            columns = find_columns(header.cells, file.name)
            table = Table(columns, rater=rater, rated_on=rated_on, leaning=leaning)
            for row in sheet.records(set(columns.places.values())):
                if table.tally.rows >= MOST_ROWS:
                    raise InputError(f"more than {MOST_ROWS} rows: not a table of outlets", file=file.name)
                if row.fault:
                    table.refuse(row.row, row.fault)
                else:
                    table.take(row.row, row.cells)
    except OSError as fault:
        raise UsageError(f"{file}: cannot be read: {fault.strerror}; check its name") from None
    except ImportProblem as fault:
        raise InputError(str(fault), file=file.name) from None
    return table, columns.left_out, tuple(sheet.notices)


def _day_of(file: Path) -> date:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
    except OSError as fault:
        raise UsageError(f"{file}: cannot be read: {fault.strerror}; check its name") from None


def _before(path: Path) -> dict[str, Outlet]:
    """What the rater's file said so far; a damaged one is written anew."""
    try:
        return {outlet.name: outlet for outlet in parse_rated(path.read_text(encoding="utf-8"), path.name)}
    except (OSError, UnicodeDecodeError, InputError):
        return {}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, text)
    except OSError as fault:
        raise UsageError(f"{path}: cannot be written: {fault.strerror}") from None


def listing(workspace: Path, words: str = "") -> list[Outlet]:
    """Every outlet that somebody rated, by name; with `words`, those with them in their name or a host."""
    wanted = words.casefold()
    there = {outlet.name.casefold(): outlet for outlet in laid_over(read_layers(workspace))}
    return [
        outlet
        for name, outlet in sorted(there.items())
        if wanted in name or any(wanted in host for host in outlet.hosts)
    ]


def show(workspace: Path, what: str) -> Shown:
    """The outlet of this name, host or link. Raises UsageError when no file rates it."""
    layers = read_layers(workspace)
    found = _found(Ratings(laid_over(layers)), what)
    if found is None:
        near = [outlet.name for outlet in listing(workspace, what)[:5]] if what.strip() else []
        hint = f"; near are {', '.join(near)}" if near else "; `digest outlets list` shows all"
        raise UsageError(f"{what}: no file rates it, so it is shown as unrated{hint}")
    return Shown(outlet=found, said=tuple(_said(layers, found)))


def _found(ratings: Ratings, what: str) -> Outlet | None:
    named = ratings.find(Article(title="", outlet=what.strip()))
    if named is not None or "." not in what:
        return named
    try:
        host = host_of(what if "://" in what else f"https://{what.strip()}")
    except ValueError:
        return None
    return ratings.find(Article(title="", url=f"https://{host}/"))


def _said(layers: Sequence[Layer], outlet: Outlet) -> list[tuple[str, Outlet]]:
    name, hosts = outlet.name.casefold(), set(outlet.hosts)
    return [
        (layer.file, one)
        for layer in reversed(layers)
        for one in layer.outlets
        if one.name.casefold() == name or hosts & set(one.hosts)
    ]
