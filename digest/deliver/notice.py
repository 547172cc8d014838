"""Notices: short plain mails to operators and editors. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from digest.deliver.dkim import OVERSIGNED, Signer, body_hash, relaxed, signed_names
from digest.deliver.headers import clean, mailbox_header, text_header, verbatim_header
from digest.deliver.message import date_header
from digest.deliver.quoted import quote_part


def notice(
    *,
    sender: str,
    sender_name: str,
    to: str,
    subject: str,
    text: str,
    date: datetime,
    message_id: str,
    signers: Sequence[Signer] = (),
) -> bytes:
    """One complete plain-text message, CRLF throughout. `date` is aware; `message_id` has its angle brackets.

    Auto-Submitted (RFC 3834 section 5) keeps vacation programs from answering it.
    """
    headers = [
        mailbox_header("From", sender_name, sender),
        mailbox_header("To", "", to),
        text_header("Subject", subject),
        date_header(date),
        verbatim_header("Message-ID", message_id),
        verbatim_header("Auto-Submitted", "auto-generated"),
        verbatim_header("MIME-Version", "1.0"),
        verbatim_header("Content-Type", "text/plain; charset=utf-8"),
        verbatim_header("Content-Transfer-Encoding", "quoted-printable"),
    ]
    lines = "".join(f"{clean(line)}\n" for line in text.splitlines())
    body = b"".join(part for part in quote_part([lines]) if isinstance(part, bytes))
    signed = [raw for raw in headers if _name(raw) in OVERSIGNED]
    state = sha256(b"".join(map(relaxed, signed)))
    names = signed_names(map(_name, signed))
    at = int(date.timestamp())
    signatures = [signer.at(at, names=names).header(state, body_hash(sha256(body))) for signer in signers]
    return b"".join([*signatures, *headers, b"\r\n", body])


def _name(raw: bytes) -> str:
    return raw.partition(b":")[0].decode("ascii").lower()
