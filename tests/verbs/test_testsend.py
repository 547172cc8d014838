"""Test mails go to allow-listed people only, and are marked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.errors import UsageError
from digest.verbs import testsend
from tests.smtpd import Rule
from tests.verbs.conftest import Newsletter


def test_a_test_mail_has_the_sealed_bytes_and_says_that_it_is_one(newsletter: Newsletter) -> None:
    newsletter.parts = replace(newsletter.parts, test_recipients=("Editor@example.com",))
    newsletter.story("Sleep is good")
    row = newsletter.assembled()

    said = testsend.test_send(newsletter.parts, row, ["editor@example.com"])

    data = newsletter.relay.accepted[0].data
    assert said == {"editor@example.com": None}
    assert b"Subject: [Test] Sleep is good" in data
    assert f"X-Digest-Edition-Hash: {row.hash}".encode() in data
    assert b"/u/test" in data


def test_nobody_else_can_be_reached(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    row = newsletter.assembled()

    with pytest.raises(UsageError, match=r"not in \[preview\] test_recipients"):
        testsend.test_send(newsletter.parts, row, ["reader@example.com"])
    assert newsletter.received() == []


def test_a_refusal_is_told(newsletter: Newsletter) -> None:
    newsletter.parts = replace(newsletter.parts, test_recipients=("editor@example.com",))
    newsletter.relay.script.rules.append(Rule(phase="rcpt", text="550 5.1.1 nobody here"))
    newsletter.relay.used.append(0)
    newsletter.story("Sleep is good")

    said = testsend.test_send(newsletter.parts, newsletter.assembled(), ["editor@example.com"])

    assert "nobody here" in str(said["editor@example.com"])
