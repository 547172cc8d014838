"""Settling: what became of claims is written down, where they still hold. Edge; the other half of "exactly once".

An outcome is written only to a row that is still claimed under the same fence: a process that slept past its lease, or
was taken for dead, cannot overwrite what happened since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, bindparam, func, literal_column, null, select, update

from digest.model import Claim, Outcome, Phase, RecipientState, Settlement
from digest.store import tables as t
from digest.store.handed import Cell, handed_rows, handed_table
from digest.store.prepared import PreparedRow, in_text
from digest.store.rowstates import CLAIMED

_r = t.recipient.c
# A member looked up by its class costs as much as a call.
_PENDING, _CLAIMED_STATE, _SENT_STATE = RecipientState.PENDING, RecipientState.CLAIMED, RecipientState.SENT
_DEFERRED, _DOT = RecipientState.DEFERRED, Phase.DOT
_WORDS: dict[RecipientState | Phase, str] = {each: each.value for each in (*RecipientState, *Phase)}


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
    state = settlement.state
    if state is _CLAIMED_STATE:
        raise ValueError("a claim cannot be settled as claimed")
    if (state is _DEFERRED) != (settlement.next_at is not None):
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


# PostgreSQL, to which every way is long, takes a whole group in one statement; SQLite is quickest row by row.
_GROUP = _change(dict(handed_table(_ENDS).c.items())).returning(_r.edition, _r.subscriber)
_ROW = PreparedRow(
    _change({c.name: bindparam(f"end_{c.name}") for c in _ENDS}), [*(f"end_{c.name}" for c in _ENDS), "at"]
)

# Nearly every end is this one, and what need not be handed over row by row is a fifth of it.
_SENT = {
    "state": literal_column(f"'{RecipientState.SENT}'"),
    "phase": literal_column(f"'{Phase.DOT}'"),
    "attempt": literal_column("0"),
    "next_at": null(),
    "reason": null(),
}
_OF_SENT = ("message_id", "code", "enhanced", "reply", "edition", "subscriber", "fence")
_ROW_SENT = PreparedRow(
    _change({**_SENT, **{name: bindparam(f"end_{name}") for name in _OF_SENT}}),
    [*(f"end_{name}" for name in _OF_SENT), "at"],
)


def _write(db: Connection, settlements: Sequence[Settlement], now: datetime) -> list[Settlement]:
    """Write all whose claim still holds; returns those that may not have been written."""
    if db.dialect.name == "sqlite":
        at = in_text(now)
        sent: list[Sequence[Cell]] = []
        others: list[Sequence[Cell]] = []
        for settlement in settlements:
            claim, state, reason, outcome, _, _ = settlement
            if state is _SENT_STATE and reason is None and outcome is not None and outcome.phase is _DOT:
                sent.append(_sent(claim, outcome, at))
            else:
                others.append((*_end(settlement, in_text), at))
        written = _ROW_SENT.said(db, sent) if sent else 0
        written += _ROW.said(db, others) if others else 0
        return [] if written == len(settlements) else list(settlements)
    ends = [_end(settlement, datetime.isoformat) for settlement in settlements]
    rows = db.execute(_GROUP, {"handed": handed_rows(_ENDS, ends), "at": now})
    done = {(of, number) for of, number in rows}
    return [s for s in settlements if (s.claim.edition, s.claim.subscriber) not in done]


def _sent(claim: Claim, outcome: Outcome, at: str) -> tuple[Cell, ...]:
    """What is written of one that was sent, in the order of _OF_SENT."""
    edition, subscriber, _, _, _, fence, message_id = claim
    _, code, enhanced, text = outcome
    return message_id, code, _storable(enhanced), _storable(text), edition, subscriber, fence, at


def _end(settlement: Settlement, written: Callable[[datetime], str]) -> tuple[Cell, ...]:
    """What is written, in the order of _ENDS; `attempt` is what to take off again."""
    claim, state, outcome, next_at = settlement.claim, settlement.state, settlement.outcome, settlement.next_at
    ends = (
        claim.edition,
        claim.subscriber,
        claim.fence,
        _WORDS[state],
        1 if state is _PENDING else 0,
        None if next_at is None else written(next_at),
        claim.message_id,
        _storable(settlement.reason),
    )
    if outcome is None:
        return (*ends, None, None, None, None)
    return (*ends, _WORDS[outcome.phase], outcome.code, _storable(outcome.enhanced), _storable(outcome.text))


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
