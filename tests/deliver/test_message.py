"""Messages: whatever the edition and the reader hold, one well-formed email with exactly the headers we meant."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.dkim import Signer, generate_key
from digest.deliver.headers import clean
from digest.deliver.message import compile_message
from digest.errors import InputError
from digest.marks import fill, mark
from digest.model import Addressee, SealedEdition

NONCE = "0123456789ab"
DATE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HASH = "sha256:" + "0123456789abcdef" * 4


def hole(field: str, context: str = "text") -> str:
    return mark(NONCE, field, context)  # type: ignore[arg-type]


SEALED = SealedEdition(
    edition="weekly-2026-11-23",
    html=f'<p>Hello {hole("name")}</p><a href="{hole("unsubscribe_url", "attribute")}">Unsubscribe</a>\n',
    text=f"Hello {hole('name', 'plain')},\n\nUnsubscribe:\n{hole('unsubscribe_url', 'plain')}\n",
    mjml="<mjml/>",
    subject="Ketamine – what 67 trials show",
    preheader="",
    headers=(
        ("From", "The Digest, weekly <digest@example.org>"),
        ("Reply-To", "editors@example.org"),
        ("List-Id", "The Digest <weekly.example.org>"),
        ("Feedback-ID", "2026-11-23:weekly:digest:example"),
    ),
    nonce=NONCE,
    hash=HASH,
)
ADA = Addressee(
    address="ada@example.net",
    name="Ada Lovelace",
    unsubscribe_url="https://digest.example.org/u/0123456789abcdef0123456789abcdef",
    preferences_url="https://digest.example.org/preferences/0123456789abcdef",
    message_id="<weekly-2026-11-23.7.0123456789abcdef@example.org>",
)
NAMES = [
    *("From", "Reply-To", "List-Id", "Feedback-ID", "Subject"),
    *("To", "Date", "Message-ID", "List-Unsubscribe"),
    *("List-Unsubscribe-Post", "X-Digest-Edition-Hash", "MIME-Version", "Content-Type"),
]
hostile = st.text(max_size=90) | st.sampled_from(
    ["News =?UTF-8?Q?=0A?=Bcc: x@example.com", "a\r\nBcc: b", "\n", ".", "From x", "=_", "--=_0123", "\x00", "é" * 50]
)


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@settings(max_examples=150)
@given(hostile, hostile, hostile, hostile)
def test_any_edition_and_reader_give_exactly_our_headers(subject: str, name: str, sender: str, content: str) -> None:
    headers = (("From", f"{sender} <digest@example.org>"), *SEALED.headers[1:])
    sealed = replace(SEALED, subject=subject, headers=headers, text=content + SEALED.text, html=content + SEALED.html)

    data = compile_message(sealed).build(ADA._replace(name=name), date=DATE)

    message = parsed(data)
    assert message.keys() == NAMES
    assert message["Subject"] == clean(subject)
    assert message["From"].addresses[0].addr_spec == "digest@example.org"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not message.defects


@settings(max_examples=150)
@given(hostile, hostile, hostile)
def test_what_the_reader_gets_is_what_was_sealed(text: str, html: str, name: str) -> None:
    sealed = replace(SEALED, text=SEALED.text + text, html=html + SEALED.html)

    message = parsed(compile_message(sealed).build(ADA._replace(name=name), date=DATE))

    values = {"name": clean(name), "unsubscribe_url": ADA.unsubscribe_url}
    for kind, part in (("plain", sealed.text), ("html", sealed.html)):
        wanted = re.sub("\r\n?", "\n", fill(part.replace("\0", ""), NONCE, values))
        assert body(message, kind) == wanted


@settings(max_examples=100)
@given(hostile, hostile)
def test_the_wire_sees_short_lines_of_ascii_with_nothing_to_stuff(content: str, name: str) -> None:
    sealed = replace(SEALED, text=content, html=content + hole("name") + content)

    data = compile_message(sealed).build(ADA._replace(name=name), date=DATE)

    assert data.isascii()
    assert data.endswith(b"--\r\n")
    for line in data.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 98
        assert re.fullmatch(rb"[ -~]*", line)
        assert not line.startswith((b".", b"From "))
        assert not line.endswith(b" ")


def test_the_headers_of_a_message() -> None:
    message = parsed(compile_message(SEALED).build(ADA, date=DATE))

    assert dict(message.items()) == {
        "From": '"The Digest, weekly" <digest@example.org>',
        "Reply-To": "editors@example.org",
        "List-Id": "The Digest <weekly.example.org>",
        "Feedback-ID": "2026-11-23:weekly:digest:example",
        "Subject": "Ketamine – what 67 trials show",
        "To": "Ada Lovelace <ada@example.net>",
        "Date": "Mon, 23 Nov 2026 07:00:00 +0000",
        "Message-ID": ADA.message_id,
        "List-Unsubscribe": f"<{ADA.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "X-Digest-Edition-Hash": HASH,
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="=_{HASH[7:39]}"',
    }


def test_list_unsubscribe_stands_on_one_line_as_it_is() -> None:
    url = f"https://digest.example.org/u/{'a' * 400}"

    data = compile_message(SEALED).build(ADA._replace(unsubscribe_url=url), date=DATE)

    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in data


def test_the_same_input_gives_the_same_bytes() -> None:
    signers = [Signer.from_pem(generate_key("ed25519"), domain="example.org", selector="e1")]

    first, second = (compile_message(SEALED).build(ADA, date=DATE, signers=signers) for _ in range(2))

    assert first == second


def test_two_readers_differ_only_in_their_own_lines() -> None:
    compiled = compile_message(SEALED)

    ada, bob = (compiled.build(ADA._replace(name=name), date=DATE).split(b"\r\n") for name in ("Ada", ".Bob é"))

    assert len(ada) == len(bob)
    assert {(a, b) for a, b in zip(ada, bob, strict=True) if a != b} == {
        (b"To: Ada <ada@example.net>", b"To: =?utf-8?q?=2EBob_=C3=A9?= <ada@example.net>"),
        (b"Ada=", b"=2EBob =C3=A9="),
        (b"Ada=", b"=2EBob =C3=A9="),
    }


def test_a_test_message_says_so_and_is_otherwise_the_same() -> None:
    real, test = (compile_message(SEALED, test=flag).build(ADA, date=DATE) for flag in (False, True))

    assert parsed(test)["Subject"] == "[Test] Ketamine – what 67 trials show"
    assert parsed(test)["X-Digest-Edition-Hash"] == HASH
    assert test.partition(b"\r\n\r\n")[2] == real.partition(b"\r\n\r\n")[2]


def test_values_are_escaped_for_where_they_stand() -> None:
    sealed = replace(SEALED, html=f'<a title="{hole("name", "attribute")}">{hole("name")}</a>')

    message = parsed(compile_message(sealed).build(ADA._replace(name='"><script>'), date=DATE))

    assert body(message, "html") == '<a title="&quot;&gt;&lt;script&gt;">&quot;&gt;&lt;script&gt;</a>'
    assert 'Hello "><script>,' in body(message, "plain")


def test_parts_without_holes_and_empty_parts_work() -> None:
    message = parsed(compile_message(replace(SEALED, html="", text="plain")).build(ADA, date=DATE))

    assert (body(message, "plain"), body(message, "html")) == ("plain", "")


def test_a_local_part_beyond_ascii_is_written_as_utf8() -> None:
    data = compile_message(SEALED).build(ADA._replace(address="zoë@example.net", name=""), date=DATE)

    assert "\r\nTo: zoë@example.net\r\n".encode() in data


@pytest.mark.parametrize(
    ("zone", "wanted"),
    [
        (UTC, b"Mon, 23 Nov 2026 07:00:00 +0000"),
        (ZoneInfo("Asia/Kolkata"), b"Mon, 23 Nov 2026 12:30:00 +0530"),
        (ZoneInfo("America/Santiago"), b"Mon, 23 Nov 2026 04:00:00 -0300"),
        (timezone(-timedelta(hours=9, minutes=30)), b"Sun, 22 Nov 2026 21:30:00 -0930"),
    ],
)
def test_the_date_is_written_with_its_own_offset(zone: ZoneInfo | timezone, wanted: bytes) -> None:
    data = compile_message(SEALED).build(ADA, date=DATE.astimezone(zone))

    assert b"\r\nDate: " + wanted + b"\r\n" in data


def test_a_date_without_time_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        compile_message(SEALED).build(ADA, date=DATE.replace(tzinfo=None))


@pytest.mark.parametrize(
    "change",
    [
        lambda: ADA._replace(address="ada@example.net\r\nBcc: x@example.org"),
        lambda: ADA._replace(address="nobody"),
        lambda: ADA._replace(message_id="<a@b>\r\nBcc: x@example.org"),
        lambda: ADA._replace(message_id="a@b"),
        lambda: ADA._replace(message_id="<a@b>\n"),
        lambda: ADA._replace(unsubscribe_url="https://example.org/>\r\nBcc: x@example.org"),
        lambda: ADA._replace(unsubscribe_url="javascript:alert(1)"),
        lambda: ADA._replace(unsubscribe_url="https://example.org/a,<https://example.com>"),
        lambda: ADA._replace(unsubscribe_url=""),
    ],
)
def test_a_reader_who_cannot_be_addressed_safely_is_refused(change: Callable[[], Addressee]) -> None:
    compiled = compile_message(SEALED)

    with pytest.raises(InputError):
        compiled.build(change(), date=DATE)


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ((), "exactly one"),
        ((*SEALED.headers, ("from", "b@example.org")), "exactly one"),
        ((*SEALED.headers, ("Bcc", "b@example.org")), "take it out"),
        ((*SEALED.headers, ("List-Unsubscribe", "<https://example.org>")), "take it out"),
        ((*SEALED.headers, ("LIST-ID", "<b.example.org>")), "take it out"),
        ((*SEALED.headers, ("X-Note", hole("name"))), "personal mark"),
        ((*SEALED.headers, ("X\r\nBcc", "b")), "header name"),
    ],
)
def test_headers_that_are_not_the_editions_to_give_are_refused(
    headers: tuple[tuple[str, str], ...], wanted: str
) -> None:
    with pytest.raises(InputError, match=wanted):
        compile_message(replace(SEALED, headers=headers))


def test_a_personal_mark_in_the_subject_is_refused() -> None:
    with pytest.raises(InputError, match="personal mark"):
        compile_message(replace(SEALED, subject=hole("name")))


def test_a_hash_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="hash"):
        compile_message(replace(SEALED, hash="sha256:\r\nBcc: x"))
