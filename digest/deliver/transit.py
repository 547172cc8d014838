"""Transit: one message on a connection, the words said about it, and whom a pipeline works for. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from digest.deliver.desk import Job
from digest.deliver.envelope import Envelope
from digest.deliver.replies import Reply
from digest.model import Outcome, Phase


class Mode(enum.IntEnum):
    """How far commands may run ahead; the engine goes down these steps when a server does not keep its word."""

    STEPS = 0
    DATA = 1
    BDAT = 2


class Crew(Protocol):
    """Whom a pipeline works for. `begin` must be on record when it returns, and may raise: then nothing leaves."""

    def next_job(self) -> Job | None: ...

    def is_fresh(self, job: Job) -> bool: ...

    def begin(self, job: Job) -> None: ...

    def report(self, job: Job, outcome: Outcome) -> None: ...

    def give_back(self, job: Job, *, begun: bool) -> None: ...

    def fail(self, fault: Exception) -> None: ...

    def trust(self, mode: Mode) -> None: ...

    def distrust(self, mode: Mode) -> None: ...


class Word(enum.Enum):
    """A command whose reply is awaited."""

    MAIL = enum.auto()
    RCPT = enum.auto()
    DATA = enum.auto()
    DOT = enum.auto()
    BDAT = enum.auto()
    RSET = enum.auto()
    NOOP = enum.auto()
    QUIT = enum.auto()


PHASES = {Word.MAIL: Phase.MAIL, Word.RCPT: Phase.RCPT, Word.DATA: Phase.DATA}


@dataclass(slots=True, eq=False)
class Transit:
    """One message on this connection. `begun`: its last byte is out, or may be."""

    job: Job
    lines: Envelope
    body: bytes
    begun: bool = False
    refusal: tuple[Phase, Reply] | None = None


Awaited = tuple[Word, Transit | None]
"""A command whose reply is awaited, and the message it is about."""
