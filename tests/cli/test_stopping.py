"""What signals mean to a command that runs for long: the first ends it politely, the second at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from digest.cli.stopping import ONE_WORD_S, stop_on_signals


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_the_first_signal_asks_to_stop_and_the_second_leaves_at_once() -> None:
    done: list[object] = []
    instants = iter([10.0, 10.1 + ONE_WORD_S])
    stop = stop_on_signals(lambda: done.append("told"), clock=lambda: next(instants), leave=done.append)

    signal.raise_signal(signal.SIGINT)
    assert stop.is_set()
    assert done == []

    signal.raise_signal(signal.SIGTERM)
    assert done == ["told", 128 + signal.SIGTERM]


def test_signals_to_a_process_and_to_its_group_are_one_word() -> None:
    done: list[int] = []
    instants = iter([10.0, 10.1])
    stop_on_signals(clock=lambda: next(instants), leave=done.append)

    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)

    assert done == []


def test_who_was_told_to_stop_otherwise_finishes_at_the_first_signal_all_the_same() -> None:
    done: list[int] = []
    stop = stop_on_signals(clock=lambda: 10.0, leave=done.append)
    stop.set()

    signal.raise_signal(signal.SIGTERM)

    assert done == []
