"""Somebody who has just installed it: the demo, a workspace, a first edition, the books."""

from __future__ import annotations

import email
import re
import stat
from email import policy
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest

from digest.deliver.dkim import dns_record
from tests.journeys.stage import COMMAND, REPOSITORY, Workspace, copy, run, until
from tests.smtpd import SmtpServer

STATUS_KEYS = {
    "edition", "newsletter", "slot", "state", "hash", "approved_hash", "candidates", "excluded", "planned", "sent",
    "failed", "deferred", "pending", "uncertain", "cancelled", "started_at", "finished_at", "messages_per_second",
}  # fmt: skip
STORY_KEYS = {"headline", "summary", "key_points", "articles", "articles_total", "coverage", "evidence"}


def read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=policy.default)


def mails(folder: Path) -> dict[str, EmailMessage]:
    """The mails of a mailbox folder, by recipient."""
    return {str(mail["To"].addresses[0].addr_spec): mail for mail in map(read, folder.glob("0*.eml"))}


@pytest.mark.slow
def test_the_demo_runs_twice_and_its_mails_are_whole_and_signed(tmp_path: Path) -> None:
    for _ in range(2):
        said = run("demo", "--dir", "demo", cwd=tmp_path)

        out = tmp_path / "demo" / "out"
        got = mails(out)
        assert len(got) == len(list(out.glob("0*.eml"))) == 6
        assert {"edition.html", "edition.txt", "edition.mjml"} <= {file.name for file in out.iterdir()}
        assert re.search(r"planned 6 = sent 6 \+ failed 0", said.out)
        assert f"go on      {COMMAND} --config demo/workspace preview" in said.out  # as typed: it may be on no PATH

    keys = tmp_path / "demo" / "workspace" / "keys"
    records = {
        f"digest-{kind}._domainkey.example.org.": dns_record((keys / f"dkim-{kind}.pem").read_bytes())
        for kind in ("rsa", "ed25519")
    }
    for file in out.glob("0*.eml"):
        verifier = dkim.DKIM(file.read_bytes())
        for index in range(2):
            assert verifier.verify(index, dnsfunc=lambda name, timeout=5: records[name.decode()].encode())
    mail = got["ada.lindqvist@example.com"]
    body, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert body and text
    for part in (body.get_content(), text.get_content()):
        assert "11 articles" in part
        assert "67 trials" in part
        assert "Sign up here" not in part
        assert "Upgrade to Premium" not in part


def test_a_demo_touches_no_folder_that_is_not_its_own(initialised: Workspace, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    said = initialised.run("demo", "--dir", tmp_path, code=2)

    assert "not empty, and not made by a demo" in said.err
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_keys_are_private_from_the_start(initialised: Workspace) -> None:
    for file in (initialised.folder / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE((initialised.folder / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((initialised.folder / "digest.db").stat().st_mode) & 0o077 == 0


def test_init_never_writes_over_a_workspace(initialised: Workspace, tmp_path: Path) -> None:
    mine = copy(initialised, tmp_path / "w")
    before = (mine.folder / "keys" / "secret.key").read_bytes()

    said = mine.run("init", mine.folder, code=2)

    assert "has a digest.toml already" in said.err
    assert (mine.folder / "keys" / "secret.key").read_bytes() == before


@pytest.mark.slow
def test_from_a_pasted_page_to_every_reader_once(workspace: Workspace, relay: SmtpServer) -> None:
    page = REPOSITORY / "digest" / "samples" / "stories" / "ketamine-chronic-pain.txt"
    added = workspace.run("story", "add", page, "--json").json
    assert set(added) == {"id", "story", "notices"}
    assert set(added["story"]) >= STORY_KEYS
    assert added["story"]["articles_total"] == 11
    assert any("sign-up" in notice["message"] for notice in added["notices"])
    assert all(set(notice) == {"line", "text", "message"} for notice in added["notices"])
    assert (workspace.folder / "stories" / f"{added['id']}.md").exists()

    imported = workspace.run("subscribers", "import", "samples/subscribers.csv", "--json").json
    assert (imported["rows"], imported["added"], imported["rejected"]) == (6, 6, 0)

    assembled = workspace.run("assemble", "--json").json
    edition, found = assembled["edition"], assembled["hash"]
    assert added["id"] in assembled["stories"]
    assert len(assembled["stories"]) == 2  # and the one that `init` puts there
    again = workspace.run("assemble", "--json").json
    assert (again["edition"], again["hash"], again["created"]) == (edition, found, False)

    checked = workspace.run("check", "--json").json
    assert checked["errors"] == 0
    for finding in checked["findings"]:
        assert set(finding) == {"rule", "severity", "file", "line", "story", "message", "fix"}

    held = workspace.run("send", edition, code=4)
    assert "approval is missing" in held.out
    assert relay.accepted == []

    workspace.run("approve", edition, "--hash", found)
    workspace.run("send", edition)
    status = workspace.status(edition)
    assert set(status) >= STATUS_KEYS
    assert status["state"] == "sent"
    assert status["hash"] == status["approved_hash"] == found
    assert (status["candidates"], status["planned"], status["sent"]) == (6, 6, 6)
    assert len(set(relay.recipients())) == len(relay.recipients()) == 6

    workspace.run("send", edition)
    assert workspace.run("send").out == ""
    assert len(relay.recipients()) == 6


@pytest.mark.slow
def test_a_mailbox_takes_what_is_sent_and_shows_it(initialised: Workspace, tmp_path: Path) -> None:
    mine = copy(initialised, tmp_path / "w")
    mine.readers(2)
    edition = mine.approved()
    with mine.running("mailbox", "--port", "0", "--web-port", "0", "--dir", "box"):
        found = until(lambda: re.search(r"127\.0\.0\.1:(\d+)", (mine.folder / "mailbox.out").read_text()), "its port")

        mine.run("send", edition, env={"DIGEST_SMTP__PORT": found[1]})

    got = mails(mine.folder / "box")
    assert set(got) == {"reader0000@example.com", "reader0001@example.com"}
    assert {mail["X-Digest-Edition-Hash"] for mail in got.values()} == {mine.status()["hash"]}
    assert len({mail["Message-ID"] for mail in got.values()}) == 2
