"""Fetching: every source is asked, what it sent is read, and what is new is stored; one report a source. Hall.

A source that fails is a report, never an exception. Each source is written down by itself as soon as it is read, so an
interrupted round loses nothing that it had.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from digest import __version__
from digest.errors import InputError, UsageError
from digest.gather import journals
from digest.gather.candidate import Feed, SourceError
from digest.gather.copies import Copies
from digest.gather.folder import read_stories
from digest.gather.parsing import Parser, Work
from digest.gather.source import Source
from digest.store import articles, sources
from digest.store.sources import Health
from digest.verbs.pages import PagesRead, read_pages
from digest.verbs.parts import Parts

if TYPE_CHECKING:
    from digest.gather.web import Answer

STALE_AFTER = timedelta(days=14)
"""A source that answers but has brought nothing newer than this is called stale."""

TEXTS_KEPT = timedelta(days=100)

State = Literal["new", "unchanged", "stale", "failed", "waiting", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of one source. `reason` is one line, for all states but "new" and "unchanged".

    "waiting": it asked to be left alone until `reason`. "retired": it said that it is gone. `last_ok` is when it
    last answered, this time apart where it failed.
    """

    source: Source
    state: State
    new: int = 0
    changed: int = 0
    copies: int = 0
    reason: str = ""
    newest: date | None = None
    last_ok: datetime | None = None


def fetch(
    parts: Parts,
    *,
    only: Collection[str] = (),
    told: Callable[[Report], None] = lambda _: None,
    told_page: Callable[[], None] = lambda: None,
    told_pages: Callable[[PagesRead], None] = lambda _: None,
) -> list[Report]:
    """Ask the sources (all, or those named), store what is new, and read the pages that are wanted. `told` hears of
    each source when it is done, `told_page` of each page, `told_pages` of all of them; what they raise ends the round.

    Reports are in the order of the settings. Raises UsageError for names that there are not, StoreError.
    """
    chosen = _chosen(parts, only)
    with parts.store.read() as db:
        known = sources.health(db, parts.newsletter)
    reports: dict[str, Report] = {}
    for report in _Round(parts, known).reports(chosen):
        reports[report.source.url] = report
        told(report)
    told_pages(read_pages(parts, told=told_page))
    with parts.store.write() as db:
        articles.shorten_old(db, parts.newsletter, (parts.clock() - TEXTS_KEPT).date())
    return [reports[source.url] for source in chosen]


def revive(parts: Parts, name: str) -> Source:
    """Ask a source again that was retired, or is left alone. Raises UsageError when there is no such source."""
    (source,) = _chosen(parts, [name])
    with parts.store.write() as db:
        sources.revive(db, parts.newsletter, source.url)
    return source


def _chosen(parts: Parts, only: Collection[str]) -> list[Source]:
    there = {source.name.casefold(): source for source in parts.gathering.sources}
    for name in only:
        if name.casefold() not in there:
            known = (
                ", ".join(source.name for source in parts.gathering.sources) or "none; add [[source]] to digest.toml"
            )
            raise UsageError(f"{name}: no such source; there are {known}")
    wanted = {name.casefold() for name in only} or there.keys()
    return [source for name, source in there.items() if name in wanted]


# ── a round ──────────────────────────────────────────────────────────────────────────────────────


class _Round:
    """One round of asking: what is known of each source before it, and the texts seen so far."""

    def __init__(self, parts: Parts, known: Mapping[str, Health]) -> None:
        self._parts = parts
        self._known = known
        self._now = parts.clock()
        self._copies = Copies()

    def reports(self, chosen: Sequence[Source]) -> Iterator[Report]:
        """A report for each source, as they are done."""
        waiting: dict[str, Source] = {}
        for source in chosen:
            before = self._before(source)
            if source.kind == "folder":
                yield self._look_into(source)
            elif before.retired_at:
                yield self._report(source, "retired", reason=before.reason or "")
            elif before.retry_at and before.retry_at > self._now:
                until = f"it asked to be left alone until {before.retry_at:%d %b %H:%M} UTC"
                yield self._report(source, "waiting", reason=until)
            else:
                waiting[source.url] = source
        if waiting:
            yield from self._ask(waiting)

    def _ask(self, waiting: Mapping[str, Source]) -> Iterator[Report]:
        from digest.gather import web  # httpx is slow to load, and only this needs it

        how = self._parts.gathering
        asks, forms = [], {}
        for source in waiting.values():
            before = self._before(source)
            if source.kind == "journal":
                query = journals.query(source.url, self._now.date())
                asks.append(web.Ask(key=source.url, url=query.url, further=query.further))
                forms[source.url] = query.form
            else:
                address = before.address or source.url
                asks.append(web.Ask(key=source.url, url=address, etag=before.etag, modified=before.modified))
        answers = web.fetch(
            asks,
            user_agent=f"health-digest/{__version__} (+{self._parts.letterhead.base_url})",
            now=self._now,
            limits=how.limits,
            guard=how.guard,
            resolve=how.resolve,
            ssl_context=how.trusted,
        )
        with Parser() as parser, closing(answers):
            for answer in answers:
                source = waiting[answer.key]
                yield self._settled(source, answer, forms.get(source.url, "feed"), parser)

    def _settled(self, source: Source, answer: Answer, form: str, parser: Parser) -> Report:
        """Write down what came of one source, with its articles, in one transaction."""
        if answer.got == "gone":
            with self._parts.store.write() as db:
                sources.retire(db, self._parts.newsletter, source, self._now, reason=answer.reason)
            return self._report(source, "retired", reason=answer.reason)
        if answer.got == "failed":
            return self._failed(source, answer.reason, answer.retry_after)
        # A query's address changes from day to day: where it moved to today says nothing.
        moved_to = answer.moved_to if source.kind == "feed" else None
        body_hash = hashlib.sha256(b"\0".join(answer.bodies)).hexdigest()
        if answer.got == "unchanged" or body_hash == self._before(source).body_hash:
            with self._parts.store.write() as db:
                sources.answered(db, self._parts.newsletter, source, self._now, moved_to=moved_to)
            return self._quiet(source, self._before(source).newest)
        work = Work(form=form, bodies=answer.bodies, url=answer.url, content_type=answer.content_type)
        try:
            feed = parser.read(work)
        except SourceError as fault:
            return self._failed(source, str(fault), None)
        # Only now: had they been kept before, a feed that nobody can read would be "unchanged" the next time.
        conditions = {"etag": answer.etag, "modified": answer.modified, "body_hash": body_hash}
        return self._stored(source, feed, moved_to, conditions)

    def _stored(self, source: Source, feed: Feed, moved_to: str | None, conditions: dict[str, str | None]) -> Report:
        told = [item.published for item in feed.items if item.published and item.published <= self._now]
        newest = max(told).date() if told else None
        newsletter = self._parts.newsletter
        with self._parts.store.write() as db:
            kept = articles.keep(db, newsletter, source, feed.items, copies=self._copies, now=self._now)
            if kept.new and newest is None:
                newest = self._now.date()
            sources.answered(
                db, newsletter, source, self._now, moved_to=moved_to, new=len(kept.new), newest=newest, **conditions
            )
        if not kept.new and not kept.changed:
            return self._quiet(source, newest or self._before(source).newest, feed.notice)
        counts = {"new": len(kept.new), "changed": kept.changed, "copies": kept.copies}
        return self._report(source, "new", newest=newest, last_ok=self._now, reason=feed.notice, **counts)

    def _quiet(self, source: Source, newest: date | None, notice: str = "") -> Report:
        """It answered and had nothing new; for too long, perhaps."""
        if newest is not None and newest < (self._now - STALE_AFTER).date():
            reason = f"nothing newer than {newest}"
            return self._report(source, "stale", newest=newest, last_ok=self._now, reason=reason)
        return self._report(source, "unchanged", newest=newest, last_ok=self._now, reason=notice)

    def _failed(self, source: Source, reason: str, retry_after: timedelta | None) -> Report:
        retry_at = self._now + retry_after if retry_after else None
        with self._parts.store.write() as db:
            sources.failed(db, self._parts.newsletter, source, self._now, reason=reason, retry_at=retry_at)
        return self._report(source, "failed", reason=reason)

    def _look_into(self, source: Source) -> Report:
        """A folder of story files: they are stories already, and assembling reads them; here it is only looked at."""
        folder = self._parts.workspace / source.url
        if not folder.is_dir():
            return self._failed(source, f"{folder}: no such folder", None)
        try:
            files = read_stories(folder)
        except InputError as fault:
            return self._failed(source, str(fault), None)
        names = sorted((file.path.name, str(file.parsed)) for file in files if file.parsed)
        state = hashlib.sha256(repr(names).encode()).hexdigest()
        before = self._before(source).body_hash
        with self._parts.store.write() as db:
            sources.answered(db, self._parts.newsletter, source, self._now, new=int(state != before), body_hash=state)
        faults = [str(file.error) for file in files if file.error]
        remarks = [f"{len(faults)} cannot be read: {faults[0]}"] if faults else []
        if state == before:
            return self._report(source, "unchanged", last_ok=self._now, reason="; ".join(remarks))
        if before is not None:
            remarks.insert(0, f"files changed, {len(names)} stories now")
        new = len(names) if before is None else 0
        return self._report(source, "new", new=new, last_ok=self._now, reason="; ".join(remarks))

    def _before(self, source: Source) -> Health:
        return self._known.get(source.url) or Health(url=source.url, name=source.name)

    def _report(self, source: Source, state: State, **more: Any) -> Report:
        before = self._before(source)
        return Report(source=source, state=state, **{"newest": before.newest, "last_ok": before.ok_at, **more})
