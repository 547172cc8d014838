"""Retracted papers: a user's list of them taken in, and what it holds. Hall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from digest.errors import InputError, UsageError
from digest.newsroom.retractionrows import RowError, find_columns
from digest.newsroom.retractions import Record
from digest.store import retractions
from digest.store.retractions import Held, Intake
from digest.verbs.parts import Parts
from subscribers.errors import ImportProblem
from subscribers.importing import Rejected
from subscribers.sheet import Sheet

_BATCH = 400


@dataclass(slots=True, kw_only=True)
class Imported:
    """What an import did (or, with `dry_run`, would do). The counts from `added` to `rejected` sum to `rows`.

    `nameless` rows give neither a DOI nor a PubMed number for their paper, so nothing could ever be found by them.
    `unread` are cells that were not understood and taken as empty, their rows kept. `removed` are records of earlier
    imports that were forgotten.
    """

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    nameless: int = 0
    removed: int = 0
    rejected: Rejected = field(default_factory=lambda: Rejected(100))
    unread: Rejected = field(default_factory=lambda: Rejected(20))
    notices: tuple[str, ...] = ()
    encoding: str = ""
    dry_run: bool = False


def import_file(
    parts: Parts, file: Path, *, encoding: str | None = None, replace: bool = False, dry_run: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:  # fmt: skip
    """A Retraction Watch CSV into the database, in one transaction: all good rows or none. The same file again changes
    nothing. `replace` forgets the records that the file does not name. Raises UsageError, InputError, StoreError."""
    try:
        stream = file.open("rb")
    except OSError as fault:
        raise UsageError(f"{file}: cannot be read: {fault.strerror}; check its name") from None
    try:
        with stream, parts.store.write() as db:
            sheet = Sheet(stream, encoding=encoding)
            intake = Intake(db, parts.newsletter, parts.clock())
            # A trial is the real thing, taken back: what it tells cannot differ from what the import would do.
            trial = db.begin_nested() if dry_run else None
            done = _take_in(sheet, file.name, intake, progress)
            if replace and done.rows > done.rejected.count:
                done.removed = intake.remove_others()
            if trial is not None:
                trial.rollback()
    except ImportProblem as fault:
        raise InputError(str(fault), file=file.name) from None
    done.notices, done.encoding, done.dry_run = tuple(sheet.notices), sheet.encoding, dry_run
    return done


def _take_in(sheet: Sheet, file: str, intake: Intake, progress: Callable[[int], None]) -> Imported:
    header = sheet.header()
    if header is None:
        raise InputError("empty: the Retraction Watch CSV is wanted", file=file)
    columns = find_columns(header.cells, file)
    done = Imported()
    batch: list[Record] = []
    for row in sheet.records({place for name, place in columns.places.items() if name not in ("title", "reason")}):
        done.rows += 1
        try:
            if row.fault:
                raise RowError(row.fault)
            read = columns.read(row.cells)
        except RowError as fault:
            done.rejected.add(row.row, str(fault))
            continue
        for words in read.unread:
            done.unread.add(row.row, words)
        if read.record is None:
            done.nameless += 1
            continue
        batch.append(read.record)
        if len(batch) == _BATCH:
            intake.take(batch)
            batch.clear()
            progress(done.rows)
    intake.take(batch)
    done.added, done.changed, done.unchanged, done.duplicates = (
        intake.counts[name] for name in ("added", "changed", "unchanged", "duplicates")
    )
    return done


def listing(parts: Parts, words: str, limit: int) -> list[Record]:
    """The newest records, or those of a DOI, a PubMed number or words of the title."""
    with parts.store.read() as db:
        return retractions.listing(db, parts.newsletter, words, limit)


def held(parts: Parts) -> Held:
    with parts.store.read() as db:
        return retractions.held(db, parts.newsletter)
