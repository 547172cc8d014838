"""The pipeline: one connection on which commands run ahead of their replies. The fast engine's conversation.

RFC 2920 (PIPELINING): MAIL, RCPT and DATA go in one write, and the body together with the next message's commands.
RFC 3030 (CHUNKING): whole messages go out as BDAT, a window of them in flight. Without either: step by step.
Replies are matched strictly in order. Every message ends in exactly one of: an outcome reported, or given back
because the relay surely has not got it.
"""

from __future__ import annotations

import asyncio
from collections import deque

from digest.deliver.envelope import Envelope, Offers, envelope, stuffed, unbuildable
from digest.deliver.relay import Timeouts
from digest.deliver.replies import Reply, ReplyReader
from digest.deliver.transit import PHASES, Awaited, Crew, Mode, Standing, Transit, Word
from digest.errors import InputError
from digest.failpoints import reach
from digest.model import Outcome, Phase

HOLD_BACK_BYTES = 256 * 1024
"""From this size on the final dot waits until the body is with the kernel, so that a loss before is a certain one."""

SLACK_BYTES = 2048
"""More than one message's commands. While our side of the line holds more than this, the dot before them is not out."""


class Pipeline(asyncio.Protocol):
    """Takes a connection over after log-in and works on it until it ends; `ended` is done then, with the reason.

    Until a server has proved in this run that it keeps its word about `mode` (see Standing), replies must come within
    `PROBE_S` and the window is 1. `answers`: how many messages an outcome was reported of; `returns`: how many it took
    and gave back.
    """

    PROBE_S = 15.0

    def __init__(
        self,
        transport: asyncio.Transport,
        offers: Offers,
        timeouts: Timeouts,
        crew: Crew,
        *,
        mode: Mode,
        window: int,
        standing: Standing,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._offers = offers
        self._timeouts = timeouts
        self._crew = crew
        self._mode = mode
        self._window = window
        self._standing = standing
        self._trusted = mode <= standing.trusted
        self._reader = ReplyReader()
        self._awaited: deque[Awaited] = deque()
        self._flight: deque[Transit] = deque()  # said to the relay, oldest first
        self._ahead: Transit | None = None  # built while replies are awaited, not yet said
        self._holding: Transit | None = None  # its body is being taken by the kernel, its dot held back
        self._unsaid: Transit | None = None  # its last bytes are surely still with us
        self._paused = False
        self._slow = False
        self._needs_reset = False
        self._has_served = False
        self._finishing = False
        self._told_to_go = False  # 421: what were said now would go down with the connection
        self._over = False
        self._spoke_at = self._loop.time()
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.answers = 0
        self.returns = 0
        self.ended: asyncio.Future[str] = self._loop.create_future()
        transport.set_write_buffer_limits(high=SLACK_BYTES, low=SLACK_BYTES)
        transport.set_protocol(self)

    # ── what the engine asks of us ───────────────────────────────────────────────────────────────

    def kick(self) -> None:
        """There may be work."""
        if self._over or self._awaited or self._holding is not None:
            if self._mode is Mode.BDAT and not self._over:
                self._fill()
            return
        if self._loop.time() - self._spoke_at >= self._timeouts.idle:
            self._say([b"NOOP\r\n"], [(Word.NOOP, None)])
        else:
            self._fill()

    def finish(self) -> None:
        """Take no more; finish what has been said to the relay, then leave politely."""
        if self._over or self._finishing:
            return
        self._finishing = True
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            self._crew.give_back(ahead.job, begun=False)
        self._fill()

    def abort(self) -> None:
        self._end("dropped by us", innocent=True)

    # ── what asyncio tells us ────────────────────────────────────────────────────────────────────

    def data_received(self, data: bytes) -> None:
        replies = self._reader.feed(data)
        for reply in replies:
            if self._over:
                return
            try:
                self._take(reply)
            except Exception as fault:  # a fault of ours: the run ends, what is on the wire stays uncertain
                self._crew.fail(fault)
                self._end("internal fault in mid-conversation")
                return
        if replies and self._awaited and not self._over:  # a drip of half replies moves no deadline
            self._arm()

    def eof_received(self) -> None:
        self._end("the relay closed the connection", closed=True)

    def connection_lost(self, exc: Exception | None) -> None:
        why = f"the connection was lost ({exc})" if exc else "the connection was lost"
        self._end(why, closed=True)

    def pause_writing(self) -> None:
        self._paused = self._slow = True

    def resume_writing(self) -> None:
        self._paused = False
        self._unsaid = None
        if self._over:
            return
        if self._holding is not None:
            self._let_go()
        elif self._mode is Mode.BDAT:
            self._fill()

    # ── filling the line ─────────────────────────────────────────────────────────────────────────

    def _fill(self) -> None:
        if self._told_to_go:
            return
        if self._mode is Mode.BDAT:
            window = self._window if self._trusted else 1
            # No more into a line that is full: what lies on our side only adds to what is in doubt when it breaks.
            while len(self._flight) < window and not (self._over or self._paused):
                if (transit := self._next()) is None:
                    break
                self._say_chunk(transit)
        elif not self._flight and not self._over and (transit := self._next()) is not None:
            commands, awaited = self._group(transit)
            self._say([commands], awaited)
            self._look_ahead()
        if self._finishing and not self._flight and not self._awaited and not self._over:
            self._say([b"QUIT\r\n"], [(Word.QUIT, None)])

    def _next(self) -> Transit | None:
        """The next message that this server can get, built; those that it cannot are reported on the way."""
        if self._ahead is not None:
            transit, self._ahead = self._ahead, None
            if self._crew.is_fresh(transit.job):
                return transit
            self._crew.give_back(transit.job, begun=False)
        while not self._finishing and (job := self._crew.next_job()) is not None:
            try:
                body = self._crew.body(job)
            except InputError as fault:
                self._crew.report(job, unbuildable(fault))
                continue
            except Exception as fault:
                self._crew.give_back(job, begun=False)
                self._crew.fail(fault)
                return None
            lines = envelope(job, body, self._offers)
            if isinstance(lines, Envelope):
                return Transit(job, lines, body if self._mode is Mode.BDAT else stuffed(job, body))
            self._crew.report(job, lines)
        return None

    def _look_ahead(self) -> None:
        """Build the next message while the relay is thinking about this one."""
        if self._mode is Mode.DATA and self._ahead is None and not self._over:
            self._ahead = self._next()

    def _group(self, transit: Transit) -> tuple[bytes, list[Awaited]]:
        """What is said before a body, and the replies it calls for."""
        self._flight.append(transit)
        if self._mode is Mode.STEPS and self._needs_reset:
            return b"RSET\r\n", [(Word.RSET, transit)]
        if self._mode is Mode.STEPS:
            return transit.lines.mail, [(Word.MAIL, transit)]
        reset, awaited = self._reset()
        awaited += [(Word.MAIL, transit), (Word.RCPT, transit), (Word.DATA, transit)]
        return b"".join((reset, transit.lines.mail, transit.lines.rcpt, b"DATA\r\n")), awaited

    def _reset(self) -> tuple[bytes, list[Awaited]]:
        if not self._needs_reset:
            return b"", []
        self._needs_reset = False
        return b"RSET\r\n", [(Word.RSET, None)]

    def _say_chunk(self, transit: Transit) -> None:
        """A whole message in one write (RFC 3030 section 2)."""
        # With more in flight than this, an earlier refusal would leave a transaction open that MAIL then trips over.
        self._needs_reset = self._needs_reset or self._window > 1
        reset, awaited = self._reset()
        self._flight.append(transit)
        if not self._begin(transit):
            return
        body = transit.body
        commands = b"".join((reset, transit.lines.mail, transit.lines.rcpt, b"BDAT %d LAST\r\n" % len(body)))
        reach("mid_body", lambda: self._transport.write(commands + body[: len(body) // 2]))
        self._say([commands, body], [*awaited, (Word.MAIL, transit), (Word.RCPT, transit), (Word.BDAT, transit)])
        self._watch_tail(transit)
        reach("after_dot_before_reply")

    def _begin(self, transit: Transit) -> bool:
        if not self._crew.is_fresh(transit.job):  # this process slept in mid-conversation
            self._end("claimed too long ago", innocent=True)
            return False
        try:
            self._crew.begin(transit.job)
        except Exception as fault:
            self._crew.fail(fault)
            self._end("the journal could not be written", innocent=True)
            return False
        transit.begun = True
        return True

    def _hand_over(self, transit: Transit) -> None:
        """The body, its dot and the next message's commands: in one write where the line is quick."""
        if len(transit.body) < HOLD_BACK_BYTES and not self._slow:
            if self._begin(transit):
                self._say_dot(transit, transit.body)
            return
        self._holding = transit
        self._transport.write(transit.body)
        self._arm()
        if not self._paused:
            self._let_go()

    def _let_go(self) -> None:
        """The kernel has the body: now the dot."""
        transit, self._holding = self._holding, None
        if transit is not None and self._begin(transit):
            self._say_dot(transit, b"")

    def _say_dot(self, transit: Transit, body: bytes) -> None:
        reach("mid_body", lambda: self._transport.write(body[: len(body) // 2]))
        following = self._next() if self._mode is Mode.DATA and self._trusted and not self._finishing else None
        if following is None:
            self._say([body, b".\r\n"], [(Word.DOT, transit)])
        else:
            following.ran_on = True
            commands, awaited = self._group(following)
            self._say([body, b".\r\n" + commands], [(Word.DOT, transit), *awaited])
        self._watch_tail(transit)
        reach("after_dot_before_reply")
        self._look_ahead()

    def _watch_tail(self, transit: Transit) -> None:
        """Right after its last bytes were written: when the line did not take them, a loss now is a certain one."""
        if self._paused and not self._over:
            self._unsaid = transit

    def _say(self, what: list[bytes], awaited: list[Awaited]) -> None:
        """In one write; a body is not copied for it."""
        was_waiting = bool(self._awaited)
        self._awaited.extend(awaited)
        if not was_waiting:
            self._arm()
        self._transport.writelines(what)

    # ── replies ──────────────────────────────────────────────────────────────────────────────────

    def _take(self, reply: Reply) -> None:
        if not self._awaited or reply.garbled:
            self._unasked(reply)
            return
        word, transit = self._awaited.popleft()
        self._spoke_at = self._loop.time()
        self._told_to_go = reply.code == 421
        if word is Word.RSET:
            self._take_reset(reply, transit)
        elif word is Word.NOOP:
            self._fill() if reply.ok else self._end("no good answer to NOOP", innocent=True)
        elif word is Word.QUIT:
            self._end("said good-bye", innocent=True)
        elif transit is not None:
            self._take_about(word, transit, reply)
        if reply.code == 421 and not self._over:
            self._end("the relay closes the connection", innocent=True)

    def _unasked(self, reply: Reply) -> None:
        if self._holding is not None and not reply.garbled:
            # An answer in mid-body: the dot was never said, so whatever it says, the message is unsent.
            transit, self._holding = self._holding, None
            self._settle(transit, reply.outcome(Phase.BODY))
            self._end("answered in mid-body", innocent=True)
            return
        told = reply.outcome(Phase.BODY).text if reply.garbled else "a word that nobody asked for"
        self._end(told, innocent=not reply.garbled)

    def _take_reset(self, reply: Reply, transit: Transit | None) -> None:
        if not reply.ok and self._mode is not Mode.BDAT:
            self._end("no good answer to RSET", innocent=True)
        elif self._mode is Mode.STEPS and transit is not None:
            self._needs_reset = False
            self._say([transit.lines.mail], [(Word.MAIL, transit)])

    def _take_about(self, word: Word, transit: Transit, reply: Reply) -> None:
        if word is Word.DOT:
            self._settle(transit, reply.outcome(Phase.DOT))
            if reply.ok:
                self._prove()
            elif not reply.refusal:
                self._end("not a reply to this", innocent=True)
            self._fill()
        elif word is Word.BDAT:
            self._take_chunk(transit, reply)
        else:
            self._take_step(word, transit, reply)

    def _take_step(self, word: Word, transit: Transit, reply: Reply) -> None:
        good = reply.code == 354 if word is Word.DATA else reply.ok
        if not good and transit.refusal is None:
            if self._is_confused(reply):
                self._give_up_mode(transit)
                return
            transit.refusal = (PHASES[word], reply)
            if not reply.refusal:  # a reply of a kind that cannot stand here
                self._end(reply.outcome(PHASES[word]).text)
                return
        if word is Word.DATA and transit.ran_on:
            self._standing.runs_on = True
        if self._mode is Mode.STEPS and transit.refusal is None and word is not Word.DATA:
            self._next_step(word, transit)
        elif word is Word.DATA and transit.refusal is None:
            self._hand_over(transit)
        elif word is Word.DATA or (self._mode is Mode.STEPS and transit.refusal is not None):
            self._refused(transit, reply)

    def _next_step(self, word: Word, transit: Transit) -> None:
        if word is Word.MAIL:
            self._say([transit.lines.rcpt], [(Word.RCPT, transit)])
        else:
            self._say([b"DATA\r\n"], [(Word.DATA, transit)])

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
        else:
            self._fill()

    def _take_chunk(self, transit: Transit, reply: Reply) -> None:
        if transit.refusal is not None:
            phase, first = transit.refusal
            self._needs_reset = True
            self._settle(transit, first.outcome(phase))
        elif 500 <= reply.code <= 504:  # it does not know BDAT, and reads bodies as commands: away from here
            self._give_up_mode(transit)
            return
        else:
            self._needs_reset = not reply.ok
            self._settle(transit, reply.outcome(Phase.DOT))
            if reply.ok:
                self._prove()
            elif not reply.refusal:
                self._end("not a reply to this", innocent=True)
        self._fill()

    def _is_confused(self, reply: Reply) -> bool:
        """A server that loses its place when commands run ahead says so with the codes for bad syntax or order."""
        return self._mode is Mode.DATA and not self._trusted and 500 <= reply.code <= 504

    def _is_unwelcome(self, phase: Phase, reply: Reply) -> bool:
        return phase is Phase.MAIL and reply.code == 421 and self._has_served

    def _give_up_mode(self, transit: Transit) -> None:
        """The server has not kept its word. It has surely not got this message; somebody else sends it, more slowly."""
        self._standing.distrust(self._mode)
        self._flight.remove(transit)
        self._give_back(transit)
        self._end("the relay does not keep its word about extensions", innocent=True)

    def _prove(self) -> None:
        self._has_served = True
        if not self._trusted:
            self._trusted = True
            self._standing.trust(self._mode)

    def _settle(self, transit: Transit, outcome: Outcome) -> None:
        self._has_served = self._has_served or outcome.code not in {None, 421}
        self._flight.remove(transit)
        self._report(transit, outcome)

    def _report(self, transit: Transit, outcome: Outcome) -> None:
        self.answers += 1
        self._crew.report(transit.job, outcome)

    def _give_back(self, transit: Transit) -> None:
        self.returns += 1
        self._crew.give_back(transit.job, begun=transit.begun)

    # ── deadlines ────────────────────────────────────────────────────────────────────────────────

    def _arm(self) -> None:
        """One timer for the connection, moved along lazily: most deadlines never come."""
        self._deadline = self._loop.time() + self._seconds()
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline, self._ring)
        elif self._timer.when() > self._deadline:
            self._timer.cancel()
            self._timer = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._over or not (self._awaited or self._holding is not None):
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._ring)
            return
        what = "no reply" if self._awaited else "body not taken"
        about_none = bool(self._awaited) and self._awaited[0][0] in {Word.RSET, Word.NOOP, Word.QUIT}
        swallowed = self._is_probing() and bool(self._awaited) and not any(each.begun for each in self._flight)
        if swallowed and not about_none:
            self._standing.distrust(self._mode)
        elif self._awaited and self._awaited[0][0] in PHASES and self._mode is not Mode.STEPS:
            self._standing.fell_silent(self._mode)
        self._end(f"{what} within {self._seconds():g} s", innocent=about_none or swallowed)

    def _is_probing(self) -> bool:
        if self._mode is Mode.STEPS or not self._awaited:
            return False
        about = self._awaited[0][1]
        return not self._trusted or (about is not None and about.ran_on and not self._standing.runs_on)

    def _seconds(self) -> float:
        times = self._timeouts
        if not self._awaited:
            return times.body
        match self._awaited[0][0]:
            case Word.MAIL:
                seconds = times.mail
            case Word.RCPT:
                seconds = times.rcpt
            case Word.DATA:
                seconds = times.data
            case Word.DOT | Word.BDAT:
                return times.dot
            case Word.QUIT:
                return times.quit
            case _:
                return times.reset
        return min(seconds, self.PROBE_S) if self._is_probing() else seconds

    # ── the end of the connection ────────────────────────────────────────────────────────────────

    def _end(self, why: str, *, innocent: bool = False, closed: bool = False) -> None:
        """The connection is over. Every message on it goes one way or the other, exactly once.

        What may be with the relay is uncertain; what cannot be is given back. The oldest, when it was the one being
        talked about, gets the blame for the loss, unless `innocent`, or `closed` by a relay that had served before.
        """
        if self._over:
            return
        self._over = True
        self._transport.abort()
        if self._timer is not None:
            self._timer.cancel()
        oldest = self._flight[0] if self._flight else None
        for transit in self._flight:
            outcome = self._outcome_at_loss(transit, why, to_blame=transit is oldest and not innocent, closed=closed)
            if outcome is None:
                self._give_back(transit)
            else:
                self._report(transit, outcome)
        self._flight.clear()
        if self._ahead is not None:
            self._crew.give_back(self._ahead.job, begun=False)
        if not self.ended.done():
            self.ended.set_result(why)

    def _outcome_at_loss(self, transit: Transit, why: str, *, to_blame: bool, closed: bool) -> Outcome | None:
        if transit.refusal is not None:
            phase, reply = transit.refusal
            return None if self._is_unwelcome(phase, reply) else reply.outcome(phase)
        if transit.begun and transit is not self._unsaid:
            return Outcome(phase=Phase.DOT, text=why)
        phase = self._phase_of(transit)
        if not to_blame or (closed and self._has_served and phase is Phase.MAIL):
            return None
        return Outcome(phase=phase, text=why)

    def _phase_of(self, transit: Transit) -> Phase:
        if self._holding is transit or self._unsaid is transit:
            return Phase.BODY
        return next((PHASES[word] for word, of in self._awaited if of is transit and word in PHASES), Phase.MAIL)
