"""Envelopes: what a server offers, a job's MAIL and RCPT lines, and what cannot be sent at all. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from digest.deliver.desk import Job, Pieces
from digest.errors import InputError
from digest.model import Outcome, Phase

# No controls, no blanks, no angle brackets: nothing that could end the command or begin another.
_ADDRESS = re.compile(r"[^\x00-\x20\x7f-\x9f<>@]+@[^\x00-\x20\x7f-\x9f<>@]+")
_LONGEST_ADDRESS = 254
_OWN_SHARE_BYTES = 4096
"""More than what is a reader's own in his message: name, addresses, links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """The extensions that matter to us. `size_limit` None: no limit known (RFC 1870: SIZE absent, bare or 0)."""

    pipelining: bool = False
    chunking: bool = False
    size: bool = False
    size_limit: int | None = None
    smtputf8: bool = False
    eight_bit: bool = False

    @classmethod
    def of(cls, extensions: Mapping[str, str]) -> Offers:
        """From EHLO keywords in lower case and their parameters."""
        limit = extensions.get("size", "")
        return cls(
            pipelining="pipelining" in extensions,
            chunking="chunking" in extensions,
            size="size" in extensions,
            size_limit=int(limit) or None if limit.isascii() and limit.isdigit() else None,
            smtputf8="smtputf8" in extensions,
            eight_bit="8bitmime" in extensions,
        )


class Envelope(NamedTuple):
    """The two command lines of one message, CRLF included, and its size in octets, before any dot-stuffing."""

    mail: bytes
    rcpt: bytes
    size: int


def envelope(job: Job, body: Pieces, offers: Offers) -> Envelope | Outcome:
    """The envelope of `body`, or the outcome of a message that this server cannot get.

    The codes are those the server would have used (RFC 1870 section 6.2, RFC 6531 section 3.5, RFC 3463).
    """
    mail_from, rcpt_to, limit = job.mail_from, job.rcpt_to, offers.size_limit
    if mail_from and not _sound_sender(mail_from):
        return _never(Phase.MAIL, 553, "5.1.7", "our sender address cannot be put on the wire")
    if len(rcpt_to) > _LONGEST_ADDRESS or _ADDRESS.fullmatch(rcpt_to) is None:
        return _never(Phase.RCPT, 553, "5.1.3", "this address cannot be put on the wire")
    international = job.needs_smtputf8 or not (mail_from.isascii() and rcpt_to.isascii())
    if international and not offers.smtputf8:
        return _never(Phase.MAIL, 553, "5.6.7", "the relay takes no address outside ASCII (SMTPUTF8)")
    size = sum(map(len, body))
    if limit is not None and size > limit:
        return _too_big(size, limit)
    if not (job.is_clean or has_clean_lines(b"".join(body))):
        return _never(Phase.MAIL, 554, "5.6.0", "our own message has a lone CR, LF or a NUL in it")
    mail = f"MAIL FROM:<{mail_from}>{_options(size, international, offers)}\r\n"
    return Envelope(mail.encode(), f"RCPT TO:<{rcpt_to}>\r\n".encode(), size)


def has_clean_lines(body: bytes) -> bool:
    """Only CRLF ends a line, the last one too, and there is no NUL: nothing here can smuggle a second message."""
    pairs = body.count(b"\r\n")
    return body.count(b"\n") == body.count(b"\r") == pairs and b"\0" not in body and body.endswith(b"\r\n")


def stuffed(job: Job, body: Pieces) -> Pieces:
    """`body` with leading dots doubled (RFC 5321 section 4.5.2), without the final dot."""
    if job.is_clean:
        return body
    whole = b"".join(body)
    if whole.startswith(b"."):
        whole = b"." + whole
    return (whole.replace(b"\r\n.", b"\r\n..") if b"\r\n." in whole else whole,)


def unbuildable(fault: InputError) -> Outcome:
    """The outcome of a message that cannot be built for this one recipient: no fault of the run or of the others."""
    return _never(Phase.RCPT, 554, "5.6.0", f"the message cannot be built: {str(fault)[:400]}")


def _too_big(size: int, limit: int) -> Outcome:
    """At MAIL, where it is about everybody's message; at RCPT, where another reader's may still be small enough."""
    phase = Phase.MAIL if size - limit > _OWN_SHARE_BYTES else Phase.RCPT
    return _never(phase, 552, "5.3.4", f"the message has {size} bytes, the relay takes {limit}")


def _options(size: int, international: bool, offers: Offers) -> str:
    said = f" SIZE={size}" if offers.size else ""
    if international:
        said += " BODY=8BITMIME SMTPUTF8" if offers.eight_bit else " SMTPUTF8"
    return said


@lru_cache(maxsize=16)
def _sound_sender(address: str) -> bool:
    """There are few from which all is sent."""
    return len(address) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(address) is not None


def _never(phase: Phase, code: int, enhanced: str, text: str) -> Outcome:
    return Outcome(phase=phase, code=code, enhanced=enhanced, text=f"{text}; nothing was sent")
