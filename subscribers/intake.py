"""Entries → rows of the book, a batch at a time: few statements per batch, whatever its size. Used by importing.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Text, bindparam, func, insert, literal, select, update
from sqlalchemy.types import TypeEngine

from subscribers.batches import found_by, rows
from subscribers.details import one_line
from subscribers.entries import Entry
from subscribers.keys import KeyRing
from subscribers.people import SubscriberState
from subscribers.suppressions import suppressed_hashes
from subscribers.tables import UtcDateTime, consent_event, insert_new, subscriber

# A file can move somebody up this ladder, never down.
_STRICTNESS = {
    SubscriberState.PENDING: 0,
    SubscriberState.ACTIVE: 0,
    SubscriberState.UNSUBSCRIBED: 1,
    SubscriberState.BOUNCED: 2,
    SubscriberState.COMPLAINED: 3,
    SubscriberState.ERASED: 4,
}
_CHANGING = ("name", "language", "timezone", "topics", "state")
_KNOWN = [subscriber.c[name] for name in ("id", "address_key", *_CHANGING)]
_UPDATE = (
    update(subscriber)
    # The state is asked again: an unsubscribe that was committed since we looked must win.
    .where(subscriber.c.id == bindparam("the_id"), subscriber.c.state == bindparam("state_before"))
    .values({name: bindparam(name) for name in (*_CHANGING, "updated_at")})
    .values(confirmed_at=func.coalesce(bindparam("newly_confirmed_at", type_=UtcDateTime()), subscriber.c.confirmed_at))
)

_NEW: dict[str, TypeEngine[Any]] = {
    name: subscriber.c[name].type
    for name in (
        "address", "address_key", "suppression_hash", "domain", "name", "language", "timezone", "topics", "state",
        "confirmed_at", "created_at", "source",
    )
}  # fmt: skip
_EVENT: dict[str, TypeEngine[Any]] = {"subscriber": BigInteger(), "kind": Text(), "proof": Text()}

Values = dict[str, Any]
"""Parameters of one row for the database."""


class Intake:
    """Takes entries into one newsletter and counts what became of them in `counts`:
    added, updated, unchanged, kept, suppressed, duplicates.
    """

    def __init__(
        self, db: Connection, ring: KeyRing, newsletter: str, *, source: str, confirmed: bool, now: datetime
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._db = db
        self._ring = ring
        self._newsletter = newsletter
        self._source = one_line(source)
        self._confirmed = confirmed
        self.now = now
        # Who was there before gets a bit when the file names them, and who came by this file has a higher number:
        # so repeats are found over any distance without remembering the addresses.
        self._last_before: int = db.scalar(select(func.max(subscriber.c.id))) or 0
        self._named = bytearray(self._last_before // 8 + 1)

    def take(self, entries: Sequence[Entry]) -> None:
        """Write one batch; at most some thousands."""
        hashes = {entry.address.key: self._ring.suppression_hash(entry.address.key) for entry in entries}
        suppressed = suppressed_hashes(self._db, self._newsletter, hashes.values())
        known = self._known(hashes)
        fresh: dict[str, Values] = {}
        changed: dict[int, Values] = {}
        for entry in entries:
            key = entry.address.key
            if hashes[key] in suppressed:
                self.counts["suppressed"] += 1
            elif key in known:
                self._meet(known[key], entry, changed)
            elif key in fresh:
                self.counts["duplicates"] += 1
                fresh[key] |= _stricter(fresh[key]["state"], entry.state)
            else:
                fresh[key] = self._new_row(entry, hashes[key])
        self._add(fresh)
        self._change(list(changed.values()))

    def _known(self, keys: Iterable[str]) -> dict[str, Row[Any]]:
        wanted = select(*_KNOWN).where(subscriber.c.newsletter == self._newsletter)
        found = found_by(self._db, wanted, subscriber.c.address_key, keys)
        return {row.address_key: row for row in self._db.execute(found)}

    def _meet(self, row: Row[Any], entry: Entry, changed: dict[int, Values]) -> None:
        """An entry for somebody in the book."""
        repeated = self._is_repeated(row.id)
        before = changed.get(row.id) or {name: getattr(row, name) for name in _CHANGING} | {"newly_confirmed_at": None}
        news = self._news(SubscriberState(before["state"]), entry, details=not repeated)
        news = {name: value for name, value in news.items() if value != before.get(name)}
        if repeated:
            self.counts["duplicates"] += 1
        elif news:
            self.counts["updated"] += 1
        else:
            self.counts["unchanged" if _STRICTNESS[before["state"]] == 0 else "kept"] += 1
        if news:
            ids = {"the_id": row.id, "state_before": row.state, "updated_at": self.now, "row": entry.row}
            changed[row.id] = {**before, **news, **ids}

    def _is_repeated(self, subscriber_id: int) -> bool:
        """Whether this file named them before; from now on it did."""
        if subscriber_id > self._last_before:
            return True
        byte, bit = divmod(subscriber_id, 8)
        repeated = bool(self._named[byte] >> bit & 1)
        self._named[byte] |= 1 << bit
        return repeated

    def _news(self, before: SubscriberState, entry: Entry, *, details: bool) -> Values:
        stricter = _stricter(before, entry.state)
        if stricter or _STRICTNESS[before] > 0 or not details:
            return stricter
        given = {
            "name": entry.name,
            "language": entry.language,
            "timezone": entry.timezone,
            "topics": list(entry.topics),
        }
        news: Values = {name: value for name, value in given.items() if value}
        if before is SubscriberState.PENDING and self._state(entry) is SubscriberState.ACTIVE:
            news |= {"state": SubscriberState.ACTIVE.value, "newly_confirmed_at": entry.confirmed_at or self.now}
        return news

    def _state(self, entry: Entry) -> SubscriberState:
        return entry.state or (SubscriberState.ACTIVE if self._confirmed else SubscriberState.PENDING)

    def _new_row(self, entry: Entry, hashed: str) -> Values:
        state = self._state(entry)
        confirmed_at = entry.confirmed_at or (self.now if state is SubscriberState.ACTIVE else None)
        return {
            "address": entry.address.address, "address_key": entry.address.key,
            "suppression_hash": hashed, "domain": entry.address.domain, "name": entry.name,
            "language": entry.language, "timezone": entry.timezone, "topics": list(entry.topics),
            "state": state.value, "confirmed_at": confirmed_at, "created_at": entry.created_at or self.now,
            "source": entry.source or self._source, "row": entry.row,
        }  # fmt: skip

    def _add(self, fresh: Mapping[str, Values]) -> None:
        if not fresh:
            return
        new = rows(self._db, [[values[name] for name in _NEW] for values in fresh.values()], _NEW)
        new = new.add_columns(literal(self._newsletter), literal(self.now, UtcDateTime()))
        into = insert_new(self._db, subscriber).from_select([*_NEW, "newsletter", "updated_at"], new)
        written = self._db.execute(into.returning(subscriber.c.id, subscriber.c.address_key)).all()
        self.counts["added"] += len(written)
        # Somebody else's transaction was quicker with these.
        self.counts["unchanged"] += len(fresh) - len(written)
        self._log([(row.id, "imported", fresh[row.address_key]["row"]) for row in written])

    def _change(self, changed: Sequence[Values]) -> None:
        if not changed:
            return
        self._db.execute(_UPDATE, changed)
        moved = [values for values in changed if values["state"] != values["state_before"]]
        self._log([(values["the_id"], _KINDS[values["state"]], values["row"]) for values in moved])

    def _log(self, events: Sequence[tuple[int, str, int]]) -> None:
        lines = rows(self._db, [(who, kind, f"{self._source}, row {row}") for who, kind, row in events], _EVENT)
        lines = lines.add_columns(literal("import"), literal(self.now, UtcDateTime()))
        self._db.execute(insert(consent_event).from_select([*_EVENT, "how", "at"], lines))


def _stricter(before: str, wanted: SubscriberState | None) -> Values:
    """The change that a stricter state in a file makes; empty when it is none."""
    if wanted is None or _STRICTNESS[wanted] <= _STRICTNESS[SubscriberState(before)]:
        return {}
    return {"state": wanted.value}


_KINDS = {"active": "confirmed", "unsubscribed": "unsubscribed", "bounced": "bounced", "complained": "complained"}
