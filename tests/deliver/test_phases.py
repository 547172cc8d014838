"""Every phase of a conversation and every fault in it: what the engine reports, and what the server really accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from digest.model import Outcome, Phase
from tests.deliver.lists import ENGINES, ListDesk, hurried, job, jobs, many
from tests.smtpd import EXTENSIONS, Rule, Script, SmtpServer

Send = Callable[..., ListDesk]
REFUSED = [421, 450, 451, 452, 550, 552, 554]
GARBAGE = [
    "HTTP/1.1 400 Bad Request\r\n",
    "\x00\xff\r\n",
    "250-never\r\n251 ends\r\n",
    "x" * 65536,
    "250 " + "y" * 65536,
]


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.name)
def send(request: pytest.FixtureRequest) -> Send:
    """Send jobs with one of the engines, to the end."""

    def run(server: SmtpServer, *waiting: Any, connections: int = 1, **settings: Any) -> ListDesk:
        desk = ListDesk(waiting)
        assert request.param.deliver(desk, server, connections=connections, **settings).why == "drained"
        return desk

    return run


# ── all is well ──────────────────────────────────────────────────────────────────────────────────


def test_each_recipient_gets_one_message(send: Send) -> None:
    with SmtpServer() as server:
        desk = send(server, *many(50), connections=4)

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(server.recipients()) == sorted(desk.outcomes)


def test_what_arrives_is_byte_for_byte_what_was_built(send: Send) -> None:
    body = b".leading\r\n..two\r\n.\r\nin the middle . of it\r\n\r\n.end\r\n"
    with SmtpServer() as server:
        send(server, job(message=body), job("bob@example.com", message=lambda: body, number=2))

    assert [message.data for message in server.accepted] == [body, body]


def test_only_crlf_ends_lines_on_the_wire_and_no_dot_stands_alone(send: Send) -> None:
    with SmtpServer() as server:
        send(server, job(message=b"a\r\n.\r\nMAIL FROM:<evil@example.com>\r\n"))

    assert server.recipients() == ["ann@example.com"]
    assert b"\r\n.\r\n" not in server.accepted[0].wire


def test_a_message_that_its_builder_vouches_for_goes_out_as_it_is(send: Send) -> None:
    body = b"a\r\nb.\r\n"
    with SmtpServer() as server:
        desk = send(server, job(message=body, is_clean=True))

    assert desk.shape == {"ann": "dot 250"}
    assert server.accepted[0].wire == body


@pytest.mark.parametrize("smuggled", [b"a\n.\r\n", b"a\r\n.\rb\r\n", b"a\r.\r\n", b"a\0b\r\n", b"no end"])
def test_a_message_that_could_smuggle_another_is_not_sent(send: Send, smuggled: bytes) -> None:
    with SmtpServer() as server:
        desk = send(server, job(message=smuggled))

    assert desk.outcomes["ann@example.com"].enhanced == "5.6.0"
    assert server.accepted == []


def test_a_server_without_any_extension_will_do(send: Send) -> None:
    with SmtpServer(Script(extensions=())) as server:
        desk = send(server, *many(5), connections=2)

    assert set(desk.shape.values()) == {"dot 250"}


def test_a_server_that_knows_only_helo_will_do(send: Send) -> None:
    with SmtpServer(Script(rules=[Rule("ehlo", text="502 5.5.1 what?")])) as server:
        desk = send(server, *many(3))

    assert set(desk.shape.values()) == {"dot 250"}
    assert "HELO" in server.verbs()


# ── refusals by phase ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", REFUSED)
@pytest.mark.parametrize("phase", ["rcpt", "data", "dot"])
def test_a_refusal_concerns_its_recipient_only(send: Send, phase: str, code: int) -> None:
    rule = Rule(phase, text=f"{code} {code // 100}.2.2 no", match="bad", close=code == 421)
    with SmtpServer(Script(rules=[rule])) as server:
        desk = send(server, *jobs("ann@example.com", "bad@example.com", "cid@example.com"))

    assert desk.shape == {"ann": "dot 250", "bad": f"{phase} {code}", "cid": "dot 250"}
    assert desk.outcomes["bad@example.com"].enhanced == f"{code // 100}.2.2"
    assert server.recipients() == ["ann@example.com", "cid@example.com"]


@pytest.mark.parametrize("code", [451, 452, 550])
def test_a_refused_sender_is_reported_at_mail(send: Send, code: int) -> None:
    with SmtpServer(Script(rules=[Rule("mail", text=f"{code} 4.1.8 not you", times=1)])) as server:
        desk = send(server, *jobs("ann@example.com", "bob@example.com"))

    assert desk.shape == {"ann": f"mail {code}", "bob": "dot 250"}


def test_421_at_mail_on_a_connection_that_has_served_means_only_a_new_connection(send: Send) -> None:
    script = Script(rules=[Rule("mail", text="421 4.7.0 enough of you", skip=1, times=1, close=True)])
    with SmtpServer(script) as server:
        desk = send(server, *many(3))

    assert set(desk.shape.values()) == {"dot 250"}
    assert server.connections == 2


def test_421_at_the_first_mail_of_each_connection_is_an_answer(send: Send) -> None:
    with SmtpServer(Script(rules=[Rule("mail", text="421 4.3.2 not now", close=True)])) as server:
        desk = send(server, *jobs("ann@example.com", "bob@example.com"))

    assert set(desk.shape.values()) == {"mail 421"}


def test_a_refusal_before_the_body_is_followed_by_no_body(send: Send) -> None:
    rules = [Rule("rcpt", text="550 5.1.1 no", match="bad"), Rule("data", text="451 4.3.0 no", match="cid")]
    with SmtpServer(Script(rules=rules)) as server:
        send(server, *jobs("bad@example.com", "cid@example.com", "dan@example.com"))

    assert len(server.accepted) == 1
    known = {"EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT"}
    assert set(server.verbs()) <= known


def test_a_refusal_in_mid_body_is_no_uncertainty(send: Send) -> None:
    big = b"x" * 70 + b"\r\n"
    rule = Rule("body", text="552 5.3.4 too big", after=1000, close=True, match="ann")
    with SmtpServer(Script(rules=[rule])) as server:
        desk = send(server, job(message=big * 400_000), job("bob@example.com", number=2))

    assert desk.shape["bob"] == "dot 250"
    assert desk.outcomes["ann@example.com"].phase is Phase.BODY
    assert server.recipients() == ["bob@example.com"]


# ── connections that end, hang or babble ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["drop", "reset"])
@pytest.mark.parametrize("phase", ["rcpt", "data"])
def test_a_connection_lost_before_the_body_is_surely_unsent(send: Send, phase: str, how: str) -> None:
    with SmtpServer(Script(rules=[Rule(phase, do=how, match="bad")])) as server:
        desk = send(server, *jobs("ann@example.com", "bad@example.com", "cid@example.com"))

    assert desk.shape == {"ann": "dot 250", "bad": f"{phase} None", "cid": "dot 250"}
    assert server.recipients() == ["ann@example.com", "cid@example.com"]


def test_a_connection_lost_in_mid_body_is_surely_unsent(send: Send) -> None:
    big = b"x" * 70 + b"\r\n"
    rule = Rule("body", do="reset", after=1000, match="ann")
    with SmtpServer(Script(rules=[rule])) as server:
        desk = send(server, job(message=big * 400_000), job("bob@example.com", number=2))

    assert desk.shape == {"ann": "body None", "bob": "dot 250"}
    assert server.recipients() == ["bob@example.com"]


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("how", ["drop", "reset"])
def test_a_connection_lost_after_the_final_dot_is_uncertain(send: Send, how: str, accepted: bool) -> None:
    with SmtpServer(Script(rules=[Rule("dot", do=how, match="bad", accepted=accepted)])) as server:
        desk = send(server, *jobs("ann@example.com", "bad@example.com", "cid@example.com"))

    assert desk.shape == {"ann": "dot 250", "bad": "dot None", "cid": "dot 250"}
    assert server.recipients().count("bad@example.com") == accepted


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_silence_ends_with_the_time_out_of_its_phase(send: Send, phase: str) -> None:
    rule = Rule(phase, do="hang", skip=1, times=1) if phase == "mail" else Rule(phase, do="hang", match="bad")
    with SmtpServer(Script(rules=[rule])) as server:
        desk = send(server, *jobs("ann@example.com", "bad@example.com", "cid@example.com"), timeouts=hurried(phase))

    assert desk.shape == {"ann": "dot 250", "bad": f"{phase} None", "cid": "dot 250"}
    assert desk.outcomes["bad@example.com"].text == "no reply within 0.2 s"


def test_a_server_that_never_reads_is_given_up_before_the_final_dot(send: Send) -> None:
    big = b"x" * 70 + b"\r\n"
    rule = Rule("body", do="deaf", match="ann")
    with SmtpServer(Script(rules=[rule])) as server:
        desk = send(server, job(message=big * 400_000), job("bob@example.com", number=2), timeouts=hurried("body", 0.5))

    assert desk.shape == {"ann": "body None", "bob": "dot 250"}


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("phase", ["rcpt", "data", "dot"])
def test_garbage_drops_the_connection_and_is_no_answer(send: Send, phase: str, garbage: str) -> None:
    rule = Rule(phase, do="bytes", text=garbage, match="bad", accepted=True)
    with SmtpServer(Script(rules=[rule])) as server:
        desk = send(server, *jobs("bad@example.com", "cid@example.com"))

    assert desk.shape == {"bad": f"{phase} None", "cid": "dot 250"}
    assert len(desk.outcomes["bad@example.com"].text) <= 500
    assert server.connections == 2


def test_a_421_after_the_dot_is_a_refusal(send: Send) -> None:
    with SmtpServer(Script(rules=[Rule("dot", text="421 4.3.2 shutting down", match="bad", close=True)])) as server:
        desk = send(server, *jobs("bad@example.com", "cid@example.com"))

    assert desk.shape == {"bad": "dot 421", "cid": "dot 250"}


def test_a_reset_that_hangs_cannot_hide_a_refusal(send: Send) -> None:
    rules = [Rule("rcpt", text="550 5.1.1 no", match="bad"), Rule("rset", do="hang")]
    with SmtpServer(Script(rules=rules)) as server:
        desk = send(server, *jobs("bad@example.com", "cid@example.com"), timeouts=hurried("reset"))

    assert desk.shape == {"bad": "rcpt 550", "cid": "dot 250"}


def test_a_word_that_nobody_asked_for_ends_the_connection_not_the_run(send: Send) -> None:
    rule = Rule("dot", do="bytes", text="250 2.0.0 queued\r\n421 4.4.2 idle too long\r\n", accepted=True, times=1)
    with SmtpServer(Script(rules=[rule])) as server:
        desk = send(server, *jobs("ann@example.com", "bob@example.com"))

    assert desk.shape == {"ann": "dot 250", "bob": "dot 250"}
    assert server.connections == 2


# ── connections that end in peace ────────────────────────────────────────────────────────────────


def test_a_server_that_closes_after_some_messages_is_met_again_at_once(send: Send) -> None:
    with SmtpServer(Script(closes_after=3)) as server:
        desk = send(server, *many(10))

    assert set(desk.shape.values()) == {"dot 250"}
    assert sorted(server.recipients()) == sorted(desk.outcomes)
    assert server.connections == 4


def test_after_a_rest_the_server_is_asked_whether_it_is_still_there(send: Send) -> None:
    with SmtpServer(Script(extensions=())) as server:
        desk = send(server, *many(2), timeouts=hurried("idle", 0))

    assert set(desk.shape.values()) == {"dot 250"}
    assert "NOOP" in server.verbs()


def test_a_server_that_does_not_answer_after_a_rest_is_left_and_met_again(send: Send) -> None:
    script = Script(rules=[Rule("noop", do="hang", times=1)], extensions=())
    with SmtpServer(script) as server:
        desk = send(server, *many(1), timeouts=replace(hurried("idle", 0), reset=0.2))

    assert set(desk.shape.values()) == {"dot 250"}
    assert server.connections == 2


# ── what a server cannot take ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("offer", "sent"), [("SIZE 60", False), ("SIZE 0", True), ("SIZE", True), ("SIZE x", True)])
def test_the_size_is_checked_before_a_word_is_said(send: Send, offer: str, sent: bool) -> None:
    with SmtpServer(Script(extensions=(offer,))) as server:
        desk = send(server, job())

    told = desk.outcomes["ann@example.com"]
    assert (told.code, told.enhanced) == ((250, "2.0.0") if sent else (552, "5.3.4"))
    assert ("MAIL" in server.verbs()) == sent


@pytest.mark.parametrize(("over", "said"), [(1, "rcpt 552"), (4096, "rcpt 552"), (4097, "mail 552")])
def test_a_message_that_is_a_little_too_big_may_be_so_for_its_reader_alone(send: Send, over: int, said: str) -> None:
    body = b"x" * 70 + b"\r\n"
    with SmtpServer(Script(extensions=(f"SIZE {72 * 200 - over}",))) as server:
        desk = send(server, job(message=body * 200))

    assert desk.shape == {"ann": said}
    assert "MAIL" not in server.verbs()


def test_the_size_is_told_to_a_server_that_asks_for_it(send: Send) -> None:
    with SmtpServer() as server:
        send(server, job(message=b"\r\n.four\r\n"))

    assert any(line.endswith(" SIZE=9") for _, line in server.commands)


def test_an_address_outside_ascii_needs_smtputf8(send: Send) -> None:
    with SmtpServer() as able, SmtpServer(Script(extensions=("8BITMIME",))) as unable:
        sent = send(able, job("jürgen@example.com", needs_smtputf8=True))
        refused = send(unable, job("jürgen@example.com", needs_smtputf8=True))

    assert sent.shape == {"jürgen": "dot 250"}
    assert any(line.endswith("BODY=8BITMIME SMTPUTF8") for _, line in able.commands)
    assert refused.outcomes["jürgen@example.com"] == Outcome(
        phase=Phase.MAIL,
        code=553,
        enhanced="5.6.7",
        text="the relay takes no address outside ASCII (SMTPUTF8); nothing was sent",
    )


@pytest.mark.parametrize(
    "address", ["a@b.example>\r\nRCPT TO:<evil@example.com", "a b@example.com", "a@@b", "", "@x", "a\x00@b.example"]
)
def test_an_address_that_could_carry_a_command_never_reaches_the_wire(send: Send, address: str) -> None:
    with SmtpServer() as server:
        desk = send(server, job(address))

    assert desk.outcomes[address].enhanced == "5.1.3"
    assert "RCPT" not in server.verbs()


def test_the_null_sender_is_allowed(send: Send) -> None:
    with SmtpServer() as server:
        send(server, job(mail_from=""))

    assert server.accepted[0].mail_from == ""


def test_extensions_cannot_be_turned_into_something_else(send: Send) -> None:
    with SmtpServer(Script(extensions=(*EXTENSIONS, "X-EVIL \x01\x02", "SIZE\t5"))) as server:
        desk = send(server, job())

    assert desk.shape == {"ann": "dot 250"}
