"""Messages: a sealed edition compiled once to fixed bytes with holes, then one complete email per addressee. Pure.

    compiled = compile_message(sealed)
    data = compiled.build(addressee, date=now, signers=signers)

The bytes are complete: CRLF throughout, no line that begins with a dot (nothing to stuff), lines of at most
76 octets in the body, and what is signed is byte for byte what is returned. Same input, same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from digest.deliver.dkim import OVERSIGNED, Signer, Signing, body_hash, relaxed, signed_names
from digest.deliver.headers import clean, fixed_header, mailbox_header, text_header, verbatim_header
from digest.deliver.quoted import plain_value, quote_part, quote_value
from digest.errors import InputError
from digest.marks import Context, Hole, in_context, split_marks
from digest.model import Addressee, SealedEdition

if TYPE_CHECKING:
    from hashlib import _Hash

TEST_PREFIX = "[Test] "

_OURS = {"to", "cc", "bcc", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post"} | {
    *("mime-version", "content-type", "content-transfer-encoding", "dkim-signature", "received", "return-path"),
    "x-digest-edition-hash",
}
_PERSONAL_NAMES = ("To", "Date", "Message-ID", "List-Unsubscribe")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,200}@[A-Za-z0-9.\-]{1,250}>")
_UNSUBSCRIBE_URL = re.compile(r"https?://[!#-;=?-Z_a-z~\[\]]{1,900}")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_HEADER_LINE = re.compile(rb"[!-9;-~]+:(?: [^\x00-\x1f\x7f]*)?")

_LONG_OCTETS = 2048
_VALUE_OCTETS = 1024  # more than any honest value needs in a hole, quoted-printable
_HEAD_OCTETS = 4096  # personal headers and two signatures, likewise

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """Everything of an edition's messages that is the same for all readers. Safe to share between threads.

    `parts` are the body's bytes with an empty place for each hole; `places` says at which of them a value goes, by
    field and context; `runs` are those that are joined. The states have taken all that comes before the first personal
    byte; of the body `hashed` octets.
    """

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    parts: tuple[bytes, ...] = field(repr=False)
    places: Mapping[str, Mapping[Context, Sequence[int]]] = field(repr=False)
    names: bytes = field(repr=False)
    headers_state: _Hash = field(repr=False)
    body_state: _Hash = field(repr=False)
    runs: tuple[slice, ...] = field(repr=False)
    hashed: int
    size_bytes: int
    """An upper estimate of one message with two signatures, for SMTP's SIZE; `len(message)` is the truth."""

    def build(self, addressee: Addressee, *, date: datetime, signers: Sequence[Signer] = ()) -> bytes:
        """The message for one reader, signed by each of `signers`; `date` is aware. Raises as `Dated.pieces` says."""
        return b"".join(self.dated(date, signers).pieces(addressee))

    def dated(self, date: datetime, signers: Sequence[Signer] = ()) -> Dated:
        """For all messages of one moment; `date` is aware, else ValueError."""
        header, at = date_header(date), int(date.timestamp())
        return Dated(self, header, relaxed(header), [signer.at(at, names=self.names) for signer in signers])


@dataclass(frozen=True, slots=True)
class Dated:
    """A compiled edition whose messages bear one date and the signatures of `signings`."""

    compiled: Compiled
    date: bytes
    relaxed_date: bytes
    signings: Sequence[Signing]

    def pieces(self, addressee: Addressee) -> list[bytes]:
        """The message for one reader, not yet put together: nearly all of it is what all readers share, and is copied
        by nobody but the kernel.

        Raises InputError when the addressee's address, Message-ID or unsubscribe URL cannot stand in a
        header: a fault of this one row, no other message suffers.
        """
        to, message_id, unsubscribe = _personal_headers(addressee)
        body = self._body(addressee)
        head = [self.compiled.before, to, self.date, message_id, unsubscribe, self.compiled.after]
        if self.signings:
            signed = b"".join((relaxed(to), self.relaxed_date, relaxed(message_id), relaxed(unsubscribe)))
            head[:0] = self._signatures(signed, body)
        return [b"".join(head), *body]

    def _body(self, addressee: Addressee) -> list[bytes]:
        body = list(self.compiled.parts)
        for name, contexts in self.compiled.places.items():
            value = getattr(addressee, name)
            plain = plain_value(value)
            for context, places in contexts.items():
                said = plain or quote_value(in_context(clean(value), context))
                for at in places:
                    body[at] = said
        return [b"".join(body[run]) for run in self.compiled.runs]

    def _signatures(self, personal: bytes, body: Sequence[bytes]) -> list[bytes]:
        of_body = self.compiled.body_state.copy()
        of_body.update(body[0][self.compiled.hashed :])
        for part in body[1:]:
            of_body.update(part)
        of_headers = self.compiled.headers_state.copy()
        of_headers.update(personal)
        bh = body_hash(of_body)
        return [signing.header(of_headers, bh) for signing in self.signings]


def compile_message(sealed: SealedEdition, *, test: bool = False) -> Compiled:
    """Make ready what all readers share; `test` marks the subject, for messages to the editors themselves.

    Raises InputError for headers that cannot be sent (no From, one of ours, twice, not encodable), for marks
    left in places where no personal value may stand, and for a malformed hash.
    """
    _check(sealed)
    before = [fixed_header(*header) for header in sealed.headers]
    before.append(text_header("Subject", (TEST_PREFIX if test else "") + sealed.subject))
    # RFC 2046 section 5.1.1; "=_" cannot occur in quoted-printable, so no content can end a part early
    boundary = f"=_{sealed.hash.removeprefix('sha256:')[:32]}"
    after = [
        verbatim_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        verbatim_header("X-Digest-Edition-Hash", sealed.hash),
        verbatim_header("MIME-Version", "1.0"),
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'.encode("ascii"),
    ]
    _check_lines(before + after)
    parts, holes = _join_fixed(_multipart(sealed, boundary))
    places: dict[str, dict[Context, list[int]]] = {}
    for at, hole in holes:
        places.setdefault(hole.field, {}).setdefault(hole.context, []).append(at)
    signed = [raw for raw in before + after if _name(raw) in OVERSIGNED]
    return Compiled(
        before=b"".join(before),
        after=b"".join(after) + b"\r\n",
        parts=parts,
        places=places,
        names=signed_names([*map(_name, signed), *_PERSONAL_NAMES]),
        headers_state=sha256(b"".join(map(relaxed, signed))),
        body_state=sha256(parts[0]),
        runs=_runs(parts),
        hashed=len(parts[0]),
        size_bytes=sum(map(len, [*before, *after, *parts])) + _VALUE_OCTETS * len(holes) + _HEAD_OCTETS,
    )


def _personal_headers(addressee: Addressee) -> tuple[bytes, bytes, bytes]:
    """To, Message-ID, List-Unsubscribe (RFC 8058)."""
    if not _MESSAGE_ID.fullmatch(addressee.message_id):
        raise InputError(f"Message-ID: {addressee.message_id[:80]!r}: wanted such as <1.2@example.org>")
    if not _UNSUBSCRIBE_URL.fullmatch(addressee.unsubscribe_url):
        raise InputError(
            f"unsubscribe URL: {addressee.unsubscribe_url[:80]!r}: an absolute https URL in ASCII is wanted; "
            "correct [newsletter] base_url"
        )
    return (
        mailbox_header("To", addressee.name, addressee.address),
        f"Message-ID: {addressee.message_id}\r\n".encode("ascii"),
        # never folded, never encoded: receivers read this one with simple programs
        f"List-Unsubscribe: <{addressee.unsubscribe_url}>\r\n".encode("ascii"),
    )


def date_header(date: datetime) -> bytes:
    """The Date, in English whatever the locale (RFC 5322 section 3.3). ValueError when `date` is not aware."""
    offset = date.utcoffset()
    if offset is None:
        raise ValueError("the date of a message must know its time zone")
    offset_min = int(offset.total_seconds()) // 60
    hours, minutes = divmod(abs(offset_min), 60)
    sign = "-" if offset_min < 0 else "+"
    day = f"{_DAYS[date.weekday()]}, {date.day} {_MONTHS[date.month - 1]} {date.year:04}"
    return f"Date: {day} {date:%H:%M:%S} {sign}{hours:02}{minutes:02}\r\n".encode("ascii")


def _multipart(sealed: SealedEdition, boundary: str) -> list[bytes | Hole]:
    """The whole body; the least faithful part comes first (RFC 2046 section 5.1.4)."""
    pieces: list[bytes | Hole] = []
    for subtype, content in (("plain", sealed.text), ("html", sealed.html)):
        opening = f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        pieces.append(f"{opening}Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode("ascii"))
        pieces += quote_part(split_marks(content, sealed.nonce))
        pieces.append(b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode("ascii"))
    return pieces


def _join_fixed(pieces: Sequence[bytes | Hole]) -> tuple[tuple[bytes, ...], list[tuple[int, Hole]]]:
    """Neighbouring fixed pieces joined, holes as empty places, and where each hole is."""
    parts: list[bytes] = []
    holes: list[tuple[int, Hole]] = []
    fixed = False
    for piece in pieces:
        if isinstance(piece, Hole):
            holes.append((len(parts), piece))
            parts.append(b"")
        elif fixed:
            parts[-1] += piece
        else:
            parts.append(piece)
        fixed = not isinstance(piece, Hole)
    return tuple(parts), holes


def _runs(parts: Sequence[bytes]) -> tuple[slice, ...]:
    """Which parts are put together once the holes are filled: what is short costs more as a piece than as a copy."""
    runs: list[slice] = []
    for at, part in enumerate(parts):
        if runs and max(len(part), len(parts[at - 1])) < _LONG_OCTETS:
            runs[-1] = slice(runs[-1].start, at + 1)
        else:
            runs.append(slice(at, at + 1))
    return tuple(runs)


def _name(raw: bytes) -> str:
    return raw.partition(b":")[0].decode("ascii").lower()


def _check(sealed: SealedEdition) -> None:
    names = [name.lower() for name, _ in sealed.headers]
    if names.count("from") != 1:
        raise InputError(f"headers: {names.count('from')} From: exactly one is wanted; set [newsletter] from")
    for name in names:
        if name in _OURS or names.count(name) > 1:
            raise InputError(f"headers: {name[:80]!r}: comes from the message builder, or twice; take it out")
    if not _HASH.fullmatch(sealed.hash):
        raise InputError(f"hash: {sealed.hash[:80]!r}: sha256: and 64 hex digits are wanted; seal the edition again")
    for what, value in (("subject", sealed.subject), *sealed.headers):
        if f"Qz{sealed.nonce}" in value:
            raise InputError(f"{what}: a personal mark: none can stand here; take it out of the template")


def _check_lines(headers: Sequence[bytes]) -> None:
    """The last word on header injection: each header is one name and its folded lines, nothing more."""
    for raw in headers:
        if not raw.endswith(b"\r\n") or not _HEADER_LINE.fullmatch(raw[:-2].replace(b"\r\n ", b" ")):
            raise InputError(f"headers: {raw[:80]!r}: not one well-formed header; report this")
