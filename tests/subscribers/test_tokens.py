"""Tokens cannot be forged, moved to another newsletter, or broken by whatever stands in a link."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.keys import KeyRing
from subscribers.tokens import is_message_mac, message_mac, read_unsubscribe_token, unsubscribe_token


def ring_of(*numbers: int) -> KeyRing:
    return KeyRing({number: bytes([number]) * 32 for number in numbers}, b"s" * 32)


RING = ring_of(1)


@given(st.integers(0, 2**56 - 1))
def test_a_token_gives_back_its_subscriber(subscriber: int) -> None:
    token = unsubscribe_token(RING, "weekly", subscriber)

    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert read_unsubscribe_token(RING, "weekly", token) == subscriber


def test_a_token_is_the_same_every_time() -> None:
    assert unsubscribe_token(RING, "weekly", 7) == unsubscribe_token(ring_of(1), "weekly", 7)


def test_a_token_does_nothing_on_another_newsletter() -> None:
    assert read_unsubscribe_token(RING, "daily", unsubscribe_token(RING, "weekly", 7)) is None


def test_a_token_survives_a_change_of_keys_for_as_long_as_the_old_key_is_kept() -> None:
    token = unsubscribe_token(ring_of(1), "weekly", 7)

    assert read_unsubscribe_token(ring_of(1, 2), "weekly", token) == 7
    assert read_unsubscribe_token(ring_of(2), "weekly", token) is None


def test_every_changed_bit_breaks_a_token() -> None:
    raw = bytearray(base64.urlsafe_b64decode(unsubscribe_token(RING, "weekly", 7)))
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        assert read_unsubscribe_token(RING, "weekly", base64.urlsafe_b64encode(changed).decode()) is None


def test_a_token_made_for_another_purpose_is_not_accepted() -> None:
    head = bytes((1,)) + (7).to_bytes(7, "big")
    mac = bytes.fromhex(message_mac(RING, "weekly"))
    forged = base64.urlsafe_b64encode((head + mac + bytes(6))[:24]).decode()

    assert read_unsubscribe_token(RING, "weekly", forged) is None


@pytest.mark.parametrize("token", ["", "x", "A" * 31, "A" * 33, "A" * 32, "A" * 31 + "=", "A" * 31 + "\n", "Ä" * 32])
def test_what_is_no_token_is_nobody(token: str) -> None:
    assert read_unsubscribe_token(RING, "weekly", token) is None


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_reading_a_token_never_raises(token: str) -> None:
    assert read_unsubscribe_token(RING, "weekly", token) is None


def another_ring() -> KeyRing:
    return KeyRing.parse(KeyRing.generate(lambda n: b"\x7f" * n))


def test_a_message_mac_is_short_plain_and_the_same_after_a_change_of_keys() -> None:
    mac = message_mac(ring_of(1), "weekly-2026-11-23.7")

    assert re.fullmatch("[0-9a-f]{20}", mac)
    assert is_message_mac(ring_of(1, 2), "weekly-2026-11-23.7", mac.upper())
    assert not is_message_mac(ring_of(1, 2), "weekly-2026-11-23.8", mac)
    assert message_mac(ring_of(1, 2), "weekly-2026-11-23.7") == mac
    assert not is_message_mac(another_ring(), "weekly-2026-11-23.7", mac)


@given(st.text(max_size=20))
def test_checking_a_message_mac_never_raises(mac: str) -> None:
    assert not is_message_mac(RING, "weekly-2026-11-23.7", mac)
