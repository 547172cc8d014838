"""The alarm clock wakes the sending verb, and outlives its faults."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.background import BackgroundScheduler

from digest import schedule
from digest.gather.source import Source
from digest.verbs import due
from digest.verbs.parts import Gathering
from tests.gather.hostile import HostileServer
from tests.verbs.conftest import MONDAY_7, Newsletter
from tests.verbs.newsroom import SALT, Newsroom


def _one_tick_of(clocks: list[BackgroundScheduler]) -> None:
    ticked = [threading.Event() for _ in clocks]
    for clock, done in zip(clocks, ticked, strict=True):
        clock.add_listener(lambda _, done=done: done.set(), EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        clock.start()
    assert all(done.wait(30) for done in ticked)
    for clock in clocks:
        clock.shutdown(wait=True)


def test_what_was_due_while_nobody_was_awake_goes_out_at_once(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)

    _one_tick_of([schedule.alarm_clock(auto.parts, threading.Event())])

    assert auto.received() == ["ada@example.com", "bob@example.com"]


def test_two_schedulers_beside_each_other_send_one_mail_each(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers(*(f"r{n}" for n in range(20)))
    auto.clock.set(MONDAY_7)

    _one_tick_of([schedule.alarm_clock(auto.parts, threading.Event()) for _ in range(2)])

    assert len(auto.received()) == len(set(auto.received())) == 20


def test_a_fault_is_logged_and_the_clock_goes_on(auto: Newsletter, caplog: pytest.LogCaptureFixture) -> None:
    broken = replace(auto.parts, workspace=auto.parts.workspace / "gone")
    (auto.parts.workspace / "gone").write_text("a file where a folder should be", encoding="utf-8")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)

    with caplog.at_level(logging.ERROR, logger="digest.schedule"):
        schedule.tick(broken, threading.Event())

    assert any(record.levelno == logging.ERROR for record in caplog.records)


def test_sources_are_asked_beside_the_sending_and_the_next_tick_assembles(auto: Newsletter) -> None:
    auto.readers("ada")
    with HostileServer() as server:
        room = Newsroom(auto, server)
        room.publishes("Inland Times", SALT)

        for turn in (schedule.tick, schedule.ask, schedule.tick):
            turn(auto.parts, threading.Event())

        assert room.asked() == ["inland"]
    assert len(due.find(auto.parts, "weekly-2026-11-23").edition.stories) == 1
    jobs = {job.id: job.func for job in schedule.alarm_clock(auto.parts, threading.Event()).get_jobs()}
    assert (jobs["tick"], jobs["ask"]) == (schedule.tick, schedule.ask)


def test_a_round_that_cannot_begin_is_logged(auto: Newsletter, caplog: pytest.LogCaptureFixture) -> None:
    nonsense = (Source(name="Far", url="no query", kind="journal"),)
    auto.parts = replace(auto.parts, gathering=Gathering(sources=nonsense))

    with caplog.at_level(logging.ERROR, logger="digest.schedule"):
        schedule.ask(auto.parts, threading.Event())

    assert "the sources could not be asked" in caplog.text


def test_once_told_to_stop_a_tick_does_nothing(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)
    stop = threading.Event()
    stop.set()

    schedule.tick(auto.parts, stop)

    assert auto.received() == []
