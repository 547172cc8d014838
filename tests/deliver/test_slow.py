"""Servers that are slow on purpose: each costs its own reader a deadline, and neither others nor memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.deliver.lists import ENGINES, MODES, PATIENT, Engine, ListDesk, job, many
from tests.smtpd import Rule, Script, SmtpServer

pytestmark = pytest.mark.slow

MEGABYTE = 1024 * 1024
LINE = b"x" * 70 + b"\r\n"
BIG = LINE * 400_000
# Long beside what twenty others take.
SHORT = replace(PATIENT, mail=1, rcpt=1, data=1, body=1, dot=1)
# One every tenth of a second, and some for a machine that is busy.
DRIPS_IN_TIME = 20
# The victim, who is said behind him on the same connection, and who is laid out there.
LAST_OF_ALL = 3


@pytest.fixture(params=MODES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    assert isinstance(request.param, Engine)
    return request.param


def _before_a_body(engine: Engine, how: str) -> Rule:
    """Misbehaves when the victim's body is about to come."""
    return Rule("rcpt" if engine.offers else "body", do=how, match="victim", every_s=1)


@pytest.mark.parametrize("how", ["tarpit", "deaf"])
def test_a_server_that_hardly_reads_costs_one_reader_a_deadline_and_nobody_else_anything(
    engine: Engine, how: str
) -> None:
    desk = ListDesk([job("victim@example.com", message=BIG), *many(20)])
    with SmtpServer(Script(rules=[_before_a_body(engine, how)])) as server:
        engine.deliver(desk, server, connections=2, timeouts=SHORT)

    settled = [done.rcpt_to for done, _ in desk.settled]
    assert desk.shape.pop("victim") == "body None"  # surely unsent: the end of it never left us
    assert "victim@example.com" in settled[-LAST_OF_ALL:]
    assert sorted(server.recipients()) == desk.sent
    assert len(desk.sent) == 20


@pytest.mark.parametrize("drip", ["250-still thinking\r\n", "2"])
@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_drip_ends_with_the_time_of_its_phase_and_keeps_nobody_else_waiting(
    engine: Engine, phase: str, drip: str
) -> None:
    desk = ListDesk(many(20))
    which = {"mail": Rule("mail", skip=1, times=1)}.get(phase, Rule(phase, match="reader1@"))
    with SmtpServer(Script(rules=[replace(which, do="drip", text=drip, every_s=0.1)])) as server:
        engine.deliver(desk, server, connections=2, timeouts=SHORT)

    shape = desk.shape
    (victim,) = (who for who, said in shape.items() if said != "dot 250")
    settled = [done.rcpt_to for done, _ in desk.settled]
    assert shape[victim] == f"{phase} None"
    assert f"{victim}@example.com" in settled[-LAST_OF_ALL:]
    assert server.drips < DRIPS_IN_TIME


@pytest.mark.parametrize("drip", ["250-still thinking\r\n", "2"])
@pytest.mark.parametrize("phase", ["rcpt", "bdat"])
@pytest.mark.parametrize("engine", MODES[len(ENGINES) :], ids=lambda engine: engine.name)
def test_a_drip_among_chunks_puts_no_more_in_doubt_than_a_window(engine: Engine, phase: str, drip: str) -> None:
    desk = ListDesk(many(20))
    with SmtpServer(Script(rules=[Rule(phase, do="drip", text=drip, match="reader1@", every_s=0.1)])) as server:
        engine.deliver(desk, server, connections=2, timeouts=SHORT)

    in_doubt = {who for who, said in desk.shape.items() if said == "dot None"}
    assert "reader1" in in_doubt
    assert len(in_doubt) <= engine.window
    assert set(desk.shape.values()) == {"dot None", "dot 250"}
    assert server.drips < DRIPS_IN_TIME


# ── memory ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def peak() -> Iterator[Callable[[], float]]:
    """The most that Python has had at a time since the test began, in megabytes."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1] / MEGABYTE
    tracemalloc.stop()


SIXTEEN = replace(MODES[-1], name="fast, chunking, sixteen at once", window=16)


@pytest.mark.parametrize("engine", [*MODES, SIXTEEN], ids=lambda engine: engine.name)
def test_what_a_server_does_not_read_is_not_piled_up(engine: Engine, peak: Callable[[], float]) -> None:
    victims = [job(f"victim{n}@example.com", number=n, message=lambda: LINE * 60_000) for n in range(2, 14)]
    desk = ListDesk([job("first@example.com"), *victims], on_settle=lambda desk, done: len(desk.settled) < 2)
    with SmtpServer(Script(rules=[_before_a_body(engine, "deaf")])) as server:
        engine.deliver(desk, server, timeouts=SHORT)

    assert desk.shape["first"] == "dot 250"
    assert "body None" in desk.shape.values()
    assert peak() < 20  # of 50


def test_what_a_server_never_ends_saying_is_not_kept(engine: Engine, peak: Callable[[], float]) -> None:
    endless = Rule("rcpt", do="drip", text="250-" + "x" * 400 + "\r\n", match="reader1@", every_s=0)
    desk = ListDesk(many(20))
    with SmtpServer(Script(rules=[endless])) as server:
        engine.deliver(desk, server, connections=2, timeouts=SHORT)

    assert 20 - engine.window <= len(desk.sent) < 20
    assert peak() < 5
