"""Quoted-printable with holes: text comes back, and nothing on the way can change the bytes."""

from __future__ import annotations

import quopri
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.quoted import quote_part, quote_value
from digest.marks import Hole, mark, split_marks

NONCE = "0123456789ab"
MARK = mark(NONCE, "name", "plain")

characters = st.sampled_from(" .=\t-Fromé—👩\u200d\u0301\u00a0\u2028\x00\x7f<>\"'&") | st.characters(codec="utf-8")
snippets = st.sampled_from(
    [".", "..", "From me", " ", "  ", "x" * 200, "é" * 90, "=3D", "--b", "\n", "\n.", MARK, MARK]
)
texts = st.lists(st.text(characters, max_size=20) | snippets, max_size=12).map("".join)
values = st.text(characters, max_size=90).map(lambda text: " ".join(text.split()))


def joined(text: str, value: str) -> bytes:
    parts = quote_part(split_marks(text, NONCE))
    return b"".join(quote_value(value) if isinstance(part, Hole) else part for part in parts)


def line_ends_alike(text: str) -> str:
    return re.sub("\r\n|\r", "\n", text)


@settings(max_examples=150)
@given(texts, values)
def test_text_and_values_come_back_exactly(text: str, value: str) -> None:
    decoded = quopri.decodestring(joined(text, value)).decode("utf-8")

    pieces = [line_ends_alike(piece.replace("\0", "")) for piece in text.split(MARK)]
    assert line_ends_alike(decoded) == value.join(pieces)


@settings(max_examples=150)
@given(texts, values)
def test_every_line_is_its_own_dkim_relaxed_form_and_needs_no_stuffing(text: str, value: str) -> None:
    for line in joined(text, value).split(b"\r\n"):
        assert len(line) <= 76
        assert re.fullmatch(rb"[ -~]*", line)
        assert b"  " not in line
        assert not line.endswith(b" ")
        assert not line.startswith((b".", b"From ", b" "))


@given(values)
def test_a_value_is_encoded_alike_wherever_it_stands(value: str) -> None:
    after_text, at_line_start, alone = (joined(text, value) for text in (f"x{MARK}y", f"x\n{MARK}\ny", MARK))

    assert after_text == b"x=\r\n" + quote_value(value) + b"=\r\ny"
    assert at_line_start == b"x\r\n" + quote_value(value) + b"\r\ny"
    assert alone == quote_value(value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"Hello {MARK}, welcome", b"Hello=20=\r\nAda=\r\n, welcome"),
        (f"{MARK}{MARK}", b"Ada=\r\nAda"),
        (f"{MARK}\0{MARK}", b"Ada=\r\nAda"),
        (".", b"=2E"),
        ("From me", b"=46rom me"),
        ("\r\n.\r\n", b"\r\n=2E\r\n"),
        ("a\rb\nc", b"a\r\nb\r\nc"),
        ("lone \ud800 surrogate", b"lone =EF=BF=BD surrogate"),
    ],
)
def test_examples(text: str, wanted: bytes) -> None:
    assert joined(text, "Ada") == wanted


@pytest.mark.parametrize("length", range(70, 80))
def test_an_escape_is_never_cut_in_two(length: int) -> None:
    quoted = quote_value("x" * length + "é—" * 3)

    assert all(re.fullmatch(rb"(?:[!-<>-~]|=[0-9A-F]{2})*", line) for line in quoted.split(b"=\r\n"))


def test_an_empty_value_leaves_no_trace() -> None:
    assert quopri.decodestring(joined(f"Dear{MARK} reader", "")) == b"Dear reader"


def test_a_line_of_ten_megabytes_is_encoded_in_linear_time() -> None:
    quoted = joined("é" * 1_000_000, "")

    assert len(quoted) < 6_300_000
