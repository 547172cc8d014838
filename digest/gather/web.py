"""Web: sources asked for what is new, many at a time, politely and within limits. Edge: HTTP, with httpx.

Whatever a server does becomes an `Answer`: one source that is slow, huge, hostile or gone costs the others nothing.
Async inside; callers see a plain iterator, fed by a thread of its own so that time-outs keep their time while the
caller works on an answer.
"""

from __future__ import annotations

import asyncio
import functools
import queue
import ssl
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

import httpx

from digest.gather.asking import Asker, AskError, Reply
from digest.gather.guard import Guard, Resolve, resolve
from digest.gather.limits import Limits
from digest.gather.pinned import PinnedTransport

__all__ = ["Answer", "Ask", "Limits", "fetch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One source to ask. `further` reads more addresses to ask out of the first body (a search, then its records).

    A `page` is an article's own: its site's robots.txt has a word in it.
    """

    key: str
    url: str
    etag: str | None = None
    modified: str | None = None
    page: bool = False
    further: Callable[[bytes], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of asking.

    "body": `bodies` holds what was sent, the first one first. "unchanged": the server says so. "gone": 410, for ever.
    "failed": `reason` says why in one line; `retry_after` is how long the server wants to be left alone; `passing`
    says that trying again later may help.
    `moved_to` is where permanent redirects lead, if they do.
    """

    key: str
    got: Literal["body", "unchanged", "gone", "failed"]
    reason: str = ""
    bodies: tuple[bytes, ...] = ()
    content_type: str = ""
    url: str = ""
    moved_to: str | None = None
    etag: str | None = None
    modified: str | None = None
    retry_after: timedelta | None = None
    passing: bool = False


_Answers: TypeAlias = "queue.SimpleQueue[Answer | BaseException | None]"


def fetch(
    asks: Sequence[Ask],
    *,
    user_agent: str,
    now: datetime,
    limits: Limits | None = None,
    guard: Guard | None = None,
    resolve: Resolve = resolve,
    ssl_context: ssl.SSLContext | None = None,
) -> Generator[Answer, None, None]:
    """Ask all sources; answers come as they are ready, one for each ask. Leaving early stops what is under way.

    `now` is what a Retry-After with a date is counted from.
    """
    answers: _Answers = queue.SimpleQueue()
    limits = limits or Limits()
    context = ssl_context or _trusted()
    loop = asyncio.new_event_loop()
    slots = asyncio.Semaphore(limits.connections)
    transport = PinnedTransport(guard or Guard(), resolve, context, limits.connections)
    asker = Asker(limits, transport, user_agent, now)
    work = loop.create_task(_ask_all(asks, asker, slots, answers))
    thread = threading.Thread(target=_serve, args=(loop, work, answers), name="fetcher", daemon=True)
    thread.start()
    try:
        while (answer := answers.get()) is not None:
            if isinstance(answer, BaseException):
                raise answer
            loop.call_soon_threadsafe(slots.release)
            yield answer
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(work.cancel)
        thread.join()
        loop.close()


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that everybody trusts, whatever the environment says. Loading them is slow."""
    return httpx.create_ssl_context(trust_env=False)


def _serve(loop: asyncio.AbstractEventLoop, work: asyncio.Task[None], answers: _Answers) -> None:
    """The thread: the loop runs until all is asked, and until the taker has been told."""
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(work)
    except asyncio.CancelledError:
        pass
    except BaseException as fault:  # our own mistake: it belongs to the caller
        answers.put(fault)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        answers.put(None)


async def _ask_all(
    asks: Sequence[Ask],
    asker: Asker,
    slots: asyncio.Semaphore,
    answers: queue.SimpleQueue[Answer | BaseException | None],
) -> None:
    async def one(ask: Ask) -> None:
        answers.put(await _answer(ask, asker))

    async with asker, asyncio.TaskGroup() as group:
        for ask in _turns(asks):
            # A slot is given back when its answer is taken: bodies never pile up.
            await slots.acquire()
            group.create_task(one(ask))


def _turns(asks: Sequence[Ask]) -> Iterator[Ask]:
    """One of each host in turn, so that a slow host with many sources does not hold all the slots."""
    lanes: dict[str, list[Ask]] = {}
    for ask in asks:
        lanes.setdefault(_host(ask.url), []).append(ask)
    for turn in zip_longest(*lanes.values()):
        yield from (ask for ask in turn if ask is not None)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def _answer(ask: Ask, asker: Asker) -> Answer:
    try:
        first = await asker.get(ask.url, etag=ask.etag, modified=ask.modified, page=ask.page)
        if first.got != "body":
            return Answer(key=ask.key, got=first.got, url=first.url, moved_to=first.moved_to, reason=first.reason)
        more = await _further(ask, asker, first)
    except AskError as fault:
        return Answer(
            key=ask.key, got="failed", reason=str(fault), retry_after=fault.retry_after, passing=fault.passing
        )
    return Answer(
        key=ask.key, got="body", bodies=(first.body, *more), content_type=first.content_type, url=first.url,
        moved_to=first.moved_to, etag=first.etag, modified=first.modified,
    )  # fmt: skip


async def _further(ask: Ask, asker: Asker, first: Reply) -> list[bytes]:
    if ask.further is None:
        return []
    try:
        addresses = ask.further(first.body)
    except ValueError as fault:
        raise AskError(str(fault)) from None
    return [(await asker.get(address)).body for address in addresses]
