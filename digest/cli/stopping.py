"""Stopping: what a signal means to a command that runs for long, and to those who help it. Door."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

# `timeout` and some service managers tell a process and then its whole group: that is one word, not two.
ONE_WORD_S = 0.2


def stop_on_signals(
    last_words: Callable[[], None] = lambda: None,
    *,
    clock: Callable[[], float] = time.monotonic,
    leave: Callable[[int], object] = os._exit,
) -> threading.Event:
    """SIGTERM and SIGINT finish what is in conversation, then stop; a second one, later than `ONE_WORD_S`, stops at
    once, after `last_words`."""
    stop = threading.Event()
    told_at: list[float] = []

    def on_signal(number: int, frame: FrameType | None) -> None:
        now = clock()
        if told_at and now - told_at[0] >= ONE_WORD_S:
            last_words()
            leave(128 + number)
        told_at.append(now)
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop


def stop_with_caller(stop: threading.Event) -> None:
    """Set `stop` when standard input ends: whoever called us said so by closing it, or is dead.

    It is no signal and is not counted as one: a service manager signals caller and helpers alike.
    """

    def listen() -> None:
        with suppress(OSError):
            while os.read(sys.__stdin__.fileno() if sys.__stdin__ else 0, 1024):
                pass
        stop.set()

    threading.Thread(target=listen, name="caller", daemon=True).start()
