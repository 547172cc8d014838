"""The misbehaving server behaves when nobody asks for more, misbehaves as asked, and tells the truth."""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.smtpd import Rule, Script, SmtpServer

MESSAGE = b"Message-ID: <1@example.com>\r\n\r\n.dot first\r\nbye\r\n"


def test_an_accepted_message_is_on_the_record_as_it_was_meant() -> None:
    with SmtpServer() as server, smtplib.SMTP("127.0.0.1", server.port) as client:
        client.sendmail("news@example.com", ["ann@example.com"], MESSAGE)

    assert server.recipients() == ["ann@example.com"]
    assert server.accepted[0].data == MESSAGE
    assert b"\r\n..dot" in server.accepted[0].wire


def test_a_rule_concerns_only_whom_it_names_and_only_as_often_as_it_says() -> None:
    script = Script(rules=[Rule("rcpt", text="550 5.1.1 nobody", match="bad", skip=1, times=1)])
    with SmtpServer(script) as server, smtplib.SMTP("127.0.0.1", server.port) as client:
        for rcpt in ["bad@example.com", "ann@example.com", "bad@example.com", "bad@example.com"]:
            with suppress(smtplib.SMTPRecipientsRefused):
                client.sendmail("news@example.com", [rcpt], MESSAGE)

    assert server.recipients() == ["bad@example.com", "ann@example.com", "bad@example.com"]
    assert server.verbs().count("RCPT") == 4


def test_a_message_can_be_accepted_and_the_reply_lost() -> None:
    with (
        SmtpServer(Script(rules=[Rule("dot", do="drop", accepted=True)])) as server,
        pytest.raises(smtplib.SMTPServerDisconnected),
        smtplib.SMTP("127.0.0.1", server.port) as client,
    ):
        client.sendmail("news@example.com", ["ann@example.com"], MESSAGE)

    assert server.recipients() == ["ann@example.com"]


def test_starttls_and_log_in(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    script = Script(users={"me": "secret"})
    with SmtpServer(script, tls=authority.server()) as server, smtplib.SMTP("127.0.0.1", server.port) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(authority.ca_file)))
        client.login("me", "secret")

    assert server.logins == [("me", "secret", True)]


def test_it_runs_as_a_process_with_a_journal_in_a_file(tmp_path: Path) -> None:
    journal = tmp_path / "accepted.jsonl"
    command = [sys.executable, str(Path(__file__).with_name("smtpd.py")), "--journal", str(journal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        with smtplib.SMTP("127.0.0.1", int(server.stdout.readline())) as client:
            client.sendmail("news@example.com", ["ann@example.com"], MESSAGE)
        server.terminate()

    assert server.returncode == 0
    record = json.loads(journal.read_text())
    assert (record["rcpt_to"], record["message_id"]) == (["ann@example.com"], "<1@example.com>")


def test_who_comes_in_just_as_it_stops_is_not_left_waiting() -> None:
    with SmtpServer() as server, socket.socket() as client:
        server.stop(before=lambda: client.connect(("127.0.0.1", server.port)))
        server.join()
        client.settimeout(5)

        with suppress(ConnectionResetError):
            assert not client.recv(100)
