"""The project's own engines, as benchmarks know them: one line here, and an engine is measured. Benchmarks only."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.deliver.engine import Desk, Ending, deliver
from digest.deliver.relay import Relay

Run = Callable[[Desk, Relay, Path, str, int], Ending]
"""desk, relay, folder for what the engine writes, edition, sender → how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """`chunking`: what the relay must offer. `round_trips` a message, for guessing how long a run takes."""

    name: str
    title: str
    chunking: bool
    connections: int
    window: int = 1
    round_trips: float
    has_journal: bool

    @property
    def is_here(self) -> bool:
        return not self.has_journal or "journal" in inspect.signature(deliver).parameters

    def run(self, desk: Desk, relay: Relay, folder: Path, edition: str, sender: int) -> Ending:
        """Deliver all that the desk has."""
        how: dict[str, Any] = {"connections": self.connections, "stop": threading.Event()}
        if not self.has_journal:
            return deliver(desk, relay, **how)
        from digest.deliver.journal import FileJournal, boot_id

        journal = FileJournal(folder / f"bench-{sender}.journal", edition=edition, sender=sender, boot=boot_id())
        try:
            return deliver(desk, relay, **how, journal=journal, window=self.window)
        finally:
            journal.close(remove=True)


ENGINES = (
    Engine(name="steps", title="step by step, 10", chunking=False, connections=10, round_trips=4, has_journal=False),
    Engine(name="data", title="pipelined DATA, 10", chunking=False, connections=10, round_trips=1, has_journal=True),
    Engine(
        name="bdat", title="BDAT, 4 × 16", chunking=True, connections=4, window=16, round_trips=1, has_journal=True
    ),
)  # fmt: skip


def engine(name: str) -> Engine:
    return next(each for each in ENGINES if each.name == name)
