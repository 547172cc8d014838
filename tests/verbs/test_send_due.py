"""What is due is sent, once; what is late, held, paused or empty is not, and that is said."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.errors import EditionError, HeldError, UsageError
from digest.model import EditionState, Totals
from digest.store import ledger, senders
from digest.verbs import approve, control, due, people
from digest.verbs.assemble import edit
from digest.verbs.report import Run, exit_code
from digest.verbs.send import Order, plan, send_due, send_edition
from tests.smtpd import EXTENSIONS, Rule, Script
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"


def _now() -> Order:
    return Order(stop=threading.Event(), wait=timedelta(0))


def test_an_unattended_newsletter_needs_nobody(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")

    assert send_due(auto.parts, _now()) == []  # Friday 16:00: assembled, but not due
    assert due.find(auto.parts, EDITION).state is EditionState.SEALED
    auto.clock.set(MONDAY_7)
    runs = send_due(auto.parts, _now())

    assert [run.what for run in runs] == ["sent"]
    assert auto.received() == ["ada@example.com", "bob@example.com"]
    assert due.find(auto.parts, EDITION).approved_by == "auto"
    assert send_due(auto.parts, _now()) == []
    assert len(auto.relay.accepted) == 2


def test_before_its_time_nothing_is_assembled(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.advance(timedelta(hours=-2))  # Friday 14:00, assembling is at 15:00

    assert send_due(auto.parts, _now()) == []
    with pytest.raises(UsageError, match="no such edition"):
        due.find(auto.parts, EDITION)


def test_an_edition_without_approval_is_held_and_told_once(newsletter: Newsletter) -> None:
    newsletter.parts = replace(newsletter.parts, notify_to=("editor@example.com",))
    newsletter.story("Sleep is good")
    newsletter.readers("ada")
    newsletter.assembled()
    newsletter.clock.set(MONDAY_7)

    first, second = send_due(newsletter.parts, _now()), send_due(newsletter.parts, _now())

    assert [run.what for run in first + second] == ["held", "held"]
    assert exit_code(first) == 4
    assert newsletter.received() == ["editor@example.com"]
    assert b"is held" in newsletter.relay.accepted[0].data


def test_editors_are_told_when_an_edition_waits(newsletter: Newsletter) -> None:
    newsletter.parts = replace(newsletter.parts, notify_to=("editor@example.com",))
    newsletter.story("Sleep is good")
    newsletter.readers("ada")

    send_due(newsletter.parts, _now())

    assert b"waits for your approval" in newsletter.relay.accepted[0].data
    assert f"digest approve {EDITION}".encode() in newsletter.relay.accepted[0].data


def test_an_edition_that_is_too_late_is_missed_and_only_a_person_sends_it(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.assembled()
    auto.clock.set(MONDAY_7 + timedelta(hours=4, minutes=1))

    runs = send_due(auto.parts, _now())

    assert [run.what for run in runs] == ["missed"]
    assert exit_code(runs) == 4
    assert send_due(auto.parts, _now()) == []
    assert send_edition(auto.parts, EDITION, _now()).what == "missed"
    assert auto.received() == []
    assert send_edition(auto.parts, EDITION, _now(), late=True).what == "sent"
    assert auto.received() == ["ada@example.com"]


def test_a_little_late_is_in_time(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7 + timedelta(hours=3, minutes=59))  # nobody was awake on Friday either

    assert [run.what for run in send_due(auto.parts, _now())] == ["sent"]


def test_a_slot_before_the_newsletter_came_to_life_is_not_missed(auto: Newsletter) -> None:
    auto.clock.set(MONDAY_7 + timedelta(days=1))
    auto.story("Sleep is good")
    auto.readers("ada")

    assert send_due(auto.parts, _now()) == []


def test_a_week_without_stories_sends_nothing_and_says_so(auto: Newsletter) -> None:
    auto.readers("ada")

    assert send_due(auto.parts, _now()) == []
    auto.clock.set(MONDAY_7)
    runs = send_due(auto.parts, _now())

    assert [run.what for run in runs] == ["empty"]
    assert exit_code(runs) == 0
    assert auto.received() == []
    assert send_due(auto.parts, _now()) == []


def test_an_edition_is_sent_before_its_slot_only_by_name(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    newsletter.readers("ada")
    row = newsletter.assembled()

    assert send_edition(newsletter.parts, EDITION, _now()).what == "held"
    approve.approve(newsletter.parts, row, hash_prefix=row.hash, by="editor")
    assert send_due(newsletter.parts, _now()) == []
    assert send_edition(newsletter.parts, EDITION, _now()).what == "sent"
    assert send_edition(newsletter.parts, EDITION, _now()).what == "sent"
    assert newsletter.received() == ["ada@example.com"]


def test_an_edit_voids_the_approval(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    newsletter.readers("ada")
    row = approve.approve(newsletter.parts, newsletter.assembled(), hash_prefix=None, by="editor")

    edit(newsletter.parts, row, subject="Another subject")

    after = due.find(newsletter.parts, EDITION)
    assert after.state is EditionState.SEALED
    assert after.approved_hash is None
    assert after.hash != row.hash
    with pytest.raises(EditionError, match="not the bytes sealed now"):
        approve.approve(newsletter.parts, after, hash_prefix=row.hash, by="editor")


def test_what_a_check_objects_to_is_not_approved(newsletter: Newsletter) -> None:
    newsletter.parts = replace(newsletter.parts, letterhead=replace(newsletter.parts.letterhead, postal_address=""))
    newsletter.story("Sleep is good")
    row = newsletter.assembled()

    with pytest.raises(HeldError, match="postal address"):
        approve.approve(newsletter.parts, row, hash_prefix=None, by="editor")


def test_who_unsubscribes_after_planning_gets_nothing_more(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule(phase="rcpt", match="ada", text="451 4.7.1 later"))
    auto.relay.used.append(0)
    assert [run.what for run in send_due(auto.parts, _now())] == ["resumable"]

    people.remove(auto.parts, "ada@example.com")
    auto.relay.script.rules.clear()
    auto.clock.advance(timedelta(minutes=6))
    runs = send_due(auto.parts, _now())

    assert [run.what for run in runs] == ["sent"]
    assert (runs[0].totals.sent, runs[0].totals.cancelled) == (1, 1)
    assert auto.received() == ["bob@example.com"]


@pytest.fixture
def queue(auto: Newsletter) -> Newsletter:
    """Forty readers are claimed at once, and one leaves in a fifth of a second."""
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, connections=1))
    auto.relay.script.reply_delay_s = 0.05
    auto.story("Sleep is good")
    auto.readers(*(f"r{n:02}" for n in range(40)))
    auto.clock.set(MONDAY_7)
    return auto


def test_who_leaves_while_waiting_for_their_turn_gets_nothing_more(queue: Newsletter) -> None:
    left: list[bool] = []

    def leave(*_: object) -> None:
        if not left:
            left.append(people.remove(queue.parts, "r39@example.com"))

    runs = send_due(queue.parts, Order(stop=threading.Event(), wait=timedelta(0), progress=leave))

    assert left == [True]
    assert (runs[0].what, runs[0].totals.sent, runs[0].totals.cancelled) == ("sent", 39, 1)
    assert "r39@example.com" not in queue.received()


def test_a_pause_holds_those_too_whose_turn_has_not_come(queue: Newsletter) -> None:
    paused: list[EditionState] = []

    def pause(*_: object) -> None:
        if not paused:
            control.pause(queue.parts, due.find(queue.parts, EDITION), "editor")
            paused.append(due.find(queue.parts, EDITION).state)

    runs = send_due(queue.parts, Order(stop=threading.Event(), wait=timedelta(0), progress=pause))

    totals = runs[0].totals
    assert paused == [EditionState.PAUSED]
    assert (runs[0].what, exit_code(runs)) == ("paused", 4)
    assert (totals.sent + totals.pending, totals.uncertain) == (40, 0)
    assert totals.sent == len(queue.received()) <= 20


def test_an_edition_cancelled_in_mid_run_leaves_nobody_open(queue: Newsletter) -> None:
    cancelled: list[Totals] = []

    def cancel(*_: object) -> None:
        if not cancelled:
            cancelled.append(control.cancel(queue.parts, due.find(queue.parts, EDITION), "editor"))

    runs = send_due(queue.parts, Order(stop=threading.Event(), wait=timedelta(0), progress=cancel))

    totals = queue.totals(EDITION)
    assert len(cancelled) == len(runs) == 1
    assert (totals.sent + totals.cancelled, totals.pending) == (40, 0)
    assert totals.sent == len(queue.received()) <= 20


def test_somebody_who_comes_after_planning_is_not_in_this_edition(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)
    send_due(auto.parts, _now())

    auto.readers("late")

    assert send_due(auto.parts, _now()) == []
    assert auto.received() == ["ada@example.com"]


def test_a_paused_edition_waits_for_a_person(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule(phase="rcpt", text="451 4.7.1 later", times=1))
    auto.relay.used.append(0)
    send_due(auto.parts, _now())

    control.pause(auto.parts, due.find(auto.parts, EDITION), "editor")
    auto.clock.advance(timedelta(hours=1))
    held = send_due(auto.parts, _now())
    control.resume(auto.parts, due.find(auto.parts, EDITION), "editor")
    done = send_due(auto.parts, _now())

    assert (held[0].what, exit_code(held)) == ("paused", 4)
    assert done[0].what == "sent"
    assert auto.received() == ["ada@example.com"]


def test_a_cancelled_edition_keeps_its_books(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule(phase="rcpt", match="ada", text="451 4.7.1 later"))
    auto.relay.used.append(0)
    send_due(auto.parts, _now())

    totals = control.cancel(auto.parts, due.find(auto.parts, EDITION), "editor")

    assert (totals.sent, totals.cancelled, totals.adds_up) == (1, 1, True)
    with pytest.raises(EditionError, match="cancelled"):
        send_edition(auto.parts, EDITION, _now())


def test_a_dropped_reply_is_uncertain_and_a_person_decides(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule(phase="dot", do="drop", match="ada", accepted=True, times=1))
    auto.relay.used.append(0)

    runs = send_due(auto.parts, _now())
    assert (runs[0].totals.sent, runs[0].totals.uncertain) == (1, 1)
    assert exit_code(runs) == 4
    assert send_due(auto.parts, _now()) == []

    assert control.resolve(auto.parts, due.find(auto.parts, EDITION), resend=True, subscriber=None) == 1
    send_due(auto.parts, _now())

    mails = [mail for mail in auto.relay.accepted if mail.rcpt_to == ("ada@example.com",)]
    ids = {line for mail in mails for line in mail.data.splitlines() if line.startswith(b"Message-ID:")}
    assert len(mails) == 2
    assert len(ids) == 1


def test_a_log_in_refused_stops_the_run_and_fails_nobody(auto: Newsletter) -> None:
    auto.parts = replace(auto.parts, relay=replace(auto.parts.relay, username="u", password="wrong"))
    auto.relay.script.users["u"] = "right"
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)

    runs = send_due(auto.parts, _now())

    assert runs[0].what == "refused"
    assert str(runs[0].reason).endswith(f"; go on with `digest resume {EDITION}`")
    assert exit_code(runs) == 1
    assert due.find(auto.parts, EDITION).state is EditionState.PAUSED
    assert (runs[0].totals.pending, runs[0].totals.failed) == (1, 0)


def test_a_relay_that_is_down_defers_the_run(auto: Newsletter) -> None:
    auto.parts = replace(auto.parts, relay=replace(auto.parts.relay, port=1, reconnect_waits=()))
    auto.story("Sleep is good")
    auto.readers("ada")
    auto.clock.set(MONDAY_7)

    runs = send_due(auto.parts, _now())

    assert runs[0].what == "refused"
    assert "connect: Connection refused; check [smtp] host and port" in str(runs[0].reason)
    assert exit_code(runs) == 75
    assert due.find(auto.parts, EDITION).state is EditionState.SENDING
    assert runs[0].totals.pending == 1


@pytest.mark.parametrize("script", [Script(extensions=tuple(each for each in EXTENSIONS if each != "SMTPUTF8"))])
def test_many_whom_this_relay_cannot_get_fail_one_by_one_and_hold_up_nobody(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers(*(f"rené{n}" for n in range(25)), *(f"r{n}" for n in range(30)))
    auto.clock.set(MONDAY_7)

    runs = send_due(auto.parts, _now())

    assert (runs[0].totals.failed, runs[0].totals.sent) == (25, 30)
    assert len(auto.received()) == 30


def test_told_to_stop_leaves_the_rest_for_later(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers(*(f"r{n}" for n in range(30)))
    auto.clock.set(MONDAY_7)
    # One command at a time over one connection to a relay that is not near, so that some are left.
    auto.relay.script.extensions = ()
    auto.relay.script.reply_delay_s = 0.01
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, connections=1))
    stop = threading.Event()
    order = Order(stop=stop, wait=timedelta(0), progress=lambda *_: stop.set())

    first = send_due(auto.parts, order)
    second = send_due(auto.parts, _now())

    assert exit_code(first) == 130
    assert first[0].totals.uncertain == 0
    assert second[0].what == "sent"
    assert len(auto.received()) == len(set(auto.received())) == 30


def test_many_senders_at_the_same_instant_send_one_mail_each(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers(*(f"r{n}" for n in range(40)))
    auto.clock.set(MONDAY_7)
    results: list[list[Run]] = []
    threads = [threading.Thread(target=lambda: results.append(send_due(auto.parts, _now()))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 4
    assert len(auto.received()) == len(set(auto.received())) == 40
    assert auto.totals(EDITION).sent == 40
    assert due.find(auto.parts, EDITION).state is EditionState.SENT


def test_a_run_that_goes_on_elsewhere_is_left_alone(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule(phase="rcpt", text="451 4.7.1 later"))
    auto.relay.used.append(0)
    send_due(auto.parts, _now())  # frozen, and all deferred
    auto.relay.script.rules.clear()
    auto.clock.advance(timedelta(minutes=6))
    other = senders.register(auto.parts.store, auto.clock())
    with auto.parts.store.write() as db:
        ledger.claim(db, EDITION, sender=other.id, limit=1, now=auto.clock(), lease=timedelta(minutes=20))

    beside = send_due(auto.parts, _now())
    auto.clock.advance(timedelta(minutes=21))  # the other was stopped, and its lease has run out
    after = send_due(auto.parts, _now())
    other.finish(auto.clock())

    assert [(run.what, exit_code([run])) for run in beside] == [("elsewhere", 0)]
    assert [(run.what, run.totals.sent, run.totals.uncertain) for run in after] == [("sent", 1, 1)]


def test_a_dry_run_counts_and_changes_nothing(auto: Newsletter) -> None:
    auto.story("Sleep is good")
    auto.readers("ada", "bob")
    people.remove(auto.parts, "bob@example.com")
    auto.assembled()
    auto.clock.set(MONDAY_7)

    runs = plan(auto.parts, None)

    assert [(run.edition, run.totals.planned, run.totals.excluded) for run in runs] == [
        (EDITION, 1, {"unsubscribed": 1})
    ]
    assert due.find(auto.parts, EDITION).state is EditionState.SEALED
    assert auto.received() == []
