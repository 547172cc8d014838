"""After a database went back in time, nothing goes out that may be out already: not even without approval."""

from __future__ import annotations

import threading
from datetime import timedelta

from digest.model import EditionState
from digest.store import editions
from digest.verbs import due
from digest.verbs.send import Order, send_due, send_edition
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"


def _now() -> Order:
    return Order(stop=threading.Event(), wait=timedelta(0))


def _restored(newsletter: Newsletter) -> list[str]:
    with newsletter.parts.store.write() as db:
        editions.hold_all(db, newsletter.clock(), "restored")
    return due.hold_back(newsletter.parts, "restored")


def test_an_edition_that_is_due_in_the_backup_is_not_sent_again(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.assembled()
    auto.clock.set(MONDAY_7 + timedelta(hours=2))

    held = _restored(auto)

    assert held == [EDITION]
    assert send_due(auto.parts, _now()) == []
    assert auto.received() == []
    assert send_edition(auto.parts, EDITION, _now(), late=True).what == "sent"


def test_an_edition_that_the_backup_has_never_heard_of_is_not_sent_again(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7 + timedelta(hours=2))  # the backup is of before Friday

    assert _restored(auto) == [EDITION]
    assert send_due(auto.parts, _now()) == []
    assert auto.received() == []


def test_an_edition_whose_hour_is_to_come_goes_out_as_ever(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.assembled()

    assert _restored(auto) == []
    auto.clock.set(MONDAY_7)
    assert [run.what for run in send_due(auto.parts, _now())] == ["sent"]
    assert due.find(auto.parts, EDITION).state is EditionState.SENT
