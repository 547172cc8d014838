"""A cancelled edition has no open recipient, whoever was sending it, and nobody in it is sent anything again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.errors import EditionError
from digest.model import RecipientState, Settlement, Slot
from digest.store import ledger, senders
from digest.verbs import control, due
from digest.verbs.assemble import assemble
from digest.verbs.recovery import recover
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"


def _now() -> Order:
    return Order(stop=threading.Event(), wait=timedelta(0))


def _rule(newsletter: Newsletter, **how: object) -> None:
    newsletter.relay.script.rules.append(Rule(**how))  # type: ignore[arg-type]
    newsletter.relay.used.append(0)


@pytest.fixture
def begun(auto: Newsletter) -> Newsletter:
    """An edition under way: ada may or may not have it, bob is deferred, and can be tried again by now."""
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    _rule(auto, phase="dot", do="drop", match="ada", accepted=True, times=1)
    _rule(auto, phase="rcpt", match="bob", text="451 4.7.1 later")
    send_due(auto.parts, _now())
    auto.clock.advance(timedelta(minutes=6))
    return auto


def _claimed_by(newsletter: Newsletter) -> senders.Sender:
    sender = senders.register(newsletter.parts.store, newsletter.clock())
    with newsletter.parts.store.write() as db:
        lease = timedelta(minutes=20)
        assert ledger.claim(db, EDITION, sender=sender.id, limit=5, now=newsletter.clock(), lease=lease)
    return sender


def _put_off(newsletter: Newsletter, sender: senders.Sender) -> None:
    with newsletter.parts.store.write() as db:
        claims = ledger.claims_of(db, EDITION, sender.id)
        later = newsletter.clock() + timedelta(minutes=5)
        ledger.settle(
            db, [Settlement(c, RecipientState.DEFERRED, "later", None, later) for c in claims], newsletter.clock()
        )


def test_what_a_dead_process_had_claimed_is_uncertain_when_it_is_cancelled(begun: Newsletter) -> None:
    begun.parts = replace(begun.parts, delivery=replace(begun.parts.delivery, uncertain="resend-once"))
    _claimed_by(begun).finish(begun.clock())

    totals = control.cancel(begun.parts, due.find(begun.parts, EDITION), "editor")

    assert (totals.uncertain, totals.pending, totals.deferred) == (2, 0, 0)


def test_what_a_process_leaves_that_dies_after_the_cancelling_is_found_too(begun: Newsletter) -> None:
    sender = _claimed_by(begun)
    before = control.cancel(begun.parts, due.find(begun.parts, EDITION), "editor")
    sender.finish(begun.clock())

    assert send_due(begun.parts, _now()) == []

    assert (before.uncertain, before.pending) == (1, 1)
    assert (begun.totals(EDITION).uncertain, begun.totals(EDITION).pending) == (2, 0)


def test_what_came_back_to_a_cancelled_edition_is_cancelled_however_old_it_is(begun: Newsletter) -> None:
    sender = _claimed_by(begun)
    control.cancel(begun.parts, due.find(begun.parts, EDITION), "editor")
    _put_off(begun, sender)  # and then it is killed
    sender.abandon()
    slot = due.find(begun.parts, EDITION).edition.slot
    for weeks in range(1, 7):
        later = timedelta(weeks=weeks)
        assemble(begun.parts, Slot(slot.key + later, slot.instant + later), keep_empty=True)

    assert send_due(begun.parts, _now()) == []

    assert (begun.totals(EDITION).cancelled, begun.totals(EDITION).deferred) == (1, 0)


def test_who_may_have_it_when_it_is_cancelled_stays_uncertain_whatever_was_wished(begun: Newsletter) -> None:
    begun.parts = replace(begun.parts, delivery=replace(begun.parts.delivery, uncertain="resend-once"))
    control.cancel(begun.parts, due.find(begun.parts, EDITION), "editor")

    recover(begun.parts, EDITION)  # by a process that was sending it

    assert (begun.totals(EDITION).uncertain, begun.totals(EDITION).pending) == (1, 0)


def test_nobody_in_a_cancelled_edition_is_sent_it_again(begun: Newsletter) -> None:
    control.cancel(begun.parts, due.find(begun.parts, EDITION), "editor")
    row = due.find(begun.parts, EDITION)

    with pytest.raises(EditionError, match="cancelled"):
        control.resolve(begun.parts, row, resend=True, subscriber=None)
    assert control.resolve(begun.parts, row, resend=False, subscriber=None) == 1
    assert begun.totals(EDITION).sent == 1
