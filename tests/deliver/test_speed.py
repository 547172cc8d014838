"""How much may be under way, and how that falls and rises, by a clock that the test owns."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.domains import DomainLimit
from digest.deliver.speed import ALL, Speed
from digest.model import Outcome, Phase

SLOWER = Outcome(phase=Phase.RCPT, code=421, enhanced="4.7.0", text="slow down")
SLOWER_ALL = Outcome(phase=Phase.MAIL, code=421, enhanced="4.7.0", text="slow down")
SENT = Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="queued")


class Clock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Sender:
    """Sends as much as may be sent."""

    def __init__(self, capacity: int = 8, **settings: Any) -> None:
        self.clock = Clock()
        self.speed = Speed(clock=self.clock, **settings)
        self.speed.begin(capacity)
        self.out: list[int] = []
        self.started = 0

    def fill(self, provider: str = "gmail", most: int = 100) -> int:
        """Start as many as may; how many that were."""
        before = len(self.out)
        now = self.clock.now
        while len(self.out) - before < most and self.speed.is_open(now):
            if not self.speed.enter(self.started + 1, provider, now):
                break
            self.started += 1
            self.out.append(self.started)
        return len(self.out) - before

    def end(self, outcome: Outcome | None, count: int = 1) -> None:
        for _ in range(count):
            self.speed.leave(self.out.pop(0), outcome, self.clock.now)

    def room(self, provider: str = "gmail") -> int:
        """How many may be in flight at once, found by trying."""
        started = self.fill(provider)
        for _ in range(started):
            self.speed.leave(self.out.pop(), None, self.clock.now)
        return started


LIMITED: dict[str, Any] = {"per_domain": {"gmail.com": DomainLimit(connections=2)}}


def test_a_domains_connections_limit_what_is_in_flight_to_it_and_to_nobody_else() -> None:
    sender = Sender(**LIMITED)

    assert sender.fill("gmail") == 2
    assert sender.fill("example.org", most=50) == 50
    sender.end(SENT)
    assert sender.fill("gmail") == 1


def test_a_domains_rate_limits_how_many_leave_in_a_second() -> None:
    sender = Sender(per_domain={"gmail.com": DomainLimit(messages_per_second=5)})

    assert sender.fill() == 1
    assert sender.speed.wait_for("gmail", sender.clock.now) == pytest.approx(0.2)
    sender.clock.now += 0.2
    assert sender.fill() == 1
    assert sender.fill("example.org", most=50) == 50
    sender.clock.now += 3600
    assert sender.fill() == 5


def test_what_comes_back_unsent_has_used_up_nothing_of_a_rate() -> None:
    limits = {"gmail.com": DomainLimit(messages_per_second=2)}
    sender = Sender(messages_per_second=2, per_domain=limits)
    sender.fill()
    sender.end(None)

    assert sender.fill() == 1


def test_asked_for_less_a_providers_share_halves_and_others_do_not_notice() -> None:
    sender = Sender(capacity=8)
    sender.fill(most=8)

    sender.end(SLOWER)
    sender.end(None, 7)

    assert sender.room("gmail") == 4
    assert sender.fill("example.org", most=50) == 50
    assert sender.speed.slowed == ("gmail",)


def test_what_was_already_under_way_halves_it_no_further() -> None:
    sender = Sender(capacity=8)
    sender.fill(most=8)

    sender.end(SLOWER, 8)

    assert sender.room() == 4


def test_asked_again_it_halves_again_down_to_one_and_then_rests_longer_each_time() -> None:
    sender = Sender(capacity=8)
    sender.fill(most=8)
    rooms, rests = [], []
    for _ in range(5):
        sender.end(SLOWER, len(sender.out))
        rests.append(sender.speed.wait_for("gmail", sender.clock.now) if not sender.fill(most=0) else 0)
        sender.clock.now += max(0.0, rests[-1]) if rests[-1] < 9 else 0
        rooms.append(sender.fill())

    assert rooms == [4, 2, 1, 1, 1]
    assert rests[3:] == [1.0, 2.0]


def test_a_rest_ends() -> None:
    sender = Sender(capacity=1)
    for _ in range(12):
        sender.clock.now += sender.speed.wait_for("gmail", sender.clock.now)
        assert sender.fill(most=1) == 1
        sender.end(SLOWER)
        assert sender.fill() == 0

    assert sender.speed.wait_for("gmail", sender.clock.now) == 60


def test_it_recovers_slowly_one_more_every_ten_seconds_and_then_for_good() -> None:
    sender = Sender(capacity=8)
    sender.fill(most=8)
    sender.end(SLOWER)
    sender.end(SENT, 7)

    rooms = []
    for _ in range(4):
        rooms.append(sender.room())
        sender.clock.now += 10
    sender.fill(most=50)

    assert rooms == [4, 5, 6, 7]
    assert len(sender.out) == 50
    assert sender.speed.slowed == ()


def test_it_never_recovers_beyond_its_limit() -> None:
    sender = Sender(capacity=8, per_domain={"gmail.com": DomainLimit(connections=4)})
    sender.fill()
    sender.end(SLOWER)
    sender.end(SENT, 3)
    assert sender.room() == 2

    sender.clock.now += 3600

    assert sender.room() == 4


def test_a_relay_that_asks_for_less_slows_everybody_down() -> None:
    sender = Sender(capacity=8)
    sender.fill("gmail", most=4)
    sender.fill("example.org", most=4)
    sender.end(SLOWER_ALL)
    sender.end(SENT, 7)

    assert sender.fill("gmail", most=3) + sender.fill("example.org", most=3) == 4
    assert sender.speed.slowed == (ALL,)


def test_waiting_does_not_help_where_somebody_must_leave_first() -> None:
    sender = Sender(**LIMITED)
    sender.fill()

    assert sender.speed.wait_for("gmail", sender.clock.now) == math.inf


def test_nothing_is_remembered_of_domains_that_nothing_is_known_about() -> None:
    sender = Sender()
    for number in range(1000):
        sender.fill(f"d{number}.example", most=1)
        sender.end(SENT)

    assert set(sender.speed.state()) == {ALL}


# ── over a restart ───────────────────────────────────────────────────────────────────────────────


def restarted(sender: Sender, after_s: float, **settings: Any) -> Sender:
    state = json.loads(json.dumps(sender.speed.state()))
    fresh = Sender(**settings)
    fresh.clock.now = sender.clock.now + after_s
    fresh.speed.resume(state)
    return fresh


def test_a_restart_is_no_way_around_a_limit() -> None:
    limits: dict[str, Any] = {
        "messages_per_second": 2.0,
        "per_domain": {"gmail.com": DomainLimit(messages_per_second=1)},
    }
    sender = Sender(**limits)
    assert sender.fill() == 1

    assert restarted(sender, 0.1, **limits).fill() == 0
    assert restarted(sender, 1.0, **limits).fill() == 1


def test_a_provider_that_asked_for_less_is_still_slowed_after_a_restart_and_recovers_meanwhile() -> None:
    sender = Sender(capacity=8)
    sender.fill(most=8)
    sender.end(SLOWER)
    sender.end(SENT, 7)

    assert restarted(sender, 1).room() == 4
    assert restarted(sender, 21).room() == 6
    assert restarted(sender, 3600).speed.state().keys() == {ALL, "gmail"}
    assert restarted(sender, 3600).fill(most=50) == 50


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        [],
        "x",
        {"gmail": None},
        {"gmail": [1, 2]},
        {"gmail": ["a"] * 5},
        {"gmail": [math.nan] * 5},
        {1: [0] * 5},
        {"gmail": [10**400] * 5},
    ],
)
def test_a_damaged_state_is_passed_over(damaged: object) -> None:
    sender = Sender()

    sender.speed.resume(damaged)

    assert sender.fill(most=50) == 50


@pytest.mark.parametrize("jump", [-86400.0, -3600.0, 3600.0, 86400.0])
def test_a_clock_that_jumps_neither_stalls_nor_opens_the_gates(jump: float) -> None:
    sender = Sender(capacity=8, messages_per_second=10.0)
    sender.fill(most=1)
    sender.end(SLOWER_ALL)
    sender.clock.now += jump

    sent = 0
    for _ in range(1200):
        sender.clock.now += 0.1
        sent += (started := sender.fill())
        sender.end(SENT, started)

    assert 10 < sent <= 10 * 120 + 11


@given(
    st.lists(st.sampled_from(["go", "sent", "slower", "slower all", "wait", "back"]), max_size=60),
    st.integers(1, 8),
)
def test_whatever_happens_there_is_always_a_way_on(events: list[str], capacity: int) -> None:
    sender = Sender(capacity=capacity, per_domain={"gmail.com": DomainLimit(connections=3)})
    outcomes = {"sent": SENT, "slower": SLOWER, "slower all": SLOWER_ALL, "back": None}
    for event in events:
        if event == "go":
            sender.fill(most=capacity)
        elif event == "wait":
            sender.clock.now += 5
        elif sender.out:
            sender.end(outcomes[event])
    sender.end(SENT, len(sender.out))

    sender.clock.now += 60

    assert 1 <= sender.fill() <= 3
