"""The audience: add, remove, list, show, import, export, suppress, erase. Hall; the rules are in `subscribers`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from digest.errors import InputError, UsageError
from digest.model import Totals
from digest.verbs.parts import Parts
from subscribers import book
from subscribers.errors import ImportProblem
from subscribers.exporting import export_csv
from subscribers.importing import ImportReport, import_csv
from subscribers.people import AddResult, ConsentEvent, Stats, Subscriber, SubscriberState
from subscribers.suppressions import is_suppressed as address_is_suppressed
from subscribers.suppressions import suppress as suppress_address

_PAGE = 1000


def add(parts: Parts, address: str, *, name: str, topics: tuple[str, ...], proof: str | None) -> AddResult:
    """Put somebody in, confirmed by the operator's word; `proof` says how they asked."""
    with parts.store.write() as db:
        return book.add(
            db, parts.ring, parts.newsletter, address, name=name, topics=topics, confirmed=True,
            how="operator", proof=proof, now=parts.clock(),
        )  # fmt: skip


def find(parts: Parts, who: str) -> Subscriber:
    """By address or number. Raises UsageError when there is nobody."""
    with parts.store.read() as db:
        found = book.get(db, int(who)) if who.isascii() and who.isdigit() else book.find(db, parts.newsletter, who)
    if found is None or found.newsletter != parts.newsletter:
        raise UsageError(f"{who}: no such subscriber; `digest subscribers list` shows all")
    return found


def remove(parts: Parts, who: str) -> bool:
    """Unsubscribe somebody; False when they were gone already."""
    person = find(parts, who)
    with parts.store.write() as db:
        return book.unsubscribe(db, parts.newsletter, person.id, how="operator", now=parts.clock())


def erase(parts: Parts, who: str) -> None:
    """Forget somebody: their data goes, a keyed hash that keeps others from adding them again stays."""
    person = find(parts, who)
    with parts.store.write() as db:
        book.erase(db, parts.ring, person.id, now=parts.clock())


def suppress(parts: Parts, address: str, *, everywhere: bool, reason: str) -> bool:
    """Never write to this address again. False when that was so already."""
    with parts.store.write() as db:
        scope = None if everywhere else parts.newsletter
        return suppress_address(db, parts.ring, scope, address, reason, parts.clock())


def listing(parts: Parts, state: SubscriberState | None) -> Iterator[Subscriber]:
    """Everybody in order of number, streamed; each page is a transaction of its own."""
    after = 0
    while True:
        with parts.store.read() as db:
            page = book.listing(db, parts.newsletter, state=state, after=after, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].id


def is_suppressed(parts: Parts, person: Subscriber) -> bool:
    """Whether nobody may write to this person, whatever their state says."""
    if not person.address:
        return False
    with parts.store.read() as db:
        return address_is_suppressed(db, parts.ring, parts.newsletter, person.address)


def history(parts: Parts, person: Subscriber) -> list[ConsentEvent]:
    with parts.store.read() as db:
        return book.history(db, person.id)


def stats(parts: Parts) -> Stats:
    with parts.store.read() as db:
        return book.stats(db, parts.newsletter)


def expected_audience(parts: Parts) -> Totals:
    """The books as they would begin, were the audience frozen now."""
    with parts.store.read() as db:
        counts = book.audience_counts(db, parts.newsletter)
    planned = counts.pop(None, 0)
    excluded = {reason: count for reason, count in counts.items() if reason is not None}
    return Totals(candidates=planned + sum(excluded.values()), excluded=excluded, planned=planned, pending=planned)


def import_file(
    parts: Parts, file: Path, *, mapping: dict[str, str], encoding: str | None, confirmed: bool, dry_run: bool,
    progress: Callable[[int], None],
) -> ImportReport:  # fmt: skip
    """A CSV into the book, in one transaction: all good rows or, when the file cannot be used, none."""
    try:
        stream = file.open("rb")
    except OSError as fault:
        raise UsageError(f"{file}: cannot be read: {fault.strerror}; check its name") from None
    try:
        with stream, parts.store.write() as db:
            return import_csv(
                db, parts.ring, parts.newsletter, stream, source=file.name, now=parts.clock(), confirmed=confirmed,
                mapping=mapping or None, encoding=encoding, dry_run=dry_run, progress=progress,
            )  # fmt: skip
    except ImportProblem as fault:
        raise InputError(str(fault), file=file.name) from None


def export(parts: Parts, out: TextIO, state: SubscriberState | None) -> int:
    """Everybody as CSV; returns how many."""
    with parts.store.read() as db:
        return export_csv(db, parts.newsletter, out, state=state)
