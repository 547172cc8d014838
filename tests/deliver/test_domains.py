"""Whose mailboxes a domain belongs to, and which refusals ask us to send less."""

from __future__ import annotations

import pytest

from digest.deliver.domains import DomainLimit, asks_for_less, by_provider, provider_of
from digest.model import Outcome, Phase


@pytest.mark.parametrize(
    ("domain", "provider"),
    [
        ("gmail.com", "gmail"),
        ("GoogleMail.com", "gmail"),
        ("yahoo.com", "yahoo"),
        ("yahoo.co.uk", "yahoo"),
        ("yahoo.com.br", "yahoo"),
        ("ymail.com", "yahoo"),
        ("aol.com", "yahoo"),
        ("yahoo.co.jp", "yahoo.co.jp"),
        ("hotmail.de", "microsoft"),
        ("live.co.uk", "microsoft"),
        ("outlook.com", "microsoft"),
        ("msn.com", "microsoft"),
        ("Example.ORG.", "example.org"),
        ("gmail.com.evil.example", "gmail.com.evil.example"),
        ("yahoo.evil.example", "yahoo.evil.example"),
        ("notgmail.com", "notgmail.com"),
        ("", ""),
    ],
)
def test_domains_of_one_provider_are_counted_together(domain: str, provider: str) -> None:
    assert provider_of(domain) == provider


def test_a_limit_for_one_domain_is_a_limit_for_its_provider_and_the_strictest_counts() -> None:
    limits = by_provider(
        {
            "gmail.com": DomainLimit(connections=2, messages_per_second=9),
            "googlemail.com": DomainLimit(messages_per_second=5),
            "example.org": DomainLimit(connections=1),
        }
    )

    assert limits == {
        "gmail": DomainLimit(connections=2, messages_per_second=5),
        "example.org": DomainLimit(connections=1),
    }


def said(phase: str, text: str) -> Outcome:
    code, enhanced, words = text.split(" ", 2)
    return Outcome(phase=Phase(phase), code=int(code), enhanced=None if enhanced == "-" else enhanced, text=words)


@pytest.mark.parametrize(
    ("phase", "text"),
    [
        ("dot", "421 4.7.28 Our system has detected an unusual rate of unsolicited mail"),
        ("rcpt", "421 4.7.0 Try again later, closing connection."),
        ("rcpt", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume"),
        ("rcpt", "451 4.7.650 The mail server has been temporarily rate limited due to IP reputation"),
        ("dot", "451 4.7.500 Server busy. Please try again later"),
        ("rcpt", "421 - RP-001 exceeded the rate limit"),
        ("rcpt", "450 - too many connections"),
        ("data", "421 4.3.2 shutting down"),
    ],
)
def test_what_big_providers_say_when_it_is_too_fast_slows_their_recipients_down(phase: str, text: str) -> None:
    assert asks_for_less(said(phase, text)) == "provider"


@pytest.mark.parametrize(
    ("phase", "text"),
    [
        ("mail", "421 4.7.0 too much mail from 192.0.2.1"),
        ("mail", "450 4.7.1 Error: too much mail from 192.0.2.1"),
        ("dot", "454 - Throttling failure: Maximum sending rate exceeded"),
    ],
)
def test_what_a_relay_says_about_us_slows_everything_down(phase: str, text: str) -> None:
    assert asks_for_less(said(phase, text)) == "all"


@pytest.mark.parametrize(
    ("phase", "text"),
    [
        ("rcpt", "450 4.7.1 Greylisted, see http://postgrey.schweikert.ch/help/example.org"),
        ("rcpt", "451 4.2.0 greylisting in action"),
        ("rcpt", "450 4.2.1 The user you are trying to contact is receiving mail too quickly"),
        ("rcpt", "452 4.2.2 mailbox full"),
        ("rcpt", "451 4.3.0 try later"),
        ("rcpt", "550 5.7.1 too many bad mails"),
        ("connect", "421 4.7.0 too many connections"),
        ("dot", "250 2.0.0 queued"),
    ],
)
def test_other_answers_are_not_about_speed(phase: str, text: str) -> None:
    assert asks_for_less(said(phase, text)) is None


def test_silence_is_not_about_speed() -> None:
    assert asks_for_less(Outcome(phase=Phase.DOT, text="no reply within 600 s")) is None
