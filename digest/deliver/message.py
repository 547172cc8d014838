"""Messages: a sealed edition compiled once to fixed bytes with holes, then one complete email per addressee. Pure.

    compiled = compile_message(sealed)
    data = compiled.build(addressee, date=now, signers=signers)

The bytes are complete: CRLF throughout, no line that begins with a dot (nothing to stuff), lines of at most
76 octets in the body, and what is signed is byte for byte what is returned. Same input, same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from digest.deliver.dkim import OVERSIGNED, Signer, Signing, body_hash, relaxed, signed_names
from digest.deliver.headers import (
    LINE_OCTETS as HEADER_OCTETS,
)
from digest.deliver.headers import (
    check_address,
    clean,
    fixed_header,
    mailbox_header,
    text_header,
    verbatim_header,
)
from digest.deliver.quoted import LINE_OCTETS, plain_value, quote_part, quote_value
from digest.errors import InputError
from digest.marks import Context, Hole, in_context, split_marks
from digest.model import PERSONAL_FIELDS, Addressee, SealedEdition

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
# What stands for itself in headers, in text and in HTML: no "&", "'", "=" among it
_PLAIN_ATEXT = r"A-Za-z0-9!#$%*+/?^_`{|}~\-"
_PLAIN_NAME = re.compile(rf"(?!From )[{_PLAIN_ATEXT}]+(?: [{_PLAIN_ATEXT}]+)*")
_PLAIN_READER = re.compile(
    rf"[{_PLAIN_ATEXT}]+(?:\.[{_PLAIN_ATEXT}]+)*@[A-Za-z0-9](?:[A-Za-z0-9.\-]{{0,250}}[A-Za-z0-9])?\n"
    rf"https?://[!#-%(-;?-Z_a-z~\[\]]{{1,900}}\n{_MESSAGE_ID.pattern}"
)
_SHORT_MAILBOX = HEADER_OCTETS - len("To:  <>")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_HEADER_LINE = re.compile(rb"[!-9;-~]+:(?: [^\x00-\x1f\x7f]*)?")

_LONG_OCTETS = 2048

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """Everything of an edition's messages that is the same for all readers. Safe to share between threads.

    `fixed` are the body's bytes between its holes. The personal values of one reader come after them: by field, in each
    context, as `spread` makes them of one value for each of PERSONAL_FIELDS; `fields` tells where those of a field
    begin. Of these all each of `runs` picks what makes one piece of the body. The states have taken all that comes
    before the first personal byte; of the body `hashed` octets.
    """

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    fixed: tuple[bytes, ...] = field(repr=False)
    runs: tuple[_Picked, ...] = field(repr=False)
    spread: _Picked = field(repr=False)
    fields: tuple[tuple[int, str, tuple[Context, ...]], ...] = field(repr=False)
    names: bytes = field(repr=False)
    headers_state: _Hash = field(repr=False)
    body_state: _Hash = field(repr=False)
    hashed: int

    def build(self, addressee: Addressee, *, date: datetime, signers: Sequence[Signer] = ()) -> bytes:
        """The message for one reader, signed by each of `signers`; `date` is aware. Raises as `Dated.pieces` says."""
        return b"".join(self.dated(date, signers).pieces(addressee))

    def dated(self, date: datetime, signers: Sequence[Signer] = ()) -> Dated:
        """For all messages of one moment; `date` is aware, else ValueError."""
        header, at = date_header(date), int(date.timestamp())
        return Dated(self, header, relaxed(header), [signer.at(at, names=self.names) for signer in signers])


_Picked = Callable[[Sequence[bytes]], Sequence[bytes]]


class LaidOut(NamedTuple):
    """A message but for its signatures: the personal headers as they are signed, all headers, the body's pieces."""

    signed: bytes
    head: bytes
    body: list[bytes]


@dataclass(frozen=True, slots=True)
class Dated:
    """A compiled edition whose messages bear one date and the signatures of `signings`."""

    compiled: Compiled
    date: bytes
    relaxed_date: bytes
    signings: Sequence[Signing]

    def pieces(self, addressee: Addressee) -> list[bytes]:
        """The message for one reader, not yet put together: nearly all of it is what all readers share, and is copied
        by nobody but the kernel. Raises as `laid_out` says."""
        return self.signed(self.laid_out(addressee))

    def laid_out(self, addressee: Addressee) -> LaidOut:
        """The same before it is signed.

        Raises InputError when the addressee's address, Message-ID or unsubscribe URL cannot stand in a
        header: a fault of this one row, no other message suffers.
        """
        address, name, url, preferences, message_id = addressee
        # Nearly all readers: whatever stands for itself in every place needs no second look in any of them.
        is_plain = _PLAIN_READER.fullmatch(f"{address}\n{url}\n{message_id}") is not None
        if not is_plain:
            _check_reader(addressee)
        is_plain_name = _PLAIN_NAME.fullmatch(name) is not None
        if is_plain and is_plain_name and len(name) + len(address) <= _SHORT_MAILBOX:
            to = f"To: {name} <{address}>\r\n".encode("ascii")
        else:
            to = mailbox_header("To", name, address)
        # List-Unsubscribe is never folded, never encoded: receivers read this one with simple programs (RFC 8058)
        ours = f"Message-ID: {message_id}\r\nList-Unsubscribe: <{url}>\r\n".encode("ascii")
        head = b"".join((self.compiled.before, to, self.date, ours, self.compiled.after))
        signed = b""
        if self.signings:
            relaxed_ours = f"message-id:{message_id}\r\nlist-unsubscribe:<{url}>\r\n".encode("ascii")
            signed = b"".join((relaxed(to), self.relaxed_date, relaxed_ours))
        known = (
            name.encode("ascii") if is_plain_name and len(name) <= LINE_OCTETS else b"",
            address.encode("ascii") if is_plain and len(address) <= LINE_OCTETS else b"",
            url.encode("ascii") if is_plain and len(url) <= LINE_OCTETS else b"",
            _shared_value(preferences) or b"",
        )
        return LaidOut(signed, head, self._body(addressee, known))

    def _body(self, addressee: Addressee, known: Sequence[bytes]) -> list[bytes]:
        """The body's pieces, with the values (of PERSONAL_FIELDS) that are `known` to be the same in every context, and
        those that are empty there, as they stand in each."""
        values = [*self.compiled.spread(known)]
        if not all(known):
            for at, name, contexts in self.compiled.fields:
                if not values[at]:
                    values[at : at + len(contexts)] = _quoted(getattr(addressee, name), contexts)
        parts = [*self.compiled.fixed, *values]
        return [b"".join(run(parts)) for run in self.compiled.runs]

    def signed(self, laid_out: LaidOut) -> list[bytes]:
        """The message, with its signatures before it."""
        personal, head, body = laid_out
        if self.signings:
            return [b"".join((*self._signatures(personal, body), head)), *body]
        return [head + body[0], *body[1:]]

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
    parts = _join_fixed(_multipart(sealed, boundary))
    fixed = [part for part in parts if isinstance(part, bytes)]
    holes = [part for part in parts if isinstance(part, Hole)]
    fields = {hole.field: tuple(dict.fromkeys(h.context for h in holes if h.field == hole.field)) for hole in holes}
    values = [Hole(name, context) for name, contexts in fields.items() for context in contexts]
    starts = (values.index(Hole(name, contexts[0])) for name, contexts in fields.items())
    places = {part: at for at, part in enumerate([*fixed, *values])}
    signed = [raw for raw in before + after if _name(raw) in OVERSIGNED]
    return Compiled(
        before=b"".join(before),
        after=b"".join(after) + b"\r\n",
        fixed=tuple(fixed),
        runs=tuple(_picked([places[part] for part in run]) for run in _runs(parts)),
        spread=_picked([PERSONAL_FIELDS.index(value.field) for value in values]),
        fields=tuple((start, *each) for start, each in zip(starts, fields.items(), strict=True)),
        names=signed_names([*map(_name, signed), *_PERSONAL_NAMES]),
        headers_state=sha256(b"".join(map(relaxed, signed))),
        body_state=sha256(fixed[0]),
        hashed=len(fixed[0]),
    )


def _check_reader(addressee: Addressee) -> None:
    if not _MESSAGE_ID.fullmatch(addressee.message_id):
        raise InputError(f"Message-ID: {addressee.message_id[:80]!r}: wanted such as <1.2@example.org>")
    if not _UNSUBSCRIBE_URL.fullmatch(addressee.unsubscribe_url):
        raise InputError(
            f"unsubscribe URL: {addressee.unsubscribe_url[:80]!r}: an absolute https URL in ASCII is wanted; "
            "correct [newsletter] base_url"
        )
    check_address(addressee.address)


def _quoted(value: str, contexts: Sequence[Context]) -> list[bytes]:
    """A personal value as it stands in each context."""
    value = clean(value)
    texts = [in_context(value, context) for context in contexts]
    said = quote_value(texts[0])
    return [said if text == texts[0] else quote_value(text) for text in texts]


_shared_value = lru_cache(maxsize=64)(plain_value)
"""For values that are the same for all readers."""


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


def _join_fixed(pieces: Sequence[bytes | Hole]) -> list[bytes | Hole]:
    """Neighbouring fixed pieces joined."""
    parts: list[bytes | Hole] = []
    for piece in pieces:
        if parts and isinstance(piece, bytes) and isinstance(parts[-1], bytes):
            parts[-1] += piece
        else:
            parts.append(piece)
    return parts


def _runs(parts: Sequence[bytes | Hole]) -> list[list[bytes | Hole]]:
    """Which parts are put together for each reader: what is short costs more as a piece than as a copy."""
    runs: list[list[bytes | Hole]] = []
    for part in parts:
        is_long = isinstance(part, bytes) and len(part) >= _LONG_OCTETS
        if runs and not is_long and not (isinstance(runs[-1][-1], bytes) and len(runs[-1][-1]) >= _LONG_OCTETS):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _picked(places: Sequence[int]) -> _Picked:
    """Takes what stands at these places; `itemgetter` alone would hand over one item bare, and takes no none."""
    if len(places) > 1:
        return itemgetter(*places)
    first = places[0] if places else 0
    return itemgetter(slice(first, first + len(places)))


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
