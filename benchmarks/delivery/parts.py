"""Where a message's time goes at the desk: claiming, personal values, building, signing, settling. Benchmarks only.

No SMTP here, and no profiler that would slow small functions down: each part does its work for a group at a time, and
its CPU time is taken around the group. What the engine adds is what `run.py` shows for "engine alone".
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.delivery.newsletter import make_newsletter
from digest.deliver.engine import Job
from digest.deliver.message import Compiled, compile_message
from digest.model import Addressee, Claim, Outcome, Phase, Settlement
from digest.store import editions, ledger, senders
from digest.verbs.desk import LEASE, Desk, addressee_of, judged
from digest.verbs.parts import Parts

T = TypeVar("T")
_OUTCOME = Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="2.0.0 taken")


class Stopwatch:
    """CPU and wall time by part, in µs per message: the median over the groups."""

    def __init__(self) -> None:
        self._groups: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def time(self, part: str, messages: int, work: Callable[[], T]) -> T:
        cpu, wall = time.thread_time_ns(), time.monotonic_ns()
        result = work()
        spent = (time.thread_time_ns() - cpu) / messages / 1000, (time.monotonic_ns() - wall) / messages / 1000
        self._groups[part].append(spent)
        return result

    def report(self) -> None:
        print(f"{'part':<44}{'CPU µs/msg':>12}{'wall µs/msg':>13}")
        for part, groups in self._groups.items():
            cpu, wall = (statistics.median(each[at] for each in groups) for at in (0, 1))
            print(f"{part:<44}{cpu:>12.1f}{wall:>13.1f}")


def report(folder: Path, *, readers: int = 5_000, group: int = 100) -> None:
    """Send to nobody: everything but SMTP, for an audience of `readers`, in groups as the fast engine takes them."""
    newsletter = make_newsletter(folder / "parts", readers)
    parts, watch = newsletter.parts(), Stopwatch()
    with parts.store as store:
        with store.read() as db:
            row, sealed = editions.get(db, newsletter.edition), editions.sealed(db, newsletter.edition)
        assert row is not None
        assert sealed is not None
        with store.write() as db:
            edition, now = newsletter.edition, parts.clock()
            watch.time("freeze the audience", readers, lambda: ledger.freeze_audience(db, edition, "weekly", now))
        compiled = watch.time("compile the message", readers, lambda: compile_message(sealed))
        desk = Desk(parts, row, compiled, senders.register(store, parts.clock()), progress=lambda counts: None)
        while claims := watch.time("ledger.claim, committed", group, lambda: _claimed(desk, group)):
            _build(watch, parts, compiled, claims)
            jobs = [_job(parts, claim) for claim in claims]
            done = [(job, _OUTCOME) for job in jobs]
            settlements = watch.time("judge the outcomes", group, partial(_judged, desk, done))
            watch.time("ledger.settle, committed", group, partial(_settled, desk, settlements))
    watch.report()


def _claimed(desk: Desk, limit: int) -> list[Claim]:
    with desk.parts.store.write() as db:
        return ledger.claim(
            db, desk.row.edition.id, sender=desk.sender.id, limit=limit, now=desk.parts.clock(), lease=LEASE
        )


def _build(watch: Stopwatch, parts: Parts, compiled: Compiled, claims: Sequence[Claim]) -> None:
    number = len(claims)
    readers = watch.time("tokens and Message-ID", number, lambda: [addressee_of(parts, claim) for claim in claims])
    date = parts.clock()
    watch.time("build, no DKIM", number, lambda: [compiled.build(reader, date=date) for reader in readers])
    for signer in parts.signers:
        signed = partial(compiled.build, date=date, signers=[signer])
        watch.time(f"build, {signer.algorithm}", number, partial(list, map(signed, readers)))


def _job(parts: Parts, claim: Claim) -> Job:
    reader: Addressee = addressee_of(parts, claim)
    return Job(claim=replace(claim, message_id=reader.message_id), mail_from="", rcpt_to=claim.address, message=b"\r\n")


def _judged(desk: Desk, done: list[tuple[Job, Outcome]]) -> list[Settlement]:
    return [judged(desk.parts, desk.row, job.claim, outcome)[0] for job, outcome in done]


def _settled(desk: Desk, settlements: list[Settlement]) -> list[Claim]:
    with desk.parts.store.write() as db:
        return ledger.settle(db, settlements, desk.parts.clock())
