"""Whatever a server sends becomes replies in order, or one garbled reply; never more than a bounded amount is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.replies import Reply, ReplyReader
from digest.model import Outcome, Phase


def test_replies_come_in_order_with_their_enhanced_codes() -> None:
    replies = ReplyReader().feed(b"250 2.1.0 sender ok\r\n550 5.1.1 no such user\r\n354 go on\r\n")

    assert replies == [Reply(250, "2.1.0", "sender ok"), Reply(550, "5.1.1", "no such user"), Reply(354, None, "go on")]


def test_a_reply_of_several_lines_is_one_reply() -> None:
    replies = ReplyReader().feed(b"550-5.7.1 We do not\r\n550-5.7.1 like\r\n550 5.7.1 this\r\n")

    assert replies == [Reply(550, "5.7.1", "We do not like this")]


@given(st.lists(st.integers(1, 20), max_size=12))
def test_it_does_not_matter_how_the_bytes_arrive(cuts: list[int]) -> None:
    stream, reader, seen = b"250-a\r\n250 b\r\n451 4.2.1 later\n221 bye\r\n", ReplyReader(), []

    for cut in [*cuts, len(stream)]:
        seen += reader.feed(stream[:cut])
        stream = stream[cut:]

    assert [reply.code for reply in seen] == [250, 451, 221]


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x00\xff\xfe\r\n",
        b"25\r\n",
        b"2500 ok\r\n",
        b"150 ok\r\n",
        b"+25 ok\r\n",
        b"\r\n",
        b"250-a\r\n251 b\r\n",
        b"x" * 65536,
        b"250 " + b"x" * 65536 + b"\r\n",
        b"250-drip\r\n" * 10_000,
    ],
)
def test_what_is_no_reply_is_garbled_and_nothing_after_it_counts(garbage: bytes) -> None:
    reader = ReplyReader()

    replies = reader.feed(b"250 ok\r\n" + garbage + b"\r\n250 ok\r\n")

    assert replies[0].ok
    assert replies[-1].garbled
    assert len(replies) == 2
    assert reader.feed(b"250 ok\r\n") == []


def test_an_enhanced_code_of_another_class_than_the_reply_is_text() -> None:
    assert ReplyReader().feed(b"550 2.1.5 odd\r\n") == [Reply(550, None, "2.1.5 odd")]


def test_control_and_bidi_characters_are_shown_escaped() -> None:
    (reply,) = ReplyReader().feed(b"550 \x1b[31mred\x00 \xe2\x80\xae \xff\r\n")

    assert reply.text == r"\x1b[31mred\x00 \u202e \xff"


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_calmly(data: bytes) -> None:
    for reply in ReplyReader().feed(data):
        assert len(reply.text) <= 500
        assert reply.text.isprintable()


def test_a_reply_that_does_not_belong_into_its_phase_is_no_answer() -> None:
    assert Reply(250, None, "ok").outcome(Phase.DATA) == Outcome(phase=Phase.DATA, text="not a reply to this: 250 ok")
    assert Reply(354, None, "go").outcome(Phase.DOT).code is None
    assert Reply(250, None, "ok").outcome(Phase.DOT).code == 250
    assert Reply(421, None, "bye").outcome(Phase.DOT).code == 421
