"""Several relays: which one gets the mail, and what happens when it is away or refuses us."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from digest.deliver.counter import Counter, run_engine
from digest.deliver.desk import Ending
from digest.deliver.engine import deliver
from digest.deliver.fast import Limits, deliver_fast
from digest.deliver.relay import Relay
from digest.deliver.route import FRUITLESS_LIMIT, Route
from digest.deliver.speed import Speed
from digest.deliver.transit import Mode, Standing
from digest.errors import RelayError
from tests.deliver.lists import ENGINES, Engine, ListDesk, ListJournal, many, relay_to
from tests.smtpd import EXTENSIONS, Rule, Script, SmtpServer


@pytest.fixture(params=ENGINES[:2], ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    assert isinstance(request.param, Engine)
    return request.param


def send(engine: Engine, desk: ListDesk, *relays: Relay, connections: int = 2) -> list[str]:
    """Deliver over these relays; what was told meanwhile."""
    told: list[str] = []
    thread = threading.get_ident()

    def tell(line: str) -> None:
        assert threading.get_ident() == thread
        told.append(line)

    journal = ListJournal() if engine.is_fast else None
    stop = threading.Event()
    assert deliver(desk, relays, connections=connections, stop=stop, journal=journal, tell=tell).why == "drained"
    return told


def nowhere() -> Relay:
    """A relay that is not there."""
    with SmtpServer() as server:
        return relay_to(server)


def test_the_first_relay_gets_everything_as_long_as_it_serves(engine: Engine) -> None:
    desk = ListDesk(many(20))
    with SmtpServer() as first, SmtpServer() as second:
        told = send(engine, desk, relay_to(first), relay_to(second))

    assert sorted(first.recipients()) == desk.sent
    assert second.connections == 0
    assert told == []


def test_when_the_first_is_not_there_the_next_stands_in_and_people_are_told_once(engine: Engine) -> None:
    desk, away = ListDesk(many(20)), nowhere()
    with SmtpServer() as second:
        told = send(engine, desk, away, relay_to(second))

    assert set(desk.shape.values()) == {"dot 250"}
    assert len(told) == 1
    assert away.shown in told[0]


def test_a_wrong_password_is_tried_once_and_told_and_the_next_relay_sends(engine: Engine) -> None:
    desk = ListDesk(many(20))
    with SmtpServer(Script(users={"me": "secret"})) as first, SmtpServer() as second:
        told = send(engine, desk, relay_to(first, username="me", password="wrong"), relay_to(second), connections=4)

    assert set(desk.shape.values()) == {"dot 250"}
    assert len(first.logins) == 1
    assert "MAIL" not in first.verbs()
    assert len(told) == 1
    assert "535" in told[0]
    assert "wrong user" in told[0]


@pytest.mark.parametrize(("second", "lasting"), [("554 5.7.1 go away", True), ("421 4.3.2 busy", False)])
def test_only_when_none_is_left_the_run_ends_and_nobody_is_charged(engine: Engine, second: str, lasting: bool) -> None:
    desk = ListDesk(many(5))
    no, later = Rule("greeting", text="554 5.7.1 no"), Rule("greeting", text=second)
    with (
        SmtpServer(Script(rules=[no])) as one,
        SmtpServer(Script(rules=[later])) as other,
        pytest.raises(RelayError, match=f"{one.port}.*{other.port}") as error,
    ):
        send(engine, desk, relay_to(one), relay_to(other))

    assert error.value.lasting is lasting
    assert desk.taken == 0


@pytest.mark.parametrize("served", [0, 3])
def test_a_relay_that_greets_with_a_refusal_is_asked_no_more_and_the_next_one_sends(
    engine: Engine, served: int
) -> None:
    """At once, or when some connections are open already and serve on."""
    desk = ListDesk(many(60))
    script = Script(rules=[Rule("greeting", text="554 5.7.1 go away", skip=served)], reply_delay_s=0.002)
    script.closes_after = 5 if served else 0  # one that is closed would be opened anew
    with SmtpServer(script) as first, SmtpServer() as second:
        told = send(engine, desk, relay_to(first), relay_to(second), connections=6)

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(first.recipients() + second.recipients()) == desk.sent
    assert first.connections == 1 if served == 0 else served < first.connections <= 6
    assert first.verbs().count("MAIL") == len(first.recipients())
    assert [line for line in told if "554 5.7.1 go away" not in line] == []
    assert len(told) == 1


@pytest.mark.parametrize("served", [0, 3])
def test_a_relay_that_greets_with_a_refusal_and_has_no_stand_in_ends_the_run_and_fails_nobody(
    engine: Engine, served: int
) -> None:
    desk = ListDesk(many(60))
    script = Script(rules=[Rule("greeting", text="554 5.7.1 go away", skip=served)], reply_delay_s=0.002)
    with SmtpServer(script) as server, pytest.raises(RelayError, match=r"554 5\.7\.1 go away") as told:
        send(engine, desk, relay_to(server), connections=6)

    assert told.value.lasting
    assert set(desk.shape.values()) <= {"dot 250", "connect None"}
    assert sorted(server.recipients()) == desk.sent
    assert len(desk.sent) < 60


def test_when_the_first_goes_away_in_mid_run_the_next_goes_on_and_nobody_notices(engine: Engine) -> None:
    desk = ListDesk(many(30))
    gone = Script(rules=[Rule("greeting", do="drop", skip=2)], closes_after=5)
    with SmtpServer(gone) as first, SmtpServer() as second:
        send(engine, desk, relay_to(first), relay_to(second))

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(first.recipients() + second.recipients()) == desk.sent
    assert len(first.recipients()) == 10


def test_a_relay_that_takes_fewer_connections_is_not_left_for_another(engine: Engine) -> None:
    desk = ListDesk(many(30))
    with SmtpServer(Script(max_connections=2, reply_delay_s=0.002)) as first, SmtpServer() as second:
        send(engine, desk, relay_to(first), relay_to(second), connections=6)

    assert set(desk.shape.values()) == {"dot 250"}
    assert second.connections == 0


def test_without_any_relay_nothing_is_tried() -> None:
    with pytest.raises(ValueError, match="at least one"):
        deliver(ListDesk([]), [], connections=1, stop=threading.Event())


# ── the route by itself ──────────────────────────────────────────────────────────────────────────


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def on_route(relays: list[Relay], story: Callable[[Route, Clock], Awaitable[None]]) -> None:
    async def tell() -> None:
        clock = Clock()
        await story(Route(relays, clock=clock, jitter=lambda: 0.5, tell=lambda line: None), clock)

    asyncio.run(tell())


async def rank_of_next(route: Route) -> int:
    link = await route.open()
    link.transport.abort()
    route.closed(link)
    await asyncio.sleep(0)
    return link.peer.rank


def test_a_relay_that_failed_again_and_again_is_left_alone_and_then_asked_by_one() -> None:
    busy = Script(rules=[Rule("greeting", text="421 4.3.2 busy", times=4)])
    with SmtpServer(busy) as first, SmtpServer() as second:

        async def story(route: Route, clock: Clock) -> None:
            assert [await rank_of_next(route) for _ in range(5)] == [1] * 5
            assert first.connections == 3
            clock.now = 10
            assert await rank_of_next(route) == 1  # it was asked, and is still away: twice as long from now on
            clock.now = 29
            assert await rank_of_next(route) == 1
            assert first.connections == 4
            clock.now = 30
            assert await rank_of_next(route) == 0

        on_route([relay_to(first), relay_to(second)], story)


def test_while_one_asks_the_others_wait_for_the_answer_where_there_is_nobody_else() -> None:
    busy = Script(rules=[Rule("greeting", text="421 4.3.2 busy", times=1)], reply_delay_s=0.05)
    with SmtpServer(busy) as server:

        async def story(route: Route, clock: Clock) -> None:
            with pytest.raises(RelayError, match="421"):
                await route.open()
            assert await asyncio.gather(*[rank_of_next(route) for _ in range(5)]) == [0] * 5

        on_route([relay_to(server)], story)


def test_a_try_that_is_called_off_does_not_keep_the_others_waiting() -> None:
    rules = [Rule("greeting", text="421 4.3.2 busy", times=1), Rule("greeting", do="hang", times=1)]
    with SmtpServer(Script(rules=rules)) as server:

        async def story(route: Route, clock: Clock) -> None:
            with pytest.raises(RelayError, match="421"):
                await route.open()
            first = asyncio.ensure_future(route.open())
            others = asyncio.ensure_future(rank_of_next(route))
            while server.connections < 2:
                await asyncio.sleep(0)
            first.cancel()
            with suppress(asyncio.CancelledError):
                await first
            assert await others == 0

        on_route([relay_to(server)], story)


def test_a_relay_of_which_nothing_comes_is_left_for_another() -> None:
    with SmtpServer() as first, SmtpServer() as second:

        async def story(route: Route, clock: Clock) -> None:
            for _ in range(FRUITLESS_LIMIT):
                link = await route.open()
                assert link.peer.rank == 0
                link.transport.abort()
                route.closed(link)
                route.fruitless(link, "it talks nonsense")
            assert await rank_of_next(route) == 1

        on_route([relay_to(first), relay_to(second)], story)


def test_even_an_engine_that_learnt_nothing_from_a_lie_does_not_go_on_for_ever() -> None:
    class Credulous(Standing):
        __slots__ = ()

        def distrust(self, mode: Mode) -> None:
            """Believes it again."""

    async def engine(counter: Counter) -> Ending:
        route = Route([relay], clock=lambda: 0.0, jitter=lambda: 0.5, tell=print)
        route.peers[0].standing = Credulous()
        limits = Limits(connections=1, window=2)
        return await deliver_fast(counter, route, limits, Speed(clock=lambda: 0.0), ListJournal())

    desk: Any = ListDesk(many(5))
    with SmtpServer(Script(extensions=(*EXTENSIONS, "CHUNKING"), liar="chunking")) as server:
        relay = relay_to(server)
        with pytest.raises(RelayError, match="led to nothing: the relay does not keep its word"):
            run_engine(engine, desk, threading.Event())

    assert set(desk.shape.values()) == {"connect None"}
    assert server.connections == FRUITLESS_LIMIT


@pytest.mark.parametrize("offers", [EXTENSIONS, ()])
def test_a_relay_that_hangs_up_at_every_mail_costs_nobody_an_attempt(offers: tuple[str, ...]) -> None:
    desk = ListDesk(many(50))
    with SmtpServer(Script(extensions=offers, rules=[Rule("mail", do="drop")])) as server:
        relay = relay_to(server)
        with pytest.raises(RelayError, match="led to nothing: the relay closed the connection"):
            deliver(desk, relay, connections=1, stop=threading.Event(), journal=ListJournal())

    assert set(desk.shape.values()) == {"connect None"}
    assert server.connections == FRUITLESS_LIMIT
