"""Required sources: while one is down an edition waits for it, unless an editor goes on all the same. Hall."""

from __future__ import annotations

from collections.abc import Sequence

from digest.errors import HeldError
from digest.model import Slot
from digest.store import editions
from digest.verbs.assemble import Assembled, assemble
from digest.verbs.notify import tell_of_slot
from digest.verbs.parts import Parts
from digest.verbs.sourcehealth import Down, blocking, in_words

WITHOUT = "without"  # the event that says: assembled though a source that it should have waited for was down


# ── by the clock ─────────────────────────────────────────────────────────────────────────────────


def wait(parts: Parts, slot: Slot) -> str | None:
    """Why the edition of `slot` is not assembled now, told to the operators once; None: nothing stands against it.

    From the slot's instant on it is held. Once that is too late anyway it is assembled of what there is, and missed
    as any other: a person can still look at it, and send it.
    """
    reason = why_waiting(parts, slot)
    if reason is not None:
        is_held = slot.instant <= parts.clock()
        tell_of_slot(parts, slot, f"{'is held' if is_held else 'waits'}: a source is down", reason)
    return reason


def why_waiting(parts: Parts, slot: Slot) -> str | None:
    """The same, and nobody is told."""
    missing, now = blocking(parts), parts.clock()
    if not missing or now > slot.instant + parts.calendar.late_after:
        return None
    names = in_words(missing)
    if slot.instant <= now:
        return f"waits for a source that it requires: {names}; {_remedy(slot)}"
    return f"cannot be assembled before this source is back: {names}; {_remedy(slot)}"


def _remedy(slot: Slot) -> str:
    return f"go on without it: `digest assemble --slot {slot.key} --anyway`"


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


def assemble_by_hand(parts: Parts, slot: Slot, *, refresh: bool, anyway: bool) -> Assembled:
    """The edition of `slot` as an editor asks for it; `anyway`: whatever source is down, which is put on record.

    Raises HeldError while it would be made or refreshed without a source that it requires.
    """
    missing = blocking(parts)
    with parts.store.read() as db:
        there = editions.by_slot(db, parts.newsletter, slot.key)
    if missing and not anyway and (there is None or refresh):
        again = " --refresh" if refresh else ""
        raise HeldError(
            f"{parts.newsletter}-{slot.key}: waits for a source that it requires: {in_words(missing)}; ask again with "
            f"`digest fetch`, or go on without it: `digest assemble --slot {slot.key}{again} --anyway`"
        )
    done = assemble(parts, slot, refresh=refresh, keep_empty=not parts.delivery.skip_if_empty)
    note_missing(parts, done, missing)
    return done


def note_missing(parts: Parts, done: Assembled, missing: Sequence[Down]) -> None:
    """Put on record which sources an edition was assembled without, though it requires them."""
    if done.row is None or not done.changed or not missing:
        return
    with parts.store.write() as db:
        editions.record_event(db, done.row.edition.id, WITHOUT, in_words(missing), parts.clock())
