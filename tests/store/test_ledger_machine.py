"""The ledger against a model of itself: whatever happens in whatever order, it keeps its promise."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from digest.model import Claim, RecipientState
from digest.store import ledger, open_store
from tests.store.samples import LEASE, NOW, WEEKLY, change_person, new_sender, sending, settlement

pytestmark = pytest.mark.slow

PEOPLE = 6
PENDING, CLAIMED, SENT, FAILED, DEFERRED, UNCERTAIN, CANCELLED = RecipientState


class Ledger(RuleBasedStateMachine):
    """Senders claim, settle, die and sleep; people leave; operators decide. The model is a dict and some counters."""

    claims = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(f"sqlite:///{Path(self.folder.name) / 'digest.db'}", create=True)
        self.sender = sending(self.store, PEOPLE)
        self.now = NOW
        self.state: dict[int, RecipientState] = dict.fromkeys(range(1, PEOPLE + 1), PENDING)
        self.fence = dict.fromkeys(self.state, 0)
        self.lease = dict.fromkeys(self.state, NOW)
        self.due = dict.fromkeys(self.state, NOW)
        self.resent: set[int] = set()
        self.gone: set[int] = set()

    @rule(minutes=st.sampled_from([1, 5, 15, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(target=claims, limit=st.integers(1, 3))
    def claim(self, limit: int) -> object:
        with self.store.write() as db:
            claims = ledger.claim(db, WEEKLY, sender=self.sender, limit=limit, now=self.now, lease=LEASE)
        due = sorted((n for n in self.state if self._is(n, DEFERRED)), key=lambda n: self.due[n])
        expected: list[int] = []
        for number in [*due, *(n for n in self.state if self._is(n, PENDING))]:
            if len(expected) == limit:
                break
            if number in self.gone:
                self.state[number] = CANCELLED
                continue
            expected.append(number)
            self.state[number], self.lease[number] = CLAIMED, self.now + LEASE
            self.fence[number] += 1
        assert sorted((c.subscriber, c.fence) for c in claims) == sorted((n, self.fence[n]) for n in expected)
        return multiple(*claims)

    @rule(claim=consumes(claims), end=st.sampled_from([SENT, FAILED, DEFERRED, UNCERTAIN, PENDING]))
    def settle(self, claim: Claim, end: RecipientState) -> None:
        with self.store.write() as db:
            refused = ledger.settle(db, [settlement(claim, end)], self.now)
        number = claim.subscriber
        holds = self.fence[number] == claim.fence
        if holds and self.state[number] is CLAIMED:
            self.state[number], self.due[number] = end, NOW + timedelta(minutes=5)
            assert refused == []
        else:
            assert refused == ([] if holds and self.state[number] is end else [claim])

    @rule(resend_once=st.booleans())
    def the_sender_dies(self, resend_once: bool) -> None:
        with self.store.write() as db:
            ledger.recover(db, WEEKLY, {self.sender}, self.now, resend_once=resend_once)
        self.sender = new_sender(self.store)
        self._recover([n for n, state in self.state.items() if state is CLAIMED], resend_once)

    @rule(resend_once=st.booleans())
    def another_process_looks_around(self, resend_once: bool) -> None:
        with self.store.write() as db:
            ledger.recover(db, WEEKLY, set(), self.now, resend_once=resend_once)
        late = [n for n, state in self.state.items() if state is CLAIMED and self.lease[n] < self.now]
        self._recover(late, resend_once)

    @rule(number=st.integers(1, PEOPLE))
    def somebody_leaves(self, number: int) -> None:
        change_person(self.store, number, state="unsubscribed")
        self.gone.add(number)

    @rule(resend=st.booleans())
    def a_person_resolves(self, resend: bool) -> None:
        with self.store.write() as db:
            ledger.resolve_uncertain(db, WEEKLY, resend=resend, now=self.now)
        for number in [n for n, state in self.state.items() if state is UNCERTAIN]:
            self.state[number] = PENDING if resend else SENT
            self.resent |= {number} if resend else set()

    @rule()
    def time_is_over_for_the_deferred(self) -> None:
        with self.store.write() as db:
            ledger.give_up(db, WEEKLY, self.now)
        for number, state in self.state.items():
            self.state[number] = FAILED if state is DEFERRED else state

    @invariant()
    def the_books_are_the_models_and_add_up(self) -> None:
        with self.store.read() as db:
            books = ledger.totals(db, WEEKLY)
            rows = {row.subscriber: row.state for row in ledger.recipients(db, WEEKLY)}
        assert books.adds_up
        assert books.planned == PEOPLE
        assert rows == self.state

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def _is(self, number: int, state: RecipientState) -> bool:
        return self.state[number] is state and (state is PENDING or self.due[number] <= self.now)

    def _recover(self, numbers: list[int], resend_once: bool) -> None:
        for number in numbers:
            self.state[number] = UNCERTAIN
        if not resend_once:
            return
        for number, state in self.state.items():
            if state is UNCERTAIN and number not in self.resent:
                self.state[number] = PENDING
                self.resent.add(number)


Ledger.TestCase.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLedger = Ledger.TestCase
