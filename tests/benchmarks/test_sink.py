"""The benchmarks' sink: figures are worth nothing when it miscounts, or offers what it does not keep."""

from __future__ import annotations

import smtplib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.delivery.sink import Kind, Sink, SinkOptions, compiled_sink, parse_delay

LETTER = "Subject: morning\r\n\r\nGood morning.\r\n"


@pytest.fixture(params=["c", "asyncio"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    if chosen == "c" and compiled_sink() is None:
        pytest.skip("no C compiler")
    return chosen


@pytest.fixture
def sink(kind: Kind) -> Iterator[Sink]:
    with Sink(kind=kind) as running:
        yield running


class Talk:
    """Bytes to the sink, lines back."""

    def __init__(self, sink: Sink) -> None:
        self._socket = socket.create_connection(("127.0.0.1", sink.port), timeout=5)
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Talk:
        assert self.codes(1) == [220]
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def say(self, text: bytes) -> None:
        self._socket.sendall(text)

    def codes(self, count: int) -> list[int]:
        return [int(self._lines.readline()[:3]) for _ in range(count)]


def send(sink: Sink, recipient: str) -> int:
    """The code that ended the attempt, 0 for a connection that was closed without a word."""
    with smtplib.SMTP("127.0.0.1", sink.port, "sender.example.com", timeout=5) as smtp:
        try:
            smtp.sendmail("news@example.com", recipient, LETTER)
        except smtplib.SMTPRecipientsRefused as refused:
            return refused.recipients[recipient][0]
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code
        except smtplib.SMTPServerDisconnected:
            return 0
    return 250


def test_a_message_is_counted_with_its_octets(sink: Sink) -> None:
    assert send(sink, "ann@example.com") == 250

    seen = sink.counters()
    assert (seen.messages, seen.connections, seen.refused) == (1, 1, 0)
    assert seen.octets == len(LETTER)
    assert 0 < seen.first_connection_ns < seen.first_message_ns == seen.last_message_ns


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ("reject1@example.com", 550),
        ("defer1@example.com", 451),
        ("refuse1@example.com", 554),
        ("close1@example.com", 421),
        ("drop1@example.com", 0),
    ],
)
def test_recipients_misbehave_by_their_name(sink: Sink, recipient: str, code: int) -> None:
    assert send(sink, recipient) == code

    seen = sink.counters()
    assert seen.messages == 0
    assert (seen.refused, seen.dropped) == ((0, 1) if code == 0 else (1, 0))


def test_two_messages_in_one_write_are_both_taken(sink: Sink) -> None:
    first = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
    with Talk(sink) as talk:
        talk.say(b"EHLO me\r\n" + first)
        assert talk.codes(10)[-4:] == [250, 250, 250, 354]
        talk.say(LETTER.encode() + b".\r\n" + first + LETTER.encode() + b".\r\n")
        assert talk.codes(5) == [250, 250, 250, 354, 250]

    assert sink.counters().messages == 2
    assert sink.counters().octets == 2 * len(LETTER)


def test_the_end_of_a_message_is_found_wherever_it_is_cut(sink: Sink) -> None:
    with Talk(sink) as talk, Talk(sink) as other:
        talk.say(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
        assert talk.codes(3) == [250, 250, 354]
        for piece in (b"..dot\r\n.not the end\r\n\n.\r\n", b"\r", b"\n", b".", b"\r", b"\nNOOP\r\n"):
            talk.say(piece)
            other.say(b"NOOP\r\n")
            other.codes(1)  # by now the piece has been read
        assert talk.codes(2) == [250, 250]

    assert sink.counters().octets == len(b"..dot\r\n.not the end\r\n\n.\r\n\r\n")


def test_chunks_come_with_their_commands_in_a_window(sink: Sink) -> None:
    one = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nBDAT 5\r\nhelloBDAT 7 LAST\r\n world\n"
    two = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<reject@example.com>\r\nBDAT 5 LAST\r\nhello"
    with Talk(sink) as talk:
        talk.say(one + two + one)
        assert talk.codes(11) == [250, 250, 250, 250, 250, 550, 503, 250, 250, 250, 250]

    assert (sink.counters().messages, sink.counters().octets) == (2, 24)


def test_only_what_is_asked_for_is_offered_and_sizes_are_limited(kind: Kind) -> None:
    with Sink(SinkOptions(chunking=False, smtputf8=False, size_limit=1000), kind=kind) as sink:
        with smtplib.SMTP("127.0.0.1", sink.port, "sender.example.com", timeout=5) as smtp:
            smtp.ehlo()
            assert set(smtp.esmtp_features) == {"pipelining", "8bitmime", "size", "enhancedstatuscodes"}
            assert smtp.mail("a@example.com", ["SIZE=1001"])[0] == 552
            assert smtp.mail("a@example.com", ["SIZE=999"])[0] == 250
            assert smtp.docmd("BDAT", "5 LAST")[0] == 500

        assert sink.counters().refused == 1


def test_every_reply_is_late_by_the_delay(kind: Kind) -> None:
    with Sink(SinkOptions(delay_us=parse_delay("30ms")), kind=kind) as sink, Talk(sink) as talk:
        began = time.monotonic()
        talk.say(b"NOOP\r\nNOOP\r\n")
        assert talk.codes(2) == [250, 250]
        together = time.monotonic() - began

    assert together >= 0.03


def test_the_log_names_each_recipient_of_an_accepted_message(kind: Kind, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Sink(SinkOptions(log=log), kind=kind) as sink:
        for name in ("ann@example.com", "reject1@example.com", "bob@example.com"):
            send(sink, name)

    octets = len(LETTER)
    assert log.read_text() == f"ann@example.com\t{octets}\nbob@example.com\t{octets}\n"


@pytest.mark.parametrize(("text", "us"), [("5", 5_000), ("50ms", 50_000), ("500us", 500), ("0.05s", 50_000)])
def test_a_delay_is_milliseconds_unless_it_says_otherwise(text: str, us: int) -> None:
    assert parse_delay(text) == us


@pytest.mark.parametrize("text", ["", "fast", "-5ms", "5 minutes"])
def test_a_delay_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 5ms"):
        parse_delay(text)


def test_its_clock_may_begin_with_a_later_message(kind: Kind) -> None:
    one = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nBDAT 5 LAST\r\nhello"
    with Sink(SinkOptions(clock_from=3), kind=kind) as sink, Talk(sink) as talk:
        talk.say(one + one)
        talk.codes(6)
        before = sink.counters()
        talk.say(one)
        talk.codes(3)
        after = sink.counters()

    assert (before.messages, before.first_message_ns) == (2, 0)
    assert (after.messages, after.first_message_ns) == (3, after.last_message_ns)
