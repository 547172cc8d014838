"""Editions do not stand in each other's way; what goes out is what was approved, whoever edits meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, update

from digest.model import EditionState
from digest.store import tables
from digest.store.store import Store
from digest.verbs import approve, due
from digest.verbs.assemble import edit
from digest.verbs.report import exit_code
from digest.verbs.send import Order, send_due, send_edition
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION, NEXT = "weekly-2026-11-23", "weekly-2026-11-30"
NEXT_FRIDAY_16 = MONDAY_7 + timedelta(days=4, hours=9)


def _now() -> Order:
    return Order(stop=threading.Event(), wait=timedelta(0))


def _begun(newsletter: Newsletter, *, deferred: int) -> None:
    """An edition under way that waits for ada, who is put off so many times."""
    newsletter.story("Sleep is good")
    newsletter.readers("ada")
    newsletter.clock.set(MONDAY_7)
    newsletter.relay.script.rules.append(Rule(phase="rcpt", match="ada", text="451 4.7.1 later", times=deferred))
    newsletter.relay.used.append(0)
    send_due(newsletter.parts, _now())


def test_a_story_that_cannot_be_printed_stops_next_week_only(auto: Newsletter) -> None:
    _begun(auto, deferred=1)
    auto.clock.set(NEXT_FRIDAY_16)
    path = auto.story("Too deep", day="2026-11-26")
    path.write_text(f"{path.read_text('utf-8')}\n{'>' * 60} far too deep\n", encoding="utf-8")

    runs = send_due(auto.parts, _now())

    assert [(run.edition, run.what) for run in runs] == [(NEXT, "failed"), (EDITION, "sent")]
    assert exit_code(runs) == 1
    assert auto.received() == ["ada@example.com"]


def test_an_edition_that_was_tampered_with_stops_no_other(auto: Newsletter) -> None:
    _begun(auto, deferred=1)
    with auto.parts.store.write() as db:
        db.execute(update(tables.sealed).values(hash="sha256:" + "0" * 64, content=_tampered(db)))
    auto.clock.set(MONDAY_7 + timedelta(days=7))
    auto.story("Other news", day="2026-11-26")

    runs = send_due(auto.parts, _now())

    assert {(run.edition, run.what) for run in runs} == {(NEXT, "sent"), (EDITION, "failed")}
    assert len(auto.received()) == 1
    assert b"Other news" in auto.relay.accepted[0].data


def _tampered(db: Connection) -> str:
    return str(db.scalar(tables.sealed.select().with_only_columns(tables.sealed.c.content))).replace("Sleep", "Sheep")


def test_an_edition_whose_hour_has_come_does_not_wait_for_the_stragglers_of_the_last(auto: Newsletter) -> None:
    _begun(auto, deferred=1)
    auto.clock.set(MONDAY_7 + timedelta(days=7))
    auto.story("Other news", day="2026-11-26")

    assert [run.edition for run in send_due(auto.parts, _now())] == [NEXT, EDITION]


def test_an_editor_means_the_next_edition_while_the_last_one_waits_for_stragglers(newsletter: Newsletter) -> None:
    newsletter.parts = replace(newsletter.parts, approval="auto")
    _begun(newsletter, deferred=1000)
    newsletter.parts = replace(newsletter.parts, approval="required")
    newsletter.clock.set(NEXT_FRIDAY_16)
    newsletter.story("Other news", day="2026-11-26")

    send_due(newsletter.parts, _now())

    assert due.find(newsletter.parts, EDITION).state is EditionState.SENDING
    assert due.current(newsletter.parts, None).edition.id == NEXT


class _Meddled(Store):
    """A store whose next writing transaction is preceded by somebody else's deed."""

    def __init__(self, store: Store) -> None:
        self.__dict__ = store.__dict__ | {"deed": None}

    @contextmanager
    def write(self) -> Iterator[Connection]:
        deed, self.__dict__["deed"] = self.__dict__["deed"], None
        if deed:
            deed()
        with super().write() as db:
            yield db


def test_bytes_approved_at_the_last_instant_are_those_that_go_out(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    newsletter.readers("ada")
    row = approve.approve(newsletter.parts, newsletter.assembled(), hash_prefix=None, by="editor")
    meddled = _Meddled(newsletter.parts.store)

    def another_subject() -> None:
        edit(newsletter.parts, row, subject="A better subject")
        approve.approve(newsletter.parts, due.find(newsletter.parts, EDITION), hash_prefix=None, by="editor")

    meddled.__dict__["deed"] = another_subject
    run = send_edition(replace(newsletter.parts, store=meddled), EDITION, _now())

    assert run.what == "sent"
    assert b"Subject: A better subject" in newsletter.relay.accepted[0].data
    assert str(due.find(newsletter.parts, EDITION).approved_hash) in newsletter.relay.accepted[0].data.decode()
