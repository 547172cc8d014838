"""The key file, and what is derived from it."""

from __future__ import annotations

import base64

import pytest

from subscribers.errors import KeyRingError
from subscribers.keys import KeyRing

SUPPRESSION, FIRST, SECOND = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))


def ring_of(*lines: str) -> KeyRing:
    return KeyRing.parse("\n".join(lines))


def test_a_generated_file_can_be_read() -> None:
    text = KeyRing.generate(lambda size: b"\x07" * size)

    ring = KeyRing.parse(text)

    assert ring.current_id == 1
    assert ring.keys == {1: b"\x07" * 32}
    assert ring.suppression_key == b"\x07" * 32


def test_comments_blank_lines_and_windows_line_ends_are_passed_over() -> None:
    ring = KeyRing.parse(f"\ufeff# ours\r\n\r\nsuppression {SUPPRESSION}\r\n  1  {FIRST}  \r\n")

    assert ring == ring_of(f"suppression {SUPPRESSION}", f"1 {FIRST}")


def test_the_highest_number_signs_and_all_are_accepted() -> None:
    ring = ring_of(f"2 {SECOND}", f"suppression {SUPPRESSION}", f"1 {FIRST}")

    assert ring.current_id == 2
    assert ring.derive("unsubscribe") == ring.derive_all("unsubscribe")[2]
    assert set(ring.derive_all("unsubscribe")) == {1, 2}


def test_each_purpose_has_a_key_of_its_own() -> None:
    ring = ring_of(f"suppression {SUPPRESSION}", f"1 {FIRST}")

    assert ring.derive("unsubscribe") != ring.derive("message-id")
    assert ring.derive("unsubscribe") != ring.keys[1]
    assert len(ring.derive("unsubscribe")) == 32


def test_a_suppression_hash_outlives_a_change_of_keys() -> None:
    before = ring_of(f"suppression {SUPPRESSION}", f"1 {FIRST}")
    after = ring_of(f"suppression {SUPPRESSION}", f"1 {FIRST}", f"2 {SECOND}")

    assert before.suppression_hash("ann@example.org") == after.suppression_hash("ann@example.org")
    assert before.suppression_hash("ann@example.org") != before.suppression_hash("bob@example.org")
    assert len(before.suppression_hash("ann@example.org")) == 64


def test_a_ring_shows_no_secret() -> None:
    ring = ring_of(f"suppression {SUPPRESSION}", f"1 {FIRST}")
    ring.derive("unsubscribe")

    assert repr(ring) == "KeyRing()"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no suppression line"),
        (f"1 {FIRST}", "no suppression line"),
        (f"suppression {SUPPRESSION}", "no numbered key"),
        (f"suppression {SUPPRESSION}\n1 {FIRST}\n1 {SECOND}", "line 3: a second key"),
        (f"suppression {SUPPRESSION}\n1 {FIRST}\n01 {SECOND}", "line 3: a second key"),
        (f"suppression {SUPPRESSION}\n0 {FIRST}", "line 2: 'suppression' or a number from 1 to 255"),
        (f"suppression {SUPPRESSION}\n256 {FIRST}", "line 2: 'suppression' or a number"),
        (f"suppression {SUPPRESSION}\n{'9' * 5000} {FIRST}", "line 2: 'suppression' or a number"),
        (f"suppression {SUPPRESSION}\ntwo {FIRST}", "line 2: 'suppression' or a number"),
        (f"suppression {SUPPRESSION}\n1 not base64", "line 2: the key is not base64"),
        (f"suppression {SUPPRESSION}\n1 c2hvcnQ=", "line 2: the key has 5 bytes: at least 32"),
        (f"suppression {SUPPRESSION}\n1", "line 2: the key has 0 bytes"),
    ],
)
def test_a_faulty_file_is_refused_by_line_and_without_its_secrets(text: str, why: str) -> None:
    with pytest.raises(KeyRingError) as refused:
        KeyRing.parse(text)

    assert why in str(refused.value)
    assert FIRST not in str(refused.value)
