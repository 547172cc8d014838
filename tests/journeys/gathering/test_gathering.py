"""An editor names sources, takes over a feed reader's list, fetches, and looks at how the sources are doing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.gather.hostile import HostileServer, answer
from tests.journeys.stage import Workspace, copy
from tests.verbs.newsroom import NASAL_SPRAY, SALT, rss

FEED = b"""<rss version="2.0"><channel><title>t</title><item><title>One</title><link>https://ledger.example/1</link>
<pubDate>Thu, 19 Nov 2020 10:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture
def mine(initialised: Workspace, tmp_path: Path) -> Workspace:
    return copy(initialised, tmp_path / "w")


def add(workspace: Workspace, text: str) -> None:
    with (workspace.folder / "digest.toml").open("a") as file:
        file.write(text)


def test_sources_are_fetched_and_listed(mine: Workspace) -> None:
    with HostileServer() as server:
        server.routes["/good"] = answer(200, FEED)
        add(
            mine,
            f'[gather]\nallow_hosts = ["127.0.0.1:{server.port}"]\n'
            f'[[source]]\nname = "Ledger"\nurl = "{server.url("/good")}"\n'
            f'[[source]]\nname = "Herald"\nurl = "{server.url("/missing")}"\nrequire = true\n'
            '[[source]]\nname = "Metadata"\nurl = "http://169.254.169.254/latest"\n',
        )

        said = mine.run("fetch", code=4)
        again = mine.run("fetch", "ledger", "--json", code=4)

    lines = {line.split()[1]: line for line in said.out.splitlines()}
    assert lines["Ledger"] == "new        Ledger                        1 new"
    assert lines["Herald"] == "failed     Herald                        404 Not Found; never good so far"
    assert "not a public address" in lines["Metadata"]
    assert "1 new article from 3 sources, 2 failed; 0 stories on the desk" in said.out
    assert "the next edition waits for Herald: nothing so far (404 Not Found)" in said.err
    assert again.json["sources"][0]["state"] == "stale"
    assert again.json["blocking"] == ["Herald: 404 Not Found"]

    listed = mine.run("source", "list")
    assert "required; 404 Not Found" in listed.out
    rows = mine.run("source", "list", "--json").json
    assert [(row["name"], row["health"]["failures"]) for row in rows] == [("Ledger", 0), ("Herald", 1), ("Metadata", 1)]
    assert mine.run("source", "revive", "Herald").out == "Herald is asked again by the next `digest fetch`\n"


def test_fetching_says_what_is_on_the_desk(mine: Workspace) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    with HostileServer() as server:
        server.routes["/harbour"] = answer(200, rss([NASAL_SPRAY[0], SALT], now, "harbour-post.example"))
        server.routes["/inland"] = answer(200, rss([NASAL_SPRAY[1]], now, "inland-times.example"))
        add(
            mine,
            f'[gather]\nallow_hosts = ["127.0.0.1:{server.port}"]\n'
            f'[[source]]\nname = "Harbour"\nurl = "{server.url("/harbour")}"\n'
            f'[[source]]\nname = "Inland"\nurl = "{server.url("/inland")}"\n',
        )

        first = mine.run("fetch", "Harbour")
        second = mine.run("fetch")
        third = mine.run("fetch", "--json")

    assert "2 new articles from 1 source; 2 stories on the desk, 2 of them new" in first.out
    assert "1 new article from 2 sources; 2 stories on the desk\n" in second.out
    assert third.json["desk"] == {"stories": 2, "new": 0}


def test_a_feed_readers_list_is_taken_over(mine: Workspace) -> None:
    opml = mine.folder / "feeds.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline text="Sleep &quot;daily&quot;" xmlUrl="https://sleep.example/feed"/>'
        '<outline text="Bad" xmlUrl="javascript:x"/></body></opml>'
    )

    printed = mine.run("source", "import", opml)
    mine.run("source", "import", opml, "--append")
    again = mine.run("source", "import", opml, "--append")

    assert printed.out.startswith('[[source]]\nname = "Sleep \\"daily\\""\nurl = "https://sleep.example/feed"\n')
    assert "Bad: a full link" in printed.err
    assert again.out.startswith("0 sources added")
    assert [row["name"] for row in mine.run("source", "list", "--json").json] == ['Sleep "daily"']
    assert 'xmlUrl="https://sleep.example/feed"' in mine.run("source", "export").out
    assert not list(mine.folder.glob(".digest.toml*"))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ('[[source]]\nname = "A"\nurl = "file:///etc/passwd"\n', "full link"),
        ('[[source]]\nname = "A"\nurl = "ketamine"\nkind = "journal"\n', "not a journal query"),
        ('[[source]]\nname = "A"\nurl = "https://a.example/"\nkind = "web"\n', "kind"),
        ('[[source]]\nname = "A"\nurl = "https://a.example/"\n' * 2, "two sources"),
        ('[[source]]\nname = "A"\nulr = "https://a.example/"\n', 'did you mean "url"'),
        ('[gather]\nallow_hosts = ["http://a.example"]\n', "not a host"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_is_refused_in_words(mine: Workspace, text: str, wish: str) -> None:
    add(mine, text)

    assert wish in mine.run("source", "list", code=2).err
