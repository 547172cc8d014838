"""What is due: which slots want an edition, which editions are late, missed or empty. Hall."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from digest.errors import EditionError, InputError, UsageError
from digest.model import EditionState, Slot
from digest.newsroom.slots import assemble_instant, latest_slot, next_slot
from digest.store import editions
from digest.store.editions import EditionEvent, EditionRow
from digest.verbs.assemble import EDITABLE, Assembled, assemble
from digest.verbs.notify import tell
from digest.verbs.parts import Parts
from digest.verbs.report import Run
from digest.verbs.required import why_waiting
from digest.verbs.sourcehealth import down, in_words


def find(parts: Parts, edition: str) -> EditionRow:
    """The edition of this id, or of this slot ("2026-11-23"). Raises UsageError with what there is."""
    with parts.store.read() as db:
        row = editions.get(db, edition) or editions.get(db, f"{parts.newsletter}-{edition}")
        if row is not None:
            return row
        known = editions.listing(db, parts.newsletter, limit=5)
    there = ", ".join(r.edition.id for r in known)
    hint = f"there are {there}" if known else "there is none yet; `digest assemble` makes one"
    raise UsageError(f"{edition}: no such edition; {hint}")


def current(parts: Parts, edition: str | None) -> EditionRow:
    """The edition named, else the one that an editor means now: the first not yet on its way, else the latest."""
    if edition is not None:
        return find(parts, edition)
    with parts.store.read() as db:
        rows = editions.unfinished(db, parts.newsletter)
        # One that is being sent may go on for days, for a few who are deferred; nobody edits or approves that one.
        waiting = [row for row in rows if row.state in EDITABLE]
        rows = waiting or rows or editions.listing(db, parts.newsletter, limit=1)
    if not rows:
        raise UsageError("no edition yet; `digest assemble` makes one")
    return rows[0]


def latest_begun(parts: Parts) -> EditionRow:
    """The edition whose books one asks for without a name: the newest that was begun, else the newest."""
    with parts.store.read() as db:
        rows = editions.listing(db, parts.newsletter, limit=50)
    if not rows:
        waiting = [f"{parts.newsletter}-{s.key} {why}" for s in wanting(parts) if (why := why_waiting(parts, s))]
        raise UsageError(f"no edition yet; {'; '.join(waiting) or '`digest assemble` makes one'}")
    return next((row for row in rows if row.audience_frozen), rows[0])


def listing(parts: Parts, limit: int) -> list[EditionRow]:
    """The newest editions first."""
    with parts.store.read() as db:
        return editions.listing(db, parts.newsletter, limit=limit)


def history(parts: Parts, row: EditionRow) -> list[EditionEvent]:
    """What happened to an edition, oldest first."""
    with parts.store.read() as db:
        return editions.events(db, row.edition.id)


def slot_to_assemble(parts: Parts) -> Slot:
    """The slot that `digest assemble` means without --slot: the one just reached and not too late, else the next."""
    now, plan = parts.clock(), parts.calendar
    last = latest_slot(plan.schedule, plan.timezone, now)
    if last is not None and now <= last.instant + plan.late_after:
        return last
    return next_slot(plan.schedule, plan.timezone, now)


def wanting(parts: Parts) -> list[Slot]:
    """The slots whose time to be assembled has come, and that have no edition.

    A slot that passed before the newsletter came to life here is none of ours.
    """
    now, plan = parts.clock(), parts.calendar
    near = (latest_slot(plan.schedule, plan.timezone, now), next_slot(plan.schedule, plan.timezone, now))
    slots = [slot for slot in near if slot and assemble_instant(plan.assemble, plan.timezone, slot) <= now]
    if not slots:
        return []
    with parts.store.read() as db:
        born = editions.began(db, parts.newsletter)
        return [
            slot
            for slot in slots
            if born and born <= slot.instant and editions.by_slot(db, parts.newsletter, slot.key) is None
        ]


def assemble_slot(parts: Parts, slot: Slot) -> Assembled:
    """Assemble a slot by the clock, and tell the editors. A week without stories makes no edition before its slot:
    some may still come in."""
    done = assemble(parts, slot, keep_empty=slot.instant <= parts.clock())
    if done.created and done.row and parts.approval == "required" and done.row.edition.stories:
        tell(parts, "waiting", done.row, f"it waits for your approval: digest approve {done.row.edition.id}")
    return done


def hold_back(parts: Parts, why: str) -> list[str]:
    """After a database went back in time: an edition whose slot has come may be out already, whatever the books say,
    so from now on only a person can send it. Also one that this database has never heard of. Returns the editions."""
    held, now = [], parts.clock()
    for slot in wanting(parts):
        with suppress(InputError, EditionError):  # no edition can be made of it: then none can be sent, either
            assemble_slot(parts, slot)
    with parts.store.write() as db:
        for row in editions.unfinished(db, parts.newsletter):
            due = row.edition.slot.instant <= now
            if due and editions.set_state(db, row.edition.id, EDITABLE, EditionState.MISSED, now, why):
                held.append(row.edition.id)
    return held


def is_late(parts: Parts, row: EditionRow) -> bool:
    """Too late to begin by itself; an edition that has begun is never late."""
    late_at = row.edition.slot.instant + parts.calendar.late_after
    return row.state in EDITABLE and parts.clock() > late_at


def miss(parts: Parts, row: EditionRow) -> Run:
    """Record that its time has passed, loudly; unless another process was quicker with it."""
    late_by = _hours(parts.clock() - row.edition.slot.instant)
    reason = (
        f"its slot passed {late_by} ago, longer than late_after; send it with `digest send {row.edition.id} --late`"
    )
    with parts.store.write() as db:
        if not editions.set_state(db, row.edition.id, EDITABLE, EditionState.MISSED, parts.clock(), reason):
            return Run(edition=row.edition.id, what="elsewhere")
    tell(parts, "missed", row, reason)
    return Run(edition=row.edition.id, what="missed", reason=reason)


def revive(parts: Parts, row: EditionRow) -> None:
    """A missed edition is sent by hand after all: back to what it was before it was missed."""
    back = EditionState.APPROVED if row.approved_hash and row.approved_hash == row.hash else EditionState.SEALED
    with parts.store.write() as db:
        editions.set_state(db, row.edition.id, [EditionState.MISSED], back, parts.clock(), "sent late, by hand")


def skip_empty(parts: Parts, row: EditionRow) -> Run:
    """A week without stories: nothing is sent, and that is said."""
    reason = "no stories this week: nothing is sent ([delivery] skip_if_empty)"
    if missing := down(parts):
        reason += f"; sources that are down: {in_words(missing)}"
    with parts.store.write() as db:
        if not editions.set_state(db, row.edition.id, EDITABLE, EditionState.CANCELLED, parts.clock(), reason):
            return Run(edition=row.edition.id, what="elsewhere")
    tell(parts, "empty", row, reason)
    return Run(edition=row.edition.id, what="empty", reason=reason)


def _hours(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 2880 else f"{minutes // 1440} days"
