"""A sending process is killed with kill -9, again and again: nobody is lost, nobody is written to twice unseen."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.journeys.crash.killing import Soak, killed, relay_process
from tests.journeys.stage import Workspace, copy, journal

READERS = 150
KILLS = 3
CONNECTIONS = 4


@pytest.fixture
def soak(initialised: Workspace, tmp_path: Path) -> Soak:
    mine = copy(initialised, tmp_path / "w")
    # Signing is the slow part of a message: it leaves time to be killed in.
    mine.env = {"DIGEST_SMTP__CONNECTIONS": str(CONNECTIONS), "DIGEST_NEWSLETTER__SCHEDULE": "mon 07:00"}
    mine.readers(READERS)
    return Soak(mine, mine.approved(), tmp_path / "journal.jsonl")


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["hold", "resend-once"])
def test_nobody_is_lost_and_every_possible_duplicate_is_listed(soak: Soak, policy: str) -> None:
    workspace = soak.workspace
    workspace.env["DIGEST_DELIVERY__UNCERTAIN"] = policy

    with relay_process(soak.journal) as port:
        workspace.env["DIGEST_SMTP__PORT"] = str(port)
        kills = sum(killed(soak, random.Random(seed)) for seed in range(KILLS))
        last = workspace.run("send", soak.edition, code=None)

    assert kills == KILLS
    status, rows = workspace.status(), workspace.recipients()
    got = Counter(address for record in journal(soak.journal) for address in record["rcpt_to"])
    uncertain = {address for address, row in rows.items() if row["state"] == "uncertain"}
    assert status["planned"] == READERS == status["sent"] + status["uncertain"]
    assert last.code == (4 if uncertain else 0)
    assert {address for address, row in rows.items() if row["state"] == "sent"} <= set(got)
    assert len(uncertain) <= CONNECTIONS * kills
    twice = {address for address, count in got.items() if count > 1}
    if policy == "hold":
        assert not twice
    else:
        assert all(rows[address]["attempts"] == 2 for address in uncertain)  # killed over twice: once is enough
        assert max(got.values()) <= 2
        assert twice <= {address for address, row in rows.items() if row["attempts"] > 1}
        assert len(twice) <= CONNECTIONS * kills
    one_name_each = {(*record["rcpt_to"], record["message_id"]) for record in journal(soak.journal)}
    assert len(one_name_each) == len(got)
