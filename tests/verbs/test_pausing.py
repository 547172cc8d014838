"""A run pauses its edition for reasons of its own, at once; what somebody else paused or resumed is left as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from digest.deliver.journal import FileJournal, boot_id
from digest.model import EditionState, Outcome, Phase, Totals
from digest.store import ledger, senders
from digest.verbs import control, due
from digest.verbs.recovery import journal_of
from digest.verbs.report import exit_code
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"


@pytest.fixture
def forty(auto: Newsletter) -> Newsletter:
    """Forty readers, one after the other over one connection."""
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, connections=1))
    auto.relay.script.reply_delay_s = 0.02
    auto.story("Sleep is good")
    auto.readers(*(f"r{n:02}" for n in range(40)))
    auto.clock.set(MONDAY_7)
    return auto


def _rule(newsletter: Newsletter, **how: object) -> None:
    newsletter.relay.script.rules.append(Rule(**how))  # type: ignore[arg-type]
    newsletter.relay.used.append(0)


def _state(newsletter: Newsletter) -> EditionState:
    return due.find(newsletter.parts, EDITION).state


def _resume(newsletter: Newsletter) -> None:
    control.resume(newsletter.parts, due.find(newsletter.parts, EDITION), "editor")


def test_an_edition_resumed_while_a_run_ends_for_its_pause_is_not_paused_again(forty: Newsletter) -> None:
    steps: list[str] = []

    def progress(edition: str, totals: Totals, counts: Counter[str]) -> None:
        if not steps:
            control.pause(forty.parts, due.find(forty.parts, EDITION), "editor")
            steps.append("paused")
        elif counts["pending"] and len(steps) == 1:  # given back: so the run has seen the pause
            _resume(forty)
            steps.append("resumed")

    runs = send_due(forty.parts, Order(wait=timedelta(0), progress=progress))

    assert steps == ["paused", "resumed"]
    assert [(run.what, exit_code([run])) for run in runs] == [("resumable", 75)]
    assert _state(forty) is EditionState.SENDING
    assert send_due(forty.parts, Order(wait=timedelta(0)))[0].what == "sent"
    assert len(forty.received()) == len(set(forty.received())) == 40


def test_a_run_that_is_refused_pauses_at_once_and_only_once(forty: Newsletter) -> None:
    _rule(forty, phase="rcpt", text="550 5.7.1 not from you", times=20)
    seen: list[EditionState] = []

    def progress(edition: str, totals: Totals, counts: Counter[str]) -> None:
        if counts["failed"] >= 20 and not seen:
            seen.append(_state(forty))
            _resume(forty)

    runs = send_due(forty.parts, Order(wait=timedelta(0), progress=progress))

    assert seen == [EditionState.PAUSED]
    assert [run.what for run in runs] == ["resumable"]
    assert _state(forty) is EditionState.SENDING


def test_a_lasting_refusal_pauses_before_anybody_is_waited_for_and_only_once(forty: Newsletter) -> None:
    forty.parts = replace(forty.parts, relay=replace(forty.parts.relay, username="u", password="wrong"))
    forty.relay.script.users["u"] = "right"
    seen: list[EditionState] = []

    @contextmanager
    def crew(edition: str, pending: int) -> Iterator[int]:
        try:
            yield 1
        finally:
            seen.append(_state(forty))
            _resume(forty)

    runs = send_due(forty.parts, Order(wait=timedelta(0), crew=crew))

    assert seen == [EditionState.PAUSED]
    assert [(run.what, run.lasting) for run in runs] == [("refused", True)]
    assert _state(forty) is EditionState.SENDING


def test_an_edition_paused_during_its_last_conversations_is_sent(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, connections=1))
    auto.relay.script.reply_delay_s = 0.05

    def progress(edition: str, totals: Totals, counts: Counter[str]) -> None:
        if _state(auto) is EditionState.SENDING:
            control.pause(auto.parts, due.find(auto.parts, EDITION), "editor")

    runs = send_due(auto.parts, Order(wait=timedelta(0), progress=progress))

    assert [(run.what, run.totals.sent, exit_code([run])) for run in runs] == [("sent", 2, 0)]
    assert _state(auto) is EditionState.SENT


def test_a_paused_edition_whose_last_process_died_is_sent_when_nobody_is_left(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)
    _rule(auto, phase="rcpt", text="451 4.7.1 later", times=1)
    send_due(auto.parts, Order(wait=timedelta(0)))
    auto.clock.advance(timedelta(minutes=6))
    other = senders.register(auto.parts.store, auto.clock())
    with auto.parts.store.write() as db:
        lease = timedelta(minutes=20)
        (claim,) = ledger.claim(db, EDITION, sender=other.id, limit=5, now=auto.clock(), lease=lease)
    journal = FileJournal(journal_of(auto.parts, other.id), edition=EDITION, sender=other.id, boot=boot_id())
    journal.began(claim)
    journal.ended(claim, Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="taken"))
    control.pause(auto.parts, due.find(auto.parts, EDITION), "editor")
    journal.close(remove=False)
    other.abandon()

    runs = send_due(auto.parts, Order(wait=timedelta(0)))

    assert [(run.what, run.totals.sent) for run in runs] == [("sent", 1)]
    assert send_due(auto.parts, Order(wait=timedelta(0))) == []


def test_where_resending_is_wished_a_paused_edition_is_not_sent_before_that(auto: Newsletter) -> None:
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, uncertain="resend-once", connections=1))
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    auto.relay.script.reply_delay_s = 0.05
    _rule(auto, phase="dot", do="drop", match="bob", accepted=True, times=1)
    paused: list[bool] = []

    def progress(edition: str, totals: Totals, counts: Counter[str]) -> None:
        if not paused:
            paused.append(True)
            control.pause(auto.parts, due.find(auto.parts, EDITION), "editor")

    held = send_due(auto.parts, Order(wait=timedelta(0), progress=progress))
    _resume(auto)
    done = send_due(auto.parts, Order(wait=timedelta(0)))

    assert [(run.what, run.totals.uncertain) for run in held] == [("paused", 1)]
    assert [(run.what, run.totals.sent) for run in done] == [("sent", 2)]
    assert auto.received() == ["ada@example.com", "bob@example.com", "bob@example.com"]


@pytest.mark.parametrize("policy", ["hold", "resend-once"])
@pytest.mark.parametrize("connections", [1, 4])
def test_a_relay_that_never_answers_for_a_message_pauses_before_many_are_in_doubt(
    auto: Newsletter, policy: Literal["hold", "resend-once"], connections: int
) -> None:
    auto.parts = replace(
        auto.parts,
        delivery=replace(auto.parts.delivery, uncertain=policy, connections=connections),
        notify_to=("editor@example.com",),
    )
    auto.story("Sleep is good")
    auto.readers(*(f"r{n:02}" for n in range(60)))
    auto.clock.set(MONDAY_7)
    _rule(auto, phase="dot", match="^r", do="drop", accepted=True)

    runs = send_due(auto.parts, Order(wait=timedelta(0)))
    again = send_due(auto.parts, Order(wait=timedelta(0)))

    totals, readers = runs[0].totals, [address for address in auto.received() if address.startswith("r")]
    assert [(run.what, exit_code([run])) for run in (*runs, *again)] == [("paused", 4)] * 2
    assert "never answered" in str(runs[0].reason)
    assert 5 + connections <= totals.uncertain <= 10 + 2 * connections
    assert totals.pending == 60 - totals.uncertain
    assert len(readers) == len(set(readers)) == totals.uncertain
    assert any(b"never answered" in mail.data for mail in auto.relay.accepted if mail.rcpt_to == auto.parts.notify_to)


def test_a_relay_that_loses_all_connections_from_time_to_time_pauses_nothing(auto: Newsletter) -> None:
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, connections=10))
    auto.story("Sleep is good")
    auto.readers(*(f"r{n:02}" for n in range(90)))
    auto.clock.set(MONDAY_7)
    for burst in range(3):
        _rule(auto, phase="dot", do="drop", accepted=True, skip=10 + 20 * burst, times=10)

    runs = send_due(auto.parts, Order(wait=timedelta(0)))

    assert [(run.what, run.totals.sent, run.totals.uncertain) for run in runs] == [("sent", 60, 30)]
