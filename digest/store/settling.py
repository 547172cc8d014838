"""Settling: what became of claims is written down, where they still hold. Edge; the other half of "exactly once".

An outcome is written only to a row that is still claimed under the same fence: a process that slept past its lease, or
was taken for dead, cannot overwrite what happened since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, bindparam, func, null, select, update
from sqlalchemy.dialects import sqlite

from digest.model import Claim, RecipientState, Settlement
from digest.store import tables as t
from digest.store.handed import Cell, handed_rows, handed_table
from digest.store.rowstates import CLAIMED
from subscribers.tables import UtcDateTime

_r = t.recipient.c


def settle(db: Connection, settlements: Sequence[Settlement], now: datetime) -> list[Claim]:
    """Write what became of claims; returns the claims whose rows are no longer theirs, and were left as they are.

    PENDING gives a row back that was not begun, without charging the attempt. Writing the same end twice is no
    refusal, so a commit whose answer was lost may be repeated. Raises ValueError for a state that is no end.
    """
    for settlement in settlements:
        _check(settlement)
    left = _write(db, settlements, now) if settlements else []
    return [s.claim for s in left if not _was_written_before(db, s)]


def _check(settlement: Settlement) -> None:
    if settlement.state is RecipientState.CLAIMED:
        raise ValueError("a claim cannot be settled as claimed")
    if (settlement.state is RecipientState.DEFERRED) != (settlement.next_at is not None):
        raise ValueError("next_at belongs to deferred, and to nothing else")


_ENDS = (
    _r.edition,
    _r.subscriber,
    _r.fence,
    _r.state,
    _r.attempt,
    _r.next_at,
    _r.message_id,
    _r.reason,
    _r.phase,
    _r.code,
    _r.enhanced,
    _r.reply,
)


def _change(end: Mapping[str, ColumnElement[Any]]) -> Update:
    held = _r.edition == end["edition"], _r.subscriber == end["subscriber"], _r.fence == end["fence"]
    same = {name: end[name] for name in ("state", "next_at", "reason", "phase", "code", "enhanced", "reply")}
    return (
        update(t.recipient)
        .where(*held, _r.state == CLAIMED)
        .values(
            attempt=_r.attempt - end["attempt"],
            sender=null(),
            lease_until=null(),
            message_id=func.coalesce(_r.message_id, end["message_id"]),
            updated_at=bindparam("at"),
            **same,
        )
    )


# Made once: making a statement took longer than what it does. PostgreSQL, to which every way is long, takes a whole
# group in one; SQLite is quickest when the driver itself runs it row by row, with values as SQLite keeps them.
_GROUP = _change(dict(handed_table(_ENDS).c.items())).returning(_r.edition, _r.subscriber)
_SQLITE = sqlite.dialect()
_ROW = _change({c.name: bindparam(f"end_{c.name}") for c in _ENDS}).compile(dialect=_SQLITE)
_ROW_SQL = str(_ROW)
_NAMES = [*(f"end_{c.name}" for c in _ENDS), "at"]
_in_row_order = itemgetter(*(_NAMES.index(name) for name in _ROW.positiontup or ()))


def _write(db: Connection, settlements: Sequence[Settlement], now: datetime) -> list[Settlement]:
    """Write all whose claim still holds; returns those that may not have been written."""
    ends = [_end(settlement) for settlement in settlements]
    if db.dialect.name == "sqlite":
        at = _in_text(now)
        rows = [_in_row_order((*map(_kept, end), at)) for end in ends]
        done = db.exec_driver_sql(_ROW_SQL, rows, execution_options={"preserve_rowcount": True})
        return [] if done.rowcount == len(rows) else list(settlements)
    written = {(of, number) for of, number in db.execute(_GROUP, {"handed": handed_rows(_ENDS, ends), "at": now})}
    return [s for s in settlements if (s.claim.edition, s.claim.subscriber) not in written]


def _end(settlement: Settlement) -> tuple[Cell, ...]:
    """What is written, in the order of _ENDS; `attempt` is what to take off again."""
    claim, outcome = settlement.claim, settlement.outcome
    said = (outcome.phase.value, outcome.code, _storable(outcome.enhanced), _storable(outcome.text)) if outcome else ()
    return (
        claim.edition,
        claim.subscriber,
        claim.fence,
        settlement.state.value,
        int(settlement.state is RecipientState.PENDING),
        settlement.next_at,
        claim.message_id,
        _storable(settlement.reason),
        *(said or (None,) * 4),
    )


def _was_written_before(db: Connection, settlement: Settlement) -> bool:
    claim = settlement.claim
    row = select(_r.fence, _r.state).where(_r.edition == claim.edition, _r.subscriber == claim.subscriber)
    return db.execute(row).one_or_none() == (claim.fence, settlement.state.value)


def _storable(text: str | None) -> str | None:
    """A server's words as both databases take them: PostgreSQL refuses NUL, and both refuse half characters."""
    if text is None:
        return None
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")


def _kept(cell: Cell) -> str | int | None:
    return _in_text(cell) if isinstance(cell, datetime) else cell


def _in_text(instant: datetime) -> str:
    """As SQLite keeps instants: text in UTC, without saying so, always with microseconds so that they compare."""
    stored = UtcDateTime().process_bind_param(instant, _SQLITE)
    assert stored is not None
    return stored.isoformat(" ", "microseconds")
