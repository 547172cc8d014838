"""DKIM: what we sign, dkimpy verifies; what is changed or added afterwards, it does not."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.dkim import Signer, dns_record, generate_key, zone_line
from digest.deliver.message import compile_message
from digest.errors import SettingsError
from digest.marks import mark
from digest.model import Addressee, SealedEdition

NONCE = "0123456789ab"
DATE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
PEMS = {"r1": generate_key("rsa"), "e1": generate_key("ed25519")}
SIGNERS = [Signer.from_pem(pem, domain="example.org", selector=selector) for selector, pem in PEMS.items()]
SEALED = SealedEdition(
    edition="weekly-2026-11-23",
    html=f"<p>Hello {mark(NONCE, 'name', 'text')}</p>",
    text=f"Hello {mark(NONCE, 'name', 'plain')},\n\n{mark(NONCE, 'unsubscribe_url', 'plain')}\n\n\n",
    mjml="",
    subject="Ketamine – what 67 trials show",
    preheader="",
    headers=(("From", "The Digest <digest@example.org>"), ("List-Id", "<weekly.example.org>")),
    nonce=NONCE,
    hash="sha256:" + "0123456789abcdef" * 4,
)
ADA = Addressee(
    address="ada@example.net",
    name="Ada",
    unsubscribe_url="https://digest.example.org/u/0123456789abcdef0123456789abcdef",
    preferences_url="https://digest.example.org/p/0123456789abcdef",
    message_id="<1.2.3@example.org>",
)


def published(name: bytes, timeout: int = 5) -> bytes:
    """DNS as the two records would be published; every other name has none."""
    selector, _, rest = name.decode("ascii").partition("._domainkey.")
    return dns_record(PEMS[selector]).encode("ascii") if rest == "example.org." else b""


def verified(data: bytes) -> list[bool]:
    return [verifies(data, index) for index in range(data.count(b"DKIM-Signature:"))]


def verifies(data: bytes, index: int) -> bool:
    try:
        return bool(dkim.DKIM(data).verify(idx=index, dnsfunc=published))
    except dkim.ValidationError:
        return False


MESSAGE = compile_message(SEALED).build(ADA, date=DATE, signers=SIGNERS)
texts = st.text(max_size=60) | st.sampled_from([" ", "  a  b\t\tc ", "\n\n", ".\n", "é" * 80, "x" * 80])


def test_both_signatures_verify() -> None:
    assert verified(MESSAGE) == [True, True]


@settings(max_examples=25)
@given(texts, texts, texts, texts)
def test_any_edition_and_reader_verify(subject: str, text: str, html: str, name: str) -> None:
    sealed = replace(SEALED, subject=subject, text=text + SEALED.text, html=html + SEALED.html + html)

    data = compile_message(sealed).build(ADA._replace(name=name), date=DATE, signers=SIGNERS)

    assert verified(data) == [True, True]


def test_what_is_signed_is_what_is_sent() -> None:
    unsigned = compile_message(SEALED).build(ADA, date=DATE)

    assert MESSAGE.endswith(unsigned)
    assert MESSAGE.removesuffix(unsigned).count(b"\r\nDKIM-Signature: ") == 1


def test_an_edition_without_personal_values_in_its_body_verifies() -> None:
    data = compile_message(replace(SEALED, text="a", html="b")).build(ADA, date=DATE, signers=SIGNERS)

    assert verified(data) == [True, True]


def test_a_local_part_beyond_ascii_verifies() -> None:
    data = compile_message(SEALED).build(ADA._replace(address="zoë@example.net"), date=DATE, signers=SIGNERS)

    assert verified(data) == [True, True]


@pytest.mark.parametrize(
    "header",
    [
        *("From: Bad <bad@example.com>", "To: x@example.com", "Cc: x@example.com", "Subject: Other", "Date: now"),
        *("Message-ID: <x@example.com>", "Reply-To: x@example.com", "MIME-Version: 1.0", "Content-Type: text/plain"),
        *("Content-Transfer-Encoding: base64", "List-Id: <x>", "List-Unsubscribe: <https://example.com>"),
        *("List-Unsubscribe-Post: x", "Feedback-ID: a:b:c:d"),
    ],
)
@pytest.mark.parametrize("on_top", [True, False])
def test_an_added_header_breaks_the_signature(header: str, on_top: bool) -> None:
    line = f"{header}\r\n".encode()
    changed = line + MESSAGE if on_top else MESSAGE.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n", 1)

    assert verified(changed) == [False, False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hello", b"Hullo"),
        (b"To: Ada", b"To: Eve"),
        (b"/u/0", b"/u/1"),
        (b"One-Click", b"Two-Click"),
        (b"\r\nSubject: ", b"\r\nSubject: =?utf-8?q?x?= "),
    ],
)
def test_a_changed_byte_breaks_the_signature(old: bytes, new: bytes) -> None:
    assert old in MESSAGE
    assert verified(MESSAGE.replace(old, new, 1)) == [False, False]


def test_relays_may_fold_headers_and_add_blanks_at_line_ends() -> None:
    changed = MESSAGE.replace(b"\r\nTo: Ada <", b"\r\nTo:  Ada\r\n\t<").replace(b"=20=\r\n", b"=20= \t\r\n")

    assert verified(changed + b"\r\n\r\n") == [True, True]


def test_the_signature_states_what_it_covers() -> None:
    signature = MESSAGE.partition(b"\r\nDKIM")[0].replace(b"\r\n ", b" ").decode()

    tags = dict(tag.strip().split("=", 1) for tag in signature.removeprefix("DKIM-Signature: ").split(";"))
    assert (tags["v"], tags["a"], tags["c"], tags["d"], tags["s"]) == (
        "1",
        "rsa-sha256",
        "relaxed/relaxed",
        "example.org",
        "r1",
    )
    assert tags["t"] == str(int(DATE.timestamp()))
    assert "l" not in tags
    signed = tags["h"].replace(" ", "").split(":")
    assert {name: signed.count(name) for name in ("from", "list-unsubscribe", "list-unsubscribe-post", "cc")} == {
        "from": 2,
        "list-unsubscribe": 2,
        "list-unsubscribe-post": 2,
        "cc": 1,
    }


def test_signature_lines_are_short() -> None:
    head = MESSAGE.partition(b"\r\nFrom:")[0]

    assert all(len(line) <= 78 for line in head.split(b"\r\n"))


def test_dns_records() -> None:
    rsa, ed25519 = (dns_record(pem) for pem in PEMS.values())

    assert rsa.startswith("v=DKIM1; k=rsa; p=MIIB")
    assert ed25519.startswith("v=DKIM1; k=ed25519; p=")
    assert len(base64.b64decode(ed25519.partition("p=")[2])) == 32
    assert SIGNERS[0].dns_name == "r1._domainkey.example.org"


def test_a_zone_line_cuts_the_record_into_strings_that_dns_can_hold() -> None:
    line = zone_line(PEMS["r1"], domain="example.org", selector="r1")

    strings = line.split('"')[1::2]
    assert line.startswith("r1._domainkey.example.org. IN TXT (")
    assert "".join(strings) == dns_record(PEMS["r1"])
    assert max(map(len, strings)) <= 255


def pem_of(key: object, encryption: object = None) -> str:
    secret = encryption or NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret).decode()  # type: ignore[attr-defined,no-any-return]


def test_a_short_rsa_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="1024 bits: 2048 to 4096"):
        Signer.from_pem(pem_of(generate_private_key(65537, 1024)), domain="example.org", selector="s")


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no key",
        PEMS["r1"][:200],
        pem_of(generate_ec_key(SECP256R1())),
        pem_of(SIGNERS[1].key, BestAvailableEncryption(b"secret")),
        SIGNERS[1].key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ],
)
def test_what_is_no_usable_key_is_refused(pem: str | bytes) -> None:
    with pytest.raises(SettingsError, match="key_file"):
        Signer.from_pem(pem, domain="example.org", selector="s")


@pytest.mark.parametrize(
    "bad", ["", "exa mple.org", "example.org;", "a=b", "ex\r\nample.org", "bücher.example", "a..b"]
)
def test_a_domain_or_selector_that_dns_cannot_hold_is_refused(bad: str) -> None:
    with pytest.raises(SettingsError, match="domain"):
        Signer.from_pem(PEMS["e1"], domain=bad, selector="s")
    with pytest.raises(SettingsError, match="selector"):
        Signer.from_pem(PEMS["e1"], domain="example.org", selector=bad)


def test_no_key_is_shown() -> None:
    assert "key" not in repr(SIGNERS[0])
