"""Tokens in links: 32 characters that say which subscriber of which newsletter, unforgeable. Pure.

An unsubscribe token has 24 bytes: key number (1), subscriber (7, big-endian), HMAC-SHA-256 cut to 128 bits (16), as
base64url. It never expires (RFC 8058 links must work for as long as the mail is kept), serves one purpose only, and
survives a change of keys for as long as the old key stays in the ring. It is short: no header line needs folding.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from functools import lru_cache

from subscribers.keys import KeyRing

UNSUBSCRIBE = "unsubscribe"
MESSAGE_ID = "message-id"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_HEAD_BYTES = 8
_MAC_BYTES = 16
_MESSAGE_MAC_BYTES = 10
_BLOCK_BYTES = 64


def unsubscribe_token(ring: KeyRing, newsletter: str, subscriber: int) -> str:
    """The token for one subscriber's unsubscribe link: 32 characters of A–Z a–z 0–9 _ -. The same every time."""
    key_id = ring.current_id
    head = bytes((key_id,)) + subscriber.to_bytes(_HEAD_BYTES - 1, "big")
    mac = _unsubscribe_mac(ring.derive_all(UNSUBSCRIBE)[key_id], newsletter, head)
    return base64.urlsafe_b64encode(head + mac).decode("ascii")


def read_unsubscribe_token(ring: KeyRing, newsletter: str, token: str) -> int | None:
    """The subscriber's number, or None when the token is not one of ours for this newsletter. Never raises."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    head, mac = raw[:_HEAD_BYTES], raw[_HEAD_BYTES:]
    keys = ring.derive_all(UNSUBSCRIBE)
    # An unknown key number costs the same work as a known one, so that timing says nothing about the ring.
    key = keys.get(head[0], b"")
    right = hmac.compare_digest(mac, _unsubscribe_mac(key, newsletter, head))
    return int.from_bytes(head[1:], "big") if right and head[0] in keys else None


def message_mac(ring: KeyRing, text: str) -> str:
    """A short mark for Message-IDs: 16 of a–z and 2–7 (80 bits). It tells our mails from forged reports about them.

    No change of keys changes it: a mail that is sent once more must have the Message-ID that it had.
    """
    return _message_mac(ring.permanent(MESSAGE_ID), text)


def is_message_mac(ring: KeyRing, text: str, mac: str) -> bool:
    """Whether `mac` was made by `message_mac` for this text with this ring. Never raises."""
    return hmac.compare_digest(mac.lower().encode("utf-8", "replace"), message_mac(ring, text).encode())


def _unsubscribe_mac(key: bytes, newsletter: str, head: bytes) -> bytes:
    return _hmac_sha256(key, head + newsletter.encode())[:_MAC_BYTES]


def _message_mac(key: bytes, text: str) -> str:
    return base64.b32encode(_hmac_sha256(key, text.encode())[:_MESSAGE_MAC_BYTES]).decode("ascii").lower()


def _hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104), in a third of the time that `hmac.digest` takes for a few bytes."""
    started, outer = _half_done(key)
    inner, outer = started.copy(), outer.copy()
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=64)  # keys of a ring are few
def _half_done(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """SHA-256 begun with the inner and with the outer block of the key, which are the same for every message."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
    return hashlib.sha256(bytes(b ^ 0x36 for b in block)), hashlib.sha256(bytes(b ^ 0x5C for b in block))
