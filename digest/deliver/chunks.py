"""Chunks: whole messages as BDAT (RFC 3030), a window of them in flight.

All its replies are alike: so RSET stands before each message, that none ends in what is left of another, and a relay
gets a window only after it has shown that RSET ends a transaction, and that one can tell what its replies are about.
"""

from __future__ import annotations

from typing import Any

from digest.deliver.conversation import Conversation
from digest.deliver.replies import Reply, kind_of
from digest.deliver.transit import BDAT, MAIL, NOOP, PHASES, RCPT, RSET, Awaited, Transit, Word, half
from digest.failpoints import reach
from digest.model import Phase


class Chunks(Conversation):
    """`mode` is BDAT. `window`: how many messages may be in flight; one, until the relay has proved itself."""

    def __init__(self, *about: Any, window: int, **more: Any) -> None:
        super().__init__(*about, window=window, **more)
        self._window = window
        self._skims = self._trusted
        self._knows_reset = self._trusted
        self._kinds: set[str] = set()  # of the replies to MAIL and RCPT, while it is on trial

    def _fill(self) -> None:
        if self._told_to_go or self._over:
            return
        if not self._knows_reset:
            self._try_reset()
        elif self._may_speak:
            room = (self._window if self._trusted else 1) - len(self._flight)
            if room > 0:
                self._post_chunks(min(room, self._speech.stride))
        self._say_good_bye()

    _fill_up = _line_is_free = _fill

    @property
    def _may_speak(self) -> bool:
        """Not into a line that is full: what lies on our side only adds to what is in doubt when it breaks. And not
        while a server that rested is asked whether it lives."""
        is_asked = bool(self._awaited) and self._awaited[0][0] is NOOP
        return not (self._speech.is_paused or self._speech.posted or is_asked)

    @property
    def _may_hear_more(self) -> bool:
        return bool(self._awaited)

    def _try_reset(self) -> None:
        """Does RSET end a transaction here? Where it did not, one reader's body could go to the one before."""
        self._supply.look_ahead()
        ahead = self._supply.ahead
        if ahead is not None and not (self._awaited or self._over):
            self._say([ahead.lines.mail + b"RSET\r\n"], [(MAIL, None), (RSET, None)])

    def _heard_reset(self, reply: Reply, transit: Transit | None) -> None:
        if not reply.ok:
            if not self._knows_reset and reply.code != 421:
                self._standing.distrust(self._mode)
            self._end("no good answer to RSET", innocent=True)
        self._knows_reset = True

    def _post_chunks(self, most: int) -> None:
        """Up to `most` whole messages in one write (RFC 3030 section 2)."""
        what: list[bytes] = []
        awaited: list[Awaited] = []
        said: list[Transit] = []
        while len(said) < most and (transit := self._supply.next()) is not None:
            if not self._add_chunk(transit, what, awaited):
                return
            said.append(transit)
        if said:
            self._post(said, what, awaited)

    def _add_chunk(self, transit: Transit, what: list[bytes], awaited: list[Awaited]) -> bool:
        """Begin one, and add its bytes and the replies it calls for; False: this was the end of the connection."""
        self._flight.append(transit)
        if not self._begin(transit):
            return False
        lines = transit.lines
        what.append(b"RSET\r\n%b%bBDAT %d LAST\r\n" % (lines.mail, lines.rcpt, lines.size))
        reach("mid_body", lambda: self._transport.writelines([*what, half(transit.body)]))
        what += transit.body
        awaited += ((RSET, None), (MAIL, transit), (RCPT, transit), (BDAT, transit))
        return True

    def _hear(self, word: Word, transit: Transit, reply: Reply) -> None:
        if word is BDAT:
            self._hear_last(transit, reply)
            return
        if not self._trusted:
            self._kinds.add(kind_of(reply))
        if not reply.ok and transit.refusal is None:
            transit.refusal = (PHASES[word], reply)
            if not reply.refusal:  # a reply of a kind that cannot stand here
                self._end(reply.outcome(PHASES[word]).text)

    def _hear_last(self, transit: Transit, reply: Reply) -> None:
        """The one reply about a message as a whole."""
        if transit.refusal is not None and reply.ok:  # refused, and then taken: it is uncertain which of them is true
            transit.refusal = None
            self._end("a message was refused and then taken")
        elif transit.refusal is not None:
            phase, first = transit.refusal
            if self._is_unwelcome(phase, first):
                self._flight.remove(transit)
                self._give_back(transit)
            else:
                self._settle(transit, first.outcome(phase))
        elif reply.ok and self._is_about_another(reply):
            self._end(f"not a reply to this: {reply.code} {reply.text}")
        elif 500 <= reply.code <= 504:  # it does not know BDAT, and reads bodies as commands: away from here
            self._give_up_mode(transit)
        elif reply.ok and kind_of(reply) in self._kinds:
            # Its replies tell nobody what they are about: with several in flight one too many would shift them all.
            self._standing.distrust(self._mode)
            self._settle(transit, reply.outcome(Phase.DOT))
            self.finish()
        else:
            if not self._trusted:
                self._standing.kinds = frozenset(self._kinds)
            self._hear_dot(transit, reply)

    def _is_about_another(self, reply: Reply) -> bool:
        """Is it what this relay says to MAIL or RCPT? RFC 3463: x.1.x is about addresses."""
        if reply.enhanced is not None and reply.enhanced.startswith("2.1."):
            return True
        return self._trusted and kind_of(reply) in self._standing.kinds
