"""A process is killed at every instant that has a name: what it leaves behind is what the promise says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.failpoints import POINTS
from digest.store import editions
from tests.journeys.crash.laboratory import Laboratory, Trial
from tests.journeys.stage import Workspace, copy
from tests.smtpd import SmtpServer

# How many rows may be in doubt after a kill there: one for each connection on which a body may be out.
IN_DOUBT = {
    "before_begin": 3,  # this message surely is not out; the other connections are busy too
    "after_begin": 4,
    "mid_body": 4,
    "after_dot_before_reply": 4,
    "after_reply_before_journal": 4,
    "after_journal_before_settle": 3,
    "after_settle_commit": 4,
    "during_recovery": 4,
    "after_recovery": 4,
}
ONCE_IS_ENOUGH = {"before_plan_commit", "after_plan_commit", "after_claim", "after_settle_commit", "before_leave",
                  "before_finish", "after_finish"}  # fmt: skip


@pytest.fixture
def relay() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def _killed_at(trial: Trial, point: str) -> None:
    """Killed there: the seventh time, where each message passes; in a recovery, after a kill that calls for one."""
    if "recovery" in point:
        assert trial.run("after_dot_before_reply:7") == -9
    times = "" if "recovery" in point or point in ONCE_IS_ENOUGH else ":7"
    assert trial.run(f"{point}{times}") == -9


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["hold", "resend-once"])
@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_nobody_is_lost_and_doubts_are_listed(
    laboratory: Laboratory, relay: SmtpServer, point: str, policy: str
) -> None:
    with laboratory.trial(relay, policy=policy) as trial:
        _killed_at(trial, point)
        rounds = trial.finish()
        books = trial.books()

    assert books.broken(readers=laboratory.readers, policy=policy, in_doubt=IN_DOUBT.get(point, 0)) == []
    assert rounds == 1  # nothing waits for a lease
    assert books.totals.uncertain == 0 or policy == "hold"
    assert books.totals.sent + books.totals.uncertain == laboratory.readers


@pytest.mark.slow
def test_that_it_has_been_sent_is_still_to_be_told_after_a_kill(laboratory: Laboratory, relay: SmtpServer) -> None:
    with laboratory.trial(relay, policy="hold") as trial:
        trial.env["DIGEST_NOTIFY__TO"] = trial.workspace.env["DIGEST_NOTIFY__TO"] = '["ops@example.com"]'
        assert trial.run("after_finish") == -9
        with trial.workspace.parts() as parts, parts.store.read() as db:
            recorded = [event.kind for event in editions.events(db, trial.edition)]

    assert recorded[-2:] == ["sent", "untold:finished"]


@pytest.mark.slow
def test_a_claim_that_was_not_begun_is_surely_unsent(laboratory: Laboratory, relay: SmtpServer) -> None:
    with laboratory.trial(relay, policy="hold") as trial:
        assert trial.run("after_claim") == -9
        accepted_before = len(relay.accepted)
        trial.finish()
        books = trial.books()

    assert accepted_before == 0
    assert (books.totals.sent, books.totals.uncertain) == (laboratory.readers, 0)
    assert all(row.attempt == 1 for row in books.rows.values())  # nobody is charged for a claim


@pytest.mark.slow
@pytest.mark.parametrize("point", ["after_claim", "after_dot_before_reply:7"])
def test_the_same_holds_on_postgresql(laboratory: Laboratory, relay: SmtpServer, postgres_url: str, point: str) -> None:
    with laboratory.trial(relay, policy="resend-once", store_url=postgres_url) as trial:
        assert trial.run(point) == -9
        trial.finish()
        books = trial.books()

    assert books.broken(readers=laboratory.readers, policy="resend-once", in_doubt=4) == []
    assert books.totals.sent == laboratory.readers


@pytest.mark.slow
def test_the_command_itself_can_be_killed_there(initialised: Workspace, relay: SmtpServer, tmp_path: Path) -> None:
    mine = copy(initialised, tmp_path / "w")
    mine.env = {"DIGEST_SMTP__PORT": str(relay.port), "DIGEST_DKIM": "[]"}
    readers = mine.readers(20)
    edition = mine.approved()

    mine.run("send", edition, env={"DIGEST_FAILPOINT": "after_claim"}, code=-9)
    mine.run("send", edition)

    assert sorted(relay.recipients()) == readers


def test_a_fail_point_that_does_not_exist_is_refused(initialised: Workspace) -> None:
    said = initialised.run("status", env={"DIGEST_FAILPOINT": "after_lunch"}, code=2)

    assert "DIGEST_FAILPOINT: after_lunch" in said.err
