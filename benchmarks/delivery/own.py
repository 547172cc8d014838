"""One run of this project's delivery, in a process of its own: prints what it cost as a JSON line. Benchmarks only.

python -m benchmarks.delivery.own '{"engine": "steps", "port": 2525, "workspace": …}'
"""

from __future__ import annotations

import itertools
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.delivery.engines import Engine, engine
from benchmarks.delivery.newsletter import Newsletter
from benchmarks.message_bench import DATE, addressee
from benchmarks.message_bench import edition as sealed_sample
from digest.deliver.engine import Job
from digest.deliver.message import compile_message
from digest.deliver.relay import Relay
from digest.model import Claim, Outcome
from digest.store import editions, ledger, senders
from digest.verbs.addressing import Addressing, sender_domain
from digest.verbs.desk import Desk

_CLAIM = Claim(edition="bench", subscriber=1, address="", name="", attempt=1, fence=1, message_id=None)


def cpu_s() -> float:
    """User and system time of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(work: Callable[[], int]) -> dict[str, float]:
    """What `work` costs; it returns the number of messages sent."""
    cpu, wall = cpu_s(), time.monotonic()
    sent = work()
    return {"sent": sent, "cpu_s": cpu_s() - cpu, "wall_s": time.monotonic() - wall}


class FixedDesk:
    """The same bytes to everybody, from memory, written down nowhere: the engine by itself."""

    def __init__(self, messages: int) -> None:
        body = compile_message(sealed_sample()).build(addressee(1), date=DATE)
        self._jobs: Iterator[Job] = (
            Job(
                claim=_CLAIM._replace(subscriber=n),
                mail_from="news@example.org",
                rcpt_to=f"r{n}@example.net",
                message=body,
                is_clean=True,
            )
            for n in range(1, messages + 1)
        )
        self.sent = 0

    def take(self, limit: int) -> list[Job]:
        return list(itertools.islice(self._jobs, limit))

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        self.sent += sum(outcome.code == 250 for _, outcome in done)
        return True


def fixed(order: dict[str, Any]) -> int:
    """`order["messages"]` times the same bytes."""
    desk = FixedDesk(order["messages"])
    with tempfile.TemporaryDirectory() as folder:
        _engine(order).run(desk, _relay(order), Path(folder), "bench", 1)
    return desk.sent


def ledger_run(order: dict[str, Any]) -> Callable[[], int]:
    """The whole audience of a workspace: from the freezing of the audience to the last outcome in the ledger.

    `order["signers"]` is "none", "ed25519" or "rsa".
    """
    newsletter = Newsletter(Path(order["workspace"]), order["edition"], order.get("url"))
    parts = newsletter.parts(order["port"])
    signers = tuple(signer for signer in parts.signers if signer.algorithm.startswith(order["signers"]))
    parts = replace(parts, signers=signers)

    def work() -> int:
        with parts.store.read() as db:
            row, sealed = editions.get(db, newsletter.edition), editions.sealed(db, newsletter.edition)
        assert row is not None
        assert sealed is not None
        with parts.store.write() as db:
            ledger.freeze_audience(db, newsletter.edition, parts.newsletter, parts.clock())
        sender = senders.register(parts.store, parts.clock())
        addressing = Addressing(parts, newsletter.edition, sender_domain(sealed))
        desk = Desk(parts, row, compile_message(sealed), addressing, sender, progress=lambda counts: None)
        try:
            _engine(order).run(desk, _relay(order), newsletter.folder, newsletter.edition, sender.id)
        finally:
            sender.finish(parts.clock())
        return desk.counts["sent"]

    return work


def _engine(order: dict[str, Any]) -> Engine:
    return engine(order["engine"])


def _relay(order: dict[str, Any]) -> Relay:
    return Relay(
        host="127.0.0.1",
        port=order["port"],
        security="tls" if order.get("ca_file") else "none",
        ca_file=order.get("ca_file"),
        local_hostname="sender.example.org",
    )


def main() -> None:
    order = json.loads(sys.argv[1])
    work = ledger_run(order) if order.get("workspace") else lambda: fixed(order)
    profile = order.get("profile")
    print(json.dumps(_profiled(work, profile) if profile else measured(work)))


def _profiled(work: Callable[[], int], path: str) -> dict[str, float]:
    """With a profile of every thread in `path`, for pstats. The figures are then those of a process being watched."""
    import cProfile
    import threading

    watch = cProfile.Profile()
    others: list[cProfile.Profile] = []

    def enter(*_: object) -> None:
        other = cProfile.Profile()
        others.append(other)
        sys.setprofile(None)
        other.enable()

    threading.setprofile(enter)
    watch.enable()
    result = measured(work)
    watch.disable()
    import pstats

    pstats.Stats(watch).dump_stats(f"{path}.desk")
    for number, other in enumerate(others):
        other.create_stats()
        pstats.Stats(other).dump_stats(f"{path}.thread{number}")
    return result


if __name__ == "__main__":
    main()
