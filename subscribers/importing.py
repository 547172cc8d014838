"""CSV → subscribers: a list of any size into the book, inside one transaction of the caller's.

Streams: memory stays the same for a thousand rows and for a million. Good rows go in, bad ones are told by row number,
and the same file again changes nothing. Nobody who left, bounced, complained, was erased or is suppressed comes back
through a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import BinaryIO

from sqlalchemy import Connection

from subscribers.columns import find_columns
from subscribers.entries import Entry, entry_reader
from subscribers.errors import ImportProblem, SubscriberError
from subscribers.intake import Intake
from subscribers.keys import KeyRing
from subscribers.sheet import Record, Sheet

BATCH = 1000


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was left out; `row` is its line in the file, from 1."""

    row: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did (or, with `dry_run`, would do). The counts from `added` to `rejected` sum to `rows`."""

    rows: int  # without the row of names and blank ones
    added: int
    updated: int
    unchanged: int
    kept: int  # unsubscribed, bounced or complained before, and still so
    suppressed: int
    duplicates: int  # further rows of the same address, also in other letters' case; the first one counts
    rejected: int
    errors: tuple[RowError, ...]  # the first ones only, see `rejected`
    notices: tuple[str, ...]
    encoding: str
    delimiter: str
    dry_run: bool


def import_csv(
    db: Connection,
    ring: KeyRing,
    newsletter: str,
    stream: BinaryIO,
    *,
    source: str,
    now: datetime,
    confirmed: bool = True,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    dry_run: bool = False,
    max_errors: int = 100,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Take in a CSV file of subscribers.

    `source` (such as the file's name) goes on record as the proof of consent, with the row. `confirmed` says that those
    without a state in the file agreed to the newsletter before; else they are pending. Whoever is known already keeps
    their state, unless the file has them unsubscribed, bounced or complained (that counts), or they are pending and now
    confirmed. Details in the file replace known ones, empty cells leave them.
    `mapping` is field → column, see columns.FIELDS; a column that holds something else is left out with field → "".
    `progress` gets the number of rows done, about every thousand.
    Raises ImportProblem when the file as a whole cannot be used; nothing has been written then.
    """
    sheet = Sheet(stream, encoding=encoding, delimiter=delimiter)
    first = sheet.header()
    if first is None:
        raise ImportProblem("empty file: a list of addresses is wanted")
    columns = find_columns(first.cells, mapping or {})
    rest = sheet.records(set(columns.places.values()))
    records = rest if columns.named else chain([first], rest)
    intake = Intake(db, ring, newsletter, source=source, confirmed=confirmed, now=now)
    rejected = Rejected(max_errors)
    # A trial is the real thing, taken back: what it tells cannot differ from what the import would do.
    trial = db.begin_nested() if dry_run else None
    try:
        _take_in(records, entry_reader(columns, now), intake, rejected, progress or (lambda _: None))
    finally:
        if trial is not None:
            trial.rollback()
    return ImportReport(
        rows=intake.counts.total() + rejected.count,
        added=intake.counts["added"],
        updated=intake.counts["updated"],
        unchanged=intake.counts["unchanged"],
        kept=intake.counts["kept"],
        suppressed=intake.counts["suppressed"],
        duplicates=intake.counts["duplicates"],
        rejected=rejected.count,
        errors=tuple(rejected.listed),
        notices=(*columns.notices, *sheet.notices),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        dry_run=dry_run,
    )


class Rejected:
    """Rows left out: all counted, the first `limit` kept."""

    def __init__(self, limit: int) -> None:
        self.count = 0
        self.listed: list[RowError] = []
        self._limit = limit

    def add(self, row: int, message: str) -> None:
        self.count += 1
        if len(self.listed) < self._limit:
            self.listed.append(RowError(row, message))


def _take_in(
    records: Iterable[Record],
    read: Callable[[int, Sequence[str]], Entry | None],
    intake: Intake,
    rejected: Rejected,
    progress: Callable[[int], None],
) -> None:
    batch: list[Entry] = []
    for record in records:
        if record.fault:
            rejected.add(record.row, record.fault)
            continue
        try:
            entry = read(record.row, record.cells)
        except SubscriberError as error:
            rejected.add(record.row, str(error))
            continue
        if entry is not None:
            batch.append(entry)
        if len(batch) == BATCH:
            intake.take(batch)
            batch.clear()
            progress(intake.counts.total() + rejected.count)
    intake.take(batch)
    progress(intake.counts.total() + rejected.count)
