"""Relays that stand in for each other, and limits by domain, as the settings have them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.config import load
from digest.deliver.domains import DomainLimit
from digest.model import EditionState
from digest.verbs import due
from digest.verbs.report import exit_code
from digest.verbs.send import Order, send_due
from digest.wiring import assemble_parts
from tests.smtpd import EXTENSIONS, Rule
from tests.verbs.conftest import MONDAY_7, Newsletter


def test_another_relay_stands_in_for_one_that_is_away(auto: Newsletter) -> None:
    here = auto.parts.relay
    auto.parts = replace(auto.parts, relay=replace(here, port=1, reconnect_waits=()), stand_ins=(here,))
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)

    runs = send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0)))

    assert [run.what for run in runs] == ["sent"]
    assert auto.received() == ["ada@example.com", "bob@example.com"]


def test_a_domain_with_a_limit_gets_all_its_mail(auto: Newsletter) -> None:
    limits = {"example.com": DomainLimit(connections=1)}
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, per_domain=limits))
    auto.story("Sleep is good")
    auto.readers(*(f"r{n}" for n in range(12)))
    auto.clock.set(MONDAY_7)

    runs = send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0)))

    assert [(run.what, run.totals.sent) for run in runs] == [("sent", 12)]
    assert len(set(auto.received())) == 12


@pytest.mark.parametrize("window", [1, 8])
def test_so_many_messages_as_are_in_flight_on_a_lost_connection_are_uncertain(auto: Newsletter, window: int) -> None:
    settings = {"DIGEST_SMTP__WINDOW": str(window), "DIGEST_SMTP__CONNECTIONS": "1"}
    wired = assemble_parts(load(str(auto.parts.workspace), settings))
    wired.store.close()
    auto.parts = replace(auto.parts, delivery=wired.delivery)
    auto.relay.script.extensions = (*EXTENSIONS, "CHUNKING")
    auto.relay.script.reply_delay_s = 0.002
    auto.relay.script.rules += [Rule("bdat", do="drop", match="r20@"), Rule("dot", do="drop", match="r20@")]
    auto.relay.used += [0, 0]
    auto.story("Sleep is good")
    auto.readers(*(f"r{n}" for n in range(10, 50)))
    auto.clock.set(MONDAY_7)

    runs = send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0)))

    totals = runs[0].totals
    assert totals.sent + totals.uncertain == 40
    assert min(window, 2) <= totals.uncertain <= window


@pytest.mark.parametrize("served", [0, 3])
def test_a_relay_that_greets_with_a_refusal_pauses_the_edition_and_fails_nobody(auto: Newsletter, served: int) -> None:
    auto.relay.script.rules.append(Rule("greeting", text="554 5.7.1 go away", skip=served))
    auto.relay.used.append(0)
    auto.relay.script.reply_delay_s = 0.002
    auto.parts = replace(auto.parts, notify_to=(), delivery=replace(auto.parts.delivery, connections=6))
    auto.story("Sleep is good")
    auto.readers(*(f"r{n}" for n in range(60)))
    auto.clock.set(MONDAY_7)

    runs = send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0)))

    totals = runs[0].totals
    assert [(run.what, exit_code([run])) for run in runs] == [("refused", 1)]
    assert "554 5.7.1 go away" in str(runs[0].reason)
    assert due.find(auto.parts, "weekly-2026-11-23").state is EditionState.PAUSED
    assert (totals.failed, totals.deferred, totals.uncertain) == (0, 0, 0)
    assert totals.pending > 0
    assert totals.sent == len(auto.received())
