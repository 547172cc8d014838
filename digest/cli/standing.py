"""How an edition stands at one moment of its sending, in one line: for a terminal, or for a program. Door."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from datetime import datetime, tzinfo

from digest.cli.output import lasting
from digest.model import Totals
from digest.verbs.status import Glance

_WINDOW_S = 30.0  # over which speed is taken: long enough to be calm, short enough to forget a pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`per_second` counts recipients who need nothing more for now. `waits_until`: nobody is left but the deferred, and
    the first of them is tried again then."""

    edition: str
    totals: Totals
    per_second: float = 0.0
    waits_until: datetime | None = None
    stopping: bool = False

    @property
    def seconds_to_go(self) -> float | None:
        """For those who are pending; None when there is nothing to tell."""
        left = self.totals.pending
        return left / self.per_second if left and self.per_second > 0 else None


class Pace:
    """How many recipients a second, over the last half minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, at_s: float, totals: Totals) -> float:
        """Take in how things stand at `at_s`; returns the pace up to now, never below zero."""
        self._seen.append((at_s, totals.planned - totals.pending))
        while len(self._seen) > 2 and self._seen[1][0] <= at_s - _WINDOW_S:
            self._seen.popleft()
        (began_s, before), (now_s, done) = self._seen[0], self._seen[-1]
        return max(0.0, (done - before) / (now_s - began_s)) if now_s > began_s else 0.0


def waits_until(found: Glance, leaves_at: datetime) -> datetime | None:
    """When the deferred are tried again, where nobody else is left and a run that `leaves_at` waits for them."""
    if found.totals.pending or found.next_due is None or found.next_due > leaves_at:
        return None
    return found.next_due


def terminal_line(now: Standing, columns: int, zone: tzinfo) -> str:
    """As much as fits into one line: what comes last is left out first. The last column stays free, or it wraps."""
    line = f"{now.edition}: sent {now.totals.sent:,} of {now.totals.planned:,}"
    for piece in _pieces(now, zone):
        if len(line) + len(piece) + 2 >= columns:
            break
        line += f", {piece}"
    return line if len(line) < columns else f"{line[: max(columns - 2, 0)]}…"


def _pieces(now: Standing, zone: tzinfo) -> list[str]:
    totals, to_go = now.totals, now.seconds_to_go
    pieces = ["finishing what is in conversation"] if now.stopping else []
    if now.waits_until and not now.stopping:
        pieces.append(f"waits until {now.waits_until.astimezone(zone):%H:%M} for {totals.deferred:,} deferred")
    elif to_go is not None and not now.stopping:
        pieces += [f"{to_go:.0f} s to go" if to_go < 120 else f"{lasting(to_go)} to go", f"{now.per_second:,.0f}/s"]
    shown = (
        ("failed", "uncertain", "cancelled") if now.waits_until else ("failed", "deferred", "uncertain", "cancelled")
    )
    return pieces + [f"{end} {count:,}" for end in shown if (count := getattr(totals, end))]


def json_line(now: Standing) -> str:
    """One object: the books of the whole edition, its speed, and what it waits for."""
    totals, to_go = now.totals, now.seconds_to_go
    told = {
        "edition": now.edition,
        "of": totals.planned,
        **totals.ends,
        "messages_per_second": round(now.per_second, 1),
        "seconds_to_go": None if to_go is None else round(to_go),
        "waits_until": now.waits_until.isoformat() if now.waits_until else None,
    }
    return json.dumps(told)
