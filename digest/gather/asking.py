"""Asking: one address is asked, its redirects followed hop by hop, its faults put into words. Edge: HTTP, with httpx.

Called by web.py; async. Each host gets one request at a time, with a pause in between, and is left alone for the rest
of the round when it asks for that or has fallen silent twice.
"""

from __future__ import annotations

import asyncio
import http
import http.cookiejar
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, Self
from urllib.parse import quote, urljoin, urlsplit

import httpcore
import httpx

from digest.gather.bodies import ENCODINGS, BodyError, read_body
from digest.gather.guard import RefusedError
from digest.gather.limits import Limits
from digest.gather.permission import Permission, RobotsTxt
from digest.gather.pinned import PinnedTransport
from digest.newsroom.text import cut, single_line

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.8, "
    "text/xml;q=0.8, */*;q=0.1"
)
_ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_LEAVE_ALONE = (429, 503)
_LONGEST_WAIT = timedelta(days=7)
_SILENCES = 2  # a host that does not answer twice is asked no more in this round


class AskError(Exception):
    """A source that could not be asked; the text is one line for people.

    `status` is what its server answered. `passing`: trying again later may help.
    """

    def __init__(
        self, reason: str, *, retry_after: timedelta | None = None, status: int | None = None, passing: bool = False
    ) -> None:
        self.retry_after = retry_after
        self.status = status
        self.passing = passing or status in _LEAVE_ALONE or (status is not None and status >= 500)
        super().__init__(reason)


class _SilentError(AskError):
    """The host did not answer, or not in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, passing=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The end of a chain of redirects."""

    got: Literal["body", "unchanged", "gone"]
    url: str
    moved_to: str | None = None
    reason: str = ""
    body: bytes = b""
    content_type: str = ""
    etag: str | None = None
    modified: str | None = None


@dataclass(slots=True)
class _Budget:
    """Seconds left for one source."""

    left_s: float


class Asker:
    """Asks addresses, one round long. Enter it before use."""

    def __init__(self, limits: Limits, transport: PinnedTransport, user_agent: str, now: datetime) -> None:
        self._limits = limits
        self._guard = transport.guard
        self._now = now
        self._hosts: dict[str, asyncio.Lock] = {}
        self._free_at: dict[str, float] = {}
        self._silences: Counter[str] = Counter()
        self._held: dict[str, AskError] = {}
        self._closing = AsyncExitStack()
        self._permission = Permission(self._robots_txt, product=user_agent.partition("/")[0])
        self._client = httpx.AsyncClient(
            transport=transport,
            headers={"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": ENCODINGS},
            timeout=httpx.Timeout(None, connect=limits.connect_s),
            follow_redirects=False,
            trust_env=False,
        )
        self._client.cookies.jar.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))

    async def __aenter__(self) -> Self:
        await self._closing.enter_async_context(self._client)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()

    async def get(self, url: str, *, etag: str | None = None, modified: str | None = None, page: bool = False) -> Reply:
        """What an address answers in the end. A `page` is asked for only where its site lets programs read it, at
        every hop. Raises AskError."""
        conditional = bool(etag or modified)
        wishes = {"If-None-Match": etag, "If-Modified-Since": modified, "Accept": _ACCEPT_PAGE if page else None}
        headers = {name: value for name, value in wishes.items() if value}
        budget = _Budget(self._limits.deadline_s)
        moved_to, permanent, seen = None, True, set[str]()
        for _ in range(self._limits.redirects + 1):
            url = self._checked(url)
            if url in seen:
                raise AskError(f"redirects in a circle, by way of {cut(url, 120)}")
            seen.add(url)
            if page and (objection := await self._permission.objection(url)) is not None:
                raise AskError(objection.reason, passing=objection.passing)
            status, answer, body = await self._hop(url, headers, budget)
            if status not in _REDIRECTS:
                return self._end(url, status, answer, body, moved_to, conditional=conditional, permanent=permanent)
            permanent = permanent and status in _PERMANENT
            url = self._target(url, answer)
            moved_to = url if permanent else moved_to
        raise AskError(f"more than {self._limits.redirects} redirects")

    def _checked(self, url: str) -> str:
        try:
            return self._guard.check_url(url)
        except RefusedError as fault:
            raise AskError(str(fault)) from None

    def _target(self, url: str, answer: httpx.Headers) -> str:
        """Where a redirect leads; what browsers would repair in it is repaired."""
        location = answer.get("location", "").strip()
        if not location:
            raise AskError("a redirect that does not say where to")
        try:
            target = urljoin(url, quote(location[:8_000], safe="%/:=&?~#+!$,;'@()*[]"))
        except ValueError:
            raise AskError(f"redirects to {single_line(location)[:120]!r}: not an address") from None
        if url.startswith("https:") and target.startswith("http:"):
            raise AskError(f"redirects from https to {cut(target, 120)}, which anybody on the way could change")
        return target

    def _end(
        self,
        url: str,
        status: int,
        answer: httpx.Headers,
        body: bytes,
        moved_to: str | None,
        *,
        conditional: bool,
        permanent: bool,
    ) -> Reply:
        if status == http.HTTPStatus.OK:
            etag, modified, kind = (answer.get(name, "")[:500] for name in ("etag", "last-modified", "content-type"))
            return Reply(
                got="body", url=url, moved_to=moved_to, body=body, content_type=kind,
                etag=etag or None, modified=modified or None,
            )  # fmt: skip
        if status == http.HTTPStatus.NOT_MODIFIED and conditional:
            return Reply(got="unchanged", url=url, moved_to=moved_to)
        if status == http.HTTPStatus.GONE and permanent:
            return Reply(got="gone", url=url, reason="410 Gone: its server says that it is gone for ever")
        raise AskError(_phrase(status), retry_after=self._retry_after(status, answer), status=status)

    async def _robots_txt(self, url: str) -> RobotsTxt:
        try:
            reply = await self.get(url)
        except AskError as fault:
            return RobotsTxt(status=fault.status, reason=str(fault), passing=fault.passing)
        return RobotsTxt(status=http.HTTPStatus.OK if reply.got == "body" else http.HTTPStatus.GONE, body=reply.body)

    async def _hop(self, url: str, headers: dict[str, str], budget: _Budget) -> tuple[int, httpx.Headers, bytes]:
        """One request, when it is its host's turn; waiting for the turn costs the source nothing."""
        host = urlsplit(url).netloc
        loop = asyncio.get_running_loop()
        async with self._hosts.setdefault(host, asyncio.Lock()):
            if host in self._held:
                raise AskError(str(self._held[host]), retry_after=self._held[host].retry_after, passing=True)
            await asyncio.sleep(max(0.0, self._free_at.get(host, 0.0) - loop.time()))
            began = loop.time()
            try:
                return await self._request(url, headers, budget)
            except _SilentError as fault:
                self._silences[host] += 1
                if self._silences[host] >= _SILENCES:
                    self._held[host] = AskError(f"its host fell silent before ({fault})")
                raise
            finally:
                budget.left_s -= loop.time() - began
                wanted = self._permission.delay_s(f"{urlsplit(url).scheme}://{host}")
                self._free_at[host] = loop.time() + max(self._limits.pause_s, wanted)

    async def _request(self, url: str, headers: dict[str, str], budget: _Budget) -> tuple[int, httpx.Headers, bytes]:
        try:
            async with asyncio.timeout(max(budget.left_s, 0)), self._client.stream("GET", url, headers=headers) as got:
                if got.status_code in _LEAVE_ALONE:
                    wait = self._retry_after(got.status_code, got.headers)
                    self._held[urlsplit(url).netloc] = AskError(_phrase(got.status_code), retry_after=wait)
                body = await read_body(got, self._limits.size_bytes) if got.status_code == http.HTTPStatus.OK else b""
                return got.status_code, got.headers, body
        except TimeoutError:
            raise _SilentError(f"no full answer within {self._limits.deadline_s:g} s") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, OSError) as fault:
            raise _SilentError(f"cannot be reached: {_words(fault)}") from None
        except httpcore.RemoteProtocolError as fault:
            raise AskError(f"answers in broken HTTP: {_words(fault)}") from None
        except (RefusedError, BodyError) as fault:
            raise AskError(str(fault)) from None
        except Exception as fault:  # whatever one server makes our libraries do, it must not stop the others
            raise AskError(f"cannot be read: {type(fault).__name__}: {_words(fault)}") from None

    def _retry_after(self, status: int, answer: httpx.Headers) -> timedelta | None:
        """How long a server wants to be left alone: seconds or a date (RFC 9110 10.2.3), a week at most."""
        text = answer.get("retry-after", "").strip()
        if status not in _LEAVE_ALONE or not text:
            return None
        if text.isascii() and text.isdigit():
            return min(timedelta(seconds=int(text[:9])), _LONGEST_WAIT)
        try:
            at = parsedate_to_datetime(text[:60])
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            return min(max(at - self._now, timedelta()), _LONGEST_WAIT)
        except (ValueError, TypeError, OverflowError):
            return None


def _phrase(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status}: a status that HTTP does not know"


def _words(fault: BaseException) -> str:
    return cut(single_line(str(fault)) or type(fault).__name__, 160)
