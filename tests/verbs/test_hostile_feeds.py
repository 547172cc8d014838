"""Hostile feeds, all the way: whatever a feed says, nothing of it runs, opens or leads away in the sealed edition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape

import pytest

from digest.gather.guard import Guard
from digest.gather.limits import Limits
from digest.gather.source import Source
from digest.model import SealedEdition
from digest.store import editions
from digest.verbs.fetch import fetch
from digest.verbs.parts import Gathering
from tests.gather.hostile import HostileServer, answer
from tests.verbs.conftest import Newsletter

TITLES = (
    "<script>alert('lamp')</script> Lamps lengthen sleep in a trial",
    "Lamps =?UTF-8?Q?=0A?=Bcc: injected@example.com lengthen sleep in 184 workers",
    "{{ config }} {% for x in range(9) %} lamps lengthen sleep <%= 7 %>",
    "Lamps \u202ecod.exe lengthen\u2028 sleep <img src=x onerror=alert(1)>",
    "</title></mj-text><mj-raw><b>Lamps</b> lengthen sleep",
)
LINKS = ("javascript:alert(1)", "https://user@evil.example/", "http://169.254.169.254/x", "data:text/html,x", "//evil")
BODY = (
    "<p>Dimmer lamps, longer sleep: <a href='javascript:steal()'>read</a><iframe src='https://evil.example'></iframe>"
    "<style>body{display:none}</style><form action='https://evil.example'><input name=a></form><svg onload=x()>"
    "<b>unclosed <i>deeply"
)


def hostile_feed() -> bytes:
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid>{number}</guid>"
        f"<author>{escape(title)}</author><description>{escape(BODY)} Item {number}.</description>"
        "<pubDate>Thu, 19 Nov 2026 10:00:00 GMT</pubDate></item>"
        for number, (title, link) in enumerate(zip(TITLES, LINKS, strict=True))
    )
    return f'<rss version="2.0"><channel><title>{escape(TITLES[0])}</title>{items}</channel></rss>'.encode()


@pytest.fixture
def sealed(newsletter: Newsletter) -> Iterator[SealedEdition]:
    with HostileServer() as server:
        server.routes["/feed"] = answer(200, hostile_feed())
        guard = Guard(frozenset({("127.0.0.1", server.port)}))
        sources = (Source(name="<b>Ledger</b>", url=server.url("/feed"), outlet="<i>Ledger"),)
        how = Gathering(sources=sources, limits=Limits(pause_s=0, deadline_s=5), guard=guard)
        newsletter.parts = replace(newsletter.parts, gathering=how)
        fetch(newsletter.parts)
    row = newsletter.assembled()
    with newsletter.parts.store.read() as db:
        found = editions.sealed(db, row.edition.id)
    assert found is not None
    yield found


def test_nothing_runs_loads_or_sends(sealed: SealedEdition) -> None:
    assert "amps" in sealed.html
    for forbidden in (
        r"<script",
        r"<iframe",
        r"<form",
        r"<input",
        r"<svg",
        r"<mj-raw",
        r"<[^>]* on\w+=",
        r"display:none}",
    ):
        assert not re.search(forbidden, sealed.html.replace("display:none;", ""), re.IGNORECASE), forbidden


def test_no_link_leads_where_none_should(sealed: SealedEdition) -> None:
    links = re.findall(r'(?:href|src|action)="([^"]*)"', sealed.html)

    assert links
    for link in links:
        assert not re.match(r"(?:javascript|data|vbscript|file):|//", link, re.IGNORECASE)
        assert "@evil" not in link


def test_no_header_and_no_template_is_smuggled_in(sealed: SealedEdition) -> None:
    names = [name.lower() for name, _ in sealed.headers]

    assert "bcc" not in names
    assert all(character.isprintable() for character in sealed.subject + sealed.preheader)
    assert "\u202e" not in sealed.html + sealed.text
    assert "settings" not in sealed.subject.lower()
