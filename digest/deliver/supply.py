"""The supply of one connection: the next message for it, and one laid out ahead while replies are awaited.

Called by `pipeline`.
"""

from __future__ import annotations

from digest.deliver.envelope import Envelope, Offers, envelope, stuffed, unbuildable
from digest.deliver.transit import Crew, Transit
from digest.errors import InputError


class Supply:
    """Messages that this server can get; those that it cannot are reported on the way. `ahead`: the one laid out."""

    def __init__(self, crew: Crew, offers: Offers, *, is_chunking: bool) -> None:
        self._crew = crew
        self._offers = offers
        self._is_chunking = is_chunking
        self.ahead: Transit | None = None
        self._is_closed = False

    def next(self) -> Transit | None:
        """Whoever gets it must report it or give it back."""
        if self.ahead is not None:
            transit, self.ahead = self.ahead, None
            if self._crew.is_fresh(transit.job):
                return transit
            self._crew.give_back(transit.job, begun=False)
        while not self._is_closed and (job := self._crew.next_job()) is not None:
            try:
                body = self._crew.body(job)
                lines = envelope(job, body, self._offers)
                if isinstance(lines, Envelope):
                    return Transit(job, lines, body if self._is_chunking else stuffed(job, body))
            except InputError as fault:
                lines = unbuildable(fault)
            except Exception as fault:
                self._crew.give_back(job, begun=False)
                self._crew.fail(fault)
                return None
            self._crew.report(job, lines)
        return None

    def look_ahead(self) -> None:
        """Lay out the next message while the relay is thinking about this one."""
        if self.ahead is None:
            self.ahead = self.next()

    def close(self) -> None:
        """No more messages for this connection."""
        self._is_closed = True
        self.recall()

    def recall(self) -> None:
        """Give back what was laid out ahead."""
        if self.ahead is not None:
            ahead, self.ahead = self.ahead, None
            self._crew.give_back(ahead.job, begun=False)
