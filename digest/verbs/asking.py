"""Asking the sources: all of them every few hours, and before an edition is assembled; by one process at a time. Hall.

Whoever sends never waits for this: what is due goes out first. A slot is assembled once a round of asking that was
begun at its time to be assembled, or later, is done; another process's round is waited for, unless it was given up or
the slot's hour has come.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from digest.errors import DigestError
from digest.model import Slot
from digest.newsroom.slots import assemble_instant
from digest.store import asked, gathered
from digest.store.asked import Asked
from digest.verbs import due, sourcehealth
from digest.verbs.fetch import Report, fetch
from digest.verbs.newsdesk import open_desk
from digest.verbs.pages import PagesRead
from digest.verbs.parts import Parts

AGAIN = timedelta(minutes=30)
"""How soon a source is asked again that an edition waits for."""

AGAIN_WHEN_HELD = timedelta(minutes=5)
"""The same from the slot's instant on, when readers wait, too."""

Told = Callable[[Report], None]

log = logging.getLogger("digest.asking")


@dataclass(frozen=True, slots=True)
class Desk:
    """How many gathered stories are on the desk, and how many of them are new."""

    stories: int
    new: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What asking by the clock came to: whether sources were asked, and what stopped it altogether."""

    asked: bool = False
    fault: str | None = None


class _Stopped(Exception):  # noqa: N818 (no error: a wish)
    """We were told to stop in the middle of a round."""


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


def ask_by_hand(
    parts: Parts, only: Collection[str], told: Told, *, told_pages: Callable[[PagesRead], None] = lambda _: None
) -> tuple[list[Report], Desk]:
    """Ask all sources, or those named, now, whoever else does; then bring together what is on the desk.

    `told` and `told_pages` hear what `fetch` tells. Raises what `fetch` and `open_desk` raise.
    """
    ask = partial(fetch, parts, only=only, told=told, told_pages=told_pages)
    reports = ask() if only else _round(parts, None, ask)
    return reports, _opened(parts)


def _opened(parts: Parts) -> Desk:
    with parts.store.read() as db:
        before = gathered.names_on_desk(db, parts.newsletter)
    names = {one.story.id for one in open_desk(parts, due.slot_to_assemble(parts)).stories}
    return Desk(len(names), len(names - before))


# ── by the clock ─────────────────────────────────────────────────────────────────────────────────


def is_asked_for(parts: Parts, slot: Slot) -> bool:
    """Whether the edition of `slot` can be assembled as far as asking goes.

    At the slot's hour a round that somebody began before it is waited for no more. Where nobody was awake until then,
    or a source that the edition requires must be asked once more, that is waited for a little.
    """
    now = parts.clock()
    if not parts.gathering.by_itself or now >= slot.instant + _patience(parts):
        return True
    so_far = _asked(parts)
    reached = slot.instant <= now
    if reached and so_far.under_way(now) and so_far.began and so_far.began < slot.instant:
        return True
    if not so_far.whole_since(_time_to_assemble(parts, slot), now):
        return False
    return not reached or all(one.tried_at and one.tried_at >= slot.instant for one in sourcehealth.blocking(parts))


def _patience(parts: Parts) -> timedelta:
    """How long after its instant a slot waits for sources, so that the edition is not missed for their sake."""
    return min(asked.GIVEN_UP, parts.calendar.late_after / 2)


def ask_by_the_clock(parts: Parts, stop: threading.Event) -> Turn:
    """Ask all sources if it is time, else those that an edition waits for; then open the desk, so that stories are
    brought together and told before an editor looks.

    Sources that fail are remembered and no fault. A fault of ours is told in the Turn and never raised: whatever it
    is, it must not stop what is to be sent.
    """
    if not parts.gathering.by_itself or stop.is_set():
        return Turn()
    try:
        reports = _ask_all(parts, stop) or _ask_again(parts, stop)
        if not reports:
            return Turn()
        desk = _opened(parts)
    except _Stopped:
        return Turn()
    except DigestError as fault:
        return Turn(fault=str(fault))
    except Exception as fault:
        log.debug("asking failed", exc_info=True)
        return Turn(fault=f"unexpected {type(fault).__name__}: {fault}")
    for report in reports:
        log.info("%s: %s, %d new%s", report.source.name, report.state, report.new, f"; {report.reason}".rstrip("; "))
    log.info("%d stories on the desk, %d new", desk.stories, desk.new)
    return Turn(asked=True)


def _ask_all(parts: Parts, stop: threading.Event) -> list[Report]:
    """A round of all sources, if it is time for one and nobody else is at it."""
    now, so_far = parts.clock(), _asked(parts)
    since = max([now - parts.gathering.every, *(_time_to_assemble(parts, slot) for slot in due.wanting(parts))])
    if so_far.under_way(now) or so_far.whole_since(since, now):
        return []
    return _round(parts, so_far, _until(parts, stop))


def _round(parts: Parts, so_far: Asked | None, ask: Callable[[], list[Report]]) -> list[Report]:
    """All sources asked, on record from its beginning to its end. Nothing, when another process was quicker than what
    was seen `so_far`."""
    began = parts.clock()
    before = so_far or _asked(parts)
    with parts.store.write() as db:
        if not asked.begin(db, parts.newsletter, began, instead_of=so_far):
            return []
    try:
        reports = ask()
    except (_Stopped, KeyboardInterrupt):
        with parts.store.write() as db:
            asked.give_back(db, parts.newsletter, began, before)
        raise
    with parts.store.write() as db:
        asked.end(db, parts.newsletter, began, parts.clock())
    return reports


def _ask_again(parts: Parts, stop: threading.Event) -> list[Report]:
    """The sources that an edition waits for, if it is time to ask them again and nobody else is at it."""
    now, so_far = parts.clock(), _asked(parts)
    last_calls = [slot for slot in due.wanting(parts) if now <= slot.instant + parts.calendar.late_after]
    if not last_calls or so_far.under_way(now) or now < _next_call(so_far, last_calls, now):
        return []
    names = [one.source.name for one in sourcehealth.blocking(parts)]
    if not names:
        return []
    with parts.store.write() as db:
        if not asked.begin_again(db, parts.newsletter, now, instead_of=so_far):
            return []
    return _until(parts, stop)(only=names)


def _next_call(so_far: Asked, slots: Sequence[Slot], now: datetime) -> datetime:
    """When sources that hold up these slots are asked again: after a while, and at the instant of each slot."""
    last = max((call for call in (so_far.began, so_far.again) if call and call <= now), default=None)
    reached = max((slot.instant for slot in slots if slot.instant <= now), default=None)
    if last is None or (reached and last < reached):
        return now
    return last + (AGAIN_WHEN_HELD if reached else AGAIN)


def _until(parts: Parts, stop: threading.Event) -> Callable[..., list[Report]]:
    """`fetch`, which looks up after each source and each page: told to stop, it raises _Stopped."""

    def look(_: Report | None = None) -> None:
        if stop.is_set():
            raise _Stopped

    return partial(fetch, parts, told=look, told_page=look)


def _asked(parts: Parts) -> Asked:
    with parts.store.read() as db:
        return asked.asked(db, parts.newsletter)


def _time_to_assemble(parts: Parts, slot: Slot) -> datetime:
    return assemble_instant(parts.calendar.assemble, parts.calendar.timezone, slot)
