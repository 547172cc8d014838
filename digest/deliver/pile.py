"""The pile: outcomes that wait to be settled, and when they must not wait any longer. Pure. Used by `fast`."""

from __future__ import annotations

from digest.deliver.desk import Job
from digest.deliver.rules import RunGuard
from digest.model import Outcome, Phase

SETTLE_AFTER_S = 0.1

MOST_REFUSALS = RunGuard.ROW
MOST_SILENT = RunGuard.SILENT
"""While so many outcomes that are no success, or so many messages that were never answered, wait for judgement nobody
else sets out: the run may have to stop."""

Done = list[tuple[Job, Outcome]]


class Pile:
    """What is taken from it (`take`) counts as waiting until it is `settled`. `now` in seconds."""

    def __init__(self) -> None:
        self._done: Done = []
        self._refusals = 0  # those taken and not yet settled among them
        self._silent = 0  # of these
        self._since = 0.0

    def __len__(self) -> int:
        """How many have not been taken."""
        return len(self._done)

    @property
    def is_high(self) -> bool:
        """Are there so many refusals that the desk must be heard before anybody else sets out?"""
        return self._refusals >= MOST_REFUSALS or self._silent >= MOST_SILENT

    def add(self, job: Job, outcome: Outcome, now: float) -> bool:
        """True when somebody should look at it now: it is the first, or the refusals have become many."""
        done, code = self._done, outcome.code
        is_first = not done
        if is_first:
            self._since = now
        done.append((job, outcome))
        if code is None or code >= 400:
            self._refusals += 1
            self._silent += _is_silent(outcome)
            return is_first or self.is_high
        return is_first

    def is_due(self, now: float) -> bool:
        return bool(self._done) and (self.is_high or now - self._since >= SETTLE_AFTER_S)

    def take(self) -> Done:
        """All of it, in the order of outcomes."""
        batch, self._done = self._done, []
        return batch

    def settled(self, batch: Done, now: float) -> None:
        """These have been judged and written down. What came meanwhile has its time before it."""
        if self._refusals:
            self._refusals -= sum(outcome.code is None or outcome.code >= 400 for _, outcome in batch)
            self._silent -= sum(_is_silent(outcome) for _, outcome in batch)
        self._since = now


def _is_silent(outcome: Outcome) -> bool:
    return outcome.code is None and outcome.phase is Phase.DOT
