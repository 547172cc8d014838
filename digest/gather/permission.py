"""Permission: which pages a site lets us read, asked once a round. Pure but for the asking, which is handed in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.gather.robots import NOTHING, Robots, read_robots


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsTxt:
    """What became of asking for a site's robots.txt. `status` None: no answer, and `reason` says why; `passing`: later
    there may be one."""

    status: int | None
    body: bytes = b""
    reason: str = ""
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a page is not read."""

    reason: str
    passing: bool = False


class Permission:
    """Robots rules by site, each asked for when its first page is wanted. One round long."""

    def __init__(self, ask: Callable[[str], Awaitable[RobotsTxt]], *, product: str) -> None:
        self._ask = ask
        self._product = product
        self._said: dict[str, tuple[Robots, Objection]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def objection(self, url: str) -> Objection | None:
        """Why programs of our name should not read this page; None when they may."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        async with self._asking.setdefault(site, asyncio.Lock()):
            if site not in self._said:
                self._said[site] = self._understood(await self._ask(f"{site}/robots.txt"))
        rules, objection = self._said[site]
        return None if rules.allows(url) else objection

    def delay_s(self, site: str) -> float:
        """What a site wants to lie between two requests, as far as it was asked; `site` is "https://host"."""
        return self._said[site][0].delay_s if site in self._said else 0

    def _understood(self, answer: RobotsTxt) -> tuple[Robots, Objection]:
        """RFC 9309 2.3.1: without a file (4xx) everything is allowed; without an answer nothing is."""
        if answer.status == 200:
            return read_robots(answer.body, self._product), Objection("its robots.txt asks programs not to read it")
        if answer.status is not None and 400 <= answer.status < 500 and answer.status != 429:
            return Robots(), Objection("")
        return NOTHING, Objection(f"its robots.txt cannot be read ({answer.reason})", answer.passing)
