"""Where a message's time goes at the desk: claiming, personal values, building, signing, settling. Benchmarks only.

No SMTP here, and no profiler that would slow small functions down: each part does its work for a group at a time, and
its CPU time is taken around the group. What the engine adds is what `run.py` shows for "engine alone".
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.delivery.newsletter import make_newsletter
from digest.deliver.message import Compiled, compile_message
from digest.deliver.rules import judge
from digest.model import Claim, Outcome, Phase, Settlement
from digest.store import editions, ledger, senders
from digest.store.editions import EditionRow
from digest.verbs.addressing import Addressing
from digest.verbs.parts import Parts

T = TypeVar("T")
_LEASE = timedelta(minutes=20)
_DOMAIN = "example.org"  # of Message-IDs
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
        sender = senders.register(store, parts.clock())
        run = Run(parts, row, sender.id)
        while claims := watch.time("ledger.claim, committed", group, lambda: run.claim(group)):
            _build(watch, parts, compiled, claims)
            settlements = watch.time("judge the outcomes", group, partial(run.judge, _named(parts, claims)))
            watch.time("ledger.settle, committed", group, partial(run.settle, settlements))
        sender.finish(parts.clock())
    watch.report()


@dataclass(frozen=True, slots=True)
class Run:
    """What the desk does with the ledger, each by itself."""

    parts: Parts
    row: EditionRow
    sender: int

    def claim(self, limit: int) -> list[Claim]:
        edition, now = self.row.edition.id, self.parts.clock()
        with self.parts.store.write() as db:
            return ledger.claim(db, edition, sender=self.sender, limit=limit, now=now, lease=_LEASE)

    def judge(self, claims: Sequence[Claim]) -> list[Settlement]:
        slot, give_up_after = self.row.edition.slot.instant, self.parts.delivery.give_up_after
        now = self.parts.clock()
        verdicts = [judge(_OUTCOME, attempt=c.attempt, now=now, slot=slot, give_up_after=give_up_after) for c in claims]
        return [
            Settlement(claim=claim, state=verdict.state, reason=verdict.reason, outcome=_OUTCOME)
            for claim, verdict in zip(claims, verdicts, strict=True)
        ]

    def settle(self, settlements: Sequence[Settlement]) -> list[Claim]:
        with self.parts.store.write() as db:
            return ledger.settle(db, settlements, self.parts.clock())


def _build(watch: Stopwatch, parts: Parts, compiled: Compiled, claims: Sequence[Claim]) -> None:
    number = len(claims)
    addressing = Addressing(parts, claims[0].edition, _DOMAIN)
    readers = watch.time("tokens and Message-ID", number, lambda: list(map(addressing.addressee, claims)))
    date = parts.clock()
    watch.time("build, no DKIM", number, partial(list, map(compiled.dated(date).pieces, readers)))
    for signer in parts.signers:
        signed = compiled.dated(date, [signer]).pieces
        watch.time(f"build, {signer.algorithm}", number, partial(list, map(signed, readers)))


def _named(parts: Parts, claims: Sequence[Claim]) -> list[Claim]:
    named = Addressing(parts, claims[0].edition, _DOMAIN).message_id
    return [claim._replace(message_id=named(claim.subscriber)) for claim in claims]
