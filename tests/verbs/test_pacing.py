"""What one run learnt of speed, the next one knows."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import timedelta

from digest.deliver.domains import DomainLimit
from digest.verbs.pacing import remember, speed_of
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter


def test_a_provider_that_asked_for_less_is_not_asked_for_more_by_the_next_run(auto: Newsletter) -> None:
    auto.relay.script.rules.append(Rule("rcpt", text="421 4.7.0 slow down", match="r3@", times=1, close=True))
    auto.relay.used.append(0)
    auto.story("Sleep is good")
    auto.readers(*(f"r{n}" for n in range(12)))
    auto.clock.set(MONDAY_7)

    send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0)))

    assert speed_of(auto.parts, 1).slowed == ("example.com",)
    auto.clock.advance(timedelta(minutes=10))
    recovered = speed_of(auto.parts, 1)
    recovered.begin(10)
    assert recovered.enter("somebody", "example.com", recovered.clock())
    assert recovered.slowed == ()


def test_a_new_run_is_no_way_around_a_limit(auto: Newsletter) -> None:
    limits = {"example.com": DomainLimit(messages_per_second=0.1)}
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, per_domain=limits))
    first = speed_of(auto.parts, 1)
    assert first.enter("ann", "example.com", first.clock())

    remember(auto.parts, first)

    second = speed_of(auto.parts, 1)
    assert not second.enter("bob", "example.com", second.clock())


def test_advice_that_is_damaged_or_cannot_be_kept_hinders_nobody(auto: Newsletter) -> None:
    remember(auto.parts, speed_of(auto.parts, 1))
    (kept,) = auto.parts.workspace.rglob("speed.json")
    kept.write_text('{"": [1, "x"')
    kept.with_suffix(f".{os.getpid()}").mkdir()  # in the way of what is to be kept
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)

    runs = send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0)))

    assert [run.totals.sent for run in runs] == [2]
    assert kept.read_text() == '{"": [1, "x"'
