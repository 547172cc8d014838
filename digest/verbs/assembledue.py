"""Assembling by the clock: the slots whose time has come get their edition, once their sources were asked. Hall."""

from __future__ import annotations

from digest.errors import DigestError, StoreError
from digest.model import Slot
from digest.verbs import due, required, sourcehealth
from digest.verbs.asking import is_asked_for
from digest.verbs.assemble import Assembled
from digest.verbs.notify import tell
from digest.verbs.parts import Parts
from digest.verbs.report import Run


def assemble_due(parts: Parts) -> list[Run]:
    """Assemble the slots whose time to be assembled has come, and tell the editors.

    A slot whose sources were not asked yet is left for later (see asking.py), and one that waits for a source that it
    requires, too: from its instant on it is held. One that cannot be assembled, for a story or a template with a
    fault, stops nothing else; the next call tries it again. Runs tell of those held or at fault. Raises StoreError.
    """
    runs = (_assemble(parts, slot) for slot in due.wanting(parts) if is_asked_for(parts, slot))
    return [run for run in runs if run]


def slots_that_wait(parts: Parts) -> list[tuple[Slot, str]]:
    """The slots that have no edition because of a source that they require, and why; nobody is told. Held are those
    whose instant has come."""
    wanting = (slot for slot in due.wanting(parts) if is_asked_for(parts, slot))
    return [(slot, reason) for slot in wanting if (reason := required.why_waiting(parts, slot))]


def _assemble(parts: Parts, slot: Slot) -> Run | None:
    edition = f"{parts.newsletter}-{slot.key}"
    reason = required.wait(parts, slot)
    if reason is not None:
        return Run(edition=edition, what="held", reason=reason) if slot.instant <= parts.clock() else None
    try:
        done = due.assemble_slot(parts, slot)
    except StoreError:
        raise
    except DigestError as fault:
        return Run(edition=edition, what="failed", reason=f"cannot be assembled: {fault}")
    _tell_missing(parts, done)
    return None


def _tell_missing(parts: Parts, done: Assembled) -> None:
    """Tell the operators which sources an edition was assembled without. An empty one has its own word for that."""
    required.note_missing(parts, done, sourcehealth.blocking(parts))
    down = sourcehealth.down(parts)
    if done.created and done.row and done.row.edition.stories and down:
        tell(parts, "sources", done.row, "\n".join(map(str, down)))
