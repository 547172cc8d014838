"""Header lines: whatever a value holds, it stays one header and comes back as it was."""

from __future__ import annotations

import email
import email.header
import email.policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.headers import (
    check_address,
    clean,
    fixed_header,
    mailbox_header,
    split_mailbox,
    text_header,
    verbatim_header,
)
from digest.errors import InputError

INJECTIONS = [
    "News =?UTF-8?Q?=0A?=Bcc: injected@example.com",
    "News =?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5jb20=?=",
    "News\nBcc: injected@example.com",
    "News\r\n\r\n<script>",
    "News\r",
    "News\n",
    "News\x0bBcc: x\x0cBcc: y\x1cBcc: z\x1dX\x1eY\x85Bcc: u\u2028Bcc: v\u2029Bcc: w",
    "\n News",
    "=?",
    "?=",
    "a, b; c: <d@example.org>",
    'quote " and \\ backslash',
    "\ud800",
    "(comment)",
    "@",
]
texts = st.text(max_size=120) | st.sampled_from(INJECTIONS) | st.text('=?utf-8Qqb_\r\n :é<>@,"\\', max_size=80)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw + b"\r\nbody", policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def unfolded(raw: bytes) -> str:
    """The value by the older, literal reading of RFC 2047: what `decode_header` says."""
    value = raw.decode("utf-8").partition(":")[2].replace("\r\n", "").strip()
    return str(email.header.make_header(email.header.decode_header(value)))


@settings(max_examples=200)
@given(texts)
def test_any_subject_is_one_header_and_comes_back(subject: str) -> None:
    raw = text_header("Subject", subject)

    message = parsed(raw)
    assert message.keys() == ["Subject"]
    assert message["Subject"] == clean(subject)
    assert message.get_content().strip() == "body"


@settings(max_examples=200)
@given(texts)
def test_any_display_name_is_one_header_and_one_address(name: str) -> None:
    raw = mailbox_header("To", name, "ada@example.org")

    message = parsed(raw)
    assert message.keys() == ["To"]
    assert isinstance(message["To"], AddressHeader)
    (address,) = message["To"].addresses
    assert address.addr_spec == "ada@example.org"
    if b"=?utf-8?" in raw:
        assert unfolded(raw) == f"{clean(name)} <ada@example.org>"
    if raw.count(b"=?utf-8?") < 2:  # Python 3.11 sets a blank between the encoded words of a display name
        assert address.display_name.split() == clean(name).split()


@settings(max_examples=150)
@given(texts, st.sampled_from(["Subject", "To"]))
def test_lines_are_short_ascii_and_end_once(value: str, name: str) -> None:
    raw = text_header(name, value) if name == "Subject" else mailbox_header(name, value, "ada@example.org")

    lines = raw.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 76 and line.isascii() and b"\n" not in line and b"\r" not in line for line in lines)
    assert all(line.startswith(b" ") and line.strip() for line in lines[1:])


@settings(max_examples=100)
@given(texts)
def test_cleaning_twice_changes_nothing(value: str) -> None:
    assert clean(clean(value)) == clean(value)
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029\u202e" for char in clean(value))


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        ("Ketamine: a review", b"Subject: Ketamine: a review\r\n"),
        ("  two   blanks ", b"Subject: two blanks\r\n"),
        ("", b"Subject:\r\n"),
        ("Zoë", b"Subject: =?utf-8?q?Zo=C3=AB?=\r\n"),
        ("健康", b"Subject: =?utf-8?b?5YGl5bq3?=\r\n"),
        ("=?utf-8?q?a?=", b"Subject: =?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?=\r\n"),
        ("word " * 15 + "end", b"Subject: " + b"word " * 12 + b"word\r\n word word end\r\n"),
    ],
)
def test_subjects(subject: str, wanted: bytes) -> None:
    assert text_header("Subject", subject) == wanted


def test_a_letter_is_never_cut_between_encoded_words() -> None:
    raw = text_header("Subject", "é" * 100 + "👩" * 40)

    words = raw.decode().removeprefix("Subject: ").split()
    assert len(words) > 1
    assert "".join(unfolded(f"x: {word}".encode()) for word in words) == "é" * 100 + "👩" * 40


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("", b"To: ada@example.org\r\n"),
        ("Ada Lovelace", b"To: Ada Lovelace <ada@example.org>\r\n"),
        ("Dr. Ada", b'To: "Dr. Ada" <ada@example.org>\r\n'),
        ('Ada "Countess" L', b'To: "Ada \\"Countess\\" L" <ada@example.org>\r\n'),
        ("Zoë", b"To: =?utf-8?q?Zo=C3=AB?= <ada@example.org>\r\n"),
        ("A" * 60, b"To: " + b"A" * 60 + b"\r\n <ada@example.org>\r\n"),
    ],
)
def test_names(name: str, wanted: bytes) -> None:
    assert mailbox_header("To", name, "ada@example.org") == wanted


@pytest.mark.parametrize(
    "address",
    [
        *("", "ada", "@example.org", "ada@", "a b@example.org", "a@b@example.org", "a@example.org\r\nBcc: x@y.org"),
        *("a@example.org\n", "<a@example.org>", "a,b@example.org", "a..b@example.org", ".a@example.org", "a\x00@b.org"),
        *(
            "=?utf-8?q?=0A?=@example.org",
            "a@exa mple.org",
            "a@b\u2028.org",
            "a\u2028@b.org",
            "a\u3000@b.org",
            "a\u202e@b.org",
        ),
        *('"a b"@example.org', "a@-example.org", "a" * 400 + "@example.org", "\ud800@example.org"),
    ],
)
def test_an_address_that_could_be_read_otherwise_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="address"):
        check_address(address)


@pytest.mark.parametrize("address", ["ada@localhost", "o'brien+news@example.org", "a_b-c@xn--bcher-kva.example"])
def test_an_ordinary_address_is_taken(address: str) -> None:
    assert parsed(mailbox_header("To", "", address))["To"].addresses[0].addr_spec == address


def test_a_local_part_beyond_ascii_travels_as_utf8() -> None:
    raw = mailbox_header("To", "", "zoë@example.org")

    assert raw == "To: zoë@example.org\r\n".encode()


@pytest.mark.parametrize("bad", ["", " x", "x ", "a  b", "a\r\nBcc: x", "a\tb", "é", "x" * 1000, "a\x00"])
def test_what_machines_read_goes_out_as_it_is_or_not_at_all(bad: str) -> None:
    with pytest.raises(InputError, match="List-Unsubscribe"):
        verbatim_header("List-Unsubscribe", bad)


def test_a_long_url_is_neither_folded_nor_encoded() -> None:
    url = f"<https://example.org/u/{'a' * 300}>"

    assert verbatim_header("List-Unsubscribe", url) == f"List-Unsubscribe: {url}\r\n".encode()


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("From", "Gesundheit, Woche <a@example.org>", b'From: "Gesundheit, Woche" <a@example.org>\r\n'),
        ("From", '"Gesundheit, Woche" <a@example.org>', b'From: "Gesundheit, Woche" <a@example.org>\r\n'),
        ("Reply-To", "a@example.org", b"Reply-To: a@example.org\r\n"),
        ("List-Id", "Größe <weekly.example.org>", b"List-Id: =?utf-8?q?Gr=C3=B6=C3=9Fe?= <weekly.example.org>\r\n"),
        ("List-Id", "<weekly.example.org>", b"List-Id: <weekly.example.org>\r\n"),
        ("Feedback-ID", "a:b:c:d", b"Feedback-ID: a:b:c:d\r\n"),
        ("Precedence", "bulk", b"Precedence: bulk\r\n"),
        ("Organization", "Café", b"Organization: =?utf-8?q?Caf=C3=A9?=\r\n"),
    ],
)
def test_fixed_headers_are_encoded_as_their_names_demand(name: str, value: str, wanted: bytes) -> None:
    assert fixed_header(name, value) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("X:Y", "v"),
            ("X Y", "v"),
            ("X\r\nBcc", "v"),
            ("", "v"),
            ("Ü", "v"),
            ("From", "nobody"),
            ("From", "A <b> <c>"),
        ),
        *(
            ("List-Id", "weekly"),
            ("List-Id", "a <b c>"),
            ("List-Archive", "<https://ex ample\n>"),
            ("Feedback-ID", "é"),
        ),
    ],
)
def test_a_fixed_header_that_cannot_be_sent_is_refused(name: str, value: str) -> None:
    with pytest.raises(InputError):
        fixed_header(name, value)


@settings(max_examples=100)
@given(texts)
def test_any_fixed_header_is_one_header_or_refused(value: str) -> None:
    for name in ("From", "List-Id", "List-Archive", "Feedback-ID", "X-Note"):
        try:
            raw = fixed_header(name, value)
        except InputError:
            continue
        assert parsed(raw).keys() == [name]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Ada <a@b.org>", ("Ada", "a@b.org")),
        ('"A \\"B\\"" <a@b.org>', ('A "B"', "a@b.org")),
        ("A < B <a@b.org>", ("A < B", "a@b.org")),
        ("a@b.org", ("", "a@b.org")),
        ("<a@b.org>", ("", "a@b.org")),
    ],
)
def test_a_mailbox_is_split_at_its_last_angle_bracket(value: str, wanted: tuple[str, str]) -> None:
    assert split_mailbox(value) == wanted
