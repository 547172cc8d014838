"""A relay that takes less than a message has: an edition that is too big is our fault, and fails no reader."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.model import EditionState, RecipientState
from digest.store import ledger
from digest.verbs import control, due, people
from digest.verbs.report import exit_code
from digest.verbs.send import Order, send_due
from tests.smtpd import EXTENSIONS, Rule, Script, SmtpServer
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
READERS = [f"r{number:02}" for number in range(45)]
WITHOUT_SIZE = tuple(each for each in EXTENSIONS if not each.startswith("SIZE"))
MODES = [("8BITMIME",), WITHOUT_SIZE, (*WITHOUT_SIZE, "CHUNKING")]


@pytest.fixture(params=MODES, ids=["steps", "pipelined", "chunks"])
def monday(auto: Newsletter, request: pytest.FixtureRequest) -> Newsletter:
    """Monday at seven; the relay says that it takes messages of 1000 octets."""
    auto.relay.script.extensions = ("SIZE 1000", *request.param)
    auto.story("Sleep is good")
    auto.readers(*READERS)
    auto.clock.set(MONDAY_7)
    return auto


def _at_once() -> Order:
    return Order(wait=timedelta(0))


def test_an_edition_that_is_too_big_for_the_relay_stops_at_once_and_fails_nobody(monday: Newsletter) -> None:
    runs = send_due(monday.parts, _at_once())

    totals = runs[0].totals
    assert [(run.what, exit_code([run])) for run in runs] == [("paused", 4)]
    assert re.search(r"too big for this relay.*has \d+ bytes, the relay takes 1000.*digest resume", str(runs[0].reason))
    assert (totals.pending, totals.failed, totals.deferred) == (len(READERS), 0, 0)
    assert "MAIL" not in monday.relay.verbs()


def test_while_the_relay_takes_no_more_nobody_fails_however_often_it_is_resumed(monday: Newsletter) -> None:
    for _ in range(3):
        send_due(monday.parts, _at_once())
        assert due.find(monday.parts, EDITION).state is EditionState.PAUSED
        control.resume(monday.parts, due.find(monday.parts, EDITION), "editor")

    monday.relay.script.extensions = ("SIZE 10000000", *monday.relay.script.extensions[1:])
    runs = send_due(monday.parts, _at_once())

    assert [(run.what, run.totals.sent) for run in runs] == [("sent", len(READERS))]
    with monday.parts.store.read() as db:
        assert {row.attempt for row in ledger.recipients(db, EDITION)} == {1}  # nobody was charged


def test_a_relay_that_does_not_tell_its_limit_and_refuses_the_size_is_no_other_case(monday: Newsletter) -> None:
    monday.relay.script.extensions = ("SIZE", *monday.relay.script.extensions[1:])
    monday.relay.script.rules.append(Rule("mail", text="552 5.3.4 message size exceeds fixed limit"))
    monday.relay.used.append(0)

    runs = send_due(monday.parts, _at_once())

    assert [(run.what, run.totals.pending, run.totals.failed) for run in runs] == [("paused", len(READERS), 0)]
    assert "message size exceeds fixed limit" in str(runs[0].reason)


def test_a_stand_in_that_takes_less_than_the_relay_before_it_fails_nobody_in_mid_run(monday: Newsletter) -> None:
    monday.relay.script.extensions = ("SIZE 0", *monday.relay.script.extensions[1:])
    monday.relay.script.closes_after = 5
    monday.relay.script.rules.append(Rule("greeting", text="554 5.7.1 enough of you", skip=2))
    monday.relay.used.append(0)
    with SmtpServer(Script(extensions=("SIZE 1000",))) as small:
        stand_in = replace(monday.parts.relay, port=small.port)
        delivery = replace(monday.parts.delivery, connections=2)
        runs = send_due(replace(monday.parts, stand_ins=(stand_in,), delivery=delivery), _at_once())

    totals = runs[0].totals
    in_doubt = 2 * ("CHUNKING" in monday.relay.script.extensions)  # a chunk was out when the first one closed
    assert [(run.what, totals.failed) for run in runs] == [("paused", 0)]
    assert 5 <= totals.sent == len(monday.received()) <= 10
    assert totals.uncertain <= in_doubt
    assert totals.pending == len(READERS) - totals.sent - totals.uncertain
    assert "the relay takes 1000" in str(runs[0].reason)


def test_one_readers_message_that_is_too_big_where_the_others_are_not_is_his_failure(monday: Newsletter) -> None:
    people.add(monday.parts, "long@example.com", name="Long " * 12, topics=(), proof="test")
    monday.relay.script.extensions = ("SIZE 10000000", *monday.relay.script.extensions[1:])
    monday.relay.script.rules.append(Rule("mail", text="451 4.3.0 later", times=len(READERS) + 1))
    monday.relay.used.append(0)
    send_due(monday.parts, _at_once())
    sizes = sorted({int(line.rpartition("SIZE=")[2]) for _, line in monday.relay.commands if "SIZE=" in line})

    monday.relay.script.extensions = (f"SIZE {sizes[-2]}", *monday.relay.script.extensions[1:])
    monday.clock.advance(timedelta(minutes=6))
    runs = send_due(monday.parts, _at_once())

    assert [(run.what, run.totals.sent, run.totals.failed) for run in runs] == [("sent", len(READERS), 1)]
    with monday.parts.store.read() as db:
        (failed,) = (row for row in ledger.recipients(db, EDITION) if row.state is RecipientState.FAILED)
    assert failed.address == "long@example.com"
    assert (
        failed.reason
        == f"rcpt: 552 5.3.4 the message has {sizes[-1]} bytes, the relay takes {sizes[-2]}; nothing was sent"
    )
