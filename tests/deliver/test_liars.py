"""Relays that answer too much, too little, or without sense: nobody is booked as served who is not."""

from __future__ import annotations

import threading

import pytest

from digest.deliver.desk import Job
from digest.deliver.engine import deliver
from digest.errors import RelayError
from digest.model import Phase
from tests.deliver.lists import ListDesk, ListJournal, hurried, jobs, many, relay_to
from tests.smtpd import EXTENSIONS, Rule, Script, SmtpServer

CHUNKING = (*EXTENSIONS, "CHUNKING")
READERS = 60


def sent_to(script: Script, *waiting: Job, window: int = 1, connections: int = 1) -> tuple[ListDesk, SmtpServer]:
    desk = ListDesk(waiting or many(READERS))
    with SmtpServer(script) as server:
        relay = relay_to(server, timeouts=hurried("dot", 0.5))
        stop, journal = threading.Event(), ListJournal()
        deliver(desk, relay, connections=connections, stop=stop, journal=journal, window=window)
    return desk, server


def in_doubt(desk: ListDesk) -> int:
    return sum(said.phase is Phase.DOT and said.code is None for said in desk.outcomes.values())


def is_true(desk: ListDesk, server: SmtpServer) -> bool:
    """Whoever is booked as served has it, and nobody else but those in doubt."""
    got = server.recipients()
    served = {rcpt for rcpt, said in desk.outcomes.items() if (said.phase, said.code) == (Phase.DOT, 250)}
    unclear = {rcpt for rcpt, said in desk.outcomes.items() if (said.phase, said.code) == (Phase.DOT, None)}
    return len(got) == len(set(got)) and served <= set(got) <= served | unclear


def named(readers: int) -> list[Rule]:
    """No enhanced code, and the reader's name in each reply to RCPT, though not as an address."""
    rules = [Rule("rcpt", text=f"250 mailbox {n} is here", match=f"reader{n}@") for n in range(readers)]
    return [*rules, Rule("mail", text="250 sender is fine"), Rule("rset", text="250 reset")]


MUTE = Rule("bdat", do="bytes", text="", match="reader20@")
STUTTER = Rule("bdat", do="bytes", text="250 2.0.0 queued\r\n250 2.0.0 ok\r\n", match="reader20@", accepted=True)
STUTTER_THREE = Rule("bdat", do="bytes", text="250 2.0.0 queued\r\n" * 4, match="reader20@", accepted=True)
REFUSED = Rule("bdat", text="552 5.3.4 too big", match="reader21@")


@pytest.mark.parametrize(
    "rules",
    [[MUTE], [STUTTER, REFUSED], [STUTTER_THREE, REFUSED], [STUTTER, REFUSED, *named(READERS)]],
    ids=["one too few", "one too many", "three too many", "one too many, each different"],
)
@pytest.mark.parametrize("window", [2, 8])
def test_chunks_too_many_or_too_few_replies_shift_nothing(rules: list[Rule], window: int) -> None:
    desk, server = sent_to(Script(extensions=CHUNKING, rules=rules), window=window)

    assert is_true(desk, server)
    assert in_doubt(desk) <= window


def test_data_a_dot_without_a_reply_is_not_answered_by_the_next_command() -> None:
    desk, server = sent_to(Script(rules=[Rule("dot", do="bytes", text="", match="reader20@")]))

    assert is_true(desk, server)
    assert (desk.shape["reader20"], in_doubt(desk)) == ("dot None", 1)


def test_where_nobody_can_tell_what_replies_are_about_nothing_is_said_behind_a_body() -> None:
    alike = [Rule(phase, text="250 OK") for phase in ("mail", "rcpt")]
    rules = [Rule("dot", do="bytes", text="", match="reader20@"), Rule("dot", text="250 OK"), *alike]
    desk, server = sent_to(Script(rules=rules))

    assert is_true(desk, server)
    assert (desk.shape["reader20"], in_doubt(desk)) == ("dot None", 1)


@pytest.mark.parametrize(
    "script",
    [
        Script(extensions=CHUNKING, rules=[Rule("bdat", text="250 2.1.5 message accepted")]),
        Script(extensions=CHUNKING, liar="reset"),
        Script(extensions=CHUNKING, rules=[Rule("rset", do="drop")]),
        Script(extensions=CHUNKING, rules=[Rule("rset", do="bytes", text="?\r\n")]),
        Script(extensions=CHUNKING, rules=[Rule("rset", text="421 4.3.2 closing", close=True)]),
    ],
    ids=["answers as to RCPT", "RSET does nothing", "RSET hangs up", "RSET is babble", "RSET closes"],
)
def test_with_whom_chunks_do_not_work_data_does(script: Script) -> None:
    desk, server = sent_to(script, window=4, connections=2)

    assert is_true(desk, server)
    assert set(desk.shape.values()) == {"dot 250"}


def test_who_loses_commands_that_run_ahead_is_found_out_though_he_offers_chunks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("digest.deliver.conversation.Conversation.PROBE_S", 0.3)
    desk = ListDesk(many(10))
    with SmtpServer(Script(extensions=CHUNKING, liar="pipelining")) as server:
        relay = relay_to(server, timeouts=hurried("reset", 0.3))
        deliver(desk, relay, connections=1, stop=threading.Event(), journal=ListJournal(), window=4)

    assert set(desk.shape.values()) == {"dot 250"}


def test_500_about_one_of_many_chunks_is_about_that_one() -> None:
    rule = Rule("bdat", text="500 5.5.2 line too long", match="reader20@")
    desk, server = sent_to(Script(extensions=CHUNKING, rules=[rule]), window=8)

    assert is_true(desk, server)
    assert (desk.shape["reader20"], in_doubt(desk)) == ("dot 500", 0)


def test_a_relay_that_thinks_long_about_an_address_has_its_time_for_a_chunk_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("digest.deliver.conversation.Conversation.PROBE_S", 0.2)
    slow = Rule("rcpt", do="late", text="250 2.1.5 ok", every_s=0.4, times=2)
    desk, server = sent_to(Script(extensions=CHUNKING, rules=[slow]), *many(12), window=4)

    assert is_true(desk, server)
    assert set(desk.shape.values()) == {"dot 250"}


# ── one odd reader ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("offers", [EXTENSIONS, ("SMTPUTF8",)], ids=["pipelined", "step by step"])
def test_one_at_whose_turn_the_relay_hangs_up_keeps_nobody_else_from_theirs(
    offers: tuple[str, ...], connections: int
) -> None:
    people = jobs("ann@example.com", "é@example.com", "ö@example.com", *[f"r{n}@example.com" for n in range(50)])
    script = Script(extensions=offers, rules=[Rule("mail", do="drop", match="SMTPUTF8")])
    for each in people:
        each.needs_smtputf8 = not each.rcpt_to.isascii()

    desk, server = sent_to(script, *people, connections=connections)

    assert len(server.recipients()) == 51
    assert {who: said for who, said in desk.shape.items() if said != "dot 250"} == {"é": "mail None", "ö": "mail None"}


@pytest.mark.parametrize("builders", [0, 1])
def test_a_fault_of_ours_in_laying_out_ends_the_run_and_holds_nobody(builders: int) -> None:
    waiting = many(6)
    odd = waiting[3]
    waiting[3] = Job(odd.claim, odd.mail_from, "d\udc80@example.com", odd.message)
    desk = ListDesk(waiting)
    with SmtpServer(Script(reply_delay_s=0.01)) as server, pytest.raises(UnicodeEncodeError):
        relay, journal = relay_to(server), ListJournal()
        deliver(desk, relay, connections=1, stop=threading.Event(), journal=journal, builders=builders)

    assert len(desk.settled) == 6


# ── what was learnt holds ────────────────────────────────────────────────────────────────────────


def test_one_whose_replies_to_mail_vary_is_never_spoken_to_behind_a_body() -> None:
    mails = [
        Rule("mail", text=f"250 sender ok, transaction {number}", times=1, skip=number) for number in range(READERS)
    ]
    rules = [Rule("dot", do="bytes", text="", match="reader20@"), Rule("dot", text="250 OK"), *mails]
    desk, server = sent_to(Script(rules=rules))

    assert is_true(desk, server)
    assert (desk.shape["reader20"], in_doubt(desk)) == ("dot None", 1)


def test_a_relay_that_fails_at_reset_now_and_then_leaves_one_window_in_doubt() -> None:
    rules = [Rule("rset", text="451 4.3.0 not now", skip=number, times=1) for number in range(30, 600, 30)]
    desk, server = sent_to(Script(extensions=CHUNKING, rules=rules), *many(400), window=4)

    assert is_true(desk, server)
    assert in_doubt(desk) <= 4


def test_of_two_relays_behind_one_name_one_of_which_says_the_same_to_all_one_reader_is_in_doubt() -> None:
    class Alternating(SmtpServer):
        """Every second connection is to a server that has one answer for everything."""

        def rule_for(self, phase: str, subject: str) -> Rule | None:
            if self.connections % 2 and phase == "dot":
                return Rule("dot", text="250 OK queued")
            return Rule(phase, text="250 OK") if phase in {"mail", "rcpt", "dot"} else None

    desk = ListDesk(many(READERS))
    with Alternating(Script(closes_after=10)) as server:
        deliver(desk, relay_to(server), connections=1, stop=threading.Event(), journal=ListJournal())

    assert is_true(desk, server)
    assert in_doubt(desk) <= 1


@pytest.mark.parametrize("connections", [1, 3])
def test_one_at_whose_turn_the_relay_hangs_up_costs_a_few_connections(connections: int) -> None:
    rule = Rule("mail", do="drop", match="SMTPUTF8")
    people = jobs("ann@example.com", "é@example.com", *[f"r{n}@example.com" for n in range(100)])
    people[1].needs_smtputf8 = True
    desk, server = sent_to(Script(rules=[rule]), *people, connections=connections)

    assert is_true(desk, server)
    assert len(server.recipients()) == 101
    assert server.connections <= 4 * connections + 2


@pytest.mark.parametrize("readers", [1, 2, 50])
def test_where_nobody_is_answered_a_hang_up_is_about_nobody(readers: int) -> None:
    desk = ListDesk(many(readers))
    with SmtpServer(Script(rules=[Rule("mail", do="drop")])) as server:
        relay = relay_to(server)
        with pytest.raises(RelayError, match="led to nothing"):
            deliver(desk, relay, connections=1, stop=threading.Event(), journal=ListJournal())

    assert set(desk.shape.values()) == {"connect None"}


def test_what_one_connection_found_out_leaves_the_others_no_less_careful() -> None:
    stutters = [
        Rule("bdat", do="bytes", text="250 2.0.0 queued\r\n250 2.0.0 ok\r\n", match=f"reader{n}@", accepted=True)
        for n in range(20, 28)
    ]
    refusals = [Rule("bdat", text="552 5.3.4 too big", match="reader[23][0-9]@")]
    script = Script(extensions=CHUNKING, rules=[*stutters, *refusals], reply_delay_s=0.001)
    desk, server = sent_to(script, window=8, connections=4)

    assert is_true(desk, server)
    assert in_doubt(desk) <= 4 * 8
