"""Chunks: whole messages as BDAT (RFC 3030), a window of them in flight.

RSET stands before each message, so that none ends in what is left of another. All good replies are 250s: one too many
or too few would shift all that follow, and refused readers would be taken for served ones. So a relay gets chunks only
after it has shown that RSET ends a transaction, and a window only where its replies to one word are always the same,
and others than to a message it takes. With any other relay DATA does: its 354 keeps words and replies in step.
"""

from __future__ import annotations

from typing import Any

from digest.deliver.conversation import Conversation
from digest.deliver.replies import Reply, kind_of
from digest.deliver.transit import BDAT, MAIL, NOOP, PHASES, RCPT, RSET, Awaited, Transit, Word, half
from digest.failpoints import reach


class Chunks(Conversation):
    """`mode` is BDAT. `window`: how many messages may be in flight; one, until the relay has proved itself."""

    def __init__(self, *about: Any, window: int, **more: Any) -> None:
        super().__init__(*about, window=window, **more)
        self._window = window
        self._knows_reset = self._trusted
        self._is_on_trial = False

    # ── speaking ─────────────────────────────────────────────────────────────────────────────────

    def _fill(self) -> None:
        if self._told_to_go or self._over:
            return
        if not self._knows_reset:
            self._try_reset()
        elif self._may_speak:
            may_open = self._usual is not None and self._standing.tells
            room = (self._window if may_open else 1) - len(self._flight)
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

    def _try_reset(self) -> None:
        """Does RSET end a transaction here? Where it did not, one reader's body could go to the one before."""
        self._supply.look_ahead()
        ahead = self._supply.ahead
        if ahead is not None and not (self._awaited or self._over):
            self._is_on_trial = True
            self._say([(ahead.lines.mail + b"RSET\r\n") * 2], [(MAIL, None), (RSET, None)] * 2)

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

    # ── replies ──────────────────────────────────────────────────────────────────────────────────

    @property
    def _may_hear_more(self) -> bool:
        return bool(self._awaited)

    def _hear_aside(self, word: Word, transit: Transit | None, reply: Reply) -> None:
        if not reply.ok:
            if reply.code != 421:
                self._standing.distrust(self._mode)
            self._end(f"no good answer to {word.name}", innocent=True)
            return
        self._check(word, reply)
        if not self._awaited:  # a trial is all that ends with such a word
            self._knows_reset = True

    def _hear(self, word: Word, transit: Transit, reply: Reply) -> None:
        if word is BDAT:
            self._hear_last(transit, reply)
        elif reply.ok:
            self._check(word, reply)
        elif transit.refusal is None:
            transit.refusal = (PHASES[word], reply)
            if not reply.refusal:  # a reply of a kind that cannot stand here
                self._end(reply.outcome(PHASES[word]).text)

    def _check(self, word: Word, reply: Reply) -> None:
        """Is this what the relay always says to the word?"""
        if self._usual is None:
            self._learn(word, reply)
            return
        kind = kind_of(reply)
        if self._usual.setdefault(word, kind) != kind and not self._over:
            self._lose_step(reply)

    def _lose_step(self, reply: Reply) -> None:
        self._standing.distrust(self._mode)
        super()._lose_step(reply)

    def _hear_last(self, transit: Transit, reply: Reply) -> None:
        """The one reply about a message as a whole."""
        if transit.refusal is not None and not reply.ok:
            self._close(transit)
        elif transit.refusal is not None:  # refused, and then taken: it is uncertain which of them is true
            transit.refusal = None
            self._standing.distrust(self._mode)
            self._end("a message was refused and then taken")
        elif 500 <= reply.code <= 504 and not self._trusted:  # it does not know BDAT, and reads bodies as commands
            self._give_up_mode(transit)
        else:
            self._hear_dot(transit, reply)
            if not self._tells and not self._over:  # with several in flight nobody could tell whose a reply is
                self._standing.distrust(self._mode)
                self.finish()

    def _close(self, transit: Transit) -> None:
        """A message that was refused, and whose chunk was passed over."""
        assert transit.refusal is not None
        phase, reply = transit.refusal
        if self._is_unwelcome(phase, reply):
            self._flight.remove(transit)
            self._give_back(transit)
        else:
            self._settle(transit, reply.outcome(phase))

    def _end(self, why: str, *, innocent: bool = False, closed: bool = False) -> None:
        fails_trial = self._is_on_trial and not self._knows_reset
        # One that closes between messages puts nobody in doubt when it gets DATA.
        is_between = closed and self._has_served and bool(self._awaited) and self._awaited[0][0] in {RSET, MAIL}
        if (fails_trial or is_between) and not self._over:
            self._standing.distrust(self._mode)
        super()._end(why, innocent=innocent, closed=closed)
