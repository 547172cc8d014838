"""The pipeline: MAIL, RCPT and DATA, as far ahead of their replies as the relay allows.

RFC 2920 (PIPELINING): MAIL, RCPT and DATA go in one write, and the body together with the next message's commands.
Without it: step by step. The 354 that answers DATA keeps commands and replies in step.
"""

from __future__ import annotations

from digest.deliver.conversation import Conversation
from digest.deliver.desk import Pieces
from digest.deliver.replies import Reply
from digest.deliver.transit import DATA, DOT, MAIL, PHASES, RCPT, RSET, Awaited, Mode, Transit, Word, half
from digest.failpoints import reach
from digest.model import Phase

HOLD_BACK_BYTES = 256 * 1024
"""From this size on the final dot waits until the body is with the kernel, so that a loss before is a certain one."""


class Pipeline(Conversation):
    """`mode` is STEPS or DATA."""

    _needs_reset = False  # a transaction that was refused is still open

    def _fill(self) -> None:
        if self._told_to_go or self._over:
            return
        if not self._flight and (transit := self._supply.next()) is not None:
            commands, awaited = self._group(transit)
            self._say([commands], awaited)
            self._look_ahead()
        self._say_good_bye()

    def _look_ahead(self) -> None:
        if self._mode is Mode.DATA and not self._over:
            self._supply.look_ahead()

    def _group(self, transit: Transit) -> tuple[bytes, list[Awaited]]:
        """What is said before a body, and the replies it calls for."""
        self._flight.append(transit)
        if self._mode is Mode.STEPS and self._needs_reset:
            return b"RSET\r\n", [(RSET, transit)]
        if self._mode is Mode.STEPS:
            return transit.lines.mail, [(MAIL, transit)]
        said = transit.lines.mail + transit.lines.rcpt + b"DATA\r\n"
        awaited: list[Awaited] = [(MAIL, transit), (RCPT, transit), (DATA, transit)]
        if not self._needs_reset:
            return said, awaited
        self._needs_reset = False
        return b"RSET\r\n" + said, [(RSET, None), *awaited]

    def _hand_over(self, transit: Transit) -> None:
        """The body, its dot and the next message's commands: in one write where the line is quick."""
        if transit.lines.size < HOLD_BACK_BYTES and not self._speech.is_slow:
            if self._begin(transit):
                self._say_dot(transit, transit.body)
            return
        self._holding = transit
        self._transport.writelines(transit.body)
        self._deadline.start()
        if not self._speech.is_paused:
            self._let_go()

    def _let_go(self) -> None:
        """The kernel has the body: now the dot."""
        transit, self._holding = self._holding, None
        if transit is not None and self._begin(transit):
            self._say_dot(transit, ())

    def _say_dot(self, transit: Transit, body: Pieces) -> None:
        reach("mid_body", lambda: self._transport.write(half(body)))
        # Where nobody can tell what replies are about, nothing is said behind a body: one too few would shift them all.
        runs_on = self._mode is Mode.DATA and self._trusted and self._usual is not None and self._standing.tells
        following = self._supply.next() if runs_on else None
        if following is None:
            self._post([transit], [*body, b".\r\n"], [(DOT, transit)])
        else:
            following.ran_on = True
            commands, awaited = self._group(following)
            self._post([transit], [*body, b".\r\n" + commands], [(DOT, transit), *awaited])
        self._look_ahead()

    def _in_mid_body(self) -> Transit | None:
        return self._holding or next(iter(self._speech.posted), None)

    def _line_is_free(self) -> None:
        if self._holding is not None:
            self._let_go()

    def _hear_aside(self, word: Word, transit: Transit | None, reply: Reply) -> None:
        if not reply.ok:
            self._end("no good answer to RSET", innocent=True)
        elif transit is not None:
            self._needs_reset = False
            self._say([transit.lines.mail], [(MAIL, transit)])

    def _hear(self, word: Word, transit: Transit, reply: Reply) -> None:
        if word is DOT:
            self._hear_dot(transit, reply)
        elif self._is_in_step(word, transit, reply):
            self._go_on(word, transit, reply)

    def _is_in_step(self, word: Word, transit: Transit, reply: Reply) -> bool:
        """Note the first refusal. False: this was the end of the connection."""
        if word is DATA and transit.refusal is not None and reply.code != 354 and not reply.refusal:
            transit.refusal = None  # a word about something else: whose the refusal was cannot be known
        if reply.ok and self._standing.tells is None:
            self._learn(word, reply)
        good = reply.code == 354 if word is DATA else reply.ok
        if good or transit.refusal is not None:
            return True
        if self._is_confused(reply):
            self._give_up_mode(transit)
            return False
        transit.refusal = (PHASES[word], reply)
        if not reply.refusal:  # a reply of a kind that cannot stand here
            self._end(reply.outcome(PHASES[word]).text)
        return reply.refusal

    def _go_on(self, word: Word, transit: Transit, reply: Reply) -> None:
        if word is DATA and transit.ran_on:
            self._standing.runs_on = True
        if self._mode is Mode.STEPS and transit.refusal is None and word is not DATA:
            self._next_step(word, transit)
        elif word is DATA and transit.refusal is None:
            self._hand_over(transit)
        elif word is DATA or (self._mode is Mode.STEPS and transit.refusal is not None):
            self._refused(transit, reply)

    def _next_step(self, word: Word, transit: Transit) -> None:
        if word is MAIL:
            self._say([transit.lines.rcpt], [(RCPT, transit)])
        else:
            self._say([b"DATA\r\n"], [(DATA, transit)])

    def _refused(self, transit: Transit, last: Reply) -> None:
        """All replies about a refused message are in. A body must not follow."""
        assert transit.refusal is not None
        phase, reply = transit.refusal
        if self._is_unwelcome(phase, reply):
            self._end("the relay closes the connection", closed=True)
            return
        self._needs_reset = phase is not Phase.MAIL
        self._settle(transit, reply.outcome(phase))
        if last.code == 354:  # it waits for a body of a message that it refused (RFC 2920 section 3.1)
            self._end("a body was asked for after a refusal", innocent=True)
        elif reply.code == 421:
            self._end("the relay closes the connection", innocent=True)

    def _is_confused(self, reply: Reply) -> bool:
        """A server that loses its place when commands run ahead says so with the codes for bad syntax or order."""
        return self._mode is Mode.DATA and not self._trusted and 500 <= reply.code <= 504
