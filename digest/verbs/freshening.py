"""Before the clock puts an edition together the sources are asked; a required one that fails holds the edition. Hall.

The edition is put together all the same, so that editors see what there is; it is refreshed when the source comes back,
and until then no settings approve it. A person may.
"""

from __future__ import annotations

from datetime import timedelta

from digest.model import EditionState, Slot
from digest.store import editions
from digest.store.editions import EditionRow
from digest.verbs import fetch, sourcehealth
from digest.verbs.assemble import assemble
from digest.verbs.notify import tell
from digest.verbs.parts import Parts

REST = timedelta(hours=1)
"""Between two rounds that the clock starts while it waits for something."""

LAST_REST = timedelta(minutes=10)
"""The same once the slot has come."""

_LACKING, _COMPLETE = "lacking", "complete"  # events: put together without a required source, and with it after all


def ask_sources(parts: Parts, slot: Slot) -> None:
    """A round of fetching for this slot's edition, unless there was one a short while ago. Raises StoreError."""
    now = parts.clock()
    rest = LAST_REST if slot.instant <= now else REST
    tried = [health.tried_at for _, health in sourcehealth.health(parts) if health and health.tried_at]
    if parts.gathering.sources and (not tried or max(tried) + rest <= now):
        fetch.fetch(parts)


def tell_faults(parts: Parts, row: EditionRow) -> None:
    """Mail the operators which sources an edition was put together without."""
    faults = sourcehealth.faults(parts)
    if faults:
        tell(parts, "sources", row, "\n".join(faults))
    blocking = sourcehealth.blocking(parts)
    if blocking:
        with parts.store.write() as db:
            editions.record_event(db, row.edition.id, _LACKING, "; ".join(blocking), parts.clock())


def complete(parts: Parts, slot: Slot, row: EditionRow) -> None:
    """Refresh an edition that lacks a required source, once that has come back; one that a person approved as it is
    stays so. Raises what assembling raises."""
    with parts.store.read() as db:
        told = [event.kind for event in editions.events(db, row.edition.id) if event.kind in (_LACKING, _COMPLETE)]
    lacking = bool(told) and told[-1] == _LACKING
    if row.state is not EditionState.SEALED or not (lacking or sourcehealth.blocking(parts)):
        return
    ask_sources(parts, slot)
    if not lacking or sourcehealth.blocking(parts):
        return
    assemble(parts, slot, refresh=True)
    with parts.store.write() as db:
        editions.record_event(db, row.edition.id, _COMPLETE, "all required sources answered", parts.clock())
