"""What only the fast engine does: pipelines, windows of BDAT, servers that lie about both, and the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from digest.deliver import fast
from digest.deliver.counter import Counter, run_engine
from digest.deliver.engine import Ending, Job, deliver
from digest.deliver.fast import Limits, deliver_fast
from digest.deliver.route import Link, Route
from digest.deliver.speed import Speed
from digest.errors import StoreError
from digest.model import Claim, Outcome, Phase
from tests.deliver.lists import ListDesk, ListJournal, agrees, hurried, job, jobs, many, relay_to, replay
from tests.smtpd import EXTENSIONS, Rule, Script, SmtpServer

CHUNKING = (*EXTENSIONS, "CHUNKING")


def send(
    server: SmtpServer, *waiting: Any, connections: int = 1, window: int = 1, claims: int = 200, **settings: Any
) -> ListDesk:
    desk, journal = ListDesk(waiting), ListJournal()
    relay, stop = relay_to(server, **settings), threading.Event()
    ending = deliver(desk, relay, connections=connections, stop=stop, journal=journal, window=window, claims=claims)
    assert ending.why == "drained"
    agrees(replay(journal.data), desk)
    return desk


@contextmanager
def stopped_after(seconds: float) -> Iterator[threading.Event]:
    """A run that hangs ends as stopped."""
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.start()
    try:
        yield stop
    finally:
        timer.cancel()
        timer.join()


# ── groups ───────────────────────────────────────────────────────────────────────────────────────


def test_claims_and_outcomes_go_in_groups() -> None:
    groups: list[int] = []

    def note(desk: ListDesk, done: list[Any]) -> bool:
        groups.append(len(done))
        return True

    desk = ListDesk(many(600), on_settle=note)
    with SmtpServer() as server:
        deliver(desk, relay_to(server), connections=4, stop=threading.Event(), journal=ListJournal())

    assert len(desk.outcomes) == sum(groups) == 600
    assert desk.most_outstanding <= 200
    assert max(groups) > 10


class TurningDesk(ListDesk):
    """Writes outcomes and claims the next at once; `alone` counts what it was asked for by itself."""

    alone = 0
    turns = 0

    def turn(self, done: list[tuple[Job, Outcome]], limit: int) -> tuple[bool, list[Job]]:
        self.turns += 1
        may_go_on = super().settle(done)
        return may_go_on, super().take(limit) if may_go_on else []

    def take(self, limit: int) -> list[Job]:
        self.alone += 1
        return super().take(limit)


def test_a_desk_that_can_is_asked_for_the_next_together_with_the_outcomes() -> None:
    desk, journal = TurningDesk(many(600)), ListJournal()
    with SmtpServer() as server:
        ending = deliver(desk, relay_to(server), connections=4, stop=threading.Event(), journal=journal)

    assert ending.why == "drained"
    assert len(desk.outcomes) == 600
    assert desk.most_outstanding <= 200
    assert desk.alone < 3 <= desk.turns
    agrees(replay(journal.data), desk)


def test_a_desk_that_halts_in_its_turn_claims_nobody_more() -> None:
    desk = TurningDesk(many(600), on_settle=lambda desk, done: len(desk.settled) < 150)
    with SmtpServer() as server:
        ending = deliver(desk, relay_to(server), connections=2, stop=threading.Event(), journal=ListJournal())

    assert ending.why == "halted"
    assert desk.taken == len(desk.settled) < 500


@pytest.mark.parametrize("builders", [0, 2])
def test_the_next_are_claimed_while_somebody_is_still_ready(monkeypatch: pytest.MonkeyPatch, builders: int) -> None:
    """Not only when all have set out, or connections would wait for the database each time."""
    monkeypatch.setattr(fast, "SETTLE_AFTER_S", 60)  # no clock helps
    limits: list[int] = []

    class Desk(TurningDesk):
        def turn(self, done: list[tuple[Job, Outcome]], limit: int) -> tuple[bool, list[Job]]:
            limits.append(limit)
            return super().turn(done, limit)

    desk, journal = Desk(many(600)), ListJournal()
    with SmtpServer() as server:
        relay, stop = relay_to(server), threading.Event()
        deliver(desk, relay, connections=4, stop=stop, journal=journal, claims=180, builders=builders)

    assert len(desk.outcomes) == 600
    most = 180 - 180 // 3  # as many are asked for when there is nobody left
    assert min(limits) < most


def test_who_is_left_is_claimed_and_sent_though_all_connections_ended_before_there_was_room_for_them() -> None:
    gone = threading.Event()

    class WatchedRoute(Route):
        def closed(self, link: Link) -> None:
            super().closed(link)
            gone.set()

    class BusyDesk(TurningDesk):
        def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
            assert gone.wait(20)
            return super().settle(done)

    async def engine(counter: Counter) -> Ending:
        limits, speed = Limits(connections=1, claims=60), Speed(clock=lambda: 0.0)
        route = WatchedRoute([relay], clock=lambda: 0.0, jitter=lambda: 0.5, tell=print)
        return await deliver_fast(counter, route, limits, speed, ListJournal())

    desk = BusyDesk(many(50))
    # 40 of 60 are claimed at first. The relay is slow enough for a settlement before the next may be claimed.
    with SmtpServer(Script(closes_after=40, reply_delay_s=0.003)) as server, stopped_after(20) as stop:
        relay = relay_to(server)
        ending = run_engine(engine, desk, stop)

    assert ending.why == "drained"
    assert sorted(server.recipients()) == desk.sent == sorted(job.rcpt_to for job in many(50))


class RecheckingDesk(ListDesk):
    """Whose people may leave while they wait."""

    def __init__(self, waiting: list[Job]) -> None:
        super().__init__(waiting)
        self.asked: list[list[str]] = []

    def recheck(self, jobs: Sequence[Job]) -> list[Job]:
        self.asked.append([job.rcpt_to for job in jobs])
        return [job for job in jobs if not (job.rcpt_to.startswith("leaves") and len(self.asked) >= 3)]


@pytest.mark.parametrize("builders", [0, 1])
def test_who_waits_is_asked_about_again_and_again_though_nothing_else_happens(
    monkeypatch: pytest.MonkeyPatch, builders: int
) -> None:
    monkeypatch.setattr(fast, "RECHECK_AFTER_S", 0.05)
    people = jobs("slow@example.com", "leaves1@example.com", "leaves2@example.com", "stays@example.com")
    desk, journal = RecheckingDesk(people), ListJournal()
    script = Script(rules=[Rule(phase="dot", do="hang", match="slow", times=1)])
    with SmtpServer(script) as server:
        relay = relay_to(server, timeouts=hurried("dot", 1.0))
        deliver(desk, relay, connections=1, stop=threading.Event(), journal=journal, builders=builders)

    waiting = [each.rcpt_to for each in people[1:]]  # also who is laid out already, as the next on this connection
    assert [sorted(asked) for asked in desk.asked[:3]] == [waiting] * 3  # while the server says nothing for a second
    assert server.recipients() == ["stays@example.com"]
    assert desk.shape == {"slow": "dot None", "leaves1": "connect None", "leaves2": "connect None", "stays": "dot 250"}
    agrees(replay(journal.data), desk)


@pytest.mark.parametrize("extensions", [EXTENSIONS, CHUNKING, ("8BITMIME",)])
def test_while_a_row_of_refusals_waits_for_judgement_nobody_else_sets_out(extensions: tuple[str, ...]) -> None:
    def halts(desk: ListDesk, done: list[Any]) -> bool:
        return sum(outcome.code == 550 for _, outcome in desk.settled) < 20

    desk = TurningDesk(many(600), on_settle=halts)
    script = Script(extensions=extensions, rules=[Rule(phase="rcpt", text="550 5.1.1 nobody here")])
    with SmtpServer(script) as server:
        ending = deliver(desk, relay_to(server), connections=5, stop=threading.Event(), journal=ListJournal())

    assert ending.why == "halted"
    in_conversation_or_built = 2 * 5
    assert 20 <= sum(outcome.code == 550 for outcome in desk.outcomes.values()) <= 20 + in_conversation_or_built


@pytest.mark.parametrize("claims", [1, 2, 7])
def test_even_the_smallest_group_gets_through(claims: int) -> None:
    with SmtpServer() as server:
        desk = send(server, *many(20), connections=3, claims=claims)

    assert set(desk.shape.values()) == {"dot 250"}
    assert desk.most_outstanding <= claims


def test_commands_run_ahead_of_replies_once_the_server_has_proved_itself() -> None:
    with SmtpServer() as server:
        send(server, *many(4))

    assert server.verbs() == ["EHLO", *["MAIL", "RCPT", "DATA"] * 4, "QUIT"]


# ── BDAT ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("window", [2, 4, 16])
def test_with_chunking_messages_go_as_chunks_and_arrive_as_they_were(window: int) -> None:
    body = b".dots\r\n..stay\r\n.\r\n"
    waiting = [job(f"reader{n}@example.com", number=n, message=body) for n in range(1, 60)]
    with SmtpServer(Script(extensions=CHUNKING)) as server:
        desk = send(server, *waiting, connections=2, window=window)

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(server.recipients()) == sorted(desk.outcomes)
    assert {message.data for message in server.accepted} == {body}
    assert "DATA" not in server.verbs()


def test_where_only_one_may_be_in_flight_the_answer_to_data_keeps_step() -> None:
    with SmtpServer(Script(extensions=CHUNKING)) as server:
        desk = send(server, *many(10), connections=2)

    assert set(desk.shape.values()) == {"dot 250"}
    assert "BDAT" not in server.verbs()


@pytest.mark.parametrize("window", [2, 4])
@pytest.mark.parametrize("phase", ["mail", "rcpt", "bdat"])
def test_a_refusal_in_a_window_concerns_its_recipient_only(phase: str, window: int) -> None:
    match = "" if phase == "mail" else "reader3@"
    rule = Rule(phase, text="450 4.2.0 later", match=match, skip=5 if phase == "mail" else 0, times=1)
    with SmtpServer(Script(extensions=CHUNKING, rules=[rule])) as server:
        desk = send(server, *many(12), window=window)

    shape = desk.shape
    assert shape.pop("reader3") == f"{'dot' if phase == 'bdat' else phase} 450"
    assert set(shape.values()) == {"dot 250"}
    assert sorted(server.recipients()) == sorted(f"{who}@example.com" for who in shape)


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("window", [2, 4])
def test_a_lost_connection_leaves_at_most_a_window_in_doubt(window: int, accepted: bool) -> None:
    rule = Rule("bdat", do="drop", match="reader5@", accepted=accepted)
    with SmtpServer(Script(extensions=CHUNKING, rules=[rule])) as server:
        desk = send(server, *many(20), window=window)

    doubtful = {who for who, said in desk.shape.items() if said == "dot None"}
    assert "reader5" in doubtful
    assert len(doubtful) <= window
    assert set(desk.shape.values()) == {"dot 250", "dot None"}
    for rcpt, said in desk.outcomes.items():
        assert server.recipients().count(rcpt) == 1 or said.code is None


@pytest.mark.parametrize("window", [2, 4])
def test_a_421_about_one_chunk_is_not_followed_by_another(window: int) -> None:
    rules = [Rule("bdat", text="421 4.3.2 closing", match="reader5@", close=True, times=1)]
    with SmtpServer(Script(extensions=CHUNKING, rules=rules)) as server:
        desk = send(server, *many(12), window=window)

    in_doubt = [said for said in desk.outcomes.values() if said.phase is Phase.DOT and said.code is None]
    assert desk.shape["reader5"] in {"dot 421", "dot None"}  # a reset may overtake its reply
    assert len(in_doubt) <= window
    assert len(server.recipients()) == len(set(server.recipients()))


def test_who_closes_between_chunks_gets_data() -> None:
    """A chunk is out before the close is seen; a body is not."""
    with SmtpServer(Script(extensions=CHUNKING, closes_after=3)) as server:
        desk = send(server, *many(30), window=4)

    in_doubt = [rcpt for rcpt, said in desk.outcomes.items() if said.code is None]
    assert len(in_doubt) <= 4
    assert sorted([*server.recipients(), *in_doubt]) == sorted(desk.outcomes)


# ── servers that do not keep their word ──────────────────────────────────────────────────────────


def test_a_server_that_loses_commands_is_found_out_and_spoken_to_step_by_step() -> None:
    with SmtpServer(Script(liar="pipelining")) as server:
        desk = send(server, *many(10), connections=2, timeouts=hurried("rcpt"))

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(server.recipients()) == sorted(desk.outcomes)


@pytest.mark.parametrize("connections", [1, 3])
def test_a_server_that_loses_what_comes_behind_a_body_is_found_out_and_nobody_is_charged(connections: int) -> None:
    with SmtpServer(Script(liar="behind")) as server:
        desk = send(server, *many(30), connections=connections, timeouts=hurried("mail", 0.5))

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(server.recipients()) == sorted(desk.outcomes)
    assert server.connections <= 4 * connections


def test_a_server_that_does_not_know_its_own_bdat_is_left_at_once_and_gets_data() -> None:
    with SmtpServer(Script(extensions=CHUNKING, liar="chunking")) as server:
        desk = send(server, *many(10), connections=3, window=4)

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(server.recipients()) == sorted(desk.outcomes)
    assert server.verbs().count("BDAT") == 1


def test_a_server_that_asks_for_the_body_of_a_refused_message_never_gets_one() -> None:
    rules = [Rule("rcpt", text="550 5.1.1 no", match="bad"), Rule("data", text="354 go on", match="bad")]
    with SmtpServer(Script(rules=rules)) as server:
        desk = send(server, *jobs("ann@example.com", "bad@example.com", "cid@example.com"))

    assert desk.shape == {"ann": "dot 250", "bad": "rcpt 550", "cid": "dot 250"}
    assert server.recipients() == ["ann@example.com", "cid@example.com"]
    assert server.stray_bytes == 0


# ── the journal ──────────────────────────────────────────────────────────────────────────────────


def test_a_message_is_in_the_journal_before_the_server_can_have_it() -> None:
    journal = ListJournal()
    seen: list[bool] = []

    class Watching(SmtpServer):
        def accept(self, message: Any) -> None:
            number = int(message.data.split(b"<")[1].split(b"@")[0])
            seen.append((number, 1) in replay(journal.data).begun)
            super().accept(message)

    with Watching(Script(extensions=CHUNKING)) as server:
        deliver(ListDesk(many(30)), relay_to(server), connections=3, stop=threading.Event(), journal=journal, window=4)
    with Watching() as server:
        deliver(ListDesk(many(30)), relay_to(server), connections=3, stop=threading.Event(), journal=journal)

    assert seen == [True] * 60


@pytest.mark.parametrize("extensions", [EXTENSIONS, CHUNKING])
def test_without_a_journal_record_no_message_leaves(extensions: tuple[str, ...]) -> None:
    class Full(ListJournal):
        def began(self, claim: Claim) -> None:
            if claim.subscriber > 5:
                raise StoreError("journal: the disk is full")
            super().began(claim)

    desk = ListDesk(many(20))
    with SmtpServer(Script(extensions=extensions)) as server, pytest.raises(StoreError, match="disk is full"):
        deliver(desk, relay_to(server), connections=1, stop=threading.Event(), journal=Full())

    assert len(server.recipients()) == 5
    assert desk.sent == sorted(server.recipients())
    assert desk.taken == len(desk.settled)


def test_an_outcome_that_cannot_be_journalled_is_still_settled_and_no_more_is_sent() -> None:
    class Full(ListJournal):
        def ended(self, claim: Claim, outcome: Any) -> None:
            raise StoreError("journal: the disk is full")

    desk = ListDesk(many(20))
    with SmtpServer() as server, pytest.raises(StoreError, match="disk is full"):
        deliver(desk, relay_to(server), connections=1, stop=threading.Event(), journal=Full())

    assert desk.sent == sorted(server.recipients())
    assert len(desk.sent) < 20


# ── sleep ────────────────────────────────────────────────────────────────────────────────────────


class Clock:
    """Goes on only while the process sleeps."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self) -> None:
        self.now += 700


class AgainDesk(ListDesk):
    """Who is given back unsent can be claimed again. `nap` is taken once, in the middle of the first claim."""

    def __init__(self, waiting: list[Job], nap: Callable[[], None]) -> None:
        super().__init__(waiting)
        self._nap: Callable[[], None] | None = nap
        self.given_back = 0

    def take(self, limit: int) -> list[Job]:
        jobs = super().take(limit)
        if self._nap is not None:
            self._nap()
            self._nap = None
        return jobs

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        back = [job for job, outcome in done if outcome.phase is Phase.CONNECT]
        self.given_back += len(back)
        self.waiting.extend(back)
        self.settled += [(job, outcome) for job, outcome in done if outcome.phase is not Phase.CONNECT]
        return True


class NappingJournal(ListJournal):
    """`nap` is taken once, right before the eightieth message begins: the desk has nobody more by then."""

    def __init__(self, nap: Callable[[], None]) -> None:
        super().__init__()
        self._nap = nap
        self._begun = 0

    def began(self, claim: Claim) -> None:
        self._begun += 1
        if self._begun == 80:
            self._nap()
        super().began(claim)


@pytest.mark.parametrize("builders", [0, 2])
@pytest.mark.parametrize("where", ["in mid-claim", "in mid-conversation"])
def test_a_process_that_slept_gives_back_what_waits_and_claims_it_again(where: str, builders: int) -> None:
    clock = Clock()

    async def engine(counter: Counter) -> Ending:
        limits = Limits(connections=2, builders=builders)
        route = Route([relay], clock=lambda: 0.0, jitter=lambda: 0.5, tell=print)
        return await deliver_fast(counter, route, limits, Speed(clock=lambda: 0.0), journal, clock=clock)

    at_desk = where == "in mid-claim"
    desk = AgainDesk(many(100), clock.sleep if at_desk else lambda: None)
    journal = ListJournal() if at_desk else NappingJournal(clock.sleep)
    with SmtpServer() as server, stopped_after(20) as stop:
        relay = relay_to(server)
        ending = run_engine(engine, desk, stop)

    assert ending.why == "drained"
    assert sorted(server.recipients()) == desk.sent == sorted(job.rcpt_to for job in many(100))
    assert desk.given_back == 100 if at_desk else desk.given_back > 10


def test_what_was_claimed_too_long_ago_is_given_back_unsent() -> None:
    async def engine(counter: Counter) -> Ending:
        limits = Limits(connections=1, stale_after_s=0)
        route = Route([relay], clock=lambda: 0.0, jitter=lambda: 0.5, tell=print)
        return await deliver_fast(counter, route, limits, Speed(clock=lambda: 0.0), ListJournal())

    desk = ListDesk(many(5))
    with SmtpServer() as server:
        relay = relay_to(server)
        run_engine(engine, desk, threading.Event())

    assert set(desk.shape.values()) == {"connect None"}
    assert server.accepted == []


# ── every fault at once ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("extensions", [EXTENSIONS, CHUNKING, ()])
def test_under_all_faults_at_once_everybody_ends_in_exactly_one_way(extensions: tuple[str, ...], window: int) -> None:
    rules = [
        Rule("rcpt", text="550 5.1.1 no", match="[1]@"),
        Rule("rcpt", text="451 4.7.1 greylisted", match="[2]@"),
        Rule("dot", do="drop", match="33@", accepted=True),
        Rule("bdat", do="drop", match="33@", accepted=True),
        Rule("rcpt", do="reset", match="44@", times=3),
        Rule("dot", text="421 4.3.2 bye", match="55@", close=True),
        Rule("bdat", text="421 4.3.2 bye", match="55@", close=True),
        Rule("mail", text="421 4.3.2 bye", skip=60, times=2, close=True),
        Rule("dot", do="bytes", text="?\r\n", match="66@"),
        Rule("bdat", do="bytes", text="?\r\n", match="66@"),
        Rule("dot", do="reset", match="77@"),
        Rule("bdat", do="reset", match="77@"),
    ]
    with SmtpServer(Script(extensions=extensions, rules=rules, closes_after=17)) as server:
        desk = send(server, *many(300), connections=3, window=window)

    assert len(desk.outcomes) == 300
    got = server.recipients()
    assert len(got) == len(set(got))
    for rcpt, said in desk.outcomes.items():
        if said.phase is Phase.DOT and said.code is None:
            continue  # in doubt: the server may have it or not
        assert (rcpt in got) == (said.phase is Phase.DOT and said.code == 250)
