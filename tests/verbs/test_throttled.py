"""Big providers that ask for less: whoever is put off gets it later, nobody is lost, and the run goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.verbs import people
from digest.verbs.report import exit_code
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
THROTTLED = {
    "gmail.com": "421 4.7.0 Try again later, closing connection. 5b1f17b1804b1-gsmtp",
    "yahoo.com": "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume",
    "outlook.com": "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation",
    "hotmail.com": "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77714)",
    "aol.com": "421 4.7.0 [TSS05] Messages from 192.0.2.1 temporarily deferred",
}
EACH = 12


@pytest.fixture
def monday(auto: Newsletter) -> Newsletter:
    """Monday at seven, a dozen readers at each big provider and at a small one, each of which puts two off."""
    rules = [Rule("rcpt", text=text, match=f"@{domain}", skip=4, times=2) for domain, text in THROTTLED.items()]
    auto.relay.script.rules += rules
    auto.relay.used += [0] * len(rules)
    auto.story("Sleep is good")
    for domain in (*THROTTLED, "small.example"):
        for number in range(EACH):
            people.add(auto.parts, f"r{number:02}@{domain}", name="", topics=(), proof="test")
    auto.clock.set(MONDAY_7)
    return auto


def test_who_is_put_off_by_a_provider_that_asks_for_less_is_charged_and_nobody_fails(monday: Newsletter) -> None:
    runs = send_due(monday.parts, Order(wait=timedelta(0)))

    totals = runs[0].totals
    put_off = 2 * len(THROTTLED)
    assert [(run.what, exit_code([run])) for run in runs] == [("resumable", 75)]
    assert (totals.deferred, totals.failed, totals.uncertain) == (put_off, 0, 0)
    assert totals.sent == len(monday.received()) == EACH * (len(THROTTLED) + 1) - put_off


def test_and_gets_it_a_little_later_once(monday: Newsletter) -> None:
    send_due(monday.parts, Order(wait=timedelta(0)))
    monday.clock.advance(timedelta(minutes=6))

    runs = send_due(monday.parts, Order(wait=timedelta(0)))

    assert [(run.what, run.totals.sent) for run in runs] == [("sent", EACH * (len(THROTTLED) + 1))]
    assert len(monday.received()) == len(set(monday.received())) == EACH * (len(THROTTLED) + 1)


@pytest.mark.parametrize(
    "text",
    [
        "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address",
        "421 4.7.32 Your email has been rate limited because the From: header isn't aligned with SPF or DKIM",
    ],
)
def test_a_rate_that_is_about_our_standing_stops_the_run_and_charges_nobody(monday: Newsletter, text: str) -> None:
    monday.relay.script.rules[:] = [Rule("rcpt", text=text, match="@gmail")]
    monday.relay.used[:] = [0]

    runs = send_due(monday.parts, Order(wait=timedelta(0)))

    assert [(run.what, exit_code([run])) for run in runs] == [("paused", 4)]
    assert text in str(runs[0].reason)
    assert (runs[0].totals.failed, runs[0].totals.deferred) == (0, 0)
    assert runs[0].totals.sent == len(monday.received())
