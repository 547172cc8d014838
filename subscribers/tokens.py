"""Tokens in links: 32 characters that say which subscriber of which newsletter, unforgeable. Pure.

An unsubscribe token has 24 bytes: key number (1), subscriber (7, big-endian), HMAC-SHA-256 cut to 128 bits (16), as
base64url. It never expires (RFC 8058 links must work for as long as the mail is kept), serves one purpose only, and
survives a change of keys for as long as the old key stays in the ring. It is short: no header line needs folding.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable

from subscribers.keys import KeyRing

UNSUBSCRIBE = "unsubscribe"
MESSAGE_ID = "message-id"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_HEAD_BYTES = 8
_MAC_BYTES = 16
_MESSAGE_MAC_BYTES = 10
_BLOCK_BYTES = 64
_URL_SAFE = bytes.maketrans(b"+/", b"-_")  # RFC 4648 section 5


def unsubscribe_token(ring: KeyRing, newsletter: str, subscriber: int) -> str:
    """The token for one subscriber's unsubscribe link: 32 characters of A–Z a–z 0–9 _ -. The same every time."""
    return unsubscribe_tokens(ring, newsletter)(subscriber)


def unsubscribe_tokens(ring: KeyRing, newsletter: str) -> Callable[[int], str]:
    """`unsubscribe_token` for many subscribers: what their tokens share is worked out once."""
    key_id, of = bytes((ring.current_id,)), newsletter.encode()
    mac = _hmac_sha256(ring.derive_all(UNSUBSCRIBE)[ring.current_id])

    def token(subscriber: int) -> str:
        head = key_id + subscriber.to_bytes(_HEAD_BYTES - 1, "big")
        raw = binascii.b2a_base64(head + mac(head + of)[:_MAC_BYTES], newline=False)
        return raw.translate(_URL_SAFE).decode("ascii")

    return token


def read_unsubscribe_token(ring: KeyRing, newsletter: str, token: str) -> int | None:
    """The subscriber's number, or None when the token is not one of ours for this newsletter. Never raises."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    head, mac = raw[:_HEAD_BYTES], raw[_HEAD_BYTES:]
    keys = ring.derive_all(UNSUBSCRIBE)
    # An unknown key number costs the same work as a known one, so that timing says nothing about the ring.
    key = keys.get(head[0], b"")
    right = hmac.compare_digest(mac, _hmac_sha256(key)(head + newsletter.encode())[:_MAC_BYTES])
    return int.from_bytes(head[1:], "big") if right and head[0] in keys else None


def message_mac(ring: KeyRing, text: str) -> str:
    """A short mark for Message-IDs: 20 hex digits (80 bits). It tells our mails from forged reports about them.

    No change of keys changes it: a mail that is sent once more must have the Message-ID that it had.
    """
    return message_macs(ring)(text)


def message_macs(ring: KeyRing) -> Callable[[str], str]:
    """`message_mac` for many texts."""
    key = ring.permanent(MESSAGE_ID)

    def mark(text: str) -> str:
        # Keyed BLAKE2 (RFC 7693 section 2.9): one call, where HMAC takes six.
        return hashlib.blake2b(text.encode(), digest_size=_MESSAGE_MAC_BYTES, key=key).hexdigest()

    return mark


def is_message_mac(ring: KeyRing, text: str, mac: str) -> bool:
    """Whether `mac` was made by `message_mac` for this text with this ring. Never raises."""
    return hmac.compare_digest(mac.lower().encode("utf-8", "replace"), message_mac(ring, text).encode())


def _hmac_sha256(key: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SHA-256 (RFC 2104) with one key, in a third of the time that `hmac.digest` takes for a few bytes: SHA-256 is
    begun once with the inner and with the outer block of the key, which are the same for every message."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
    begun_inside = hashlib.sha256(bytes(b ^ 0x36 for b in block)).copy
    begun_outside = hashlib.sha256(bytes(b ^ 0x5C for b in block)).copy

    def mac(message: bytes) -> bytes:
        inner, outer = begun_inside(), begun_outside()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    return mac
