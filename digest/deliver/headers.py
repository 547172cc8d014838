"""Header lines: plain Unicode to the bytes of one header each, which nothing in a value can break out of. Pure.

The standard library's encoder is not used: on Python 3.11 it turns an encoded word inside a subject into a
new header line, and folds List-Unsubscribe into encoded words that no receiver reads. Here text is encoded by
RFC 2047, names and addresses by RFC 5322, and everything that a machine reads goes out as it is or not at all.
"""

from __future__ import annotations

import binascii
import re

from digest.errors import InputError

LINE_OCTETS = 76  # RFC 2047 section 2: a line with encoded words; RFC 5322 would allow 998
HARD_LIMIT_OCTETS = 998  # RFC 5322 section 2.1.1

_WORD_OCTETS = 75  # RFC 2047 section 2

_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_PLAIN_PHRASE = re.compile(rf"[{_ATEXT}]+(?: [{_ATEXT}]+)*")
_LOCAL = rf"[{_ATEXT}\u00a1-\ud7ff\ue000-\ufefe\uff00-\U0010ffff]+"
_ADDRESS = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?")
_NAME = re.compile(r"[!-9;-~]+")
_VERBATIM = re.compile(r"[!-~]+(?: [!-~]+)*")

# Line breaks of every kind become a blank; other controls, and the characters that reorder the text after
# them (bidirectional embeddings, overrides, isolates), are left out. LRM, RLM and ALM stay: names need them.
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029 ]+")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]+")
_SURROGATE = re.compile("[\ud800-\udfff]")

# RFC 2047 section 5 (3): what may stand for itself in a word that replaces part of a display name
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = {byte: chr(byte) if byte in _Q_SAFE else "_" if byte == 0x20 else f"={byte:02X}" for byte in range(256)}


def clean(value: str) -> str:
    """One line of text: no controls, no line breaks, single blanks, nothing blank at the ends. Idempotent."""
    if value.isprintable() and "  " not in value and value.strip(" ") == value:
        return value
    value = _CONTROLS.sub("", _SURROGATE.sub("\ufffd", value))
    return _BREAKS.sub(" ", value).strip()


def text_header(name: str, value: str) -> bytes:
    """A header that people read (Subject): folded at blanks, encoded where it is not short plain ASCII.

    Text that looks like an encoded word is itself encoded, so that nobody decodes what was never encoded.
    """
    value = clean(value)
    words = value.split(" ")
    plain = value.isascii() and "=?" not in value
    if not plain or len(name) + 2 + len(words[0]) > LINE_OCTETS or any(len(word) >= LINE_OCTETS for word in words):
        words = _encoded_words(value, room=min(_WORD_OCTETS, LINE_OCTETS - len(name) - 2))
    return _folded(name, words)


def mailbox_header(name: str, display: str, address: str) -> bytes:
    """A header with one address (From, To, Reply-To), e.g. `To: "Dr. Ada" <ada@example.org>`.

    `address` is as on the wire; a local part beyond ASCII stands as UTF-8 (RFC 6532; its message then needs
    SMTPUTF8). Raises InputError for what is not `local@domain`.
    """
    check_address(address)
    display = clean(display)
    if not display:
        return f"{name}: {address}\r\n".encode()
    words = _phrase(name, display)
    line = f"{name}: {words[0]} <{address}>"
    if len(words) == 1 and len(line) <= LINE_OCTETS:
        return f"{line}\r\n".encode()
    return "".join([f"{name}: ", "\r\n ".join(words), f"\r\n <{address}>\r\n"]).encode()


def verbatim_header(name: str, value: str) -> bytes:
    """A header that machines read (List-Unsubscribe, Feedback-ID): one line, neither folded nor encoded.

    Raises InputError for what is not printable ASCII with single blanks, or too long for a line.
    """
    line = f"{name}: {value}"
    if not _VERBATIM.fullmatch(value):
        raise InputError(f"{name}: {value[:80]!r}: only printable ASCII can stand here; take the rest out")
    if len(line) > HARD_LIMIT_OCTETS:
        raise InputError(f"{name}: {len(line)} characters: at most {HARD_LIMIT_OCTETS} fit on a line; shorten it")
    return f"{line}\r\n".encode("ascii")


def fixed_header(name: str, value: str) -> bytes:
    """A header of the sealed edition, plain Unicode, encoded as its name demands. Raises InputError."""
    if not _NAME.fullmatch(name) or len(name) > LINE_OCTETS // 2:
        raise InputError(f"{name[:80]!r}: not a header name; use letters, digits and hyphens")
    lower = name.lower()
    if lower in {"from", "reply-to", "sender", "errors-to"}:
        return mailbox_header(name, *split_mailbox(value))
    if lower == "list-id":
        return _list_id(name, value)
    if lower.startswith("list-") or lower == "feedback-id":
        return verbatim_header(name, value)
    return verbatim_header(name, value) if _is_token(value) else text_header(name, value)


def split_mailbox(value: str) -> tuple[str, str]:
    """`Name <address>`, `"Quoted \\" name" <address>` or a bare address to (name, address), both unescaped.

    The last angle brackets hold the address; everything before them is the name, whatever it contains.
    """
    value = clean(value)
    before, bracket, address = value.rpartition("<")
    if not bracket or not value.endswith(">"):
        return "", value
    display = before.strip(" ")
    if len(display) >= 2 and display.startswith('"') and display.endswith('"'):
        display = re.sub(r"\\(.)", r"\1", display[1:-1])
    return display, address[:-1].strip(" ")


def check_address(address: str) -> None:
    """Raises InputError unless this can stand in a header and an envelope as it is, without quoting."""
    # "=?" is legal in a local part, but a reader that decodes it would see other bytes than we wrote
    if not _ADDRESS.fullmatch(address) or "=?" in address or len(address) > 320 or not _is_clean(address):
        raise InputError(f"address: {address[:80]!r}: an address such as name@example.org is wanted; correct it")


def _is_clean(address: str) -> bool:
    return address.isascii() or (clean(address) == address and not any(char.isspace() for char in address))


def _is_token(value: str) -> bool:
    return value.isascii() and "=?" not in value and _VERBATIM.fullmatch(value) is not None and len(value) < 800


def _list_id(name: str, value: str) -> bytes:
    """RFC 2919: a phrase, then the identifier in angle brackets, which stays as it is."""
    display, identifier = split_mailbox(value)
    if not value.endswith(">") or not re.fullmatch(r"[A-Za-z0-9.\-_]{1,255}", identifier):
        raise InputError(f"{name}: {value[:80]!r}: wanted such as `My list <weekly.example.org>`; correct it")
    words = [*(_phrase(name, display) if display else []), f"<{identifier}>"]
    return _folded(name, words)


def _phrase(name: str, display: str) -> list[str]:
    """A display name as atoms, one quoted string, or encoded words: what is least, each short enough for a line."""
    room = LINE_OCTETS - len(name) - 2
    if display.isascii() and "=?" not in display and len(display) < room:
        if _PLAIN_PHRASE.fullmatch(display):
            return [display]
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        if len(escaped) + 2 <= room:
            return [f'"{escaped}"']
    return _encoded_words(display, room=min(_WORD_OCTETS, room))


def _folded(name: str, words: list[str]) -> bytes:
    """`name: words` with a line break before each word that would pass LINE_OCTETS."""
    lines = [f"{name}:"]
    for word in words:
        if lines[-1] != f"{name}:" and len(lines[-1]) + 1 + len(word) > LINE_OCTETS:
            lines.append("")
        lines[-1] += f" {word}"
    return "".join(f"{line.rstrip(' ')}\r\n" for line in lines).encode()


def _encoded_words(value: str, *, room: int) -> list[str]:
    """RFC 2047 words for the whole text, each at most `room` octets, no character cut in two.

    Q for mostly plain letters, which people can still read, else B. All of the text is encoded, blanks
    included: between encoded words a reader drops the blanks, so mixing the two forms would lose them.
    """
    data = value.encode("utf-8")
    q = _q(data)
    use_q = 2 * len(q) <= 5 * len(data)
    if len(word := f"=?utf-8?q?{q}?=" if use_q else _word(data, use_q=False)) <= room:
        return [word]
    words: list[str] = []
    chunk = b""
    for char in value:
        longer = chunk + char.encode("utf-8")
        if len(_word(longer, use_q=use_q)) > room:
            words.append(_word(chunk, use_q=use_q))
            longer = char.encode("utf-8")
        chunk = longer
    return [*words, _word(chunk, use_q=use_q)]


def _q(data: bytes) -> str:
    return data.decode("latin-1").translate(_Q)  # a character for each octet


def _word(data: bytes, *, use_q: bool) -> str:
    if use_q:
        return f"=?utf-8?q?{_q(data)}?="
    return f"=?utf-8?b?{binascii.b2a_base64(data, newline=False).decode('ascii')}?="
