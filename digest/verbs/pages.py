"""Pages: the whole text of new articles, for sources that want it. Hall; called at the end of a round of fetching.

An article is whole without its page: whatever goes wrong here costs it nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from digest import __version__
from digest.gather.candidate import SourceError
from digest.gather.pages import PageReader, is_about
from digest.store import articlepages
from digest.store.articles import StoredArticle
from digest.verbs.parts import Parts

if TYPE_CHECKING:
    from digest.gather.web import Answer

READ_WITHIN = timedelta(days=3)
"""After an article came in; older ones are left as they are."""


@dataclass(slots=True, kw_only=True)
class PagesRead:
    """What came of a round: pages whose text was taken, pages that told no more than the feed, reasons why others
    could not be read, and how many are left for another round."""

    taken: int = 0
    no_longer: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    left: int = 0


def read_pages(parts: Parts, *, told: Callable[[], None] = lambda: None) -> PagesRead:
    """Read pages of new articles, `most_pages` of them. `told` hears when one is done. Raises StoreError."""
    wanting = {source.name for source in parts.gathering.sources if source.pages}
    done = PagesRead()
    if not wanting or not parts.gathering.most_pages:
        return done
    since = parts.clock() - READ_WITHIN
    with parts.store.read() as db:
        found, done.left = articlepages.waiting(db, parts.newsletter, wanting, since, parts.gathering.most_pages)
    if found:
        _read(parts, {str(article.id): article for article in found}, done, told)
    return done


def _read(parts: Parts, found: dict[str, StoredArticle], done: PagesRead, told: Callable[[], None]) -> None:
    from digest.gather import web  # httpx is slow to load, and only this needs it

    how = parts.gathering
    answers = web.fetch(
        [web.Ask(key=key, url=article.url or "", page=True) for key, article in found.items()],
        user_agent=f"health-digest/{__version__} (+{parts.letterhead.base_url})",
        now=parts.clock(),
        limits=how.limits,
        guard=how.guard,
        resolve=how.resolve,
        ssl_context=how.trusted,
    )
    with PageReader() as reader, closing(answers):
        for answer in answers:
            _settle(parts, found[answer.key], answer, reader, done)
            told()


def _settle(parts: Parts, article: StoredArticle, answer: Answer, reader: PageReader, done: PagesRead) -> None:
    text, told = None, "read"
    if answer.got != "body":
        told = answer.reason or answer.got
    else:
        try:
            text = reader.text(answer.bodies[0], answer.content_type)
            told = "read" if is_about(text, article.title) else "tells something else than its title"
        except SourceError as fault:
            told = str(fault)
    longer = text is not None and len(text) > len(article.text)
    if told != "read":
        done.failed[told] += 1
    elif longer:
        done.taken += 1
    else:
        done.no_longer += 1
    if answer.passing:
        done.left += 1  # asked again by the next round
        return
    with parts.store.write() as db:
        articlepages.note(db, article, told, text if told == "read" and longer else None)
