"""The ledger's contract, on SQLite and PostgreSQL: everybody once, nothing lost, totals that always add up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from digest.errors import EditionError, HeldError, StoreError
from digest.model import Claim, EditionState, Outcome, Phase, RecipientState, Settlement, Totals
from digest.store import Store, editions, ledger, tables
from subscribers.tables import subscriber
from tests.store.samples import (
    LATER,
    LEASE,
    NOW,
    WEEKLY,
    add_people,
    approved,
    change_person,
    claim,
    edition_of,
    new_sender,
    sealed_of,
    sending,
    settle,
    settlement,
    state_of,
    states,
    suppress,
)

PENDING, CLAIMED, SENT, FAILED, DEFERRED, UNCERTAIN, CANCELLED = RecipientState


def totals(store: Store) -> Totals:
    with store.read() as db:
        books = ledger.totals(db, WEEKLY)
    assert books.adds_up
    return books


def rows(store: Store) -> list[ledger.RecipientRow]:
    with store.read() as db:
        return list(ledger.recipients(db, WEEKLY))


class TestFreezing:
    def test_everybody_is_planned_or_excluded_with_a_reason(self, store: Store) -> None:
        add_people(store, 5)
        for number, state in enumerate(["unsubscribed", "unsubscribed", "bounced", "complained", "pending"], 6):
            add_people(store, 1, state=state, start=number)
        suppress(store, 2)
        suppress(store, 3, "weekly")
        suppress(store, 4, "another-newsletter")
        approved(store)

        with store.write() as db:
            books = ledger.freeze_audience(db, WEEKLY, "weekly", LATER)

        assert books == totals(store)
        assert (books.candidates, books.planned, books.pending) == (9, 3, 3)
        assert books.excluded == {"bounced": 1, "complained": 1, "suppressed": 2, "unsubscribed": 2}
        assert [row.address for row in rows(store)] == ["a1@example.com", "a4@example.com", "a5@example.com"]
        with store.read() as db:
            row = editions.get(db, WEEKLY)
        assert row and (row.state, row.started_at, row.audience_frozen) == (EditionState.SENDING, LATER, True)

    def test_it_happens_once(self, store: Store) -> None:
        sending(store, 3)
        add_people(store, 2, start=4)

        with store.write() as db:
            again = ledger.freeze_audience(db, WEEKLY, "weekly", LATER)

        assert again == totals(store)
        assert (again.candidates, again.planned) == (3, 3)

    def test_of_several_that_begin_at_once_one_does_it(self, store: Store) -> None:
        add_people(store, 50)
        approved(store)

        def begin() -> Totals:
            with store.write() as db:
                return ledger.freeze_audience(db, WEEKLY, "weekly", NOW)

        with ThreadPoolExecutor(6) as threads:
            seen = [future.result() for future in [threads.submit(begin) for _ in range(6)]]

        assert {(books.candidates, books.planned, books.pending) for books in seen} == {(50, 50, 50)}
        assert len(rows(store)) == 50
        with store.read() as db:
            assert [event.kind for event in editions.events(db, WEEKLY)].count("sending") == 1

    def test_it_does_not_set_a_paused_edition_going(self, store: Store) -> None:
        sending(store, 1)
        with store.write() as db:
            editions.set_state(db, WEEKLY, [EditionState.SENDING], EditionState.PAUSED, NOW, "by hand")

            ledger.freeze_audience(db, WEEKLY, "weekly", LATER)

        assert state_of(store) is EditionState.PAUSED

    def test_nothing_is_planned_before_the_approval(self, store: Store) -> None:
        add_people(store, 1)
        edition = edition_of()
        with store.write() as db:
            editions.insert_draft(db, edition, NOW)
            editions.save_sealed(db, edition, sealed_of(edition), NOW, "assembled")

        with pytest.raises(HeldError, match="sealed: an approval is wanted"), store.write() as db:
            ledger.freeze_audience(db, WEEKLY, "weekly", LATER)

        assert totals(store) == Totals()

    def test_a_cancelled_edition_is_not_sent(self, store: Store) -> None:
        approved(store)
        with store.write() as db:
            editions.set_state(db, WEEKLY, [EditionState.APPROVED], EditionState.CANCELLED, NOW, "by hand")

        with pytest.raises(EditionError, match="cancelled"), store.write() as db:
            ledger.freeze_audience(db, WEEKLY, "weekly", LATER)

    def test_an_empty_audience_is_in_order(self, store: Store) -> None:
        approved(store)

        with store.write() as db:
            books = ledger.freeze_audience(db, WEEKLY, "weekly", NOW)

        assert books == Totals()
        assert state_of(store) is EditionState.SENDING

    def test_other_newsletters_people_are_none_of_ours(self, store: Store) -> None:
        add_people(store, 2)
        change_person(store, 2, newsletter="monthly")
        approved(store)

        with store.write() as db:
            books = ledger.freeze_audience(db, WEEKLY, "weekly", NOW)

        assert (books.candidates, books.planned) == (1, 1)

    def test_a_rollback_leaves_no_trace(self, store: Store) -> None:
        add_people(store, 3)
        approved(store)

        with pytest.raises(RuntimeError), store.write() as db:
            ledger.freeze_audience(db, WEEKLY, "weekly", NOW)
            raise RuntimeError

        assert (totals(store), state_of(store), rows(store)) == (Totals(), EditionState.APPROVED, [])


class TestClaiming:
    def test_a_claim_has_all_that_sending_needs(self, store: Store) -> None:
        sender = sending(store, 1)

        claims = claim(store, sender)

        number = rows(store)[0].subscriber
        assert claims == [
            Claim(
                edition=WEEKLY,
                subscriber=number,
                address="a1@example.com",
                name="Reader 1",
                attempt=1,
                fence=1,
                message_id=None,
            )
        ]
        assert states(store) == [CLAIMED]
        assert totals(store).pending == 1

    def test_no_row_is_claimed_twice(self, store: Store) -> None:
        sender, other = sending(store, 5), new_sender(store)

        first, second, third = claim(store, sender, 3), claim(store, other, 3), claim(store, sender, 3)

        assert [c.address for c in first + second] == [f"a{number}@example.com" for number in range(1, 6)]
        assert third == []

    def test_a_deferred_row_is_due_at_its_time_and_goes_before_new_ones(self, store: Store) -> None:
        sender = sending(store, 3)
        settle(store, claim(store, sender, 1), DEFERRED)

        too_early = claim(store, sender, 1, NOW + timedelta(minutes=4))
        in_time = claim(store, sender, 2, NOW + timedelta(minutes=5))

        assert [(c.address, c.attempt, c.fence) for c in too_early] == [("a2@example.com", 1, 1)]
        assert [(c.address, c.attempt, c.fence) for c in in_time] == [
            ("a1@example.com", 2, 2),
            ("a3@example.com", 1, 1),
        ]

    def test_whoever_left_since_planning_is_cancelled_and_not_returned(self, store: Store) -> None:
        sender = sending(store, 6)
        change_person(store, 1, state="unsubscribed")
        change_person(store, 2, state="bounced")
        suppress(store, 3)
        change_person(store, 4, state="erased", address="", address_key="erased:4")
        with store.write() as db:
            db.execute(subscriber.delete().where(subscriber.c.address_key == "a5@example.com"))

        claims = claim(store, sender, 1)

        assert [c.address for c in claims] == ["a6@example.com"]
        assert [row.reason for row in rows(store)] == [
            "unsubscribed",
            "bounced",
            "suppressed",
            "erased",
            "erased",
            None,
        ]
        assert states(store) == [CANCELLED] * 5 + [CLAIMED]
        assert totals(store).cancelled == 5

    @pytest.mark.parametrize("between", [0, 2, 60])
    def test_rows_are_claimed_alike_however_far_apart_they_lie(self, store: Store, between: int) -> None:
        """What lies close together is claimed as a run, with all between that is untouched, and nothing else."""
        sender = sending(store, 2 * between + 3)
        gap = [n for n in range(1, 2 * between + 4) if n not in {1, between + 2, 2 * between + 3}]
        with store.write() as db:
            done = tables.recipient.c.subscriber.in_(gap)
            db.execute(update(tables.recipient).where(done).values(state="sent", fence=7))
        change_person(store, between + 2, state="unsubscribed")

        claims = claim(store, sender, 2)

        assert [(c.address, c.name, c.attempt, c.fence, c.message_id) for c in claims] == [
            ("a1@example.com", "Reader 1", 1, 1, None),
            (f"a{2 * between + 3}@example.com", f"Reader {2 * between + 3}", 1, 1, None),
        ]
        of_gap = [row for row in rows(store) if row.subscriber in gap]
        assert {(row.state, row.attempt) for row in of_gap} <= {(SENT, 0)}
        assert totals(store).cancelled == 1
        assert settle(store, claims, SENT) == []

    def test_nothing_is_claimed_of_an_edition_that_is_not_being_sent(self, store: Store) -> None:
        sender = sending(store, 1)
        with store.write() as db:
            editions.set_state(db, WEEKLY, [EditionState.SENDING], EditionState.PAUSED, NOW, "by hand")

        assert claim(store, sender) == []
        assert states(store) == [PENDING]

    def test_two_editions_never_mix(self, store: Store) -> None:
        sender = sending(store, 2)
        next_week = approved(store, edition_of(date(2026, 11, 30)))
        with store.write() as db:
            ledger.freeze_audience(db, next_week.id, "weekly", NOW)
        settle(store, claim(store, sender), SENT)

        with store.read() as db:
            assert ledger.totals(db, next_week.id).pending == 2
        assert totals(store).sent == 2

    def test_a_sender_taken_for_dead_claims_nothing_more(self, store: Store) -> None:
        sender = sending(store, 2)
        with store.write() as db:
            ledger.recover(db, WEEKLY, {sender}, LATER, resend_once=False)

        with pytest.raises(StoreError, match="taken for dead"):
            claim(store, sender)

    def test_an_unknown_edition_is_named(self, store: Store) -> None:
        with pytest.raises(EditionError, match="no such edition"):
            claim(store, new_sender(store))

    def test_claims_that_waited_are_checked_again(self, store: Store) -> None:
        sender = sending(store, 4)
        claims = claim(store, sender)
        change_person(store, 1, state="unsubscribed")
        settle(store, claims[1:2], SENT)

        with store.write() as db:
            kept = ledger.recheck(db, claims, LATER)

        assert kept == claims[2:]
        assert states(store) == [CANCELLED, SENT, CLAIMED, CLAIMED]


class TestSettling:
    def test_the_outcome_is_written_down(self, store: Store) -> None:
        sender = sending(store, 1)
        sent = claim(store, sender)[0]._replace(message_id="<1.2@example.com>")

        refused = settle(store, [sent], SENT, LATER)

        row = rows(store)[0]
        assert refused == []
        assert (row.state, row.reason, row.attempt, row.message_id) == (SENT, "was sent", 1, "<1.2@example.com>")
        assert row.outcome == Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="queued as 4F1")
        assert row.updated_at == LATER

    def test_every_end_counts_once(self, store: Store) -> None:
        sender = sending(store, 7)

        for state in (SENT, FAILED, DEFERRED, UNCERTAIN, CANCELLED, PENDING):
            settle(store, claim(store, sender, 1), state)

        assert totals(store) == Totals(
            candidates=7, planned=7, sent=1, failed=1, deferred=1, uncertain=1, cancelled=1, pending=2
        )

    def test_a_stale_claim_is_refused_and_changes_nothing(self, store: Store) -> None:
        sender, other = sending(store, 2), new_sender(store)
        stale, _ = claim(store, sender)
        with store.write() as db:
            ledger.recover(db, WEEKLY, {sender}, LATER, resend_once=True)
        fresh = claim(store, other, 1)[0]

        refused = settle(store, [stale], FAILED)

        assert (fresh.subscriber, fresh.fence) == (stale.subscriber, 2)
        assert refused == [stale]
        assert states(store) == [CLAIMED, PENDING]
        assert settle(store, [fresh], SENT) == []
        assert settle(store, [stale], FAILED) == [stale]
        assert states(store) == [SENT, PENDING]

    def test_good_ones_are_written_beside_a_refused_one(self, store: Store) -> None:
        sender = sending(store, 3)
        claims = claim(store, sender)
        settle(store, claims[:1], FAILED)

        refused = settle(store, claims, SENT)

        assert refused == claims[:1]
        assert states(store) == [FAILED, SENT, SENT]

    def test_settling_again_after_a_lost_answer_is_no_refusal(self, store: Store) -> None:
        sender = sending(store, 2)
        claims = claim(store, sender)

        assert settle(store, claims, SENT) == []
        assert settle(store, claims, SENT) == []

        assert totals(store).sent == 2

    def test_a_row_given_back_is_not_charged(self, store: Store) -> None:
        sender = sending(store, 1)

        settle(store, claim(store, sender), PENDING)

        again = claim(store, sender)[0]
        assert (again.attempt, again.fence) == (1, 2)

    def test_the_first_message_id_stays(self, store: Store) -> None:
        sender = sending(store, 1)
        settle(store, [claim(store, sender)[0]._replace(message_id="<first@example.com>")], DEFERRED)

        again = claim(store, sender, now=LATER)[0]
        settle(store, [again._replace(message_id="<second@example.com>")], SENT)

        assert again.message_id == "<first@example.com>"
        assert rows(store)[0].message_id == "<first@example.com>"

    def test_a_servers_hostile_words_are_kept_without_harm(self, store: Store) -> None:
        sender = sending(store, 1)
        outcome = Outcome(phase=Phase.RCPT, code=550, text="no\x00body \ud800 '; DROP TABLE recipient; --")
        hostile = Settlement(claim=claim(store, sender)[0], state=FAILED, reason="r\x00", outcome=outcome)

        with store.write() as db:
            assert ledger.settle(db, [hostile], NOW) == []

        row = rows(store)[0]
        assert row.outcome and row.outcome.text == "no\\0body \\ud800 '; DROP TABLE recipient; --"

    def test_a_row_without_an_outcome(self, store: Store) -> None:
        sender = sending(store, 1)
        too_big = Settlement(claim=claim(store, sender)[0], state=FAILED, reason="too big", outcome=None)

        with store.write() as db:
            ledger.settle(db, [too_big], NOW)

        assert (rows(store)[0].outcome, rows(store)[0].reason) == (None, "too big")

    def test_nothing_to_settle(self, store: Store) -> None:
        assert settle(store, [], SENT) == []

    @pytest.mark.parametrize("state", [CLAIMED, DEFERRED])
    def test_what_is_no_end_is_a_mistake_of_ours(self, store: Store, state: RecipientState) -> None:
        sender = sending(store, 1)
        wrong = settlement(claim(store, sender)[0], state)._replace(next_at=None)

        with store.write() as db, pytest.raises(ValueError):
            ledger.settle(db, [wrong], NOW)

    @pytest.mark.parametrize("named", ["<1@example.com>", None])
    @pytest.mark.parametrize("reason", [None, "said why"])
    def test_all_that_the_server_said_is_kept(self, store: Store, named: str | None, reason: str | None) -> None:
        sender = sending(store, 2)
        claims = [each._replace(message_id=named) for each in claim(store, sender)]
        said = Outcome(phase=Phase.DOT, code=251, enhanced="2.6.0", text="queued\0as \udc80")
        ends = [Settlement(claim=each, state=SENT, reason=reason, outcome=said) for each in claims]
        stale = ends[1]._replace(claim=claims[1]._replace(fence=2))

        with store.write() as db:
            refused = ledger.settle(db, [ends[0], stale], LATER)
            assert ledger.settle(db, ends[:1], LATER) == []  # the same once more is no fault

        first, second = rows(store)
        assert refused == [stale.claim]
        assert (first.state, first.reason, first.attempt, first.message_id) == (SENT, reason, 1, named)
        assert first.outcome == said._replace(text="queued\\0as \\udc80")
        assert (second.state, second.outcome) == (CLAIMED, None)


class TestRecovering:
    def test_a_dead_process_leaves_uncertain_rows_that_wait(self, store: Store) -> None:
        sender = sending(store, 3)
        claim(store, sender, 2)

        with store.write() as db:
            recovered = ledger.recover(db, WEEKLY, {sender}, LATER, resend_once=False)
            again = ledger.recover(db, WEEKLY, {sender}, LATER, resend_once=False)

        assert (recovered, again) == (2, 0)
        assert states(store) == [UNCERTAIN, UNCERTAIN, PENDING]
        assert totals(store).uncertain == 2

    def test_a_living_process_keeps_its_rows(self, store: Store) -> None:
        sender = sending(store, 1)
        claim(store, sender)

        with store.write() as db:
            assert ledger.recover(db, WEEKLY, set(), NOW + LEASE, resend_once=True) == 0

        assert states(store) == [CLAIMED]

    def test_a_lease_that_ran_out_is_recovered_and_a_renewed_one_is_not(self, store: Store) -> None:
        sender, other = sending(store, 2), new_sender(store)
        claim(store, sender, 1)
        claim(store, other, 1)
        with store.write() as db:
            assert ledger.renew(db, WEEKLY, sender=other, now=LATER, lease=LEASE) == 1

            assert ledger.recover(db, WEEKLY, set(), NOW + LEASE + timedelta(seconds=1), resend_once=False) == 1

        assert states(store) == [UNCERTAIN, CLAIMED]

    def test_resend_once_sends_once_more_and_then_holds(self, store: Store) -> None:
        sender = sending(store, 1)
        claim(store, sender)
        with store.write() as db:
            ledger.recover(db, WEEKLY, {sender}, LATER, resend_once=True)
        assert states(store) == [PENDING]
        second = new_sender(store)
        claim(store, second)

        with store.write() as db:
            ledger.recover(db, WEEKLY, {second}, LATER, resend_once=True)

        assert states(store) == [UNCERTAIN]

    def test_resend_once_takes_up_what_ended_uncertain_too(self, store: Store) -> None:
        sender = sending(store, 1)
        settle(store, claim(store, sender), UNCERTAIN)

        with store.write() as db:
            assert ledger.recover(db, WEEKLY, set(), LATER, resend_once=True) == 0

        assert states(store) == [PENDING]

    def test_rows_of_a_process_that_left_without_settling_are_recovered(self, store: Store) -> None:
        sender = sending(store, 1)
        claim(store, sender)
        next_week = approved(store, edition_of(date(2026, 11, 30)))
        with store.write() as db:
            ledger.recover(db, next_week.id, {sender}, LATER, resend_once=False)  # written off there

            recovered = ledger.recover(db, WEEKLY, set(), LATER, resend_once=False)

        assert recovered == 1


class TestClosing:
    def test_a_person_has_uncertain_rows_taken_as_sent(self, store: Store) -> None:
        sender = sending(store, 2)
        settle(store, claim(store, sender), UNCERTAIN)

        with store.write() as db:
            count = ledger.resolve_uncertain(db, WEEKLY, resend=False, now=LATER)

        assert (count, states(store)) == (2, [SENT, SENT])

    def test_a_person_has_one_uncertain_row_sent_again_even_after_the_end(self, store: Store) -> None:
        sender = sending(store, 2)
        claims = claim(store, sender)
        settle(store, claims, UNCERTAIN)
        with store.write() as db:
            assert editions.set_state(db, WEEKLY, [EditionState.SENDING], EditionState.SENT, LATER, "done")

            count = ledger.resolve_uncertain(db, WEEKLY, resend=True, now=LATER, subscriber=claims[0].subscriber)

        assert (count, states(store), state_of(store)) == (1, [PENDING, UNCERTAIN], EditionState.SENDING)
        assert [c.address for c in claim(store, sender)] == ["a1@example.com"]

    def test_nothing_uncertain_changes_nothing(self, store: Store) -> None:
        sending(store, 1)

        with store.write() as db:
            assert ledger.resolve_uncertain(db, WEEKLY, resend=True, now=LATER) == 0

        assert states(store) == [PENDING]

    def test_cancelling_spares_what_is_in_conversation(self, store: Store) -> None:
        sender = sending(store, 3)
        settle(store, claim(store, sender, 1), DEFERRED)
        claim(store, sender, 1)

        with store.write() as db:
            assert ledger.cancel_open(db, WEEKLY, "cancelled by Ada", LATER) == 2

        assert states(store) == [CANCELLED, CLAIMED, CANCELLED]
        assert [row.reason for row in rows(store)] == ["cancelled by Ada", None, "cancelled by Ada"]
        assert totals(store).cancelled == 2

    def test_giving_up_keeps_the_last_reply(self, store: Store) -> None:
        sender = sending(store, 2)
        settle(store, claim(store, sender, 1), DEFERRED)

        with store.write() as db:
            due = ledger.next_due(db, WEEKLY)
            given_up = ledger.give_up(db, WEEKLY, LATER)
            none_due = ledger.next_due(db, WEEKLY)

        row = rows(store)[0]
        assert (due, given_up, none_due) == (LATER, 1, None)
        assert (row.state, row.reason, row.next_at) == (FAILED, "gave up: was deferred", None)
        assert row.outcome and row.outcome.code == 250


class TestReading:
    def test_rows_are_paged_in_order_and_filtered_by_state(self, store: Store) -> None:
        sender = sending(store, 2100)
        settle(store, claim(store, sender, 1050), SENT)

        with store.read() as db:
            everyone = [row.subscriber for row in ledger.recipients(db, WEEKLY)]
            sent = list(ledger.recipients(db, WEEKLY, states=[SENT]))
            none = list(ledger.recipients(db, WEEKLY, states=[]))

        assert everyone == sorted(set(everyone))
        assert (len(everyone), len(sent), none) == (2100, 1050, [])
        assert {row.state for row in sent} == {SENT}

    def test_an_erased_persons_row_shows_no_address(self, store: Store) -> None:
        sender = sending(store, 1)
        settle(store, claim(store, sender), SENT)
        change_person(store, 1, state="erased", address="", name="", address_key="erased:1")

        assert [(row.address, row.name, row.state) for row in rows(store)] == [(None, "", SENT)]
        assert totals(store).sent == 1

    def test_speed_is_of_the_first_round(self, store: Store) -> None:
        sender = sending(store, 6)
        with store.read() as db:
            before = ledger.speed(db, WEEKLY)
        first = claim(store, sender)
        settle(store, first[:1], DEFERRED)
        settle(store, first[1:], SENT, NOW + timedelta(seconds=2))
        settle(store, claim(store, sender, now=LATER), SENT, LATER)

        with store.read() as db:
            assert (before, ledger.speed(db, WEEKLY)) == (None, 2.5)
