"""The clock jumps, or a run is not done when the next one is due: one edition a slot, one mail each."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from digest.model import EditionState, RecipientState
from digest.store import ledger, open_store
from digest.verbs import due
from digest.verbs.report import Run
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


# ── other rules for the same zone ────────────────────────────────────────────────────────────────


def _as_london(zone: str) -> ZoneInfo:
    """What Europe/London becomes when tzdata brings it the rules of `zone`."""
    with resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key="Europe/London")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Atlantic/Azores", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_new_rules_for_the_zone_between_assembling_and_the_slot_make_no_second_edition(
    auto: Newsletter, zone: str
) -> None:
    """An hour earlier, an hour later, nearly a day either way: the edition keeps its date, and the hour it had."""
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    before = auto.assembled()
    auto.parts = replace(auto.parts, calendar=replace(auto.parts.calendar, timezone=_as_london(zone)))

    runs = []
    for hour in range(-72, 72):
        auto.clock.set(MONDAY_7 + timedelta(hours=hour))
        runs += [(hour, run.edition, run.what) for run in send_due(auto.parts, _later())]

    (row,) = due.listing(auto.parts, 9)
    assert runs == [(0, EDITION, "sent")]
    assert (row.edition.id, row.edition.slot, row.hash) == (EDITION, before.edition.slot, before.hash)
    assert auto.received() == ["ada@example.com", "bob@example.com"]


@pytest.mark.parametrize(("zone", "utc"), [("Europe/Berlin", 6), ("Atlantic/Azores", 8)])
def test_the_next_edition_goes_by_the_new_rules(auto: Newsletter, zone: str, utc: int) -> None:
    auto.story("Sleep is good")
    auto.assembled()
    auto.parts = replace(auto.parts, calendar=replace(auto.parts.calendar, timezone=_as_london(zone)))
    auto.clock.set(MONDAY_7 + timedelta(days=5))
    auto.story("Walking is good", day="2026-11-26")

    after = auto.assembled()

    assert (after.edition.id, after.edition.slot.instant) == (NEXT, datetime(2026, 11, 30, utc, tzinfo=UTC))


# ── a run under way ──────────────────────────────────────────────────────────────────────────────


class Slewed:
    """A clock that is being set right: each time somebody looks, it has gone on, or back, by this much."""

    def __init__(self, now: datetime, by: timedelta) -> None:
        self._now = now.astimezone(UTC)
        self._by = by

    def __call__(self) -> datetime:
        self._now += self._by
        return self._now


@pytest.mark.parametrize("by", [timedelta(seconds=-2), timedelta(milliseconds=-1), timedelta(seconds=2)], ids=str)
def test_a_clock_that_is_slewed_all_the_time_changes_nothing(auto: Newsletter, by: timedelta) -> None:
    auto.story("Sleep is good")
    names = [f"r{number:02}" for number in range(60)]
    auto.readers(*names)
    auto.assembled()
    auto.relay.script.reply_delay_s = 0.002
    auto.relay.script.rules.append(Rule("rcpt", text="451 4.7.1 later", match="r30@", times=1))
    auto.relay.used.append(0)
    slewed = replace(auto.parts, clock=Slewed(MONDAY_7 + timedelta(hours=1), by))

    first = send_due(slewed, _later())
    again = send_due(slewed, _later())
    auto.clock.set(MONDAY_7 + timedelta(hours=2))
    last = send_due(auto.parts, _later())

    assert [(run.what, run.totals.sent, run.totals.deferred) for run in first] == [("resumable", 59, 1)]
    assert {run.what for run in again} == {"resumable"}
    assert [(run.what, run.totals.sent, run.totals.uncertain) for run in last] == [("sent", 60, 0)]
    assert auto.received() == [f"{name}@example.com" for name in names]


def test_a_clock_that_jumps_past_the_lease_just_when_another_begins_lists_what_is_in_hand_and_mails_nobody_twice(
    auto: Newsletter,
) -> None:
    auto.story("Sleep is good")
    names = [f"r{number:03}" for number in range(300)]  # more than one process claims at a time
    auto.readers(*names)
    auto.clock.set(MONDAY_7)
    beside: list[Run] = []

    def jump(*_: object) -> None:
        if not beside:
            auto.clock.advance(timedelta(hours=1))
            with open_store(f"sqlite:///{auto.parts.workspace}/digest.db") as store:
                beside.extend(send_due(replace(auto.parts, store=store), _later()))

    send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0), progress=jump))
    send_due(auto.parts, _later())

    with auto.parts.store.read() as db:
        rows = {str(row.address): row.state for row in ledger.recipients(db, EDITION)}
    in_doubt = {who for who, state in rows.items() if state is RecipientState.UNCERTAIN}
    got = auto.received()
    assert len(beside) == 1
    assert len(got) == len(set(got))
    assert set(rows.values()) <= {RecipientState.SENT, RecipientState.UNCERTAIN}
    assert set(rows) - in_doubt <= set(got)
    assert 0 < len(in_doubt) <= 200


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
