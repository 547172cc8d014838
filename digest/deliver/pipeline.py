"""The pipeline: one connection on which commands run ahead of their replies. The fast engine's conversation.

RFC 2920 (PIPELINING): MAIL, RCPT and DATA go in one write, and the body together with the next message's commands.
RFC 3030 (CHUNKING): whole messages go out as BDAT, a window of them in flight; RSET stands before each, so that none
ends in what is left of another. Without either: step by step.
Replies are matched strictly in order. Every message ends in exactly one of: an outcome reported, or given back
because the relay surely has not got it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from digest.deliver.deadline import Deadline
from digest.deliver.desk import Pieces
from digest.deliver.envelope import Offers
from digest.deliver.relay import Timeouts
from digest.deliver.replies import Reply, ReplyReader, kind_of
from digest.deliver.speech import Speech
from digest.deliver.supply import Supply
from digest.deliver.transit import (
    BDAT,
    DATA,
    DOT,
    MAIL,
    NOOP,
    PHASES,
    QUIT,
    RCPT,
    RSET,
    Awaited,
    Crew,
    Mode,
    Standing,
    Transit,
    Word,
    half,
    patience,
)
from digest.failpoints import reach
from digest.model import Outcome, Phase

HOLD_BACK_BYTES = 256 * 1024
"""From this size on the final dot waits until the body is with the kernel, so that a loss before is a certain one."""

_ALLOWING = (MAIL, RCPT)


class Pipeline(asyncio.Protocol):
    """Takes a connection over after log-in and works on it until it ends; `ended` is done then, with the reason.

    Until a server has proved in this run that it keeps its word about `mode` (see Standing), replies must come within
    `PROBE_S` and the window is 1. `answers`: how many messages the relay has said something final about; `losses`: how
    many are surely unsent without any such word.
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
        self._timeouts = timeouts
        self._patience = patience(timeouts)
        self._crew = crew
        self._mode = mode
        self._is_stepping, self._is_pipelining, self._is_chunking = (mode is each for each in Mode)
        self._skims = self._is_pipelining or (self._is_chunking and mode <= standing.trusted)
        self._window = window
        self._standing = standing
        self._trusted = mode <= standing.trusted
        self._knows_rset = self._trusted
        self._supply = Supply(crew, offers, is_chunking=self._is_chunking)
        self._speech = Speech(transport, window)
        least_s = min(*self._patience.values(), timeouts.body, self.PROBE_S)
        self._deadline = Deadline(self._seconds, least_s, self._miss)
        self._reader = ReplyReader()
        self._awaited: deque[Awaited] = deque()
        self._flight: deque[Transit] = deque()  # said to the relay, oldest first
        self._holding: Transit | None = None  # its body is being taken by the kernel, its dot held back
        self._needs_reset = False
        self._kinds: set[str] = set()  # of the replies to MAIL and RCPT, while it is on trial
        self._has_served = False
        self._finishing = False
        self._told_to_go = False  # 421: what were said now would go down with the connection
        self._over = False
        self._spoke_at = self._loop.time()
        self.answers = 0
        self.losses = 0
        self.ended: asyncio.Future[str] = self._loop.create_future()
        transport.set_protocol(self)

    # ── what the engine asks of us ───────────────────────────────────────────────────────────────

    def kick(self) -> None:
        """There may be work."""
        if self._over or self._awaited or self._holding is not None or self._speech.posted:
            if self._is_chunking and not self._over:
                self._fill()
            return
        if self._loop.time() - self._spoke_at >= self._timeouts.idle:
            self._say([b"NOOP\r\n"], [(NOOP, None)])
        else:
            self._fill()

    @property
    def is_ahead(self) -> bool:
        """Is a message laid out of which nothing has been said yet?"""
        return self._supply.ahead is not None

    def recall(self) -> None:
        """Give that one back."""
        self._supply.recall()

    def finish(self) -> None:
        """Take no more; finish what has been said to the relay, then leave politely."""
        if self._over or self._finishing:
            return
        self._finishing = True
        self._supply.close()
        self._fill()

    def abort(self) -> None:
        self._end("dropped by us", innocent=True)

    # ── what asyncio tells us ────────────────────────────────────────────────────────────────────

    def data_received(self, data: bytes) -> None:
        replies, awaited = self._reader.feed(data), self._awaited
        if not replies:  # a drip of half replies moves no deadline
            return
        self._spoke_at = self._deadline.since = self._loop.time()
        try:
            for reply in replies:
                if self._over:
                    return
                if self._skims and awaited and awaited[0][0] in _ALLOWING and 200 <= reply.code < 300:
                    awaited.popleft()  # what it allows is said already
                else:
                    self._take(reply)
            if not self._flight or self._is_chunking:
                self._fill()
        except Exception as fault:  # a fault of ours: the run ends, what is on the wire stays uncertain
            self._crew.fail(fault)
            self._end("internal fault in mid-conversation")

    def eof_received(self) -> None:
        self._end("the relay closed the connection", closed=True)

    def connection_lost(self, exc: Exception | None) -> None:
        why = f"the connection was lost ({exc})" if exc else "the connection was lost"
        self._end(why, closed=True)

    def pause_writing(self) -> None:
        self._speech.pause()

    def resume_writing(self) -> None:
        self._speech.resume()
        if self._over:
            return
        if self._holding is not None:
            self._let_go()
        elif self._is_chunking:
            self._fill()

    # ── filling the line ─────────────────────────────────────────────────────────────────────────

    def _fill(self) -> None:
        if self._told_to_go:
            return
        if self._is_chunking and not self._knows_rset:
            self._try_rset()
        elif self._is_chunking:
            window, speech = self._window if self._trusted else 1, self._speech
            # No more into a line that is full: what lies on our side only adds to what is in doubt when it breaks.
            waits = self._over or speech.is_paused or speech.posted or self._is_asking_whether_it_lives
            room = 0 if waits else window - len(self._flight)
            if room > 0:
                self._post_chunks(min(room, speech.stride))
        elif not self._flight and not self._over and (transit := self._supply.next()) is not None:
            commands, awaited = self._group(transit)
            self._say([commands], awaited)
            self._look_ahead()
        if self._finishing and not self._flight and not self._awaited and not self._over:
            self._say([b"QUIT\r\n"], [(QUIT, None)])

    @property
    def _is_asking_whether_it_lives(self) -> bool:
        return bool(self._awaited) and self._awaited[0][0] is NOOP

    def _try_rset(self) -> None:
        """Does RSET end a transaction here? Where it did not, one reader's body could go to the one before."""
        self._supply.look_ahead()
        ahead = self._supply.ahead
        if ahead is not None and not (self._awaited or self._over):
            self._say([ahead.lines.mail + b"RSET\r\n"], [(MAIL, None), (RSET, None)])

    def _look_ahead(self) -> None:
        if self._is_pipelining and not self._over:
            self._supply.look_ahead()

    def _group(self, transit: Transit) -> tuple[bytes, list[Awaited]]:
        """What is said before a body, and the replies it calls for."""
        self._flight.append(transit)
        if self._is_stepping and self._needs_reset:
            return b"RSET\r\n", [(RSET, transit)]
        if self._is_stepping:
            return transit.lines.mail, [(MAIL, transit)]
        said = transit.lines.mail + transit.lines.rcpt + b"DATA\r\n"
        awaited: list[Awaited] = [(MAIL, transit), (RCPT, transit), (DATA, transit)]
        if not self._needs_reset:
            return said, awaited
        self._needs_reset = False
        return b"RSET\r\n" + said, [(RSET, None), *awaited]

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

    def _begin(self, transit: Transit) -> bool:
        try:
            self._crew.begin(transit.job)
        except Exception as fault:
            self._crew.fail(fault)
            self._end("the journal could not be written", innocent=True)
            return False
        transit.begun = True
        self._speech.hold(transit)
        return True

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
        following = self._supply.next() if self._is_pipelining and self._trusted else None
        if following is None:
            self._post([transit], [*body, b".\r\n"], [(DOT, transit)])
        else:
            following.ran_on = True
            commands, awaited = self._group(following)
            self._post([transit], [*body, b".\r\n" + commands], [(DOT, transit), *awaited])
        self._look_ahead()

    def _post(self, said: Sequence[Transit], what: list[bytes], awaited: list[Awaited]) -> None:
        """Say it as soon as the other connections have thought about what they have heard. A body that goes through the
        kernel drives all that Python works with out of the processor's cache: so first all think, then all speak."""
        self._speech.posted = said
        self._loop.call_soon(self._say_posted, what, awaited)

    def _say_posted(self, what: list[bytes], awaited: list[Awaited]) -> None:
        if self._over:
            return
        said = self._speech.posted
        for transit in said:
            if not self._crew.is_fresh(transit.job):  # this process slept in mid-conversation, or while it thought
                self._end("claimed too long ago", innocent=True)
                return
        self._await(awaited)  # what is answered before it is said is no answer to it
        self._speech.say_posted(what)
        for _ in said:
            reach("after_dot_before_reply")
        if self._is_chunking:
            self._fill()

    def _say(self, what: list[bytes], awaited: list[Awaited]) -> None:
        self._await(awaited)
        self._speech.say(what)

    def _await(self, awaited: list[Awaited]) -> None:
        was_waiting = bool(self._awaited)
        self._awaited.extend(awaited)
        if not was_waiting:
            self._deadline.start()

    # ── replies ──────────────────────────────────────────────────────────────────────────────────

    def _take(self, reply: Reply) -> None:
        if not self._awaited or reply.code == 0:
            self._unasked(reply)
            return
        word, transit = self._awaited.popleft()
        self._told_to_go = self._told_to_go or reply.code == 421
        if word is DOT and transit is not None:
            self._take_dot(transit, reply)
        elif word is BDAT and transit is not None:
            self._take_chunk(transit, reply)
        elif word is RSET:
            self._take_reset(reply, transit)
        elif transit is not None:
            self._take_step(word, transit, reply)
        elif word is NOOP:
            if not reply.ok:
                self._end("no good answer to NOOP", innocent=True)
        elif word is QUIT:
            self._end("said good-bye", innocent=True)
        # Of chunks that are out it may still say what became of them.
        if self._told_to_go and not (self._over or (self._is_chunking and self._awaited)):
            self._end("the relay closes the connection", innocent=True)

    def _unasked(self, reply: Reply) -> None:
        transit, self._holding = self._in_mid_body(), None
        if transit is not None and not reply.garbled:
            # The dot was never said, so whatever this says, the message is unsent.
            self._settle(transit, reply.outcome(Phase.BODY))
            self._end("answered in mid-body", innocent=True)
            return
        told = reply.outcome(Phase.BODY).text if reply.garbled else "a word that nobody asked for"
        self._end(told, innocent=not reply.garbled)

    def _in_mid_body(self) -> Transit | None:
        """The message whose body was asked for, and whose dot is still with us."""
        if self._holding is not None or self._is_chunking:
            return self._holding
        return next(iter(self._speech.posted), None)

    def _take_reset(self, reply: Reply, transit: Transit | None) -> None:
        if not reply.ok and not self._knows_rset and self._is_chunking and reply.code != 421:
            self._standing.distrust(self._mode)
        if not reply.ok:
            self._end("no good answer to RSET", innocent=True)
        elif self._is_chunking:
            self._knows_rset = True
        elif self._is_stepping and transit is not None:
            self._needs_reset = False
            self._say([transit.lines.mail], [(MAIL, transit)])

    def _take_dot(self, transit: Transit, reply: Reply) -> None:
        self._settle(transit, reply.outcome(Phase.DOT))
        if reply.ok:
            self._prove()
        elif not reply.refusal:
            self._end("not a reply to this", innocent=True)

    def _take_step(self, word: Word, transit: Transit, reply: Reply) -> None:
        if word is DATA and transit.refusal is not None and reply.code != 354 and not reply.refusal:
            transit.refusal = None  # a word about something else: whose the refusal was cannot be known
        if self._is_chunking and not self._trusted:
            self._kinds.add(kind_of(reply))
        good = reply.code == 354 if word is DATA else reply.ok
        if not good and transit.refusal is None:
            if self._is_confused(reply):
                self._give_up_mode(transit)
                return
            transit.refusal = (PHASES[word], reply)
            if not reply.refusal:  # a reply of a kind that cannot stand here
                self._end(reply.outcome(PHASES[word]).text)
                return
        if word is DATA and transit.ran_on:
            self._standing.runs_on = True
        if self._is_stepping and transit.refusal is None and word is not DATA:
            self._next_step(word, transit)
        elif word is DATA and transit.refusal is None:
            self._hand_over(transit)
        elif word is DATA or (self._is_stepping and transit.refusal is not None):
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

    def _take_chunk(self, transit: Transit, reply: Reply) -> None:
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
            self._take_dot(transit, reply)

    def _is_about_another(self, reply: Reply) -> bool:
        """Is it what this relay says to MAIL or RCPT? RFC 3463: x.1.x is about addresses."""
        if reply.enhanced is not None and reply.enhanced.startswith("2.1."):
            return True
        return self._trusted and kind_of(reply) in self._standing.kinds

    def _is_confused(self, reply: Reply) -> bool:
        """A server that loses its place when commands run ahead says so with the codes for bad syntax or order."""
        return self._is_pipelining and not self._trusted and 500 <= reply.code <= 504

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
            self._skims = not self._is_stepping
            self._standing.trust(self._mode)

    def _settle(self, transit: Transit, outcome: Outcome) -> None:
        self._has_served = self._has_served or outcome.code not in {None, 421}
        self._flight.remove(transit)
        self._report(transit, outcome)

    def _report(self, transit: Transit, outcome: Outcome) -> None:
        if outcome.code is not None:
            self.answers += 1
        elif outcome.phase is not Phase.DOT:  # that is for whoever judges outcomes: see RunGuard
            self.losses += 1
        self._crew.report(transit.job, outcome)

    def _give_back(self, transit: Transit) -> None:
        self.losses += 1
        self._crew.give_back(transit.job, begun=transit.begun)

    # ── deadlines ────────────────────────────────────────────────────────────────────────────────

    def _miss(self) -> None:
        if self._over or not (self._awaited or self._holding is not None):
            return
        what = "no reply" if self._awaited else "body not taken"
        about_none = bool(self._awaited) and (self._awaited[0][0] is RSET or self._awaited[0][1] is None)
        swallowed = self._is_probing() and bool(self._awaited) and not any(each.begun for each in self._flight)
        if swallowed and not about_none:
            self._standing.distrust(self._mode)
        elif self._awaited and self._awaited[0][0] in PHASES and not self._is_stepping:
            self._standing.fell_silent(self._mode)
        self._end(f"{what} within {self._seconds():g} s", innocent=about_none or swallowed)

    def _is_probing(self) -> bool:
        if self._is_stepping or not self._awaited:
            return False
        about = self._awaited[0][1]
        return not self._trusted or (about is not None and about.ran_on and not self._standing.runs_on)

    def _seconds(self) -> float:
        if not self._awaited:
            return self._timeouts.body
        word = self._awaited[0][0]
        seconds = self._patience[word]
        if self._told_to_go:
            return min(seconds, self._timeouts.reset)
        return min(seconds, self.PROBE_S) if word in PHASES and self._is_probing() else seconds

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
        self._deadline.cancel()
        oldest = self._flight[0] if self._flight else None
        for transit in self._flight:
            outcome = self._outcome_at_loss(transit, why, to_blame=transit is oldest and not innocent, closed=closed)
            if outcome is None:
                self._give_back(transit)
            else:
                self._report(transit, outcome)
        self._flight.clear()
        self.losses += self._supply.ahead is not None
        self._supply.close()
        if not self.ended.done():
            self.ended.set_result(why)

    def _outcome_at_loss(self, transit: Transit, why: str, *, to_blame: bool, closed: bool) -> Outcome | None:
        is_out = transit.begun and not self._speech.is_unsaid(transit)
        if transit.refusal is not None:
            phase, reply = transit.refusal
            if reply.refusal or not is_out:  # a reply without sense says nothing about a chunk that is out
                return None if self._is_unwelcome(phase, reply) else reply.outcome(phase)
        if is_out:
            return Outcome(phase=Phase.DOT, text=why)
        phase = self._phase_of(transit)
        if not to_blame or (closed and phase is Phase.MAIL):  # nobody's address has been spoken of
            return None
        return Outcome(phase=phase, text=why)

    def _phase_of(self, transit: Transit) -> Phase:
        if self._holding is transit or self._speech.is_unsaid(transit):
            return Phase.BODY
        return next((PHASES[word] for word, of in self._awaited if of is transit and word in PHASES), Phase.MAIL)
