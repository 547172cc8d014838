"""The conversation: what all ways to speak to a relay share: deadlines, and an end that no message escapes.

Replies are matched strictly in order. Every message ends in exactly one of: an outcome reported, or given back because
the relay surely has not got it. The ways: `pipeline` (MAIL, RCPT, DATA) and `chunks` (BDAT).
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Sequence

from digest.deliver.deadline import Deadline
from digest.deliver.envelope import Offers
from digest.deliver.relay import Timeouts
from digest.deliver.replies import Reply, ReplyReader, kind_of
from digest.deliver.speech import Speech
from digest.deliver.supply import Supply
from digest.deliver.transit import (
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
    patience,
)
from digest.failpoints import reach
from digest.model import Outcome, Phase

_PROOFS = 2
"""So many messages are taken one by one before a relay's replies are known: by then to two addresses."""

_ALLOWING = (MAIL, RCPT)


class Conversation(asyncio.Protocol):
    """Takes a connection over after log-in and works on it until it ends; `ended` is done then, with the reason.

    Until a server has proved in this run that it keeps its word about `mode` (see Standing), replies must come within
    `PROBE_S` and the window is 1. `answers`: how many messages the relay has said something final about; `doubts`: how
    many it may have without a word; `losses`: how many are surely unsent without a word.
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
        self._standing = standing
        self._trusted = mode <= standing.trusted
        self._skims = self._may_skim
        self._kinds: dict[Word, str] = {}  # of its replies, while they are not known
        self._tells = True  # what its replies are about, as far as they have shown
        self._usual = standing.kinds if standing.tells else None  # ours, whatever others learn to the contrary
        self._proofs = 0
        self._supply = Supply(crew, offers, is_chunking=mode is Mode.BDAT)
        self._speech = Speech(transport, window)
        least_s = min(*self._patience.values(), timeouts.body, self.PROBE_S)
        self._deadline = Deadline(self._seconds, least_s, self._miss)
        self._reader = ReplyReader()
        self._awaited: deque[Awaited] = deque()
        self._flight: deque[Transit] = deque()  # said to the relay, oldest first
        self._holding: Transit | None = None  # its body is being taken by the kernel, its dot held back
        self._has_served = False
        self._finishing = False
        self._told_to_go = False  # 421: what were said now would go down with the connection
        self._over = False
        self._spoke_at = self._loop.time()
        self.answers = 0
        self.doubts = 0
        self.losses = 0
        self.ended: asyncio.Future[str] = self._loop.create_future()
        transport.set_protocol(self)

    # ── what the engine asks of us ───────────────────────────────────────────────────────────────

    def kick(self) -> None:
        """There may be work."""
        if self._over:
            return
        if self._awaited or self._holding is not None or self._speech.posted:
            self._fill_up()
        elif self._loop.time() - self._spoke_at >= self._timeouts.idle:
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

    # ── what each way to speak does in its own manner ────────────────────────────────────────────

    @abstractmethod
    def _fill(self) -> None:
        """Say what may be said now, good-bye included."""

    def _fill_up(self) -> None:
        """More may be said though something is still awaited; only where messages overtake replies."""

    @abstractmethod
    def _hear(self, word: Word, transit: Transit, reply: Reply) -> None:
        """The reply to a word about a message."""

    @abstractmethod
    def _hear_aside(self, word: Word, transit: Transit | None, reply: Reply) -> None:
        """The reply to RSET, or to a word that was said for trial."""

    @property
    def _may_hear_more(self) -> bool:
        """After a 421: may the relay still say what became of messages that are out?"""
        return False

    def _in_mid_body(self) -> Transit | None:
        """The message whose body was asked for, and whose end is still with us."""
        return None

    def _line_is_free(self) -> None:
        """The kernel has taken what we had."""

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
            if self._flight:
                self._fill_up()
            else:
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
        if not self._over:
            self._line_is_free()

    # ── speaking ─────────────────────────────────────────────────────────────────────────────────

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

    def _post(self, said: Sequence[Transit], what: list[bytes], awaited: list[Awaited]) -> None:
        """Say it as soon as the other connections have thought about what they have heard. A body that goes through the
        kernel drives all that Python works with out of the processor's cache: so first all think, then all speak."""
        self._speech.posted = said
        self._loop.call_soon(self._say_posted, what, awaited)

    def _say_posted(self, what: list[bytes], awaited: list[Awaited]) -> None:
        if self._over:
            return
        said = self._speech.posted
        if self._told_to_go:
            self._take_back(said)
            return
        for transit in said:
            if not self._crew.is_fresh(transit.job):  # this process slept in mid-conversation, or while it thought
                self._end("claimed too long ago", innocent=True)
                return
        self._await(awaited)  # what is answered before it is said is no answer to it
        self._speech.say_posted(what)
        for _ in said:
            reach("after_dot_before_reply")
        self._fill_up()

    def _take_back(self, posted: Sequence[Transit]) -> None:
        """A 421 came before these were said."""
        self._speech.posted = ()
        for transit in posted:
            self._flight.remove(transit)
            self._give_back(transit)
        if not self._awaited:
            self._end("the relay closes the connection", innocent=True)

    def _say(self, what: list[bytes], awaited: list[Awaited]) -> None:
        self._await(awaited)
        self._speech.say(what)

    def _await(self, awaited: list[Awaited]) -> None:
        was_waiting = bool(self._awaited)
        self._awaited.extend(awaited)
        if not was_waiting:
            self._deadline.start()

    def _say_good_bye(self) -> None:
        """Once nothing more is to be said."""
        if self._finishing and not (self._flight or self._awaited or self._over):
            self._say([b"QUIT\r\n"], [(QUIT, None)])

    # ── replies ──────────────────────────────────────────────────────────────────────────────────

    def _take(self, reply: Reply) -> None:
        if not self._awaited or reply.code == 0:
            self._unasked(reply)
            return
        word, transit = self._awaited.popleft()
        self._told_to_go = self._told_to_go or reply.code == 421
        if transit is not None and word is not RSET:
            self._hear(word, transit, reply)
        elif word is QUIT:
            self._end("said good-bye", innocent=True)
        elif word is not NOOP:
            self._hear_aside(word, transit, reply)
        elif not reply.ok:
            self._end("no good answer to NOOP", innocent=True)
        if self._told_to_go and not (self._over or self._may_hear_more):
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

    @property
    def _may_skim(self) -> bool:
        """What allows the next word need not be looked at where that is said already."""
        return self._trusted and self._mode is Mode.DATA and self._standing.tells is not None

    def _hear_dot(self, transit: Transit, reply: Reply) -> None:
        """The reply about a message as a whole."""
        if reply.ok and self._usual is not None and kind_of(reply) in self._usual.values():
            self._lose_step(reply)
            return
        self._settle(transit, reply.outcome(Phase.DOT))
        if reply.ok:
            self._prove(reply)
        elif not reply.refusal:
            self._end("not a reply to this", innocent=True)

    def _lose_step(self, reply: Reply) -> None:
        """This is about something else; what else was said behind it can no longer be told either."""
        self._standing.tells = False
        self._end(f"an answer to something else: {reply.code} {reply.text}")

    def _is_unwelcome(self, phase: Phase, reply: Reply) -> bool:
        return phase is Phase.MAIL and reply.code == 421 and self._has_served

    def _give_up_mode(self, transit: Transit) -> None:
        """The server has not kept its word. It has surely not got this message; somebody else sends it, more slowly."""
        self._standing.distrust(self._mode)
        self._flight.remove(transit)
        self._give_back(transit)
        self._end("the relay does not keep its word about extensions", innocent=True)

    def _prove(self, reply: Reply) -> None:
        """It took a message, and said so as it should."""
        if self._skims:
            return
        if not self._trusted:
            self._trusted = True
            self._standing.trust(self._mode)
        if self._standing.tells is None:
            self._proofs += 1
            self._tells = self._tells and kind_of(reply) not in self._kinds.values()
            if self._proofs >= _PROOFS or not self._tells:
                self._standing.learn(self._mode, self._kinds, tells=self._tells)
        if self._usual is None and self._standing.tells:
            self._usual = self._standing.kinds
        self._skims = self._may_skim

    def _learn(self, word: Word, reply: Reply) -> None:
        """What it says to this word, while that is not known."""
        kind = kind_of(reply)
        self._tells = self._tells and self._kinds.setdefault(word, kind) == kind

    def _settle(self, transit: Transit, outcome: Outcome) -> None:
        self._has_served = self._has_served or outcome.code not in {None, 421}
        self._flight.remove(transit)
        self._report(transit, outcome)

    def _report(self, transit: Transit, outcome: Outcome) -> None:
        if outcome.code is not None:
            self.answers += 1
        elif outcome.phase is Phase.DOT:
            self.doubts += 1
        else:
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
        swallowed = self._is_probing()
        if swallowed and not about_none:
            self._standing.distrust(self._mode)
        elif self._awaited and self._awaited[0][0] in PHASES and self._mode is not Mode.STEPS:
            self._standing.fell_silent(self._mode)
        self._end(f"{what} within {self._seconds():g} s", innocent=about_none or swallowed)

    def _is_probing(self) -> bool:
        if self._mode is Mode.STEPS or not self._awaited or any(each.begun for each in self._flight):
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
        talked about, gets the blame for the loss, unless `innocent`, or `closed` at its turn (see Crew.suspects).
        """
        if self._over:
            return
        self._over = True
        self._speech.close()
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
        self._awaited.clear()
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
        if not to_blame:
            return None
        if closed and phase is Phase.MAIL and (not self._crew.suspects(transit.job) or self._has_served):
            return None
        return Outcome(phase=phase, text=why)

    def _phase_of(self, transit: Transit) -> Phase:
        if self._holding is transit or self._speech.is_unsaid(transit):
            return Phase.BODY
        return next((PHASES[word] for word, of in self._awaited if of is transit and word in PHASES), Phase.MAIL)
