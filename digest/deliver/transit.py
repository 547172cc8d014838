"""Transit: one message on a connection, the words said about it, and whom a pipeline works for. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from digest.deliver.desk import Job, Pieces
from digest.deliver.envelope import Envelope
from digest.deliver.relay import Timeouts
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

    def body(self, job: Job) -> Pieces: ...

    def is_fresh(self, job: Job) -> bool: ...

    def begin(self, job: Job) -> None: ...

    def report(self, job: Job, outcome: Outcome) -> None: ...

    def give_back(self, job: Job, *, begun: bool) -> None: ...

    def suspects(self, job: Job) -> bool:
        """A relay has hung up at this message's turn. Is that about it? Not the first time, and not where nobody has
        been answered since: then it is about everybody."""
        ...

    def fail(self, fault: Exception) -> None: ...


class Standing:
    """How far one server keeps its word about its extensions, as learnt in this run.

    `mode`: how far commands may still run ahead; `trusted`: how far that has been proved. `runs_on`: it has been proved
    that it also reads commands that come behind a body in the same packet. `kinds`: what it says to each
    word (see `replies.kind_of`); `tells`: whether that is always the same, and not what it says to a message it takes;
    None: not known yet.
    """

    __slots__ = ("_silences", "kinds", "mode", "runs_on", "tells", "trusted")

    SILENCES = 2

    def __init__(self) -> None:
        self.mode = Mode.BDAT
        self.trusted = Mode.STEPS  # every server keeps its word about that one
        self.runs_on = False
        self.kinds: dict[Word, str] = {}
        self.tells: bool | None = None
        self._silences = 0

    def trust(self, mode: Mode) -> None:
        """It has kept its word."""
        if mode <= self.mode:
            self.trusted = max(self.trusted, mode)

    def learn(self, mode: Mode, kinds: Mapping[Word, str], *, tells: bool) -> None:
        """What its replies are like, in this way to speak."""
        if mode <= self.mode and self.tells is None:
            self.kinds, self.tells = dict(kinds), tells

    def distrust(self, mode: Mode) -> None:
        """One step down for the rest of the run."""
        self.mode = min(self.mode, Mode(max(0, mode - 1)))
        # What it said in one way says nothing of another.
        self.trusted = min(self.trusted, Mode(max(0, self.mode - 1)))
        self.kinds, self.tells = {}, None

    def fell_silent(self, mode: Mode) -> None:
        """No reply to commands that had run ahead: once may be chance, twice is taken for a habit."""
        self._silences += 1
        if self._silences >= self.SILENCES:
            self.distrust(mode)


class Word(enum.IntEnum):
    """A command whose reply is awaited."""

    MAIL = enum.auto()
    RCPT = enum.auto()
    DATA = enum.auto()
    DOT = enum.auto()
    BDAT = enum.auto()
    RSET = enum.auto()
    NOOP = enum.auto()
    QUIT = enum.auto()


MAIL, RCPT, DATA, DOT, BDAT, RSET, NOOP, QUIT = Word  # a member looked up by its class costs as much as a call

PHASES = {MAIL: Phase.MAIL, RCPT: Phase.RCPT, DATA: Phase.DATA}


def patience(times: Timeouts) -> Mapping[Word, float]:
    """Seconds that the reply to each command may take."""
    return {
        MAIL: times.mail,
        RCPT: times.rcpt,
        DATA: times.data,
        DOT: times.dot,
        BDAT: times.dot,
        RSET: times.reset,
        NOOP: times.reset,
        QUIT: times.quit,
    }


def half(body: Pieces) -> bytes:
    """Its first half, to die in the middle of."""
    whole = b"".join(body)
    return whole[: len(whole) // 2]


@dataclass(slots=True, eq=False)
class Transit:
    """One message on this connection. `begun`: its last byte is out, or may be. `ran_on`: said behind a body."""

    job: Job
    lines: Envelope
    body: Pieces
    begun: bool = False
    ran_on: bool = False
    refusal: tuple[Phase, Reply] | None = None


Awaited = tuple[Word, Transit | None]
"""A command whose reply is awaited, and the message it is about."""
