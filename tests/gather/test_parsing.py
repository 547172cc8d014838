"""Parsing in a child: feeds come back as candidates; bytes that would kill us kill the child, and only it."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.gather.candidate import SourceError
from digest.gather.parsing import Parser, Work


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as ready:
        yield ready


def rss(inner: bytes) -> bytes:
    return b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>' + inner + b"</channel></rss>"


def work(body: bytes, **more: str) -> Work:
    return Work(form="feed", bodies=(body,), url="https://example.org/feed", **more)


GOOD = rss(b"<item><title>One</title><link>/1</link><pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate></item>")

_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(9)
)
_QUADRATIC = b'<!DOCTYPE r [<!ENTITY x "' + b"a" * 50_000 + b'">]>'

HOSTILE = {
    "billion laughs": _LAUGHS + b"]><rss><channel><item><title>&j;</title></item></channel></rss>",
    "quadratic": _QUADRATIC + b"<rss><channel><item><title>" + b"&x;" * 20_000 + b"</title></item></channel></rss>",
    "dash comment": b"<!" + b"-" * 100_000,
    "dash comment in an item": rss(b"<item><description><![CDATA[<!" + b"-" * 100_000 + b"]]></description></item>"),
    "long author": rss(b"<item><title>a</title><author>" + b"a" * 16_000 + b"@</author></item>"),
    "deep html": rss(b"<item><title>a</title><description><![CDATA[" + b"<div>" * 50_000 + b"]]></description></item>"),
    "deep xml": b'<?xml version="1.0"?><rss><channel>' + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</channel></rss>",
    "deep broken": b"<rss><channel><item>" + b"<b>" * 50_000,
    "angles": b"<" * 500_000,
    "zeros": bytes(1_000_000),
    "deep json": b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 100_000,
    "long number": b'{"version":"https://jsonfeed.org/version/1","items":[{"id":' + b"9" * 100_000 + b"}]}",
}


def _peak_kb(parser: Parser) -> int:
    """The most memory that the living child has had, 0 when it was killed for wanting more.

    Not `ru_maxrss` of the children: Linux lets a child begin with the peak of the process that started it.
    """
    if parser.pid is None or sys.platform != "linux":
        return 0
    status = Path(f"/proc/{parser.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_cost_little_and_stop_nothing(name: str, parser: Parser) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    try:
        items = len(parser.read(work(HOSTILE[name])).items)
    except SourceError:
        items = 0

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert items <= 1
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 4, "a child's start included"
    assert _peak_kb(parser) < 250_000
    assert [item.title for item in parser.read(work(GOOD)).items] == ["One"]


def test_what_takes_too_long_is_cut_off_and_told() -> None:
    with (
        Parser(cpu_s=0.05, cpu_s_per_mb=0) as hasty,
        pytest.raises(SourceError, match=r"more than 0\.1 s of processor"),
    ):
        hasty.read(work(HOSTILE["deep broken"]))


def test_a_child_that_does_not_answer_is_killed() -> None:
    with Parser(cpu_s=60, wall_s=0.6) as patient, pytest.raises(SourceError, match=r"within 0\.6 s"):
        patient.read(work(HOSTILE["deep broken"] * 20))


def test_what_wants_too_much_memory_is_told() -> None:
    many = b'{"version": "https://jsonfeed.org/version/1", "items": [' + b'{"a":0},' * 1_500_000 + b"{}]}"

    with Parser(cpu_s=60) as patient, pytest.raises(SourceError, match="MB of memory"):
        patient.read(work(many))


def test_no_file_is_read_and_nobody_called(parser: Parser, tmp_path: object) -> None:
    names = (b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/feed", os.fsencode(__file__))

    for name in names:
        with pytest.raises(SourceError, match="not a feed"):
            parser.read(work(name))


def test_external_entities_lead_nowhere(parser: Parser) -> None:
    body = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(
        b"<item><title>a&x;b</title><link>http://example.org/</link></item>"
    )

    try:
        found = parser.read(work(body)).items
    except SourceError:
        found = ()

    assert all("root" not in item.title for item in found)


def test_the_child_has_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SMTP__PASSWORD", "hunter2")

    with Parser() as parser:
        parser.read(work(GOOD))
        assert parser._child is not None
        with open(f"/proc/{parser._child.pid}/environ", "rb") as environ:  # noqa: PTH123
            assert b"hunter2" not in environ.read()


def test_one_child_serves_many_jobs_and_is_gone_afterwards() -> None:
    began = time.process_time()
    with Parser() as parser:
        parser.read(work(GOOD))
        assert parser._child is not None
        first = parser._child
        for _ in range(20):
            parser.read(work(GOOD))

        assert parser._child is first
    assert first.returncode is not None
    assert time.process_time() - began < 1
