"""The fast engine within its limits by domain: nobody starved, nobody lost, nobody charged."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

import pytest

from digest.deliver.desk import Job
from digest.deliver.domains import DomainLimit, provider_of
from digest.deliver.engine import deliver
from digest.deliver.speed import Speed
from digest.model import Claim, Outcome
from tests.deliver.lists import ENGINES, ListDesk, ListJournal, jobs, many, relay_to
from tests.smtpd import EXTENSIONS, Rule, Script, SmtpServer

CHUNKING = (*EXTENSIONS, "CHUNKING")
THROTTLED = {
    "Gmail": ("gmail.com", "421 4.7.0 Try again later, closing connection. 5b1f17b1804b1-gsmtp"),
    "Yahoo": ("yahoo.com", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume"),
    "Outlook, reputation": ("outlook.com", "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited"),
    "Outlook, busy": ("hotmail.com", "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77714)"),
}


class CountingJournal(ListJournal):
    """Knows how many messages to each domain were on the wire at the same time."""

    def __init__(self, readers: list[Job]) -> None:
        super().__init__()
        self._domains = {each.claim.subscriber: each.rcpt_to.partition("@")[2] for each in readers}
        self._now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def began(self, claim: Claim) -> None:
        super().began(claim)
        domain = self._domains[claim.subscriber]
        self._now[domain] += 1
        self.most[domain] = max(self.most[domain], self._now[domain])

    def ended(self, claim: Claim, outcome: Outcome) -> None:
        super().ended(claim, outcome)
        self._now[self._domains[claim.subscriber]] -= 1


def readers(*domains: str) -> list[Job]:
    return jobs(*[f"reader{number}@{domain}" for number, domain in enumerate(domains)])


def speed(**limits: DomainLimit) -> Speed:
    per_domain = {name.replace("_", "."): limit for name, limit in limits.items()}
    return Speed(clock=time.monotonic, per_domain=per_domain)


@pytest.mark.parametrize("builders", [0, 2])
@pytest.mark.parametrize(("extensions", "window"), [(EXTENSIONS, 1), (CHUNKING, 4), ((), 1)])
def test_a_domain_never_has_more_in_flight_than_it_may(extensions: tuple[str, ...], window: int, builders: int) -> None:
    waiting = readers(*["gmail.com", "x.example", "gmail.com"] * 30)
    desk, journal = ListDesk(waiting), CountingJournal(waiting)
    with SmtpServer(Script(extensions=extensions, reply_delay_s=0.001)) as server:
        deliver(
            desk,
            relay_to(server),
            connections=5,
            stop=threading.Event(),
            journal=journal,
            window=window,
            builders=builders,
            speed=speed(gmail_com=DomainLimit(connections=2)),
        )

    assert set(desk.shape.values()) == {"dot 250"}
    assert len(server.recipients()) == 90
    assert journal.most["gmail.com"] <= 2


def test_a_desk_that_cannot_choose_still_gets_everybody_through() -> None:
    waiting = readers(*["gmail.com"] * 40, *["x.example"] * 40)
    desk = ListDesk(waiting)
    with SmtpServer() as server:
        deliver(
            desk,
            relay_to(server),
            connections=4,
            stop=threading.Event(),
            journal=ListJournal(),
            claims=10,
            speed=speed(gmail_com=DomainLimit(messages_per_second=200)),
        )

    assert set(desk.shape.values()) == {"dot 250"}
    assert desk.most_outstanding <= 10


@pytest.mark.parametrize("claims", [1, 2, 7])
def test_even_with_the_smallest_groups_everybody_gets_through(claims: int) -> None:
    desk = ListDesk(readers(*["gmail.com", "x.example", "aol.com"] * 10))
    limits = speed(gmail_com=DomainLimit(connections=1), aol_com=DomainLimit(messages_per_second=200))
    with SmtpServer() as server:
        stop, journal = threading.Event(), ListJournal()
        deliver(desk, relay_to(server), connections=3, stop=stop, journal=journal, claims=claims, speed=limits)

    assert set(desk.shape.values()) == {"dot 250"}
    assert desk.most_outstanding <= claims


@pytest.mark.parametrize(("domain", "text"), [*THROTTLED.values()], ids=[*THROTTLED])
def test_a_provider_that_asks_for_less_gets_half_and_slowly_more_again_and_nobody_is_lost(
    domain: str, text: str
) -> None:
    """Of eight at once four are left; every ten seconds one more is tried."""
    now = [0.0]
    limits, found = Speed(clock=lambda: now[0]), []
    waiting = readers(*[*[domain] * 60, *["x.example"] * 60] * 4)
    refusal = Rule("rcpt", text=text, match=f"@{domain}", skip=40, times=1, close=text.startswith("421"))
    desks = [ListDesk(waiting[first : first + 120]) for first in range(0, 480, 120)]
    # With chunks a message is on the wire from its first word on.
    with SmtpServer(Script(rules=[refusal], extensions=CHUNKING, reply_delay_s=0.003)) as server:
        for desk, seconds in zip(desks, (0, 0, 11, 100), strict=True):
            now[0], journal = float(seconds), CountingJournal(waiting)
            stop, relay = threading.Event(), relay_to(server)
            deliver(desk, relay, connections=4, window=2, stop=stop, journal=journal, speed=limits)
            found.append((journal.most[domain], journal.most["x.example"], limits.slowed))

    before, after, later, much_later = found
    assert before[2] == after[2] == later[2] == (provider_of(domain),)
    assert (after[0], later[0]) == (4, 5)
    assert before[0] > 5
    assert much_later[0] > 5
    assert much_later[2] == ()
    assert after[1] >= 4  # others have what is left
    said = Counter(said for desk in desks for said in desk.shape.values())
    assert said.pop(f"rcpt {text[:3]}") == 1
    assert said.pop("dot None", 0) < 2  # a connection that is closed leaves a window's other chunk in doubt
    assert set(said) == {"dot 250"}
    assert 478 <= len(server.recipients()) == len(set(server.recipients())) <= 479


def test_what_was_learnt_is_known_to_the_next_run() -> None:
    rule = Rule("rcpt", text="421 4.7.0 slow down", match="@gmail", times=1, close=True)
    limits, waiting = speed(), readers(*["gmail.com"] * 30)
    with SmtpServer(Script(rules=[rule], reply_delay_s=0.001)) as server:
        for journal, part in [(ListJournal(), waiting[:5]), (CountingJournal(waiting[5:]), waiting[5:])]:
            deliver(
                ListDesk(part), relay_to(server), connections=4, stop=threading.Event(), journal=journal, speed=limits
            )

    assert isinstance(journal, CountingJournal)
    assert journal.most["gmail.com"] <= 2


def test_told_to_stop_those_who_wait_aside_are_given_back() -> None:
    stop = threading.Event()

    def watch(desk: ListDesk, done: list[Any]) -> bool:
        stop.set()
        return True

    desk = ListDesk(readers(*["gmail.com"] * 50), on_settle=watch)
    with SmtpServer() as server:
        ending = deliver(
            desk,
            relay_to(server),
            connections=2,
            stop=stop,
            journal=ListJournal(),
            speed=speed(gmail_com=DomainLimit(messages_per_second=1)),
        )

    assert ending.why == "stopped"
    assert desk.taken == len(desk.settled)
    assert Counter(desk.shape.values())["connect None"] >= 48


def test_the_pace_of_the_whole_counts_too() -> None:
    desk = ListDesk(many(6))
    with SmtpServer() as server:
        paced = Speed(clock=time.monotonic, messages_per_second=100)
        deliver(desk, relay_to(server), connections=3, stop=threading.Event(), journal=ListJournal(), speed=paced)

    assert len(server.recipients()) == 6


def test_the_plain_engine_knows_no_such_limits_and_says_so() -> None:
    assert not ENGINES[0].is_fast
    with SmtpServer() as server, pytest.raises(ValueError, match="journal"):
        deliver(ListDesk([]), relay_to(server), connections=1, stop=threading.Event(), speed=speed())
