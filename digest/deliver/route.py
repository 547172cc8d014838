"""The route: which relay a new connection goes to. The first that serves, in their order; the others stand by.

A relay that cannot be reached is left alone for a while (see `breaker`), one that refuses us lastingly (a bad password,
a bad certificate) for the rest of the run. Nobody is charged for any of it: messages have not been spoken of yet.
Used by both engines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest.deliver.breaker import Breaker
from digest.deliver.envelope import Offers
from digest.deliver.relay import Relay
from digest.deliver.smtp import Opener
from digest.deliver.transit import Mode, Standing
from digest.errors import RelayError

FRUITLESS_LIMIT = 5
"""So many connections in a row that were opened, given work, and brought no answer about anybody: it is of no use."""


class Peer:
    """One relay of a route, and how it has served us in this run."""

    def __init__(self, relay: Relay, rank: int, jitter: Callable[[], float]) -> None:
        self.relay = relay
        self.rank = rank
        self.opener = Opener(relay)
        self.standing = Standing()
        self.breaker = Breaker(jitter)
        self.live = 0  # connections to it
        self.fruitless = 0  # in a row
        self.fault: RelayError | None = None  # the last one
        self.is_barred = False
        self.tried: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # done when a try is over


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A connection on which MAIL may be said, and to whom it goes."""

    transport: asyncio.Transport
    offers: Offers
    peer: Peer

    @property
    def mode(self) -> Mode:
        """How far commands may run ahead: as the server offers, and as far as it kept its word in this run."""
        offers = self.offers
        able = Mode.BDAT if offers.pipelining and offers.chunking else Mode.DATA if offers.pipelining else Mode.STEPS
        return min(able, self.peer.standing.mode)


class Route:
    """`relays` in the order of preference, one at least. `tell` is called with one line when a relay is given up.

    `clock` in seconds, never going back; `jitter` is handed to the breakers.
    """

    def __init__(
        self,
        relays: Sequence[Relay],
        *,
        clock: Callable[[], float],
        jitter: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self.peers = [Peer(relay, rank, jitter) for rank, relay in enumerate(relays)]
        self._tell = tell
        self._clock = clock
        self.reconnect_waits = relays[0].reconnect_waits

    async def open(self) -> Link:
        """A connection to the first relay that serves. RelayError when none does, lasting when none ever will."""
        while True:
            for peer in self.peers:
                if peer.is_barred or not peer.breaker.may_try(self._clock()):
                    continue
                link = await self._try(peer)
                if link is not None:
                    return link
            probed = [peer for peer in self.peers if peer.breaker.is_probing and not peer.is_barred]
            if not probed:
                raise self._none_left()
            await asyncio.shield(probed[0].tried)  # somebody else is trying just now: see how that goes

    async def reopen(self) -> Link:
        """As `open`; when all are away, again after each of the first relay's waits."""
        for wait in self.reconnect_waits:
            try:
                return await self.open()
            except RelayError as away:
                if away.lasting:
                    raise
            await asyncio.sleep(wait)
        return await self.open()

    def closed(self, link: Link) -> None:
        """The connection is over."""
        link.peer.live -= 1

    def served(self, link: Link) -> None:
        """It has brought answers."""
        link.peer.fruitless = 0

    def fruitless(self, link: Link, why: str) -> None:
        """It was opened, had work, and ended without an answer about anybody. Not for ever shall that go on."""
        peer = link.peer
        peer.fruitless += 1
        if peer.fruitless >= FRUITLESS_LIMIT:
            told = f"mail relay {peer.relay.shown}: {peer.fruitless} connections in a row led to nothing: {why}"
            self._note(peer, RelayError(f"{told}; ask who runs the relay"))
            peer.breaker.trip(self._clock())

    def better_than(self, link: Link) -> bool:
        """Is there a relay before this one that may be tried again?"""
        return any(not peer.is_barred for peer in self.peers[: link.peer.rank])

    async def _try(self, peer: Peer) -> Link | None:
        """None: try the next one. Raises RelayError when this one takes fewer connections than we may open."""
        try:
            transport, offers = await peer.opener.open()
        except RelayError as fault:
            if peer.live and not fault.lasting:
                peer.breaker.called_off()
                raise
            peer.breaker.failed(self._clock())
            self._note(peer, fault)
            return None
        except BaseException:
            peer.breaker.called_off()
            raise
        finally:
            tried, peer.tried = peer.tried, asyncio.get_running_loop().create_future()
            tried.set_result(None)
        if peer.fruitless < FRUITLESS_LIMIT:
            peer.breaker.succeeded()
        else:
            peer.breaker.called_off()
        peer.live += 1
        return Link(transport, offers, peer)

    def _note(self, peer: Peer, fault: RelayError) -> None:
        is_news = peer.fault is None or str(peer.fault) != str(fault)
        peer.fault = fault
        peer.is_barred = peer.is_barred or fault.lasting
        if is_news and len(self.peers) > 1:
            self._tell(str(fault))

    def _none_left(self) -> RelayError:
        faults = [peer.fault for peer in self.peers if peer.fault is not None]
        if len(faults) == 1:
            return faults[0]
        lasting = all(fault.lasting for fault in faults)
        return RelayError("; ".join(dict.fromkeys(map(str, faults))), lasting=lasting)
