"""A connection that is lost without a word: packets vanish, and neither side is told."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from digest.deliver.engine import deliver
from digest.deliver.relay import Relay
from tests.deliver.lists import ENGINES, PATIENT, Engine, ListDesk, ListJournal, many
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
