"""Operators are told what waits for them: once for each time, and later when the relay is away."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.store import editions
from digest.verbs import control, due
from digest.verbs.notify import tell
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
OPERATOR = "operator@example.com"


def _now() -> Order:
    return Order(stop=threading.Event(), wait=timedelta(0))


@pytest.fixture
def told(auto: Newsletter) -> Newsletter:
    auto.parts = replace(auto.parts, notify_to=(OPERATOR,))
    auto.story("Sleep is good")
    auto.readers("ada")
    return auto


def _without_relay(newsletter: Newsletter) -> None:
    down = replace(newsletter.parts, relay=replace(newsletter.parts.relay, port=1, reconnect_waits=()))
    send_due(down, _now())


def test_a_word_that_could_not_be_sent_is_sent_when_the_relay_is_back(told: Newsletter) -> None:
    told.assembled()
    told.clock.set(MONDAY_7 + timedelta(hours=5))
    _without_relay(told)  # missed, because everything was down
    told.clock.advance(timedelta(minutes=5))

    send_due(told.parts, _now())
    told.clock.advance(timedelta(hours=5))
    send_due(told.parts, _now())

    assert told.received() == [OPERATOR]
    assert b"was missed" in told.relay.accepted[0].data


def test_it_is_tried_ever_more_seldom(told: Newsletter) -> None:
    told.assembled()
    told.clock.set(MONDAY_7 + timedelta(hours=5))
    told.relay.script.rules.append(Rule(phase="rcpt", match=OPERATOR, text="451 4.3.0 later"))
    told.relay.used.append(0)

    for _ in range(60):
        send_due(told.parts, _now())
        told.clock.advance(timedelta(minutes=1))

    assert told.relay.used == [4]  # after 5, 10 and 20 minutes


def test_what_holds_no_more_is_not_told_late(told: Newsletter) -> None:
    told.parts = replace(told.parts, approval="required")
    _without_relay(told)  # it waits for approval, and nobody knows
    control.cancel(told.parts, due.find(told.parts, EDITION), "editor")
    told.clock.advance(timedelta(hours=1))

    send_due(told.parts, _now())

    assert told.received() == []


def test_the_same_trouble_after_a_resume_is_told_again(told: Newsletter) -> None:
    told.clock.set(MONDAY_7)
    told.relay.script.rules.append(Rule(phase="rcpt", match="ada", text="550 5.7.26 unauthenticated"))
    told.relay.used.append(0)

    send_due(told.parts, _now())
    control.resume(told.parts, due.find(told.parts, EDITION), "operator")
    send_due(told.parts, _now())
    send_due(told.parts, _now())

    assert told.received() == [OPERATOR, OPERATOR]


def test_of_two_that_find_out_at_once_one_tells_and_should_it_die_the_other_does_later(told: Newsletter) -> None:
    row = told.assembled()
    with told.parts.store.write() as db:
        editions.record_event(db, row.edition.id, "telling:paused", "it rains", told.clock())

    assert not tell(told.parts, "paused", row, "it rains")
    told.clock.advance(timedelta(minutes=6))
    assert tell(told.parts, "paused", row, "it rains")
    assert not tell(told.parts, "paused", row, "it rains")
    assert told.received() == [OPERATOR]
