"""Who may set out next: in order, but nobody waits for somebody else's provider."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.desk import Job
from digest.deliver.domains import DomainLimit
from digest.deliver.line import Line
from digest.deliver.speed import Speed
from digest.model import Outcome, Phase
from tests.deliver.lists import jobs

SENT = Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="queued")


def line_of(*rcpts: str, rate: float | None = None, **limits: DomainLimit) -> Line:
    per_domain = {name.replace("_", "."): limit for name, limit in limits.items()}
    speed = Speed(clock=lambda: 0.0, messages_per_second=rate, per_domain=per_domain)
    speed.begin(10)
    line = Line(speed)
    line.add(jobs(*rcpts))
    return line


def names(line: Line, now: float = 0.0) -> list[str]:
    found = []
    while (job := line.next(now)) is not None:
        found.append(job.rcpt_to)
    return found


ONE = DomainLimit(connections=1)


def test_without_limits_it_is_first_come_first_served() -> None:
    assert names(line_of("a@x.example", "b@gmail.com", "c@x.example")) == ["a@x.example", "b@gmail.com", "c@x.example"]


def test_who_has_to_wait_steps_aside_and_keeps_the_place_among_those_of_the_same_provider() -> None:
    line = line_of("a@gmail.com", "b@googlemail.com", "c@x.example", "d@gmail.com", gmail_com=ONE)

    first = line.next(0)
    assert first is not None
    assert [first.rcpt_to, *names(line)] == ["a@gmail.com", "c@x.example"]
    line.leave(first, SENT, 0)
    assert names(line) == ["b@googlemail.com"]
    assert len(line) == 1


def test_what_comes_back_is_the_first_again_and_free_to_go() -> None:
    line = line_of("a@gmail.com", "b@gmail.com", gmail_com=ONE)
    first = line.next(0)
    assert first is not None
    assert line.next(0) is None

    line.put_back(first, 0)

    assert names(line) == ["a@gmail.com"]


def test_it_says_how_long_to_wait() -> None:
    line = line_of("a@gmail.com", "b@gmail.com", gmail_com=DomainLimit(messages_per_second=2))

    assert line.wait_s(0) == 0
    assert names(line) == ["a@gmail.com"]
    assert line.wait_s(0) == 0.5
    assert names(line, 0.4) == []
    assert line.wait_s(0.5) == 0
    assert names(line, 0.5) == ["b@gmail.com"]
    assert line.wait_s(0.5) == math.inf


def test_the_pace_of_all_holds_everybody() -> None:
    line = line_of("a@gmail.com", "b@x.example", rate=2)

    assert names(line) == ["a@gmail.com"]
    assert line.wait_s(0) == 0.5
    assert line.wait_s(0.4) == pytest.approx(0.1)
    assert line.wait_s(0.5) == 0
    assert names(line, 0.5) == ["b@x.example"]


def test_in_the_end_everybody_goes_home() -> None:
    line = line_of("a@gmail.com", "b@gmail.com", "c@x.example", gmail_com=ONE)
    line.next(0)
    line.next(0)

    assert [job.rcpt_to for job in line.clear()] == ["b@gmail.com"]
    assert len(line) == 0


@given(st.lists(st.sampled_from(["gmail.com", "aol.com", "x.example"]), max_size=30), st.randoms(use_true_random=False))
def test_nobody_is_lost_doubled_or_overtaken_by_one_of_the_same_provider(domains: list[str], dice: Random) -> None:
    rcpts = [f"r{number}@{domain}" for number, domain in enumerate(domains)]
    line = line_of(*rcpts, gmail_com=DomainLimit(connections=2), aol_com=DomainLimit(connections=1))
    out: list[Job] = []
    gone: list[str] = []
    while len(gone) < len(rcpts):
        while (job := line.next(0)) is not None:
            out.append(job)
        job = out.pop(dice.randrange(len(out)))
        gone.append(job.rcpt_to)
        line.leave(job, SENT, 0)
        busy = [each.rcpt_to.partition("@")[2] for each in out]
        assert busy.count("gmail.com") <= 2
        assert busy.count("aol.com") <= 1

    assert sorted(gone) == sorted(rcpts)
    assert [rcpt for rcpt in gone if rcpt.endswith("aol.com")] == [r for r in rcpts if r.endswith("aol.com")]
