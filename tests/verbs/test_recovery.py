"""Whoever lost a lock but lives on keeps its rows; whoever left a journal behind is read, by whom ever comes next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.deliver.journal import FileJournal, boot_id
from digest.model import Claim, Outcome, Phase, RecipientState
from digest.store import ledger, senders
from digest.store.senders import Sender
from digest.verbs import due
from digest.verbs.addressing import Addressing
from digest.verbs.recovery import journal_of, recover
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
MINUTES = timedelta(minutes=20)


def _begun(auto: Newsletter) -> None:
    """An edition on its way, with two recipients who wait."""
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule("rcpt", text="451 4.2.0 later", times=2))
    auto.relay.used.append(0)
    send_due(auto.parts, Order(wait=timedelta(0)))
    auto.clock.advance(timedelta(minutes=10))


def _sending(auto: Newsletter) -> tuple[Sender, list[Claim], FileJournal]:
    """A process that has claimed all who are due, and its journal."""
    sender = senders.register(auto.parts.store, auto.clock())
    with auto.parts.store.write() as db:
        claims = ledger.claim(db, EDITION, sender=sender.id, limit=9, now=auto.clock(), lease=MINUTES)
    file = journal_of(auto.parts, sender.id)
    return sender, claims, FileJournal(file, edition=EDITION, sender=sender.id, boot=boot_id())


def test_a_process_whose_lock_was_freed_keeps_its_rows_as_long_as_it_writes_its_journal(auto: Newsletter) -> None:
    _begun(auto)
    parts = auto.parts
    sender, claims, journal = _sending(auto)
    journal.began(claims[0])
    sender.abandon()  # as when the database server restarts: the lock is free, the process lives

    while_it_lives = recover(parts, EDITION)
    kept = auto.totals(EDITION)
    journal.close(remove=False)
    after = recover(parts, EDITION)

    assert (while_it_lives, kept.uncertain) == (0, 0)
    assert after == 1
    assert (auto.totals(EDITION).uncertain, auto.totals(EDITION).pending) == (1, 1)
    assert not journal_of(parts, sender.id).exists()


def test_a_journal_of_another_database_is_no_hindrance(auto: Newsletter) -> None:
    _begun(auto)
    with auto.parts.store.read() as db:
        assert ledger.totals(db, EDITION).deferred == 2
    ahead = senders.register(auto.parts.store, auto.clock())
    ahead.finish(auto.clock())
    journal_of(auto.parts, ahead.id + 1).write_bytes(b"digest-journal 1 weekly-1999-01-04 7 a-boot\n+1 1\n")

    runs = send_due(auto.parts, Order(wait=timedelta(0)))

    assert [run.what for run in runs] == ["sent"]
    assert auto.received() == ["ada@example.com", "bob@example.com"]
    assert due.find(auto.parts, EDITION).finished_at is not None


def test_what_is_settled_from_a_journal_has_the_message_id_it_was_sent_with(auto: Newsletter) -> None:
    _begun(auto)
    parts = auto.parts
    sender, claims, journal = _sending(auto)
    with parts.store.write() as db:
        db.exec_driver_sql("UPDATE recipient SET message_id = NULL")  # as before anything was settled
    journal.began(claims[0])
    journal.ended(claims[0], Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="taken"))
    journal.close(remove=False)
    sender.abandon()

    recover(parts, EDITION)

    with parts.store.read() as db:
        told = {row.subscriber: row for row in ledger.recipients(db, EDITION)}
    sent = told[claims[0].subscriber]
    assert sent.state is RecipientState.SENT
    assert sent.message_id == Addressing(parts, EDITION).message_id(sent.subscriber)


@pytest.mark.parametrize("is_lost", [False, True])
def test_what_is_in_doubt_has_its_message_id_to_be_looked_for(auto: Newsletter, is_lost: bool) -> None:
    _begun(auto)
    parts = auto.parts
    sender, claims, journal = _sending(auto)
    with parts.store.write() as db:
        db.exec_driver_sql("UPDATE recipient SET message_id = NULL")
    for claim in claims:
        journal.began(claim)
    journal.close(remove=is_lost)
    sender.abandon()

    assert recover(parts, EDITION) == len(claims) == 2

    with parts.store.read() as db:
        told = list(ledger.recipients(db, EDITION))
    assert {row.state for row in told} == {RecipientState.UNCERTAIN}
    named = Addressing(parts, EDITION).message_id
    assert [row.message_id for row in told] == [named(row.subscriber) for row in told]
