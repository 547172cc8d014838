"""A source that is down: the edition goes out without it and says so, or waits for it where it is required."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes

import pytest

from digest.errors import HeldError, UsageError
from digest.model import EditionState
from digest.verbs import approve, due, required
from digest.verbs.assemble import Assembled
from digest.verbs.assembledue import slots_that_wait
from digest.verbs.byclock import keep_time
from digest.verbs.due import slot_to_assemble
from digest.verbs.report import Run, exit_code
from digest.verbs.send import Order, plan, send_edition
from digest.verbs.status import as_json, status
from tests.gather.hostile import HostileServer
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter
from tests.verbs.newsroom import NASAL_SPRAY, SALT, Newsroom

EDITION = "weekly-2026-11-23"
OPERATOR = "operator@example.com"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def newsroom(auto: Newsletter) -> Iterator[Newsroom]:
    """The Post is required, and down since a good answer on Friday; the Times has news."""
    auto.parts = replace(auto.parts, notify_to=(OPERATOR,))
    auto.readers("ada")
    with HostileServer() as server:
        room = Newsroom(auto, server)
        room.publishes("Harbour Post", NASAL_SPRAY[0], require=True)
        room.publishes("Inland Times", SALT)
        room.fetch()
        room.asked()
        room.breaks("Harbour Post")
        yield room


def _order() -> Order:
    return Order(stop=threading.Event(), wait=timedelta(0))


def _go(newsroom: Newsroom) -> list[Run]:
    return keep_time(newsroom.newsletter.parts, _order())


def _by_hand(newsroom: Newsroom, *, refresh: bool = False, anyway: bool = False) -> Assembled:
    parts = newsroom.newsletter.parts
    return required.assemble_by_hand(parts, slot_to_assemble(parts), refresh=refresh, anyway=anyway)


def _told(newsroom: Newsroom) -> list[str]:
    """Subject and text of each mail to the operators so far, on one line."""
    mails = [message_from_bytes(mail.data) for mail in newsroom.newsletter.relay.accepted if OPERATOR in mail.rcpt_to]
    texts = [(mail["Subject"], mail.get_payload(decode=True)) for mail in mails]
    return [" ".join(f"{subject} {text.decode()}".split()) for subject, text in texts if isinstance(text, bytes)]


def _events(newsroom: Newsroom) -> list[tuple[str, str]]:
    parts = newsroom.newsletter.parts
    return [(event.kind, event.why) for event in due.history(parts, due.find(parts, EDITION))]


def _is_back(newsroom: Newsroom) -> None:
    newsroom.publishes("Harbour Post", NASAL_SPRAY[0])


# ── by the clock ─────────────────────────────────────────────────────────────────────────────────


def test_assembling_waits_for_a_required_source_and_that_is_told_once(newsroom: Newsroom) -> None:
    for _ in range(4):
        runs = _go(newsroom)
        newsroom.newsletter.clock.advance(MINUTE)

    assert runs == []  # nothing is wrong yet that cron should mail about
    assert due.listing(newsroom.newsletter.parts, 5) == []
    (told,) = _told(newsroom)
    assert f"{EDITION} waits: a source is down" in told
    assert "Harbour Post: nothing since 20 Nov (500 Internal Server Error)" in told
    assert "digest assemble --slot 2026-11-23 --anyway" in told


def test_only_what_it_waits_for_is_asked_again_after_half_an_hour(newsroom: Newsroom) -> None:
    asked = []
    for minutes in (0, 29, 30, 31, 59, 60):
        newsroom.newsletter.clock.set(MONDAY_7 - timedelta(days=2) + minutes * MINUTE)
        _go(newsroom)
        asked.append(newsroom.asked())

    assert asked == [["harbour", "inland"], [], ["harbour"], [], [], ["harbour"]]


def test_once_the_source_is_back_the_edition_is_assembled(newsroom: Newsroom) -> None:
    _go(newsroom)
    newsroom.newsletter.clock.advance(30 * MINUTE)
    _is_back(newsroom)

    assert _go(newsroom) == []

    assert len(due.find(newsroom.newsletter.parts, EDITION).edition.stories) == 2
    assert "without" not in dict(_events(newsroom))


def test_another_reason_is_told_too(newsroom: Newsroom) -> None:
    _go(newsroom)
    newsroom.breaks("Harbour Post", 410)
    newsroom.newsletter.clock.advance(30 * MINUTE)

    _go(newsroom)

    assert "410" in _told(newsroom)[1]


def test_what_could_not_be_told_is_told_later(newsroom: Newsroom) -> None:
    relay = newsroom.newsletter.relay
    relay.script.rules.append(Rule(phase="rcpt", match=OPERATOR, text="451 4.3.0 later"))
    relay.used.append(0)
    _go(newsroom)
    relay.script.rules.clear()

    told = []
    for _ in range(8):
        newsroom.newsletter.clock.advance(MINUTE)
        _go(newsroom)
        told.append(len(_told(newsroom)))

    assert told == [0, 0, 0, 0, 1, 1, 1, 1]


def test_from_its_hour_on_an_edition_without_its_source_is_held(newsroom: Newsroom) -> None:
    _go(newsroom)
    newsroom.newsletter.clock.set(MONDAY_7)

    first, second = _go(newsroom), _go(newsroom)

    assert [(run.edition, run.what) for run in first + second] == [(EDITION, "held")] * 2
    assert exit_code(first) == 4
    assert "Harbour Post: nothing since 20 Nov" in (first[0].reason or "")
    assert f"{EDITION} is held: a source is down" in _told(newsroom)[1]
    assert len(_told(newsroom)) == 2


def test_what_waits_or_is_held_before_there_is_an_edition_is_shown_by_whoever_asks(newsroom: Newsroom) -> None:
    parts, clock = newsroom.newsletter.parts, newsroom.newsletter.clock
    nothing_yet = plan(parts, None)
    _go(newsroom)

    waiting = plan(parts, None), slots_that_wait(parts)
    clock.set(MONDAY_7)
    _go(newsroom)
    told = len(_told(newsroom))
    held, shown = plan(parts, None), slots_that_wait(parts)

    assert nothing_yet == waiting[0] == []
    assert [slot.key.isoformat() for slot, _ in waiting[1]] == ["2026-11-23"]
    assert "cannot be assembled before this source is back: Harbour Post" in waiting[1][0][1]
    assert [(run.edition, run.what, run.reason) for run in held] == [(EDITION, "held", shown[0][1])]
    assert "waits for a source that it requires: Harbour Post" in shown[0][1]
    assert len(_told(newsroom)) == told  # who looks tells nobody


def test_status_names_what_waits_beside_the_edition_it_shows(newsroom: Newsroom) -> None:
    parts, clock = newsroom.newsletter.parts, newsroom.newsletter.clock
    _by_hand(newsroom, anyway=True)
    clock.set(MONDAY_7 + timedelta(days=4, hours=9))
    _go(newsroom)
    clock.set(MONDAY_7 + timedelta(days=7))
    _go(newsroom)

    shown = as_json(status(parts, due.find(parts, EDITION)))

    ((edition, reason),) = shown["waiting"].items()
    assert edition == "weekly-2026-11-30"
    assert "waits for a source that it requires: Harbour Post" in reason


def test_where_there_is_no_edition_yet_one_is_told_why(newsroom: Newsroom) -> None:
    _go(newsroom)

    with pytest.raises(UsageError, match=f"no edition yet; {EDITION} cannot be assembled before this source is back"):
        due.latest_begun(newsroom.newsletter.parts)


def test_at_its_hour_the_source_is_asked_once_more_before_anything_is_held(newsroom: Newsroom) -> None:
    newsroom.newsletter.clock.set(MONDAY_7 - MINUTE)
    _go(newsroom)
    _is_back(newsroom)
    newsroom.newsletter.clock.set(MONDAY_7)

    assert [(run.edition, run.what) for run in _go(newsroom)] == [(EDITION, "sent")]
    assert "held" not in " ".join(_told(newsroom))


def test_a_held_edition_goes_its_way_when_the_source_is_back_in_time(newsroom: Newsroom) -> None:
    for minutes in range(0, 20, 5):
        newsroom.newsletter.clock.set(MONDAY_7 + minutes * MINUTE)
        _go(newsroom)
    newsroom.asked()
    _is_back(newsroom)
    newsroom.newsletter.clock.advance(5 * MINUTE)

    runs = _go(newsroom)

    assert newsroom.asked() == ["harbour"]
    assert [(run.edition, run.what) for run in runs] == [(EDITION, "sent")]
    assert "ada@example.com" in newsroom.newsletter.received()


def test_a_source_that_stays_away_makes_the_edition_missed_and_a_person_can_send_it(newsroom: Newsroom) -> None:
    _go(newsroom)
    newsroom.newsletter.clock.set(MONDAY_7 + timedelta(hours=4, minutes=1))

    runs = _go(newsroom)

    assert [(run.edition, run.what) for run in runs] == [(EDITION, "missed")]
    assert ("without", "Harbour Post: nothing since 20 Nov (500 Internal Server Error)") in _events(newsroom)
    assert "ada@example.com" not in newsroom.newsletter.received()
    assert send_edition(newsroom.newsletter.parts, EDITION, _order(), late=True).what == "sent"


def test_a_source_that_asks_to_be_left_alone_is_left_alone_and_holds_all_the_same(newsroom: Newsroom) -> None:
    newsroom.server.routes["/harbour-post.example"] = (
        b"HTTP/1.1 503 x\r\nRetry-After: 999999\r\nContent-Length: 0\r\n\r\n"
    )
    _go(newsroom)
    newsroom.asked()

    for minutes in (0, 5, 10):
        newsroom.newsletter.clock.set(MONDAY_7 + minutes * MINUTE)
        runs = _go(newsroom)

    assert "harbour" not in newsroom.asked()
    assert [run.what for run in runs] == ["held"]


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


def test_by_hand_an_edition_is_refused_while_its_source_is_down(newsroom: Newsroom) -> None:
    newsroom.fetch()

    with pytest.raises(HeldError, match=r"Harbour Post: nothing since 20 Nov \(500.*--anyway"):
        _by_hand(newsroom)

    assert due.listing(newsroom.newsletter.parts, 5) == []


def test_an_editor_may_go_on_all_the_same_and_that_is_put_on_record(newsroom: Newsroom) -> None:
    newsroom.fetch()

    done = _by_hand(newsroom, anyway=True)
    again = _by_hand(newsroom, anyway=True, refresh=True)

    assert (done.created, again.changed) == (True, False)
    assert [why for kind, why in _events(newsroom) if kind == "without"] == [
        "Harbour Post: nothing since 20 Nov (500 Internal Server Error)"
    ]


def test_what_an_editor_went_on_with_goes_out_though_the_source_stays_away(newsroom: Newsroom) -> None:
    _go(newsroom)
    made = _by_hand(newsroom, anyway=True).row
    newsroom.newsletter.clock.set(MONDAY_7)

    assert [run.what for run in _go(newsroom)] == ["sent"]
    after = due.find(newsroom.newsletter.parts, EDITION)
    assert made is not None
    assert after.hash == made.hash


def test_a_source_that_goes_away_after_its_edition_was_assembled_holds_nothing(newsroom: Newsroom) -> None:
    _is_back(newsroom)
    _go(newsroom)
    newsroom.breaks("Harbour Post")
    newsroom.newsletter.clock.advance(timedelta(hours=7))
    _go(newsroom)
    newsroom.newsletter.clock.set(MONDAY_7)

    assert [run.what for run in _go(newsroom)] == ["sent"]


def test_an_edition_that_is_there_is_shown_whatever_is_down_but_not_refreshed(newsroom: Newsroom) -> None:
    made = _by_hand(newsroom)
    newsroom.fetch()

    assert _by_hand(newsroom).row == made.row
    with pytest.raises(HeldError, match="--refresh --anyway"):
        _by_hand(newsroom, refresh=True)


def test_a_required_source_that_was_never_asked_blocks_too(newsroom: Newsroom) -> None:
    newsroom.publishes("Valley News", NASAL_SPRAY[1], require=True)

    with pytest.raises(HeldError, match=r"Valley News: nothing so far \(it was never fetched; run `digest fetch`"):
        _by_hand(newsroom)


def test_a_source_that_is_not_required_stops_nothing_and_is_told_to_whoever_checks(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsroom.publishes("Harbour Post", NASAL_SPRAY[0], require=False)
    newsroom.breaks("Harbour Post")

    _go(newsroom)
    row = due.find(newsletter.parts, EDITION)
    found = [finding for finding in approve.check(newsletter.parts, row) if finding.rule == "source-down"]
    newsletter.clock.set(MONDAY_7)
    runs = _go(newsroom)

    assert [(one.severity, one.message) for one in found] == [
        ("warning", "Harbour Post: nothing since 20 Nov (500 Internal Server Error)")
    ]
    assert [run.what for run in runs] == ["sent"]
    assert due.find(newsletter.parts, EDITION).state is EditionState.SENT
    assert f"{EDITION} lacks what some sources have" in _told(newsroom)[0]
    assert "Harbour Post: nothing since 20 Nov (500 Internal Server Error)" in _told(newsroom)[0]
