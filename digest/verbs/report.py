"""What a sending command has to tell: one Run per edition, and the exit code that sums them up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from digest.model import Totals

What = Literal[
    "sent", "resumable", "paused", "held", "missed", "cancelled", "empty", "refused", "elsewhere", "planned", "failed"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of one edition in this run.

    sent: no recipient is open · resumable: some are (deferred, or we were told to stop) · paused, held, missed: waits
    for a person, `reason` says why · refused: the relay would not have us · elsewhere: another process sends the rest ·
    planned: a dry run · empty: no stories, nothing sent on purpose · failed: a fault keeps it from being assembled or
    sent.
    """

    edition: str
    what: What
    reason: str | None = None
    totals: Totals = field(default_factory=Totals)
    interrupted: bool = False
    lasting: bool = False  # of refused: trying again cannot help before a person acts
    seconds: float = 0.0
    accepted: int = 0  # messages accepted by the relay in this run


def exit_code(runs: Sequence[Run]) -> int:
    """The strongest of: 1 error · 4 held · 130 interrupted with rows left · 75 run again · 3 failed recipients · 0."""
    codes = {_code(run) for run in runs}
    return next((code for code in (1, 4, 130, 75, 3) if code in codes), 0)


def _code(run: Run) -> int:
    open_rows = run.totals.pending + run.totals.deferred
    if run.what in ("planned", "elsewhere"):
        return 0  # nothing was done here, so nothing of it can have failed
    if run.what == "failed":
        return 1
    if run.what == "refused":
        return 1 if run.lasting else 75
    if run.interrupted and open_rows:
        return 130
    if run.what in ("held", "missed", "paused") or run.totals.uncertain:
        return 4
    return 75 if open_rows else 3 if run.totals.failed else 0
