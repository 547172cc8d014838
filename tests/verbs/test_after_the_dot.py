"""A message refused after its final dot, as the ledger has it: who is tried again, who has failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.model import RecipientState
from digest.store import ledger
from digest.verbs.send import Order, send_due
from tests.smtpd import EXTENSIONS, Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
READERS = ("ada", "bad", "cid", "dan")
MODES: dict[str, tuple[str, ...]] = {"steps": (), "pipelined": EXTENSIONS, "chunks": (*EXTENSIONS, "CHUNKING")}
S = RecipientState


@pytest.fixture(params=list(MODES.values()), ids=list(MODES))
def monday(auto: Newsletter, request: pytest.FixtureRequest) -> Newsletter:
    """Monday at seven, four readers, one connection on which commands run ahead as far as the parameter lets them."""
    auto.relay.script.extensions = request.param
    quick = replace(auto.parts.relay, timeouts=replace(auto.parts.relay.timeouts, reset=0.2))
    auto.parts = replace(auto.parts, relay=quick, delivery=replace(auto.parts.delivery, connections=1))
    auto.story("Sleep is good")
    auto.readers(*READERS)
    auto.clock.set(MONDAY_7)
    return auto


def _script(newsletter: Newsletter, *rules: Rule) -> None:
    newsletter.relay.script.rules[:] = rules
    newsletter.relay.used[:] = [0] * len(rules)


def _refusing(text: str) -> list[Rule]:
    return [Rule(phase, text=text, match="bad") for phase in ("dot", "bdat")]


def _states(newsletter: Newsletter) -> Mapping[str, RecipientState]:
    with newsletter.parts.store.read() as db:
        return {str(row.address).partition("@")[0]: row.state for row in ledger.recipients(db, EDITION)}


def _reason(newsletter: Newsletter, who: str) -> str | None:
    with newsletter.parts.store.read() as db:
        return next(row.reason for row in ledger.recipients(db, EDITION) if str(row.address).startswith(who))


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("451 4.3.0 try again", S.DEFERRED),
        ("550 5.7.1 not this", S.FAILED),
        ("551 5.1.6 moved", S.FAILED),
        ("552 5.3.4 too much of it", S.FAILED),
    ],
)
def test_a_refusal_after_the_dot_is_written_down_as_what_it_is(
    monday: Newsletter, reply: str, state: RecipientState
) -> None:
    _script(monday, *_refusing(reply))

    send_due(monday.parts, Order(wait=timedelta(0)))

    assert _states(monday) == {**dict.fromkeys(READERS, S.SENT), "bad": state}
    assert _reason(monday, "bad") == f"dot: {reply}"
    assert monday.received() == ["ada@example.com", "cid@example.com", "dan@example.com"]


def test_who_was_put_off_after_the_dot_gets_it_later_and_once(monday: Newsletter) -> None:
    _script(monday, *_refusing("451 4.3.0 try again"))
    send_due(monday.parts, Order(wait=timedelta(0)))
    _script(monday)
    monday.clock.advance(timedelta(minutes=6))

    runs = send_due(monday.parts, Order(wait=timedelta(0)))

    assert [run.what for run in runs] == ["sent"]
    assert monday.received() == [f"{who}@example.com" for who in READERS]


@pytest.mark.parametrize("phase", ["rcpt", "dot"])
@pytest.mark.parametrize(("reply", "state"), [("550 5.7.1 not this", S.FAILED), ("451 4.3.0 later", S.DEFERRED)])
def test_a_reset_that_hangs_hides_no_refusal(monday: Newsletter, phase: str, reply: str, state: RecipientState) -> None:
    """A chunk is out together with the reset before it: nobody knows then what became of that one, and of no other."""
    refusals = [Rule("rcpt", text=reply, match="bad")] if phase == "rcpt" else _refusing(reply)
    _script(monday, *refusals, Rule("rset", do="hang"))

    send_due(monday.parts, Order(wait=timedelta(0)))

    in_doubt = {who: state for who, state in _states(monday).items() if state is S.UNCERTAIN}
    assert len(in_doubt) <= ("CHUNKING" in monday.relay.script.extensions)
    assert _states(monday) == {**dict.fromkeys(READERS, S.SENT), "bad": state, **in_doubt}
    assert _reason(monday, "bad") == f"{phase}: {reply}"
