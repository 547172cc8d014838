"""A whole delivery: how it begins and ends, what is claimed meanwhile, and what a failing relay or desk does to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from digest.deliver.engine import deliver
from digest.deliver.relay import Relay
from digest.errors import RelayError, StoreError
from digest.model import Outcome
from tests.deliver.lists import ENGINES, PATIENT, Engine, ListDesk, hurried, job, many
from tests.smtpd import Rule, Script, SmtpServer


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    assert isinstance(request.param, Engine)
    return request.param


def stopping_after(settled: int, stop: threading.Event) -> Callable[[ListDesk, list[tuple[Any, Outcome]]], bool]:
    def watch(desk: ListDesk, done: list[tuple[Any, Outcome]]) -> bool:
        if len(desk.settled) >= settled:
            stop.set()
        return True

    return watch


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("connections", [1, 3, 10])
def test_claims_outstanding_never_exceed_the_connections(engine: Engine, connections: int) -> None:
    desk = ListDesk(many(60))
    with SmtpServer() as server:
        engine.deliver(desk, server, connections=connections)

    assert len(desk.outcomes) == 60
    assert desk.most_outstanding <= engine.claims(connections)
    assert server.most_open <= connections


def test_the_plain_engine_settles_an_outcome_before_its_connection_takes_another() -> None:
    known: list[int] = []

    def note(desk: ListDesk, done: list[tuple[Any, Outcome]]) -> bool:
        known.append(len(server.accepted))
        return True

    desk = ListDesk(many(5), on_settle=note)
    with SmtpServer() as server:
        Engine("plain").deliver(desk, server)

    assert known == [1, 2, 3, 4, 5]


def test_an_empty_desk_is_drained_at_once(engine: Engine) -> None:
    with SmtpServer() as server:
        ending = engine.deliver(ListDesk([]), server, connections=5)

    assert ending.why == "drained"
    assert server.accepted == []


def test_connections_are_closed_politely(engine: Engine) -> None:
    with SmtpServer() as server:
        engine.deliver(ListDesk(many(20)), server, connections=3)

    assert server.verbs().count("QUIT") == server.connections


def test_no_connection_is_opened_for_nobody() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        deliver(ListDesk([]), Relay(host="127.0.0.1", port=9), connections=0, stop=threading.Event())


# ── stopping and halting ─────────────────────────────────────────────────────────────────────────


def test_told_to_stop_it_takes_no_more_and_finishes_what_is_in_conversation(engine: Engine) -> None:
    stop = threading.Event()
    desk = ListDesk(many(50), on_settle=stopping_after(10, stop))
    with SmtpServer(Script(reply_delay_s=0.01)) as server:
        ending = engine.deliver(desk, server, connections=4, stop=stop)

    assert ending.why == "stopped"
    assert desk.taken == len(desk.settled)
    assert set(desk.shape.values()) <= {"dot 250", "connect None"}  # nothing is in doubt
    assert sorted(server.recipients()) == desk.sent
    assert len(desk.sent) < 50


def test_told_to_stop_before_it_began_it_sends_nothing(engine: Engine) -> None:
    stop = threading.Event()
    stop.set()
    desk = ListDesk(many(5))
    with SmtpServer(Script(rules=[Rule("greeting", do="hang")])) as server:
        ending = engine.deliver(desk, server, connections=2, stop=stop)

    assert ending.why == "stopped"
    assert desk.taken == 0


def test_a_desk_that_halts_gets_no_more_to_settle_than_was_taken(engine: Engine) -> None:
    desk = ListDesk(many(500), on_settle=lambda desk, done: len(desk.settled) < 10)
    with SmtpServer() as server:
        ending = engine.deliver(desk, server, connections=4)

    assert ending.why == "halted"
    assert desk.taken == len(desk.settled) <= 10 + engine.claims(4)
    assert sorted(server.recipients()) == desk.sent


# ── the desk fails ───────────────────────────────────────────────────────────────────────────────


def test_without_a_committed_claim_nothing_is_sent(engine: Engine) -> None:
    class Locked(ListDesk):
        def take(self, limit: int) -> list[Any]:
            raise StoreError("digest.db: locked")

    with SmtpServer() as server, pytest.raises(StoreError, match="locked"):
        engine.deliver(Locked(many(5)), server)

    assert "MAIL" not in server.verbs()


def test_when_outcomes_cannot_be_written_no_further_message_leaves_and_they_are_tried_once_more(engine: Engine) -> None:
    class Full(ListDesk):
        tries = 0

        def settle(self, done: list[tuple[Any, Outcome]]) -> bool:
            self.tries += 1
            if self.tries == 1:
                raise StoreError("digest.db: disk full")
            return super().settle(done)

    desk = Full(many(20))
    with SmtpServer() as server, pytest.raises(StoreError, match="disk full"):
        engine.deliver(desk, server, connections=2)

    assert desk.taken == len(desk.settled) <= engine.claims(2)
    assert sorted(server.recipients()) == desk.sent


def test_a_message_that_cannot_be_built_ends_the_run_and_is_surely_unsent(engine: Engine) -> None:
    def broken() -> bytes:
        raise KeyError("name")

    desk = ListDesk([job(), job("bad@example.com", number=2, message=broken), job("cid@example.com", number=3)])
    with SmtpServer() as server, pytest.raises(KeyError):
        engine.deliver(desk, server)

    assert {**desk.shape, "cid": None} == {"ann": "dot 250", "bad": "connect None", "cid": None}
    assert server.recipients() == ["ann@example.com"]


def test_ctrl_c_in_the_desk_leaves_at_once(engine: Engine) -> None:
    def interrupt(desk: ListDesk, done: list[tuple[Any, Outcome]]) -> bool:
        raise KeyboardInterrupt

    with SmtpServer() as server, pytest.raises(KeyboardInterrupt):
        engine.deliver(ListDesk(many(5), on_settle=interrupt), server)

    assert len(server.accepted) >= 1


# ── the relay fails as a whole ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rule", "lasting", "says"),
    [
        (Rule("greeting", text="421 4.3.2 busy"), False, "421 4.3.2 busy"),
        (Rule("greeting", text="554 5.7.1 go away"), True, "554 5.7.1 go away"),
        (Rule("greeting", do="drop"), False, "connect: the relay closed the connection; check"),
        (Rule("greeting", do="bytes", text="SSH-2.0-OpenSSH\r\n"), False, "not an SMTP reply"),
        (Rule("greeting", do="drip", text="220-\r\n"), False, "no answer within|Response too long"),
        (Rule("greeting", do="hang"), False, "no answer within 0.2 s"),
        (Rule("ehlo", text="421 4.3.2 busy", close=True), False, "ehlo: 421"),
        (Rule("ehlo", do="drop"), False, "ehlo"),
        (Rule("ehlo", do="bytes", text="x" * 65536), False, "not an SMTP reply"),
    ],
)
def test_a_relay_that_does_not_let_us_in_is_charged_to_nobody(
    engine: Engine, rule: Rule, lasting: bool, says: str
) -> None:
    desk = ListDesk(many(5))
    with SmtpServer(Script(rules=[rule])) as server, pytest.raises(RelayError, match=says) as told:
        engine.deliver(desk, server, connections=3, timeouts=hurried("greeting"))

    assert told.value.lasting is lasting
    assert "\n" not in str(told.value)
    assert desk.taken == 0
    assert server.connections == 1


def test_a_relay_that_is_not_there_is_told_by_name(engine: Engine) -> None:
    with SmtpServer() as server:
        pass

    with pytest.raises(RelayError, match=f"mail relay 127.0.0.1:{server.port}: connect: ") as told:
        engine.deliver(ListDesk(many(1)), server)

    assert not told.value.lasting


def test_a_name_that_does_not_resolve_is_told() -> None:
    relay = Relay(host="relay.invalid", timeouts=PATIENT)
    with pytest.raises(RelayError, match=r"mail relay relay\.invalid:587: connect"):
        deliver(ListDesk(many(1)), relay, connections=1, stop=threading.Event())


@pytest.mark.parametrize(
    ("ours", "said"), [("news.example.org", "EHLO news.example.org"), ("laptop", "EHLO [127.0.0.1]")]
)
def test_the_relay_is_told_a_full_name_or_else_an_address(ours: str, said: str) -> None:
    with SmtpServer() as server:
        relay = Relay(host="127.0.0.1", port=server.port, security="none", local_hostname=ours, timeouts=PATIENT)
        deliver(ListDesk(many(1)), relay, connections=1, stop=threading.Event())

    assert server.commands[0][1] == said


def test_both_greetings_refused_is_the_operators_business(engine: Engine) -> None:
    rules = [Rule("ehlo", text="550 no"), Rule("helo", text="550 no")]
    with SmtpServer(Script(rules=rules)) as server, pytest.raises(RelayError, match="ehlo: 550") as told:
        engine.deliver(ListDesk(many(1)), server)

    assert told.value.lasting


def test_a_relay_that_takes_fewer_connections_gets_fewer(engine: Engine) -> None:
    desk = ListDesk(many(30))
    with SmtpServer(Script(max_connections=2, reply_delay_s=0.002)) as server:
        ending = engine.deliver(desk, server, connections=6)

    assert ending.why == "drained"
    assert set(desk.shape.values()) == {"dot 250"}
    assert server.most_open > 2


def test_a_relay_that_goes_away_in_mid_run_leaves_the_rest_unsent_and_charged_to_nobody(engine: Engine) -> None:
    rules = [Rule("greeting", do="drop", skip=1)]
    desk = ListDesk(many(10))
    with SmtpServer(Script(rules=rules, closes_after=3)) as server, pytest.raises(RelayError):
        engine.deliver(desk, server)

    assert set(desk.shape.values()) == {"connect None", "dot 250"}
    assert sorted(server.recipients()) == desk.sent
    assert len(desk.sent) == 3


def test_a_relay_that_comes_back_is_waited_for(engine: Engine) -> None:
    rules = [Rule("greeting", do="drop", skip=1, times=2)]
    desk = ListDesk(many(6))
    with SmtpServer(Script(rules=rules, closes_after=3)) as server:
        ending = engine.deliver(desk, server, reconnect_waits=(0.01, 0.01))

    assert ending.why == "drained"
    assert set(desk.shape.values()) == {"dot 250"}


def test_told_to_stop_while_the_relay_is_away_it_gives_the_job_back(engine: Engine) -> None:
    stop = threading.Event()
    desk = ListDesk(many(6), on_settle=stopping_after(3, stop))
    rules = [Rule("greeting", do="hang", skip=1)]
    with SmtpServer(Script(rules=rules, closes_after=3)) as server:
        ending = engine.deliver(desk, server, reconnect_waits=(60,), connections=1, stop=stop)

    assert ending.why == "stopped"
    assert desk.taken == len(desk.settled)


# ── pace ─────────────────────────────────────────────────────────────────────────────────────────


def test_no_more_messages_leave_than_the_pace_allows(engine: Engine) -> None:
    desk = ListDesk(many(6))
    stop = threading.Event()
    with SmtpServer() as server:
        ending = engine.deliver(desk, server, connections=3, stop=stop, messages_per_second=100)

    assert ending.why == "drained"
    assert len(server.recipients()) == 6
