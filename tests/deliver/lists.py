"""A desk that is a list: jobs from memory, outcomes into memory; and what else tests of delivery share."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from digest.deliver.desk import Desk, Ending, Job
from digest.deliver.engine import deliver
from digest.deliver.journal import Replay, began_record, ended_record, header_record, replay_lines, returned_record
from digest.deliver.relay import Relay, Timeouts
from digest.model import Claim, Outcome
from tests.smtpd import SmtpServer

PATIENT = Timeouts(
    connect=5, greeting=5, ehlo=5, tls=5, auth=5, mail=5, rcpt=5, data=5, body=5, dot=5, reset=5, quit=2, idle=30
)


def hurried(phase: str, seconds: float = 0.2) -> Timeouts:
    """Patient in all phases but one, so that a busy machine cannot fail a test about another."""
    values: dict[str, Any] = {phase: seconds}
    return replace(PATIENT, **values)


def job(rcpt_to: str = "ann@example.com", **more: Any) -> Job:
    number = more.pop("number", 1)
    body = f"Message-ID: <{number}@example.com>\r\nTo: <{rcpt_to}>\r\n\r\nGood morning.\r\n".encode()
    claim = Claim(
        edition="weekly-2026-11-23", subscriber=number, address=rcpt_to, name="", attempt=1, fence=1, message_id=None
    )
    values: dict[str, Any] = {"message": body, "mail_from": "news@example.com", **more}
    return Job(claim=claim, rcpt_to=rcpt_to, **values)


def jobs(*rcpts: str) -> list[Job]:
    return [job(rcpt, number=number) for number, rcpt in enumerate(rcpts, 1)]


def many(count: int) -> list[Job]:
    return jobs(*[f"reader{number}@example.com" for number in range(count)])


def relay_to(server: SmtpServer, **settings: Any) -> Relay:
    values: dict[str, Any] = {
        "security": "none",
        "timeouts": PATIENT,
        "local_hostname": "sender.example.com",
        "reconnect_waits": (),
        **settings,
    }
    return Relay(host="127.0.0.1", port=server.port, **values)


class ListJournal:
    """A journal in memory, as the bytes that a file would have."""

    def __init__(self) -> None:
        self.data = header_record("weekly-2026-11-23", 1, "boot")

    def began(self, claim: Claim) -> None:
        self.data += began_record(claim)

    def ended(self, claim: Claim, outcome: Outcome) -> None:
        self.data += ended_record(claim, outcome)

    def returned(self, claim: Claim) -> None:
        self.data += returned_record(claim)


@dataclass(frozen=True)
class Engine:
    """One way to deliver; what all of them promise is tested with each.

    `lacks`: extensions that its servers hide; `offers`: what they offer besides. `window`: see `deliver`.
    """

    name: str
    lacks: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    window: int = 1

    @property
    def is_fast(self) -> bool:
        return self.name != "plain"

    @property
    def last_word(self) -> str:
        """The phase in which its servers have a whole message."""
        return "bdat" if "CHUNKING" in self.offers else "dot"

    def claims(self, connections: int) -> int:
        """How many jobs may be taken and not yet settled."""
        return 200 if self.is_fast else connections

    def deliver(
        self,
        desk: Desk,
        server: SmtpServer,
        *,
        connections: int = 1,
        stop: threading.Event | None = None,
        messages_per_second: float | None = None,
        **settings: Any,
    ) -> Ending:
        script = server.script
        script.extensions = tuple(each for each in (*script.extensions, *self.offers) if each not in self.lacks)
        journal = ListJournal() if self.is_fast else None
        ending = deliver(
            desk,
            relay_to(server, **settings),
            connections=connections,
            stop=stop or threading.Event(),
            messages_per_second=messages_per_second,
            journal=journal,
            window=self.window,
        )
        if journal is not None and isinstance(desk, ListDesk):
            agrees(replay(journal.data), desk)
        return ending


def replay(data: bytes) -> Replay:
    """What a journal of these bytes tells."""
    return replay_lines(data.split(b"\n"))


def agrees(told: Replay, desk: ListDesk) -> None:
    """After a run that ended by itself the journal knows of nothing in doubt that the desk was not told of."""
    assert told.is_whole
    assert not told.begun
    known = {(job.claim.subscriber, job.claim.fence): outcome for job, outcome in desk.settled}
    assert all(known.get(key, outcome) == outcome for key, outcome in told.ended.items())


ENGINES = [Engine("plain"), Engine("fast"), Engine("fast, no pipelining", lacks=("PIPELINING",))]
MODES = [
    *ENGINES,
    Engine("fast, chunking, four at once", offers=("CHUNKING",), window=4),
]


class ListDesk:
    """Keeps the order of settlements, and the most claims that ever were outstanding."""

    def __init__(
        self, waiting: Iterable[Job], *, on_settle: Callable[[ListDesk, list[tuple[Job, Outcome]]], bool] | None = None
    ) -> None:
        self.waiting = deque(waiting)
        self.settled: list[tuple[Job, Outcome]] = []
        self.taken = 0
        self.most_outstanding = 0
        self._on_settle = on_settle
        self._thread = threading.get_ident()

    def take(self, limit: int) -> list[Job]:
        assert threading.get_ident() == self._thread
        assert limit > 0
        taken = [self.waiting.popleft() for _ in range(min(limit, len(self.waiting)))]
        self.taken += len(taken)
        self.most_outstanding = max(self.most_outstanding, self.taken - len(self.settled))
        return taken

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        assert threading.get_ident() == self._thread
        assert done
        self.settled += done
        return True if self._on_settle is None else self._on_settle(self, done)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """By recipient; each must have been settled once only."""
        assert len({job.rcpt_to for job, _ in self.settled}) == len(self.settled)
        return {job.rcpt_to: outcome for job, outcome in self.settled}

    @property
    def sent(self) -> list[str]:
        """Whom the relay has answered after the final dot, sorted; what it was given back is not among them."""
        return sorted(rcpt for rcpt, said in self.outcomes.items() if said.code is not None)

    @property
    def shape(self) -> dict[str, str]:
        """By the recipient's local part, in brief: "dot 250", "rcpt 550", "dot None"."""
        return {rcpt.partition("@")[0]: f"{said.phase} {said.code}" for rcpt, said in self.outcomes.items()}
