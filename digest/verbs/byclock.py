"""By the clock: all that an unattended newsletter needs from one line in the crontab. Hall."""

from __future__ import annotations

from digest.store import editions
from digest.verbs.asking import ask_by_the_clock
from digest.verbs.parts import Parts
from digest.verbs.report import Run
from digest.verbs.send import Order, send_due


def keep_time(parts: Parts, order: Order) -> list[Run]:
    """Send what is due, then ask the sources if it is time, then assemble what waited for them, and send that if it is
    due as well.

    An empty list means that nothing went out and nothing is wrong. Any number of processes may call this at once.
    Raises StoreError.
    """
    runs = {run.edition: run for run in send_due(parts, order)}
    turn = ask_by_the_clock(parts, order.stop)
    if turn.fault:
        reason = f"the sources could not be asked: {turn.fault}"
        runs[parts.newsletter] = Run(edition=parts.newsletter, what="failed", reason=reason)
    if turn.asked and not order.stop.is_set():
        with parts.store.read() as db:
            seen = {row.edition.id for row in editions.unfinished(db, parts.newsletter)}
        runs |= {run.edition: run for run in send_due(parts, order, besides=seen)}
    return list(runs.values())
