"""The clock jumps, or a run is not done when the next one is due: one edition a slot, one mail each."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.model import EditionState
from digest.store import ledger
from digest.verbs import due
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION, NEXT = "weekly-2026-11-23", "weekly-2026-11-30"
WEEK = timedelta(days=7)
JUMPS = [timedelta(hours=-1), timedelta(hours=1), timedelta(days=1), timedelta(days=-1)]


def _later() -> Order:
    return Order(wait=timedelta(0))


@pytest.mark.slow
@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_clock_that_jumps_in_mid_run_changes_nothing_for_readers(auto: Newsletter, jump: timedelta) -> None:
    auto.story("Sleep is good")
    names = [f"r{number:03}" for number in range(220)]  # more than one group of claims
    auto.readers(*names)
    auto.clock.set(MONDAY_7)
    jumped: list[bool] = []

    def progress(*_: object) -> None:
        if not jumped:
            jumped.append(True)
            auto.clock.advance(jump)

    runs = send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0), progress=progress))
    again = send_due(auto.parts, _later())
    auto.clock.set(MONDAY_7)
    once_more = send_due(auto.parts, _later())

    assert [run.what for run in runs] == ["sent"]
    assert again == once_more == []
    assert auto.received() == [f"{name}@example.com" for name in names]
    assert auto.totals(EDITION).uncertain == 0


def test_a_clock_that_is_put_back_before_the_slot_makes_no_second_edition(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)
    send_due(auto.parts, _later())

    auto.clock.advance(timedelta(days=-1))
    before = send_due(auto.parts, _later())
    auto.clock.set(MONDAY_7)
    after = send_due(auto.parts, _later())

    assert before == after == []
    assert [row.edition.id for row in due.listing(auto.parts, 9)] == [EDITION]
    assert auto.received() == ["ada@example.com"]


def test_a_retry_that_a_wrong_clock_put_far_away_comes_soon(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule("rcpt", text="451 4.7.1 later", times=1))
    auto.relay.used.append(0)
    auto.parts = replace(auto.parts, calendar=replace(auto.parts.calendar, late_after=timedelta(days=9)))
    auto.clock.advance(timedelta(days=2))  # nobody notices that it goes wrong
    assert [run.what for run in send_due(auto.parts, _later())] == ["resumable"]

    auto.clock.set(MONDAY_7 + timedelta(minutes=10))
    runs = send_due(auto.parts, _later())

    assert [run.what for run in runs] == ["sent"]
    assert auto.received() == ["ada@example.com"]


def test_an_edition_not_done_when_the_next_is_due_keeps_books_of_its_own(auto: Newsletter) -> None:
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, give_up_after=timedelta(days=30)))
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule("rcpt", match="ada", text="451 4.7.1 later", times=1))
    auto.relay.used.append(0)
    send_due(auto.parts, _later())

    auto.clock.set(MONDAY_7 + WEEK - timedelta(days=3))
    auto.story("Walking is good", day="2026-11-26")
    auto.clock.set(MONDAY_7 + WEEK)
    runs = send_due(auto.parts, _later())

    assert {run.edition: run.what for run in runs} == {EDITION: "sent", NEXT: "sent"}
    assert (auto.totals(EDITION).planned, auto.totals(NEXT).planned) == (2, 2)
    assert auto.received() == ["ada@example.com"] * 2 + ["bob@example.com"] * 2
    with auto.parts.store.read() as db:
        ids = {row.message_id for edition in (EDITION, NEXT) for row in ledger.recipients(db, edition)}
    assert len(ids) == 4
    assert due.find(auto.parts, NEXT).state is EditionState.SENT
