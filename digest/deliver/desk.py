"""The desk: what a delivery engine is given to do, and whom it tells what became of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from digest.model import Claim, Outcome

Pieces = Sequence[bytes]
"""What is said one after the other. Most of a message is the same for all readers: so it is not copied for each."""


@dataclass(slots=True, eq=False)
class Job:
    """One message to hand over: a claimed recipient, the envelope and the bytes. Equal to itself only.

    `message` is complete and CRLF throughout, dots not stuffed, in one piece or several; a callable is asked for it
    when its turn is near, in a thread of the engine's, and again when the message came back unsent. When it raises
    InputError this one recipient cannot be written to; anything else ends the run. `mail_from` may be empty (the null
    sender). Addresses are as on the wire.
    `is_clean`: its builder vouches for `message`: every line ends in CRLF and none begins with a dot, no lone CR or LF,
    no NUL. Else the engine looks for itself, which for 73 KB takes longer than sending does.
    `taken_at` is the engine's: when it got the job, in seconds of its own clock; so is
    `suspected_at`: how many had been answered when a relay first hung up at its turn.
    """

    claim: Claim
    mail_from: str
    rcpt_to: str
    message: Callable[[], bytes | Pieces] | bytes | Pieces
    needs_smtputf8: bool = False
    is_clean: bool = False
    taken_at: float = 0.0
    suspected_at: int | None = None

    def body(self) -> Pieces:
        made = self.message() if callable(self.message) else self.message
        return (made,) if isinstance(made, bytes) else made


class Desk(Protocol):
    """Where jobs come from and outcomes go. Only called in the thread that called `deliver`, one call at a time."""

    def take(self, limit: int) -> list[Job]:
        """At most `limit` jobs, claimed and committed before this returns; [] when nothing is left to claim now."""
        ...

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        """Commit outcomes, in the order they came; False: the run is halted, take no more."""
        ...


@runtime_checkable
class TurningDesk(Desk, Protocol):
    """A desk that can write outcomes and claim the next in one transaction: half the commits."""

    def turn(self, done: list[tuple[Job, Outcome]], limit: int) -> tuple[bool, list[Job]]:
        """As `settle`, and then as `take`, unless the run is halted; both are committed when this returns."""
        ...


@runtime_checkable
class RecheckingDesk(Desk, Protocol):
    """A desk that is asked again about jobs that have waited: somebody may have left since they were taken."""

    def recheck(self, jobs: Sequence[Job]) -> list[Job]:
        """Those of the jobs (these very ones) that may still be sent; of the others nothing is owed any more."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a delivery ended: nothing left to take, told to stop, or halted by the desk."""

    why: Literal["drained", "stopped", "halted"]
