"""Editions in the database: one per slot, states by compare-and-set, approvals bound to bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from digest.errors import EditionError
from digest.model import EditionState, RecipientState
from digest.store import Store, editions, ledger
from tests.store.samples import (
    HASH,
    LATER,
    NOW,
    WEEKLY,
    approved,
    claim,
    edition_of,
    sealed_of,
    sending,
    settle,
    state_of,
)

OTHER_HASH = "sha256:" + "2" * 64


def test_a_slot_takes_one_edition_only(store: Store) -> None:
    first, second = edition_of(), replace(edition_of(), id="another-id", subject="Another")

    with store.write() as db:
        written = [editions.insert_draft(db, edition, NOW) for edition in (first, second, first)]

    assert written == [True, False, False]
    with store.read() as db:
        row = editions.by_slot(db, "weekly", date(2026, 11, 23))
        assert row == editions.get(db, WEEKLY) == editions.latest(db, "weekly")
    assert row is not None
    assert (row.edition, row.state, row.hash, row.audience_frozen) == (first, EditionState.DRAFT, None, False)


def test_of_several_that_assemble_at_once_one_writes(store: Store) -> None:
    def assemble(number: int) -> bool:
        with store.write() as db:
            numbered = replace(edition_of(), number=editions.next_number(db, "weekly"), subject=f"by {number}")
            return editions.insert_draft(db, numbered, NOW)

    with ThreadPoolExecutor(6) as threads:
        written = list(threads.map(assemble, range(6)))

    assert sorted(written) == [False] * 5 + [True]
    with store.read() as db:
        row = editions.get(db, WEEKLY)
    assert row and (row.edition.subject, row.edition.number) == (f"by {written.index(True)}", 1)


def test_what_is_not_there_is_none(store: Store) -> None:
    with store.read() as db:
        found = (
            editions.get(db, WEEKLY),
            editions.by_slot(db, "weekly", date(2026, 11, 23)),
            editions.latest(db, "weekly"),
            editions.sealed(db, WEEKLY),
        )

    assert found == (None, None, None, None)


def test_numbers_go_up_and_the_newest_slot_is_listed_first(store: Store) -> None:
    days = [date(2026, 11, 23), date(2026, 12, 7), date(2026, 11, 30)]
    with store.write() as db:
        for day in days:
            editions.insert_draft(db, edition_of(day, number=editions.next_number(db, "weekly")), NOW)

    with store.read() as db:
        listed = editions.listing(db, "weekly", 2)

    assert [(row.edition.slot.key, row.edition.number) for row in listed] == [(days[1], 2), (days[2], 3)]


def test_sealing_stores_the_very_parts(store: Store) -> None:
    edition = edition_of()
    with store.write() as db:
        editions.insert_draft(db, edition, NOW)
        editions.save_sealed(db, edition, sealed_of(edition), LATER, "assembled")

    with store.read() as db:
        row, sealed = editions.get(db, WEEKLY), editions.sealed(db, WEEKLY)

    assert sealed == sealed_of(edition)
    assert row is not None
    assert (row.state, row.hash, row.sealed_at) == (EditionState.SEALED, HASH, LATER)


def test_an_approval_is_of_exactly_these_bytes(store: Store) -> None:
    edition = approved(store)

    with store.read() as db:
        row = editions.get(db, edition.id)

    assert row is not None
    assert (row.state, row.approved_hash, row.approved_by) == (EditionState.APPROVED, HASH, "Ada")
    with store.write() as db, pytest.raises(EditionError, match="cannot be approved"):
        editions.approve(db, edition.id, OTHER_HASH, "Ada", NOW)


def test_an_edit_voids_the_approval(store: Store) -> None:
    edition = replace(approved(store), subject="A better subject")

    with store.write() as db:
        editions.save_sealed(db, edition, sealed_of(edition, OTHER_HASH), LATER, "subject edited")

    with store.read() as db:
        row = editions.get(db, edition.id)
        sealed = editions.sealed(db, edition.id)
    assert row is not None and sealed is not None
    assert (row.state, row.hash, row.edition.subject) == (EditionState.SEALED, OTHER_HASH, "A better subject")
    assert (row.approved_hash, row.approved_at, row.approved_by) == (None, None, None)
    assert sealed.hash == OTHER_HASH


@pytest.mark.parametrize(
    "state", [EditionState.SENDING, EditionState.PAUSED, EditionState.SENT, EditionState.CANCELLED]
)
def test_content_is_fixed_from_sending_on(store: Store, state: EditionState) -> None:
    edition = approved(store)
    with store.write() as db:
        assert editions.set_state(db, edition.id, list(EditionState), state, NOW, "on its way")

    with pytest.raises(EditionError, match=state.value), store.write() as db:
        editions.save_sealed(db, replace(edition, subject="Too late"), sealed_of(edition, OTHER_HASH), LATER, "edit")

    with store.read() as db:
        row, sealed = editions.get(db, edition.id), editions.sealed(db, edition.id)
    assert row is not None and sealed is not None
    assert (row.edition, row.hash, sealed.hash) == (edition, HASH, HASH)


def test_a_state_is_changed_only_from_where_it_was_expected(store: Store) -> None:
    edition = approved(store)

    with store.write() as db:
        first = editions.set_state(db, edition.id, [EditionState.APPROVED], EditionState.MISSED, NOW, "too late")
        second = editions.set_state(db, edition.id, [EditionState.APPROVED], EditionState.SENDING, NOW, "due")

    assert (first, second, state_of(store)) == (True, False, EditionState.MISSED)


def test_a_missed_edition_can_still_be_approved_to_go_by_hand(store: Store) -> None:
    edition = approved(store)
    with store.write() as db:
        editions.set_state(db, edition.id, [EditionState.APPROVED], EditionState.MISSED, NOW, "too late")

        editions.approve(db, edition.id, HASH, "Ada", LATER)

    assert state_of(store) is EditionState.APPROVED


def test_a_pause_says_why_and_leaving_it_forgets(store: Store) -> None:
    edition = approved(store)
    with store.write() as db:
        editions.set_state(db, edition.id, [EditionState.APPROVED], EditionState.PAUSED, NOW, "20 refusals in a row")
        paused = editions.get(db, edition.id)
        editions.set_state(db, edition.id, [EditionState.PAUSED], EditionState.SENDING, NOW, "resumed")
        resumed = editions.get(db, edition.id)

    assert paused and resumed
    assert (paused.paused_reason, resumed.paused_reason) == ("20 refusals in a row", None)


@pytest.mark.parametrize("open_state", [RecipientState.PENDING, RecipientState.CLAIMED, RecipientState.DEFERRED])
def test_an_edition_is_not_sent_while_a_recipient_is_open(store: Store, open_state: RecipientState) -> None:
    sender = sending(store, 2)
    settle(store, claim(store, sender, 1), RecipientState.SENT)
    if open_state is not RecipientState.PENDING:
        last = claim(store, sender, 1)
        settle(store, last if open_state is RecipientState.DEFERRED else [], RecipientState.DEFERRED)

    with store.write() as db:
        finished = editions.set_state(db, WEEKLY, [EditionState.SENDING], EditionState.SENT, LATER, "done")

    assert not finished
    assert state_of(store) is EditionState.SENDING


def test_an_edition_is_sent_when_all_its_recipients_have_ended(store: Store) -> None:
    sender = sending(store, 3)
    for state in (RecipientState.SENT, RecipientState.UNCERTAIN, RecipientState.FAILED):
        settle(store, claim(store, sender, 1), state)

    with store.write() as db:
        finished = editions.set_state(db, WEEKLY, [EditionState.SENDING], EditionState.SENT, LATER, "done")
        row = editions.get(db, WEEKLY)

    assert finished and row
    assert (row.state, row.started_at, row.finished_at) == (EditionState.SENT, NOW, LATER)


def test_every_step_is_on_record(store: Store) -> None:
    sending(store, 1)

    with store.read() as db:
        events = editions.events(db, WEEKLY)

    assert [(event.kind, event.why) for event in events] == [
        ("draft", "assembled"),
        ("sealed", "assembled"),
        ("approved", "Ada"),
        ("sending", "audience frozen: 1 planned, 0 excluded"),
    ]
    assert [event.hash for event in events] == [None, HASH, HASH, None]


def test_the_time_of_the_next_try_is_kept_until_the_state_changes(store: Store) -> None:
    sending(store, 1)
    with store.write() as db:
        editions.set_retry_at(db, WEEKLY, LATER)
        waiting = editions.get(db, WEEKLY)
        editions.set_state(db, WEEKLY, [EditionState.SENDING], EditionState.PAUSED, NOW, "by hand")
        paused = editions.get(db, WEEKLY)

    assert waiting and paused
    assert (waiting.retry_at, paused.retry_at) == (LATER, None)


def test_after_a_restored_backup_nothing_goes_by_itself(store: Store) -> None:
    sending(store, 1)
    approved(store, edition_of(date(2026, 11, 30)))

    with store.write() as db:
        held = editions.hold_all(db, LATER, "database restored")

    assert held == 2
    assert state_of(store) is EditionState.PAUSED
    assert state_of(store, "weekly-2026-11-30") is EditionState.SEALED


def test_a_story_is_first_seen_once(store: Store) -> None:
    many = [f"story-{number}" for number in range(700)]
    with store.write() as db:
        editions.first_seen(db, "weekly", ["ketamine"], date(2026, 11, 16))

        seen = editions.first_seen(db, "weekly", ["ketamine", *many], date(2026, 11, 23))
        none = editions.first_seen(db, "weekly", [], date(2026, 11, 23))

    assert seen.pop("ketamine") == date(2026, 11, 16)
    assert seen == dict.fromkeys(many, date(2026, 11, 23))
    assert none == {}


def test_stories_of_earlier_editions_that_went_out_are_known(store: Store) -> None:
    earlier = edition_of(date(2026, 11, 16), stories=("ketamine", "sleep", "sleep"))
    approved(store, earlier)
    approved(store, edition_of(date(2026, 11, 9), stories=("sleep", "salt")))
    with store.write() as db:
        editions.insert_draft(db, edition_of(date(2026, 11, 2), stories=("never-sent",)), NOW)
        editions.set_state(db, "weekly-2026-11-09", [EditionState.APPROVED], EditionState.MISSED, NOW, "too late")

    waiting = edition_of(date(2026, 11, 17), stories=("waits",))
    with store.write() as db:
        editions.insert_draft(db, waiting, NOW)
        editions.save_sealed(db, waiting, sealed_of(waiting), NOW, "assembled")

    with store.read() as db:
        known = editions.sent_story_ids(db, "weekly", date(2026, 11, 23))
        before_itself = editions.sent_story_ids(db, "weekly", date(2026, 11, 16))

    assert known == {
        "ketamine": "weekly-2026-11-16",
        "sleep": "weekly-2026-11-16",
        "waits": "weekly-2026-11-17",
    }
    assert before_itself == {}


def test_a_story_taken_out_again_has_not_run(store: Store) -> None:
    edition = edition_of(date(2026, 11, 16), stories=("ketamine", "sleep"))
    approved(store, edition)
    shorter = replace(edition, stories=edition.stories[:1])
    with store.write() as db:
        editions.save_sealed(db, shorter, sealed_of(shorter), NOW, "sleep dropped")
        editions.approve(db, edition.id, HASH, "Ada", NOW)

    with store.read() as db:
        assert editions.sent_story_ids(db, "weekly", date(2026, 11, 23)) == {"ketamine": edition.id}


def test_an_unknown_edition_is_named(store: Store) -> None:
    with store.write() as db, pytest.raises(EditionError, match="weekly-x: no such edition"):
        editions.approve(db, "weekly-x", HASH, "Ada", NOW)
    with store.write() as db, pytest.raises(EditionError, match="weekly-x: no such edition"):
        ledger.freeze_audience(db, "weekly-x", "weekly", NOW)
