"""OPML: lists of feeds come in as sources and go out again; hostile ones are refused."""

from __future__ import annotations

import pytest

from digest.errors import InputError
from digest.gather.opml import read_opml, write_opml
from digest.gather.source import Source

LIST = b"""<?xml version="1.0" encoding="UTF-8"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="Sleep"><outline type="rss" text="Ledger" title="The Ledger" xmlUrl="https://ledger.example/feed"/>
  <outline text="Deeper"><outline text="Herald" xmlUrl="https://herald.example/feed"/></outline></outline>
<outline text="Ledger again" xmlUrl="https://ledger.example/feed"/>
<outline text="Bad" xmlUrl="file:///etc/passwd"/><outline text="The Ledger" xmlUrl="https://other.example/feed"/>
</body></opml>"""


def test_a_list_comes_in_once_each_with_its_folder_as_topic() -> None:
    sources, notices = read_opml(LIST, "feeds.opml")

    assert sources == [
        Source(name="The Ledger", url="https://ledger.example/feed", topic="Sleep"),
        Source(name="Herald", url="https://herald.example/feed", topic="Deeper"),
        Source(name="The Ledger (2)", url="https://other.example/feed"),
    ]
    assert notices == ["Bad: a full link that begins with https:// or http:// is wanted; left out"]


def test_what_goes_out_comes_in_the_same() -> None:
    sources = [
        Source(name='Quotes " & <tags>', url="https://a.example/feed?a=1&b=2"),
        Source(name="In a folder", url="https://b.example/feed", topic="Heart & mind"),
    ]

    text = write_opml([*sources, Source(name="Q", url="pubmed: x", kind="journal")], "News & more")

    assert read_opml(text.encode(), "x") == (sources, [])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no xml", b"<html/>", b"<opml>", b"x" * 6_000_000, b"\xff\xfe<",
        b'<!DOCTYPE opml [<!ENTITY a "aaaa">]><opml><body><outline text="&a;"/></body></opml>',
        b'<!DOCTYPE opml SYSTEM "http://127.0.0.1/x.dtd"><opml/>',
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"feeds\.opml"):
        read_opml(data, "feeds.opml")


def test_depth_costs_nothing() -> None:
    deep = b"<opml><body>" + b'<outline text="a">' * 5_000 + b"</outline>" * 5_000 + b"</body></opml>"

    assert read_opml(deep, "x") == ([], [])
    assert read_opml(b"<opml/>", "x") == ([], [])
