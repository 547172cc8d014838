"""Claims: who may send which row now. Edge; the heart of "exactly once".

A row is claimed and committed before its message leaves; the claim carries a fence, a number that grows with every
claim of the row. An outcome is written only to a row that is still claimed under the same fence: a process that slept
past its lease, or was taken for dead, cannot overwrite what happened since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import groupby

from sqlalchemy import Connection, Integer, bindparam, exists, func, literal_column, null, select, update

from digest.errors import EditionError, StoreError
from digest.model import Claim, EditionState, RecipientState
from digest.store import tables as t
from digest.store.handed import handed_ids, is_among
from digest.store.prepared import Prepared, handed_instant
from digest.store.rowstates import CLAIMED, DEFERRED, PENDING
from subscribers.audience import unreachable_reason
from subscribers.tables import UtcDateTime, subscriber

_r, _E, _S = t.recipient.c, t.edition.c, t.sender.c

_SPARSE = 4
"""A group whose numbers lie this far apart on average is no run: finding the next one costs more than naming each."""

_Taken = tuple[int, str, str, int, int, str | None]
"""A claimed row: subscriber, address, name, attempt, fence, Message-ID."""


def claim(
    db: Connection,
    edition: str,
    *,
    sender: int,
    limit: int,
    now: datetime,
    lease: timedelta,
    message_id: Callable[[int], str | None] = lambda number: None,
) -> list[Claim]:
    """Up to `limit` rows that `sender` alone may send until `now + lease`: retries that are due first, then new ones.

    `message_id` names the messages of those who have none yet, by subscriber.

    Empty when nothing is to be done now, or the edition is not being sent (paused, cancelled). Whoever must not be
    written to any more is cancelled with the reason instead. Commit before the first message leaves.
    Raises StoreError when the sender was taken for dead: register again; EditionError when there is no such edition.
    """
    at, until = handed_instant(db, now), handed_instant(db, now + lease)
    may_claim, is_due = _may_claim(db, edition, sender, at)
    if not may_claim:
        return []
    claims: list[Claim] = []
    while len(claims) < limit and (ids := _next_ids(db, edition, at, limit - len(claims), is_due=is_due)):
        take = _take_run if not is_due and _is_run(db, ids) else _take_each
        for number, address, name, attempt, fence, before in take(db, edition, ids, sender=sender, until=until, at=at):
            claims.append(Claim(edition, number, address, name, attempt, fence, before or message_id(number)))
    return claims


def recheck(db: Connection, claims: Sequence[Claim], now: datetime) -> list[Claim]:
    """Those of `claims` that may still be sent, for claims that waited their turn. The others (left or were suppressed
    since, or recovered by another process) are cancelled where they are still ours, and are not returned."""
    kept: list[Claim] = []
    for edition, some in _by_edition(claims):
        fences = {c.subscriber: (c.fence, "claimed") for c in some}
        rows = _said(db).standing.rows(db, of=edition, ids=handed_ids(db, list(fences)))
        ours = [number for number, *standing in rows if fences[number] == tuple(standing)]
        reachable = _reachable(db, edition, ours, handed_instant(db, now))
        kept += [c for c in some if c.subscriber in reachable]
    return kept


def renew(db: Connection, edition: str, *, sender: int, now: datetime, lease: timedelta) -> int:
    """Extend the lease of all rows that `sender` has claimed. Returns how many."""
    mine = update(t.recipient).where(_r.edition == edition, _r.state == CLAIMED, _r.sender == sender)
    return db.execute(mine.values(lease_until=now + lease)).rowcount


# ── below: picking, checking, taking ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said to the database for every group, made once: making it took longer than doing it."""

    may: Prepared
    due: Prepared
    new: Prepared
    people: Prepared
    standing: Prepared
    take: Prepared
    run: Prepared
    take_run: Prepared
    cancel: Prepared


@cache
def _made(dialect: str) -> _Said:
    of, number = _r.edition == bindparam("of"), _r.subscriber
    most, at = bindparam("most", type_=Integer), bindparam("at", type_=UtcDateTime)
    deferred = of, _r.state == DEFERRED, _r.next_at <= at
    # From the small indexes alone. On PostgreSQL rows are locked, and those that another process is just taking are
    # skipped; on SQLite the transaction holds the write lock.
    rows = select(number).with_for_update(skip_locked=True).limit(most)
    alive = exists().where(_S.id == bindparam("by"), _S.finished_at.is_(None))
    person = subscriber.c
    among = is_among(dialect, number, "ids")
    these = update(t.recipient).where(of, among)
    # By their key, which they are in the order of: the small index says nothing more, and would be changed underneath.
    untouched = of, number.between(bindparam("first"), bindparam("last")), literal_column("+recipient.state") == PENDING
    claimed = {
        "state": CLAIMED,
        "fence": _r.fence + 1,
        "attempt": _r.attempt + 1,
        "sender": bindparam("by"),
        "lease_until": bindparam("until"),
        "next_at": null(),
        "updated_at": at,
    }
    made = partial(Prepared, dialect=dialect)
    return _Said(
        # Whoever pauses or cancels changes this row: on PostgreSQL he waits for us, and we for him, so that nobody is
        # claimed once his word is committed. Those who claim do not wait for one another.
        may=made(
            select(_E.state, alive, exists().where(*deferred))
            .where(_E.id == bindparam("of"))
            .with_for_update(read=True, of=t.edition)
        ),
        due=made(rows.where(*deferred).order_by(_r.next_at)),
        new=made(rows.where(of, _r.state == PENDING).order_by(number)),
        people=made(
            select(person.id, person.address, person.name, unreachable_reason()).where(
                is_among(dialect, person.id, "ids")
            )
        ),
        standing=made(select(number, _r.fence, _r.state).where(of, among).with_for_update()),
        take=made(these.values(claimed).returning(number, _r.fence, _r.attempt, _r.message_id)),
        run=made(
            select(
                number,
                func.coalesce(person.address, ""),
                person.name,
                _r.attempt + 1,
                _r.fence + 1,
                _r.message_id,
                unreachable_reason(),
            )
            .select_from(t.recipient.outerjoin(subscriber, person.id == number))
            .where(*untouched)
            .order_by(number)
        ),
        take_run=made(update(t.recipient).where(*untouched).values(claimed)),
        cancel=made(
            these.values(
                state=RecipientState.CANCELLED.value,
                reason=bindparam("why"),
                next_at=null(),
                lease_until=null(),
                updated_at=at,
            )
        ),
    )


def _said(db: Connection) -> _Said:
    return _made(db.dialect.name)


def _may_claim(db: Connection, edition: str, sender: int, at: object) -> tuple[bool, bool]:
    """Whether anybody may be claimed now, and whether there are retries that are due."""
    found = _said(db).may.rows(db, of=edition, by=sender, at=at)
    if not found:
        raise EditionError(f"{edition}: no such edition: `digest edition list` shows them")
    state, is_alive, is_due = found[0]
    if not is_alive:
        # Its rows may have been recovered already; as a new sender it can go on.
        raise StoreError(f"sender {sender}: was taken for dead and may not claim: run again")
    return state == EditionState.SENDING, bool(is_due)


def _next_ids(db: Connection, edition: str, at: object, limit: int, *, is_due: bool) -> list[int]:
    """Rows to send now, retries that are due first."""
    said = _said(db)
    ids = [number for (number,) in said.due.rows(db, of=edition, at=at, most=limit)] if is_due else []
    if len(ids) < limit:
        ids += [number for (number,) in said.new.rows(db, of=edition, most=limit - len(ids))]
    return ids


def _is_run(db: Connection, ids: Sequence[int]) -> bool:
    """Are they all the untouched rows between the first and the last, and these close together? On SQLite then two
    statements about a range do for them all, at half the cost of two about a list."""
    return db.dialect.name == "sqlite" and ids[-1] - ids[0] < _SPARSE * len(ids)


def _take_run(
    db: Connection, edition: str, ids: Sequence[int], *, sender: int, until: object, at: object
) -> list[_Taken]:
    """Claim a run of untouched rows, as `_take_each` does; nobody else can write meanwhile."""
    said, first, last = _said(db), ids[0], ids[-1]
    taken: list[_Taken] = []
    gone: dict[str, list[int]] = {}
    for number, address, name, attempt, fence, message_id, reason in said.run.rows(
        db, of=edition, first=first, last=last
    ):
        if reason or not address:
            gone.setdefault(reason or "erased", []).append(number)
        else:
            taken.append((number, address, name, attempt, fence, message_id))
    _cancel(db, edition, gone, at)
    said.take_run.said(db, of=edition, first=first, last=last, by=sender, until=until, at=at)
    return taken


def _take_each(
    db: Connection, edition: str, ids: Sequence[int], *, sender: int, until: object, at: object
) -> list[_Taken]:
    """Claim those rows whose people may be written to, and cancel the others."""
    people = _reachable(db, edition, ids, at)
    taken = _take(db, edition, list(people), sender=sender, until=until, at=at)
    return [(number, address, name, *taken[number]) for number, (address, name) in people.items()]


def _reachable(db: Connection, edition: str, ids: Sequence[int], at: object) -> dict[int, tuple[str, str]]:
    """Address and name of those who may be written to, in the order of `ids`; the rows of the others are cancelled."""
    found = {row[0]: row for row in _said(db).people.rows(db, ids=handed_ids(db, ids))}
    people: dict[int, tuple[str, str]] = {}
    gone: dict[str, list[int]] = {}
    for number in ids:
        _, address, name, reason = found.get(number, (number, "", "", None))
        if reason or not address:
            gone.setdefault(reason or "erased", []).append(number)
        else:
            people[number] = address, name
    _cancel(db, edition, gone, at)
    return people


def _cancel(db: Connection, edition: str, gone: Mapping[str, Sequence[int]], at: object) -> None:
    for reason, some in gone.items():
        _said(db).cancel.said(db, of=edition, ids=handed_ids(db, some), why=reason, at=at)


def _take(
    db: Connection, edition: str, ids: Sequence[int], *, sender: int, until: object, at: object
) -> Mapping[int, tuple[int, int, str | None]]:
    """Claim rows that nobody else can have: attempt, fence and Message-ID by subscriber."""
    if not ids:
        return {}
    rows = _said(db).take.rows(db, of=edition, ids=handed_ids(db, ids), by=sender, until=until, at=at)
    return {number: (attempt, fence, message_id) for number, fence, attempt, message_id in rows}


def _by_edition(claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    ordered = sorted(claims, key=lambda claim: claim.edition)
    return [(edition, list(some)) for edition, some in groupby(ordered, key=lambda claim: claim.edition)]
