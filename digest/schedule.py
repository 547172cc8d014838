"""The alarm clock: wakes the sending verb once a minute, and the one that asks sources. Door.

APScheduler only wakes; it decides nothing. When an edition is due, and that it goes out once, is settled by our own
slots and by keys in the database, so that a late, doubled or missed alarm is harmless.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from digest.errors import DigestError
from digest.verbs.asking import ask_by_the_clock
from digest.verbs.parts import Parts
from digest.verbs.send import Order, send_due

log = logging.getLogger("digest.schedule")


def alarm_clock(parts: Parts, stop: threading.Event) -> BackgroundScheduler:
    """A clock, not yet started, that ticks at every full minute, and asks sources half a minute later if it is time.

    One of each at a time, none dropped for being late.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    clock = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    clock.add_job(tick, "cron", second=0, args=[parts, stop], id="tick")
    # Beside the sending, in a thread of its own: who sends never waits for feeds.
    clock.add_job(ask, "cron", second=30, args=[parts, stop], id="ask")
    # What was due while nobody was awake is looked at now, not at the next full minute.
    clock.add_job(tick, args=[parts, stop], id="first")
    return clock


def tick(parts: Parts, stop: threading.Event) -> None:
    """Send what is due. A fault is logged and the next tick tries again: the clock must outlive it."""
    if stop.is_set():
        return
    try:
        for run in send_due(parts, Order(stop=stop, wait=timedelta(0))):
            level = logging.ERROR if run.what == "failed" else logging.INFO
            log.log(level, "%s %s %s", run.edition, run.what, run.reason or "")
    except DigestError as fault:
        log.error("%s", fault)
    except Exception:
        log.exception("tick failed")


def ask(parts: Parts, stop: threading.Event) -> None:
    """Ask the sources if it is time; what is to be assembled of it is left to the next tick."""
    turn = ask_by_the_clock(parts, stop)
    if turn.fault:
        log.error("the sources could not be asked: %s", turn.fault)


def run(parts: Parts, stop: threading.Event) -> None:
    """Tick until told to stop; what is in conversation is finished first."""
    clock = alarm_clock(parts, stop)
    clock.start()
    stop.wait()
    clock.shutdown(wait=True)
