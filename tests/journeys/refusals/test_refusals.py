"""The relay refuses some, puts some off, and goes away without a word on one: each ends as what it is."""

from __future__ import annotations

import csv

import pytest

from tests.journeys.stage import Workspace
from tests.smtpd import Rule, Script, SmtpServer

READERS = 40
GONE = ["reader0003@example.com", "reader0017@example.com"]
PUT_OFF = ["reader0005@example.com", "reader0021@example.com", "reader0030@example.com"]
UNSURE = ["reader0009@example.com"]


def rule(phase: str, addresses: list[str], **how: object) -> Rule:
    return Rule(phase, match="|".join(addresses), **how)  # type: ignore[arg-type]


def addresses(rows: dict[str, dict[str, object]], state: str) -> list[str]:
    return sorted(address for address, row in rows.items() if row["state"] == state)


@pytest.mark.slow
def test_each_recipient_ends_as_what_the_relay_said(workspace: Workspace, relay: SmtpServer, script: Script) -> None:
    script.rules += [
        rule("rcpt", GONE, text="550 5.1.1 nobody of that name"),
        rule("rcpt", PUT_OFF, text="451 4.7.1 greylisted", times=len(PUT_OFF)),
        rule("dot", UNSURE, do="drop", accepted=True),
    ]
    relay.used[:] = [0] * len(script.rules)
    readers = workspace.readers(READERS)
    edition = workspace.approved()

    said = workspace.run("send", edition, "--wait", "0s", "--json", code=4)

    rows = workspace.recipients()
    assert addresses(rows, "failed") == GONE
    assert {(row["code"], row["enhanced"]) for row in rows.values() if row["state"] == "failed"} == {(550, "5.1.1")}
    assert addresses(rows, "deferred") == PUT_OFF
    assert all(rows[address]["next_at"] for address in PUT_OFF)
    told = workspace.run("status", "--recipients").out.splitlines()
    assert [line.split()[1] for line in told if "next try" in line] == ["deferred"] * len(PUT_OFF)
    assert addresses(rows, "uncertain") == UNSURE
    assert sorted(relay.recipients()) == [r for r in readers if r not in GONE + PUT_OFF]
    assert said.json[0]["deferred"] == 3
    assert workspace.status()["state"] == "sending"

    # Who is put off is let in peace until it is time again, and it is told when that is.
    again = workspace.run("send", "--wait", "0s", code=4)
    assert "the deferred are tried again from " in again.out
    status = workspace.run("status").out
    assert "for the first of 3 deferred" in status
    assert "speed" not in status  # nobody is sending
    assert len(relay.recipients()) == READERS - len(GONE + PUT_OFF)

    # What is uncertain waits for a person; then only the deferred are left to wait for.
    workspace.run("resolve", edition, "--mark-sent")
    workspace.run("send", "--wait", "0s", code=75)

    # Who does not exist is suppressed for good, whatever an import says.
    shown = workspace.run("subscribers", "show", GONE[0], "--json").json
    assert shown["state"] == "bounced"
    imported = workspace.run("subscribers", "import", "readers.csv", "--json").json
    assert imported["added"] == 0
    assert workspace.run("send", edition, "--dry-run", "--json").json[0]["failed"] == len(GONE)
    assert workspace.run("subscribers", "stats", "--json").json["reachable"] == READERS - len(GONE)


@pytest.mark.slow
def test_a_finished_edition_with_failed_recipients_ends_with_3(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    script.rules += [rule("rcpt", GONE, text="550 5.1.1 nobody of that name")]
    relay.used[:] = [0] * len(script.rules)
    workspace.readers(READERS)
    workspace.run("subscribers", "remove", "reader0001@example.com")
    edition = workspace.approved()

    said = workspace.run("send", edition, code=3)

    assert "failed 2" in said.out
    assert f"candidates {READERS} = planned {READERS - 1} + unsubscribed 1" in said.out
    assert "2 × rcpt: 550 5.1.1 nobody of that name" in said.out  # a summary that can be forwarded
    assert "sha256:" in said.out
    assert "@example.com" not in said.out
    status = workspace.status()
    assert (status["state"], status["sent"], status["failed"]) == ("sent", READERS - 3, 2)


@pytest.mark.slow
def test_a_finished_edition_waits_for_a_person_while_somebody_is_uncertain(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    script.rules += [rule("dot", UNSURE, do="drop", accepted=True, times=1)]
    relay.used[:] = [0] * len(script.rules)
    workspace.readers(READERS)
    edition = workspace.approved()

    workspace.run("send", edition, code=4)
    workspace.run("send", edition, code=4)  # finished long since, and held all the same
    assert workspace.run("send", "--due").out == ""

    said = workspace.run("resolve", edition, "--resend", "--subscriber", "999", code=1)
    assert f"{edition}: subscriber 999: is not uncertain in it" in said.err

    number = workspace.recipients()[UNSURE[0]]["subscriber"]
    workspace.run("resolve", edition, "--mark-sent", "--subscriber", str(number))
    workspace.run("send", edition)
    assert "nobody in it is uncertain" in workspace.run("resolve", edition, "--resend").out


@pytest.mark.slow
def test_who_may_have_got_two_is_named(workspace: Workspace, relay: SmtpServer, script: Script) -> None:
    script.rules += [rule("dot", UNSURE, do="drop", accepted=True, times=1)]
    relay.used[:] = [0] * len(script.rules)
    workspace.env["DIGEST_DELIVERY__UNCERTAIN"] = "resend-once"
    workspace.readers(READERS)
    edition = workspace.approved()

    said = workspace.run("send", edition)

    assert relay.recipients().count(UNSURE[0]) == 2
    assert "1 recipient may have got it twice" in said.out
    assert "1 recipient may have got it twice" in workspace.run("status", edition).out
    assert workspace.status()["perhaps_twice"] == 1
    assert [name for name, row in workspace.recipients().items() if row["resent"]] == UNSURE
    rows = list(csv.DictReader(workspace.run("status", "--recipients", "--csv").out.splitlines()))
    assert [row["address"] for row in rows if row["resent"] == "1"] == UNSURE
    listed = workspace.run("status", "--recipients").out.splitlines()
    assert [line.split()[2] for line in listed if "sent again" in line] == UNSURE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phase", "text", "code"),
    [("greeting", "554 5.7.1 go away", 1), ("greeting", "421 4.3.2 not now", 75), ("mail", "550 5.7.1 not you", 4)],
)
def test_a_relay_that_will_not_have_us_fails_nobody(
    workspace: Workspace, relay: SmtpServer, script: Script, phase: str, text: str, code: int
) -> None:
    script.rules += [Rule(phase, text=text)]
    relay.used[:] = [0] * len(script.rules)
    workspace.readers(READERS)
    edition = workspace.approved()

    workspace.run("send", edition, "--wait", "0s", code=code)

    status = workspace.status()
    assert status["pending"] + status["deferred"] == READERS
    assert relay.accepted == []


def test_without_any_relay_nobody_is_charged_and_it_can_be_run_again(workspace: Workspace, relay: SmtpServer) -> None:
    workspace.readers(2)
    edition = workspace.approved()
    relay.stop()
    relay.__exit__(None, None, None)

    said = workspace.run("send", edition, "--wait", "0s", code=75)

    assert "refused" in said.out
    assert {row["attempts"] for row in workspace.recipients().values()} <= {0, 1}
