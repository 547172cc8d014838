"""A connection that is lost without a word: packets vanish, and neither side is told."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace

import pytest

from digest.deliver.desk import Job
from digest.deliver.engine import deliver
from digest.deliver.relay import Relay
from digest.deliver.smtp import Opener
from digest.model import Outcome
from tests.deliver.lists import ENGINES, MODES, PATIENT, Engine, ListDesk, ListJournal, hurried, many, relay_to
from tests.proxy import Proxy
from tests.smtpd import EXTENSIONS, Accepted, Script, SmtpServer

# Short, and all of them: whichever word is waited for when the packets vanish.
SHORT = replace(PATIENT, mail=0.5, rcpt=0.5, data=0.5, dot=0.5, body=0.5, quit=0.2)


class Cutter(SmtpServer):
    """Its line is cut just when it has accepted the fifth message: that reply is on its way for ever."""

    proxy: Proxy

    def accept(self, message: Accepted) -> None:
        super().accept(message)
        if len(self.accepted) == 5:
            self.proxy.lose()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_half_open_connection_is_given_up_in_time_and_the_others_get_theirs(engine: Engine) -> None:
    script = Script(extensions=tuple(each for each in EXTENSIONS if each not in engine.lacks))
    server = Cutter(script)
    with server, Proxy(server.port) as proxy:
        server.proxy = proxy
        desk = ListDesk(many(30))
        relay = Relay(host="127.0.0.1", port=proxy.port, security="none", timeouts=SHORT, local_hostname="a.example")
        journal = ListJournal() if engine.is_fast else None
        ending = deliver(desk, relay, connections=2, stop=threading.Event(), journal=journal)

    said = {rcpt: (outcome.phase.value, outcome.code) for rcpt, outcome in desk.outcomes.items()}
    assert ending.why == "drained"
    assert len(said) == 30
    assert proxy.connections > 2  # those lost were met anew
    silent = {rcpt for rcpt, (_, code) in said.items() if code is None}
    assert 1 <= len(silent) <= 4  # what was in conversation, and nobody else
    got = server.recipients()
    assert len(got) == len(set(got))
    assert {rcpt for rcpt, what in said.items() if what == ("dot", 250)} <= set(got)


class OneByOne(ListDesk):
    """Gives one job at a time. When so many are settled the line is cut: the connection rests then, and all is said."""

    def __init__(self, waiting: list[Job], proxy: Proxy, *, cut_after: int) -> None:
        super().__init__(waiting)
        self._proxy = proxy
        self._cut_after = cut_after

    def take(self, limit: int) -> list[Job]:
        return super().take(1)

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        super().settle(done)
        if len(self.settled) == self._cut_after:
            self._proxy.lose()
        return True


@pytest.mark.parametrize("engine", MODES, ids=lambda engine: engine.name)
def test_a_connection_that_was_lost_while_it_rested_is_found_out_before_a_message_is_trusted_to_it(
    engine: Engine,
) -> None:
    """With a pause of no length counting as a rest, there is one before each message."""
    script = Script(extensions=tuple(each for each in EXTENSIONS if each not in engine.lacks))
    with SmtpServer(script) as server, Proxy(server.port) as proxy:
        desk = OneByOne(many(6), proxy, cut_after=3)
        times = replace(PATIENT, idle=0, reset=0.3)
        relay = Relay(host="127.0.0.1", port=proxy.port, security="none", timeouts=times, local_hostname="a.example")
        stop, journal = threading.Event(), ListJournal() if engine.is_fast else None
        deliver(desk, relay, connections=1, stop=stop, journal=journal, claims=1)

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(server.recipients()) == desk.sent
    assert proxy.connections == 2


@pytest.mark.parametrize("engine", MODES, ids=lambda engine: engine.name)
def test_without_a_rest_nobody_is_asked_whether_he_is_still_there(engine: Engine) -> None:
    with SmtpServer() as server:
        engine.deliver(ListDesk(many(6)), server, timeouts=hurried("idle", 30))

    assert "NOOP" not in server.verbs()


def test_the_kernel_asks_after_a_minute_of_silence_whether_the_other_side_is_there() -> None:
    async def options() -> list[int]:
        transport, _ = await Opener(relay_to(server)).open()
        sock = transport.get_extra_info("socket")
        transport.abort()
        return [sock.getsockopt(level, name) for level, name in asked]

    asked = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)]
    with SmtpServer() as server:
        found = asyncio.run(options())

    assert found == [1, 60]
