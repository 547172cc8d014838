"""Whoever lost a lock but lives on keeps its rows; whoever left a journal behind is read, by whom ever comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.deliver.journal import FileJournal, boot_id
from digest.model import Claim, Outcome, Phase, RecipientState
from digest.store import ledger, senders
from digest.store.senders import Sender
from digest.verbs import control, due
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


def _addressing(auto: Newsletter) -> Addressing:
    return Addressing(auto.parts, EDITION, auto.parts.letterhead.from_address.partition("@")[2])


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
    assert sent.message_id == _addressing(auto).message_id(sent.subscriber)


def test_it_has_the_same_one_though_the_newsletter_has_another_address_since(auto: Newsletter) -> None:
    _begun(auto)
    before = _addressing(auto)
    sender, claims, journal = _sending(auto)
    with auto.parts.store.write() as db:
        db.exec_driver_sql("UPDATE recipient SET message_id = NULL")
    for claim in claims:
        journal.began(claim)
    journal.ended(claims[0], Outcome(phase=Phase.RCPT, code=451, enhanced="4.2.0", text="later"))
    journal.close(remove=False)
    sender.abandon()
    moved = replace(auto.parts.letterhead, from_address="news@elsewhere.example")
    auto.parts = replace(auto.parts, letterhead=moved)

    recover(auto.parts, EDITION)
    control.resolve(auto.parts, due.find(auto.parts, EDITION), resend=True, subscriber=None)
    auto.clock.advance(timedelta(minutes=10))
    send_due(auto.parts, Order(wait=timedelta(0)))

    sent = {line for mail in auto.relay.accepted for line in mail.data.splitlines() if line.startswith(b"Message-ID:")}
    assert sent == {f"Message-ID: {before.message_id(claim.subscriber)}".encode() for claim in claims}
    assert len(auto.relay.accepted) == 2


def test_who_is_written_to_later_has_a_message_id_of_the_same_kind(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.assembled()
    before = _addressing(auto)
    auto.parts = replace(auto.parts, letterhead=replace(auto.parts.letterhead, from_address="news@elsewhere.example"))
    auto.clock.set(MONDAY_7)

    send_due(auto.parts, Order(wait=timedelta(0)))

    with auto.parts.store.read() as db:
        (row,) = ledger.recipients(db, EDITION)
    assert row.state is RecipientState.SENT
    assert row.message_id == before.message_id(row.subscriber)


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
    named = _addressing(auto).message_id
    assert [row.message_id for row in told] == [named(row.subscriber) for row in told]
