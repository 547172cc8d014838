"""A connection that breaks while our side still holds the end of a message: then the message is surely unsent."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import uvloop

from digest.deliver.chunks import Chunks
from digest.deliver.conversation import Conversation
from digest.deliver.desk import Job, Pieces
from digest.deliver.envelope import Offers
from digest.deliver.pipeline import HOLD_BACK_BYTES, Pipeline
from digest.deliver.relay import Timeouts
from digest.deliver.transit import Mode, Standing
from digest.model import Outcome, Phase
from tests.deliver.lists import PATIENT, job

LINE = b"x" * 70 + b"\r\n"
BIG = LINE * (HOLD_BACK_BYTES // 2 // len(LINE))


class ListCrew:
    """Gives out jobs, and keeps what it is told."""

    def __init__(self, *waiting: Job) -> None:
        self.waiting = deque(waiting)
        self.begun: list[int] = []
        self.said: dict[int, Outcome] = {}
        self.back: list[tuple[int, bool]] = []

    def next_job(self) -> Job | None:
        return self.waiting.popleft() if self.waiting else None

    def body(self, job: Job) -> Pieces:
        return job.body()

    def is_fresh(self, job: Job) -> bool:
        return True

    def begin(self, job: Job) -> None:
        self.begun.append(job.claim.subscriber)

    def report(self, job: Job, outcome: Outcome) -> None:
        self.said[job.claim.subscriber] = outcome

    def give_back(self, job: Job, *, begun: bool) -> None:
        self.back.append((job.claim.subscriber, begun))

    def suspects(self, job: Job) -> bool:
        return False

    def fail(self, fault: Exception) -> None:
        raise fault


class Server:
    """The other end of the line, by hand: a small one, so that little fits in."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self.heard = b""

    async def hear(self, until: bytes) -> None:
        while until not in self.heard:
            part = await self._loop.sock_recv(self._sock, 1024)
            assert part
            self.heard += part

    async def hear_all(self, size: int) -> None:
        while len(self.heard) < size:
            self.heard += await self._loop.sock_recv(self._sock, 65536)

    async def hear_to_the_end(self) -> bytes:
        while part := await self._loop.sock_recv(self._sock, 65536):
            self.heard += part
        return self.heard

    async def say(self, text: bytes) -> None:
        await self._loop.sock_sendall(self._sock, text)

    def hang_up(self) -> None:
        self._sock.close()


def trusting(mode: Mode) -> Standing:
    """A server that has kept its word so far."""
    standing = Standing()
    standing.trust(mode)
    standing.learn(mode, {}, tells=True)
    return standing


async def talk(
    crew: ListCrew,
    mode: Mode,
    story: Callable[[Server], object],
    *,
    window: int = 1,
    standing: Standing | None = None,
    times: Timeouts = PATIENT,
) -> None:
    """One conversation of a pipeline that trusts its server, where no other `standing` is given, until it ends."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    standing = standing or trusting(mode)
    offers = Offers(pipelining=True, chunking=mode is Mode.BDAT)
    way = Chunks if mode is Mode.BDAT else Pipeline
    pipe = way(transport, offers, times, crew, mode=mode, window=window, standing=standing)
    server = Server(theirs)
    pipe.kick()
    told = story(server)
    assert asyncio.iscoroutine(told)
    await told
    server.hang_up()
    async with asyncio.timeout(10):
        await pipe.ended
    transport.abort()
    await asyncio.sleep(0)


async def heard_of(
    crew: ListCrew, mode: Mode, story: Callable[[Conversation], Awaitable[None]], *, times: Timeouts = PATIENT
) -> bytes:
    """What a server that says nothing by itself hears, until we drop the connection after the story."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    offers = Offers(pipelining=True, chunking=mode is Mode.BDAT)
    way = Chunks if mode is Mode.BDAT else Pipeline
    pipe = way(transport, offers, times, crew, mode=mode, window=4, standing=trusting(mode))
    await story(pipe)
    pipe.abort()
    await pipe.ended
    await asyncio.sleep(0)
    heard = theirs.recv(1 << 20)
    theirs.close()
    return heard


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[..., None]:
    def to_the_end(*args: object, **more: object) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(talk(*args, **more))  # type: ignore[arg-type]

    return to_the_end


def two(message: bytes) -> ListCrew:
    return ListCrew(job("ann@example.com", message=message), job("bob@example.com", number=2, message=message))


async def cut(server: Server) -> None:
    await server.hear(b"DATA\r\n")
    await server.say(b"250 ok\r\n250 ok\r\n354 go on\r\n")
    await server.hear(LINE * 20)


async def swallow_it(server: Server) -> None:
    await server.hear(b"DATA\r\n")
    await server.say(b"250 ok\r\n250 ok\r\n354 go on\r\n")
    await server.hear(b"\r\n.\r\n")


def test_a_body_cut_in_mid_write_is_surely_unsent(run: Callable[..., None]) -> None:
    crew = two(BIG)
    run(crew, Mode.DATA, cut)

    assert crew.begun == [1]
    assert (crew.said[1].phase, crew.said[1].code) == ("body", None)
    assert crew.back == [(2, False)]


@pytest.mark.parametrize("message", [BIG, LINE])
def test_once_its_end_has_left_us_nobody_can_know(run: Callable[..., None], message: bytes) -> None:
    crew = two(message)
    run(crew, Mode.DATA, swallow_it)

    assert (crew.said[1].phase, crew.said[1].code) == ("dot", None)
    assert crew.back == [(2, False)]


@pytest.mark.parametrize("window", [1, 4])
def test_a_chunk_cut_in_mid_write_is_surely_unsent_and_no_other_was_begun(
    run: Callable[..., None], window: int
) -> None:
    async def cut_chunk(server: Server) -> None:
        await server.hear(LINE * 20)

    crew = two(BIG)
    run(crew, Mode.BDAT, cut_chunk, window=window)

    assert crew.begun == [1]
    assert (crew.said[1].phase, crew.said[1].code) == ("body", None)
    assert len(crew.waiting) == 1


def test_of_chunks_in_a_full_line_only_the_last_is_surely_unsent(run: Callable[..., None]) -> None:
    async def cut_second(server: Server) -> None:
        await server.hear_all(len(BIG) + 8192)

    crew = two(BIG)
    run(crew, Mode.BDAT, cut_second, window=4)

    assert crew.begun == [1, 2]
    assert (crew.said[1].phase, crew.said[1].code) == ("dot", None)
    assert crew.back == [(2, True)]


def in_a_row(*messages: bytes) -> list[Job]:
    return [job(f"r{n}@example.com", number=n, message=message) for n, message in enumerate(messages, 1)]


def test_of_chunks_said_together_only_the_last_is_surely_unsent(run: Callable[..., None]) -> None:
    async def cut_the_last(server: Server) -> None:
        await server.hear_all(3 * len(LINE) + 3 * len(BIG) + 8192)

    crew = ListCrew(*in_a_row(LINE, LINE, LINE, BIG, BIG, BIG, BIG))
    run(crew, Mode.BDAT, cut_the_last, window=8)

    assert crew.begun == [1, 2, 3, 4, 5, 6, 7]  # one, then two, then four at once
    assert {crew.said[n].phase for n in range(1, 7)} == {"dot"}
    assert crew.back == [(7, True)]


class TornJournal(ListCrew):
    """Cannot put the third message on record."""

    def begin(self, job: Job) -> None:
        if job.claim.subscriber == 3:
            raise OSError("the disk is full")
        super().begin(job)

    def fail(self, fault: Exception) -> None:
        pass


def test_what_was_to_be_said_together_with_a_message_that_cannot_begin_is_unsent(run: Callable[..., None]) -> None:
    async def hear_one(server: Server) -> None:
        await server.hear(LINE)

    crew = TornJournal(*in_a_row(LINE, LINE, LINE))
    run(crew, Mode.BDAT, hear_one, window=8)

    assert crew.begun == [1, 2]
    assert list(crew.said) == [1]
    assert crew.back == [(2, True), (3, False)]


class Sleeper(ListCrew):
    """Falls asleep as soon as something has begun, until all claims are stale."""

    def is_fresh(self, job: Job) -> bool:
        return not self.begun


@pytest.mark.parametrize("mode", [Mode.DATA, Mode.BDAT])
def test_a_process_that_slept_between_thinking_and_speaking_says_nothing(run: Callable[..., None], mode: Mode) -> None:
    async def ask_for_it(server: Server) -> None:
        if mode is Mode.DATA:
            await server.hear(b"DATA\r\n")
            await server.say(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        rest = await server.hear_to_the_end()
        assert LINE not in rest

    crew = Sleeper(*in_a_row(LINE))
    run(crew, mode, ask_for_it)

    assert crew.begun == [1]
    assert crew.said == {}
    assert crew.back == [(1, True)]


@pytest.mark.parametrize(("word", "code"), [(b"552 5.3.4 too big", 552), (b"250 2.0.0 queued", None)])
def test_an_answer_before_the_body_is_none_about_it_and_no_other_message_takes_its_place(
    run: Callable[..., None], word: bytes, code: int | None
) -> None:
    async def answer_at_once(server: Server) -> None:
        await server.hear(b"DATA\r\n")
        await server.say(b"250 ok\r\n250 ok\r\n354 go on\r\n" + word + b"\r\n")
        assert (await server.hear_to_the_end()).count(b"MAIL FROM") == 1

    crew = two(LINE)
    run(crew, Mode.DATA, answer_at_once)

    assert crew.begun == [1]
    assert {number: (said.phase, said.code) for number, said in crew.said.items()} == {1: (Phase.BODY, code)}
    assert crew.back == [(2, False)]


@pytest.mark.parametrize(
    "words",
    [b"250 ok\r\n250 ok\r\n354 what?\r\n", b"250 ok\r\n250 ok\r\n452 4.2.2 full\r\n250 2.0.0 queued\r\n"],
    ids=["no reply to RCPT", "refused and then taken"],
)
def test_a_chunk_that_is_out_and_answered_without_sense_is_uncertain(run: Callable[..., None], words: bytes) -> None:
    async def talk_nonsense(server: Server) -> None:
        await server.hear(LINE)
        await server.say(words)
        await server.hear_to_the_end()

    crew = two(LINE)
    run(crew, Mode.BDAT, talk_nonsense)

    assert {number: (said.phase, said.code) for number, said in crew.said.items()} == {1: (Phase.DOT, None)}


@pytest.mark.parametrize(
    "words", [b"250 2.1.0 ok\r\n502 5.5.1 what?\r\n", b"250 2.1.0 ok\r\n250 2.0.0 ok\r\n503 5.5.1 nested\r\n"]
)
def test_chunks_go_only_where_a_reset_is_known_to_end_what_was_before(run: Callable[..., None], words: bytes) -> None:
    async def know_no_reset(server: Server) -> None:
        await server.hear(b"RSET\r\n")
        await server.say(words)
        assert LINE not in await server.hear_to_the_end()

    crew, standing = two(LINE), Standing()
    run(crew, Mode.BDAT, know_no_reset, window=4, standing=standing)

    assert crew.begun == []
    assert crew.said == {}
    assert crew.back == [(1, False)]
    assert standing.mode is Mode.DATA


def test_a_reset_refused_between_chunks_leaves_in_doubt_what_came_after_it(run: Callable[..., None]) -> None:
    async def keep_the_old_one_open(server: Server) -> None:
        await server.hear(LINE)
        await server.say(b"250 2.0.0 ok\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n552 5.3.4 too big\r\n")
        await server.hear(LINE + b"RSET")
        await server.say(b"502 5.5.1 what?\r\n503 5.5.1 nested\r\n250 2.1.5 ok\r\n250 2.0.0 queued\r\n")
        await server.hear_to_the_end()

    crew = two(LINE)
    run(crew, Mode.BDAT, keep_the_old_one_open, window=1)

    assert {number: (said.phase, said.code) for number, said in crew.said.items()} == {
        1: (Phase.DOT, 552),
        2: (Phase.DOT, None),
    }


TRIED = b"250 2.1.0 ok\r\n250 2.0.0 ok\r\n" * 2
TAKEN = b"250 2.0.0 ok\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.0.0 queued as 7\r\n"


def test_who_says_the_same_to_all_commands_gets_no_more_chunks(run: Callable[..., None]) -> None:
    async def say_ok_to_all(server: Server) -> None:
        await server.hear(b"RSET\r\nMAIL")
        await server.say(b"250 ok\r\n" * 4)
        await server.hear(LINE)
        await server.say(b"250 ok\r\n" * 4)
        await server.hear(b"QUIT\r\n")

    crew, standing = two(LINE), Standing()
    run(crew, Mode.BDAT, say_ok_to_all, window=4, standing=standing)

    assert {number: said.code for number, said in crew.said.items()} == {1: 250}
    assert standing.mode is Mode.DATA


def test_who_tells_its_replies_apart_gets_a_window_after_two_chunks(run: Callable[..., None]) -> None:
    async def tell(server: Server) -> None:
        await server.hear(b"RSET\r\nMAIL")
        await server.say(TRIED)
        await server.hear(LINE)
        await server.say(TAKEN)
        await server.hear(LINE + b"RSET")
        assert server.heard.count(b"BDAT") == 2
        await server.say(TAKEN)
        await server.hear(b"r4@example.com>\r\nBDAT 72 LAST\r\n" + LINE)
        await server.say(TAKEN * 2)

    crew, standing = ListCrew(*in_a_row(LINE, LINE, LINE, LINE)), Standing()
    run(crew, Mode.BDAT, tell, window=4, standing=standing)

    assert {number: said.code for number, said in crew.said.items()} == {1: 250, 2: 250, 3: 250, 4: 250}
    assert standing.trusted is Mode.BDAT
    assert standing.mode is Mode.BDAT
    assert standing.tells


def test_after_a_421_what_was_about_to_be_said_is_not() -> None:
    async def close(pipe: Conversation) -> None:
        pipe.kick()
        await asyncio.sleep(0)
        crew.waiting.append(later)
        pipe.kick()
        pipe.data_received(b"250 2.0.0 ok\r\n250 2.1.0 ok\r\n421 4.3.2 closing\r\n")
        await asyncio.sleep(0)

    crew = two(LINE)
    later = crew.waiting.pop()
    heard = asyncio.run(heard_of(crew, Mode.BDAT, close))

    assert heard.count(LINE) == 1
    assert crew.back == [(2, True)]


@pytest.mark.parametrize(
    ("last", "outcome"),
    [(b"250 2.0.0 queued\r\n", (Phase.DOT, None)), (b"503 5.5.1 no\r\n", (Phase.RCPT, 421)), (b"", (Phase.RCPT, 421))],
)
def test_a_421_about_the_address_of_a_chunk_that_is_out_is_not_its_last_word(
    run: Callable[..., None], last: bytes, outcome: tuple[Phase, int | None]
) -> None:
    async def close(server: Server) -> None:
        await server.hear(LINE)
        await server.say(b"250 2.0.0 ok\r\n250 2.1.0 ok\r\n421 4.3.2 closing\r\n")
        await server.say(last)

    crew = two(LINE)
    run(crew, Mode.BDAT, close, window=1)

    assert {number: (said.phase, said.code) for number, said in crew.said.items()} == {1: outcome}


def test_what_is_refused_out_of_step_is_a_refusal_of_nobody(run: Callable[..., None]) -> None:
    async def lose_step(server: Server) -> None:
        await server.hear(b"DATA\r\n")
        await server.say(b"550 5.1.1 nobody\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n")
        await server.hear_to_the_end()

    crew = two(LINE)
    run(crew, Mode.DATA, lose_step)

    assert {number: (said.phase, said.code) for number, said in crew.said.items()} == {1: (Phase.DATA, None)}


def test_no_chunk_goes_out_before_a_resting_server_has_said_that_it_lives() -> None:
    async def rest(pipe: Conversation) -> None:
        pipe.kick()
        pipe.kick()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    crew = two(LINE)
    heard = asyncio.run(heard_of(crew, Mode.BDAT, rest, times=replace(PATIENT, idle=0)))

    assert heard == b"NOOP\r\n"
    assert crew.begun == []


def test_a_body_is_unsent_when_the_connection_is_dropped_before_it_leaves() -> None:
    async def drop(pipe: Conversation) -> None:
        pipe.kick()
        pipe.data_received(b"250 ok\r\n250 ok\r\n354 go on\r\n")

    crew = two(LINE)
    heard = asyncio.run(heard_of(crew, Mode.DATA, drop))

    assert crew.begun == [1]
    assert crew.said == {}
    assert sorted(crew.back) == [(1, True), (2, False)]
    assert LINE not in heard
