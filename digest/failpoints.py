"""Fail-points: named instants at which a test has this process killed, to prove what a crash there leaves behind.

Nothing happens unless the command was started with `DIGEST_FAILPOINT=name`, or `name:3` for the third time that the
instant is reached. Then the process sends itself SIGKILL: no handler runs, no buffer is written, as with a power cut of
this one process. Used by the sending run, the engine and the recovery.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from digest.errors import SettingsError

POINTS = (
    "before_plan_commit",  # the audience is written, not committed
    "after_plan_commit",
    "after_claim",  # committed; nothing is built yet
    "before_begin",  # the relay waits for a body
    "after_begin",  # the journal says "begun", no byte has left
    "mid_body",  # half of the body has left, its end has not
    "after_dot_before_reply",
    "after_reply_before_journal",
    "after_journal_before_settle",
    "after_settle_commit",
    "before_leave",  # all is settled; the sender still holds its lock and its journal
    "before_finish",  # the sender has left; the edition is not closed
    "after_finish",  # the edition is closed; nobody is told yet
    "during_recovery",  # a dead sender's journal is in the ledger; its doubtful rows are still claimed
    "after_recovery",  # they are written off; the journal is still there
)

_left: dict[str, int] = {}


def arm(wish: str | None) -> None:
    """Set what DIGEST_FAILPOINT says; None or "" for nothing. Raises SettingsError for a point that does not exist."""
    _left.clear()
    if not wish:
        return
    name, _, times = wish.partition(":")
    if name not in POINTS or not (times or "1").isdecimal():
        raise SettingsError(f"DIGEST_FAILPOINT: {wish}: no such point; there are {', '.join(POINTS)}")
    _left[name] = int(times or "1")


def reach(name: str, last: Callable[[], object] | None = None) -> None:
    """This instant is reached: go on, or do `last` and die."""
    if not _left or name not in _left:
        return
    _left[name] -= 1
    if _left[name] > 0:
        return
    if last is not None:
        last()
    os.kill(os.getpid(), signal.SIGKILL)
