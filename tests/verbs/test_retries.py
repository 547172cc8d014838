"""Who is tried again, for how long, and what is kept of what a server said."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from digest.errors import InputError
from digest.model import EditionState
from digest.store import ledger, tables
from digest.verbs import control, due, people
from digest.verbs.report import exit_code
from digest.verbs.send import Order, send_due, send_edition
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"


def _now() -> Order:
    return Order(stop=threading.Event(), wait=timedelta(0))


def _rule(newsletter: Newsletter, **how: object) -> None:
    newsletter.relay.script.rules.append(Rule(**how))  # type: ignore[arg-type]
    newsletter.relay.used.append(0)


def test_where_resending_is_wished_an_unanswered_message_is_sent_once_more_in_the_same_run(auto: Newsletter) -> None:
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, uncertain="resend-once"))
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    _rule(auto, phase="dot", do="drop", match="ada", accepted=True, times=1)

    runs = send_due(auto.parts, _now())

    assert (runs[0].what, runs[0].totals.sent, exit_code(runs)) == ("sent", 2, 0)
    assert auto.received() == ["ada@example.com", "ada@example.com", "bob@example.com"]


def test_and_never_a_third_time(auto: Newsletter) -> None:
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, uncertain="resend-once"))
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)
    _rule(auto, phase="dot", do="drop", accepted=True)

    runs = send_due(auto.parts, _now())
    send_due(auto.parts, _now())

    assert (runs[0].totals.uncertain, exit_code(runs)) == (1, 4)
    assert auto.received() == ["ada@example.com", "ada@example.com"]


def test_an_edition_sent_a_week_late_waits_for_greylisting_as_any_other(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.assembled()
    auto.clock.set(MONDAY_7 + timedelta(days=6))
    _rule(auto, phase="rcpt", text="451 4.7.1 greylisted", times=1)

    first = send_edition(auto.parts, EDITION, _now(), late=True)
    auto.clock.advance(timedelta(minutes=6))
    send_due(auto.parts, _now())

    assert first.totals.deferred == 1
    assert auto.received() == ["ada@example.com"]


def test_it_gives_up_five_days_after_it_began(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.assembled()
    auto.clock.set(MONDAY_7 + timedelta(days=6))
    _rule(auto, phase="rcpt", text="451 4.7.1 not today")
    send_edition(auto.parts, EDITION, _now(), late=True)
    auto.clock.advance(timedelta(days=5, minutes=1))

    send_due(auto.parts, _now())

    assert due.find(auto.parts, EDITION).state is EditionState.SENT
    assert auto.totals(EDITION).failed == 1


def test_what_is_put_off_after_the_edition_was_cancelled_is_cancelled(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    _rule(auto, phase="rcpt", text="451 4.7.1 later")

    def progress(*_: object) -> None:
        if due.find(auto.parts, EDITION).state is EditionState.SENDING:
            control.cancel(auto.parts, due.find(auto.parts, EDITION), "editor")

    auto.relay.script.extensions = ()  # one command at a time: bob is in conversation when ada's end is written down
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, connections=1))
    runs = send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0), progress=progress))

    totals = auto.totals(EDITION)
    assert runs[0].what == "cancelled"
    assert (totals.deferred, totals.pending, totals.cancelled) == (0, 0, 2)


def test_the_address_is_not_kept_in_what_the_server_said(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)
    _rule(auto, phase="rcpt", text="550 5.1.1 <Ada@Example.com>: no such user")

    send_due(auto.parts, _now())
    people.erase(auto.parts, "ada@example.com")

    with auto.parts.store.read() as db:
        (row,) = ledger.recipients(db, EDITION)
    assert row.reason == "rcpt: 550 5.1.1 <…>: no such user"
    assert "ada@" not in repr(row).lower()


def test_an_edition_that_cannot_be_made_into_messages_leaves_no_sender_behind(auto: Newsletter) -> None:
    auto.parts = replace(auto.parts, letterhead=replace(auto.parts.letterhead, from_address="no address"))
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.assembled()

    with pytest.raises(InputError, match="no address"):
        send_edition(auto.parts, EDITION, _now())

    with auto.parts.store.read() as db:
        assert db.scalar(select(func.count()).select_from(tables.sender)) == 0
