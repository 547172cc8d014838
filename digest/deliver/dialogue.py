"""The dialogue: one connection to a relay, one message after the other, step by step, the phase always known.

An asyncio protocol of our own that takes over a connection after log-in. Used by `steps`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from digest.deliver.desk import Job, Pieces
from digest.deliver.envelope import Envelope, Offers, envelope, stuffed
from digest.deliver.relay import Timeouts
from digest.deliver.replies import Reply, ReplyReader
from digest.model import Outcome, Phase


class _LostError(Exception):
    """The connection ended, or stayed silent too long; the message says which."""


class Dialogue(asyncio.Protocol):
    """Speaks for one connection. Every fault of the server becomes an `Outcome`; nothing is raised for it.

    After a fault that leaves the position in the conversation unknown the connection is aborted at once, so
    that a late reply can never be taken for the answer to a later command.
    """

    def __init__(self, transport: asyncio.Transport, offers: Offers, timeouts: Timeouts) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self.offers = offers
        self._timeouts = timeouts
        self._reader = ReplyReader()
        self._replies: deque[Reply] = deque()
        self._changed = asyncio.Event()
        self._paused = False
        self._loss: str | None = None
        self._needs_reset = False
        self._spoke_at = self._loop.time()
        self._has_served = False
        # Nothing may linger in the transport: what is written is with the kernel before the final dot follows.
        # (High is 1, not 0: over TLS, Python 3.11 takes an empty buffer for one that has reached a limit of 0.)
        transport.set_write_buffer_limits(high=1, low=0)
        transport.set_protocol(self)

    # ── what asyncio tells us ────────────────────────────────────────────────────────────────────

    def data_received(self, data: bytes) -> None:
        self._replies += self._reader.feed(data)
        self._changed.set()

    def eof_received(self) -> None:
        self._lose("the relay closed the connection")

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(f"the connection was lost ({exc})" if exc else "the connection was lost")

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._changed.set()

    def _lose(self, why: str) -> None:
        self._loss = self._loss or why
        self._changed.set()

    # ── what the run asks of us ──────────────────────────────────────────────────────────────────

    async def is_fit(self) -> bool:
        """Ready for a message? Resets what a refusal left behind, and asks after a rest whether the relay is there."""
        if self._loss is not None or self._replies:  # a word without a question: 421, as a rule
            self.abort()
            return False
        if self._needs_reset and not await self._is_ok(b"RSET\r\n"):
            return False
        self._needs_reset = False
        rested = self._loop.time() - self._spoke_at
        return rested < self._timeouts.idle or await self._is_ok(b"NOOP\r\n")

    async def send(self, job: Job, body: Pieces) -> Outcome | None:
        """Hand `body`, the message of `job`, over; how far it came and what was said.

        None: the relay had enough of this connection (421, or a plain close) before it heard of the message;
        some close after so many messages without a word. Only a connection that has served before may end so:
        one that never serves is a refusal.
        """
        lines = envelope(job, body, self.offers)
        if isinstance(lines, Outcome):
            return lines
        outcome = await self._converse(lines, stuffed(job, body))
        self._spoke_at = self._loop.time()
        closed = outcome.code is None and self._loss is not None
        if outcome.code is None or outcome.code == 421:
            self.abort()
        if outcome.phase is Phase.MAIL and self._has_served and (closed or outcome.code == 421):
            return None
        self._has_served = True
        return outcome

    async def bye(self) -> None:
        """End it politely where that is possible, in any case."""
        if self._loss is None and not self._replies:
            await self._is_ok(b"QUIT\r\n", seconds=self._timeouts.quit)
        self.abort()

    def abort(self) -> None:
        """Drop the connection now, unsent bytes included."""
        self._lose("dropped by us")
        self._transport.abort()

    # ── one message ──────────────────────────────────────────────────────────────────────────────

    async def _converse(self, lines: Envelope, body: Pieces) -> Outcome:
        phase = Phase.MAIL
        try:
            steps: list[tuple[Phase, bytes, float, Callable[[Reply], bool]]] = [
                (Phase.MAIL, lines.mail, self._timeouts.mail, lambda reply: reply.ok),
                (Phase.RCPT, lines.rcpt, self._timeouts.rcpt, lambda reply: reply.ok),
                (Phase.DATA, b"DATA\r\n", self._timeouts.data, lambda reply: reply.code == 354),
            ]
            for phase, line, seconds, is_good in steps:
                reply = await self._ask(line, seconds)
                if not is_good(reply):
                    self._needs_reset = phase is not Phase.MAIL
                    return reply.outcome(phase)
            phase = Phase.BODY
            refused = await self._write_body(body)
            if refused is not None:
                return self._cut_short(refused)
            phase = Phase.DOT
            reply = await self._ask(b".\r\n", self._timeouts.dot)
            return reply.outcome(Phase.DOT)
        except _LostError as lost:
            return Outcome(phase=phase, text=str(lost))

    async def _write_body(self, body: Pieces) -> Reply | None:
        """Hand all but the final dot to the kernel; a reply that comes before the dot is returned."""
        self._transport.writelines(body)
        await self._until(lambda: not self._paused or bool(self._replies), self._timeouts.body, "body not taken")
        return self._replies.popleft() if self._replies else None

    def _cut_short(self, reply: Reply) -> Outcome:
        """The relay answered in mid-body. The final dot was never written: whatever it said, this is unsent."""
        outcome = reply.outcome(Phase.BODY)
        self.abort()
        return outcome

    async def _ask(self, line: bytes, seconds: float) -> Reply:
        if self._loss is not None:
            raise _LostError(self._loss)
        self._transport.write(line)
        await self._until(lambda: bool(self._replies), seconds, "no reply")
        return self._replies.popleft()

    async def _is_ok(self, line: bytes, *, seconds: float | None = None) -> bool:
        """Ask for something that concerns no message; any fault drops the connection and is otherwise forgotten."""
        try:
            reply = await self._ask(line, self._timeouts.reset if seconds is None else seconds)
        except _LostError:
            reply = None
        if reply is None or not reply.ok:
            self.abort()
            return False
        self._spoke_at = self._loop.time()
        return True

    async def _until(self, reached: Callable[[], bool], seconds: float, otherwise: str) -> None:
        """Wait for `reached`. Raises _LostError when the connection ends first or `seconds` pass."""
        try:
            async with asyncio.timeout(seconds):
                while not reached():
                    if self._loss is not None:
                        raise _LostError(self._loss)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise _LostError(f"{otherwise} within {seconds:g} s") from None
