"""Replies that come after we have given them up: nobody's, in every mode."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.deliver.lists import ENGINES, MODES, Engine, ListDesk, hurried, jobs
from tests.smtpd import Rule, Script, SmtpServer

pytestmark = pytest.mark.slow

# The first proves the server's extensions. Those after the slow one fill a window behind him.
NAMES = ("ann", "slow", "bob", "cid", "dan", "refused", "eve")
READERS = jobs(*[f"{who}@example.com" for who in NAMES])
OWN = {**dict.fromkeys(NAMES, "dot 250"), "refused": "rcpt 550"}
REFUSED = Rule("rcpt", text="550 5.1.1 nobody here", match="refused")
LATE_S = 0.4
# The next connection is greeted when the late reply is out on the one before.
MEANWHILE = Rule("greeting", do="late", text="220 smtpd.test ESMTP", skip=1, every_s=LATE_S + 0.1)


@pytest.mark.parametrize("late", ["250 2.0.0 queued", "550 5.7.1 not this"])
@pytest.mark.parametrize("engine", MODES, ids=lambda engine: engine.name)
def test_a_message_that_is_answered_too_late_is_uncertain_and_the_answer_is_nobody_elses(
    engine: Engine, late: str
) -> None:
    slow = Rule(engine.last_word, do="late", text=late, match="slow", every_s=LATE_S, accepted=True)
    desk = ListDesk(READERS)
    with SmtpServer(Script(rules=[slow, REFUSED, MEANWHILE])) as server:
        engine.deliver(desk, server, timeouts=hurried("dot"))

    in_doubt = {who: said for who, said in desk.shape.items() if said == "dot None"}
    assert server.late[0] == late
    assert "slow" in in_doubt
    assert len(in_doubt) <= engine.window
    assert desk.shape == OWN | in_doubt
    assert len(server.recipients()) == len(set(server.recipients()))


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_command_that_is_answered_too_late_leaves_its_reader_unsent_and_the_next_with_an_answer_of_his_own(
    engine: Engine, phase: str
) -> None:
    which = {"mail": Rule("mail", skip=1, times=1)}.get(phase, Rule(phase, match="slow"))
    slow = replace(which, do="late", text="550 5.7.1 not this", every_s=LATE_S)
    desk = ListDesk(READERS)
    with SmtpServer(Script(rules=[slow, REFUSED, MEANWHILE])) as server:
        engine.deliver(desk, server, timeouts=hurried(phase))

    assert server.late[0] == slow.text
    assert desk.shape == OWN | {"slow": f"{phase} None"}
    assert not {"slow@example.com", "refused@example.com"} & set(server.recipients())
