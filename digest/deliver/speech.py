"""Speech: how a connection's bytes leave, how much at once, and whose last bytes surely have not left.

Used by `pipeline`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from digest.deliver.transit import Transit

SLACK_BYTES = 2048
"""More than one message's commands. While our side of the line holds more than this, the dot before them is not out."""


class Speech:
    """`stride`: how many chunks are said at once, up to `most`: more and more while the line takes them all."""

    def __init__(self, transport: asyncio.Transport, most: int) -> None:
        self._transport = transport
        self._is_encrypted = transport.get_extra_info("sslcontext") is not None
        self._most = most
        self._unsaid: set[Transit] = set()
        self._last: Sequence[Transit] = ()  # said at once into a line that was full then, and still is
        self.posted: Sequence[Transit] = ()  # their last bytes leave in a moment
        self.stride = 1
        self.is_paused = False
        self.is_slow = False
        transport.set_write_buffer_limits(high=SLACK_BYTES, low=SLACK_BYTES)

    def is_unsaid(self, transit: Transit) -> bool:
        """Are its last bytes surely still with us?"""
        return transit in self._unsaid

    def say(self, what: Sequence[bytes]) -> None:
        """In one write. Nobody copies a body for it but the kernel; or, where TLS would make a record of each piece,
        we once."""
        self._transport.writelines([b"".join(what)] if self._is_encrypted else what)

    def hold(self, transit: Transit) -> None:
        """Its last bytes wait for `say_posted`."""
        self._unsaid.add(transit)

    def say_posted(self, what: Sequence[bytes]) -> None:
        """`what` ends those that are posted."""
        said, self.posted = self.posted, ()
        self.say(what)
        self._unsaid.clear()
        self._last = said if self.is_paused else ()
        if not (self.is_slow or self._is_encrypted):
            self.stride = min(2 * self.stride, self._most)

    def pause(self) -> None:
        """The line is full."""
        self.is_paused = self.is_slow = True
        self.stride = 1

    def resume(self) -> None:
        """It has taken what we had."""
        self.is_paused = False
        self._last = ()
        self._unsaid.clear()

    def close(self) -> None:
        """The connection is over: now it is settled who is unsaid."""
        self._unsaid.update(self._left())

    def _left(self) -> Iterable[Transit]:
        """Whose last bytes are with us: the last one's, or the line would have said that it is free, and as many
        before it as what lies here can hold. Of a connection that broke nobody knows how much lay here."""
        left = self._transport.get_write_buffer_size()
        for at, transit in enumerate(reversed(self._last)):
            if at and left <= 0:
                return
            yield transit
            left -= transit.lines.size + SLACK_BYTES
