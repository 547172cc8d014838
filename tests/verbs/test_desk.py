"""The desk between ledger and engine: leases of those who wait are kept, and no outcome counts twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.deliver.desk import Job
from digest.deliver.message import compile_message
from digest.deliver.rules import RunGuard
from digest.errors import StoreError
from digest.model import EditionState, Outcome, Phase
from digest.store import editions, senders
from digest.verbs import due
from digest.verbs.addressing import Addressing
from digest.verbs.desk import Desk
from digest.verbs.recovery import recover
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
TAKEN = Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="taken")
REFUSED = Outcome(phase=Phase.RCPT, code=550, enhanced="5.7.1", text="not from you")


@pytest.fixture
def desk(auto: Newsletter) -> Iterator[Desk]:
    """The desk of a process that sends to thirty readers who were put off once."""
    auto.story("Sleep is good")
    auto.readers(*(f"r{number:02}" for number in range(30)))
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule("rcpt", text="451 4.2.0 later"))
    auto.relay.used.append(0)
    send_due(auto.parts, Order(wait=timedelta(0)))
    auto.clock.advance(timedelta(minutes=10))
    sender = senders.register(auto.parts.store, auto.clock())
    with auto.parts.store.read() as db:
        sealed = editions.sealed(db, EDITION)
    assert sealed is not None
    row, addressing = due.find(auto.parts, EDITION), Addressing(auto.parts, EDITION, "example.com")
    guard = RunGuard(answered=1000)
    yield Desk(auto.parts, row, compile_message(sealed), addressing, sender, lambda counts: None, guard)
    sender.abandon()


def _later(auto: Newsletter, minutes: int) -> None:
    auto.clock.advance(timedelta(minutes=minutes))


SAID: dict[str, Callable[[Desk, list[Job]], object]] = {
    "asked about": lambda desk, jobs: desk.recheck(jobs),
    "others settled": lambda desk, jobs: desk.settle([(jobs[0], TAKEN)]),
    "others settled in turn": lambda desk, jobs: desk.turn([(jobs[0], REFUSED)], 1),
}


@pytest.mark.parametrize("said", SAID)
def test_who_waits_aside_for_longer_than_a_lease_is_still_ours(auto: Newsletter, desk: Desk, said: str) -> None:
    jobs = desk.take(5)

    _later(auto, 19)
    SAID[said](desk, jobs)
    _later(auto, 19)

    assert recover(auto.parts, EDITION) == 0
    assert len(desk.recheck(jobs[1:])) == 4


def test_leases_are_not_written_anew_all_the_time(auto: Newsletter, desk: Desk) -> None:
    jobs = desk.take(5)

    _later(auto, 1)
    desk.recheck(jobs)
    _later(auto, 20)  # asleep for all that time

    assert recover(auto.parts, EDITION) == 5


@pytest.fixture
def faulty(auto: Newsletter, desk: Desk) -> tuple[Desk, list[tuple[Job, Outcome]]]:
    """A desk that could not write down that twelve were refused."""
    done = [(job, REFUSED) for job in desk.take(12)]
    with auto.parts.store.write() as db:
        db.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE ON recipient WHEN new.state = 'failed' "
            "BEGIN SELECT RAISE(ABORT, 'no space'); END"
        )
    with pytest.raises(StoreError, match="no space"):
        desk.turn(done, 5)
    with auto.parts.store.write() as db:
        db.exec_driver_sql("DROP TRIGGER full")
    return desk, done


def test_outcomes_told_again_after_a_fault_are_judged_once(
    auto: Newsletter, faulty: tuple[Desk, list[tuple[Job, Outcome]]]
) -> None:
    desk, done = faulty

    may_go_on = desk.settle(done)

    assert may_go_on
    assert desk.halted is None
    assert desk.counts == {"failed": 12}
    assert auto.totals(EDITION).failed == 12


def test_others_of_the_same_words_are_judged(auto: Newsletter, faulty: tuple[Desk, list[tuple[Job, Outcome]]]) -> None:
    desk, done = faulty

    desk.settle(done)
    may_go_on = desk.settle([(job, REFUSED) for job in desk.take(8)])

    assert not may_go_on
    assert due.find(auto.parts, EDITION).state is EditionState.PAUSED


def test_a_pause_whose_process_is_killed_at_once_is_told_all_the_same(auto: Newsletter, desk: Desk) -> None:
    auto.parts = desk.parts = replace(auto.parts, notify_to=("editor@example.com",))
    desk.settle([(job, REFUSED) for job in desk.take(20)])
    auto.relay.script.rules.clear()

    _later(auto, 6)
    runs = [run.what for _ in range(2) for run in send_due(auto.parts, Order(wait=timedelta(0)))]

    (mail,) = auto.relay.accepted
    assert runs == ["paused", "paused"]
    assert mail.rcpt_to == ("editor@example.com",)
    assert b"20 recipients in a row were refused" in mail.data
