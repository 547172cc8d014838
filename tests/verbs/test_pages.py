"""Pages: the whole text of new articles where a source wants it; an article loses nothing by a page that fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from digest.config import load
from digest.errors import SettingsError
from digest.gather.guard import Guard
from digest.gather.limits import Limits
from digest.gather.source import Source
from digest.store import articles
from digest.store.articles import StoredArticle
from digest.verbs.fetch import fetch
from digest.verbs.pages import PagesRead
from digest.verbs.parts import Gathering
from digest.wiring import gathering
from tests.gather.hostile import HostileServer, answer
from tests.gather.test_pages import SENTENCES, page
from tests.verbs.conftest import Newsletter

TITLE = "Dimmer light in the evening, longer sleep"
ITEM = "<item><title>{title}</title><link>{url}</link><description>{text}</description></item>"
SHORT = "A trial with office workers."


class Press:
    """A newsletter with feeds of which the pages are wanted, on a server of its own."""

    def __init__(self, newsletter: Newsletter, server: HostileServer) -> None:
        self.newsletter = newsletter
        self.server = server

    def feed(self, *paths: str, text: str = SHORT, title: str = TITLE, name: str = "ledger") -> None:
        items = "".join(ITEM.format(title=f"{title} {path}", url=self.server.url(path), text=text) for path in paths)
        body = f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
        self.server.routes[f"/{name}"] = answer(200, body.encode())

    def fetch(self, *names: str, most: int = 100, pages: bool = True) -> PagesRead:
        told: list[PagesRead] = []
        how = self.gathering(*names or ("ledger",), most=most, pages=pages)
        fetch(replace(self.newsletter.parts, gathering=how), told_pages=told.append)
        (done,) = told
        return done

    def gathering(self, *names: str, most: int = 100, pages: bool = True) -> Gathering:
        sources = tuple(Source(name=name, url=self.server.url(f"/{name}"), pages=pages) for name in names)
        guard = Guard(frozenset({("127.0.0.1", self.server.port)}))
        return Gathering(sources=sources, limits=Limits(pause_s=0, deadline_s=5), guard=guard, most_pages=most)

    def articles(self) -> list[StoredArticle]:
        with self.newsletter.parts.store.read() as db:
            return articles.recent(db, "weekly", date(2000, 1, 1))

    def text(self) -> str:
        (article,) = self.articles()
        return article.text


@pytest.fixture
def press(newsletter: Newsletter) -> Iterator[Press]:
    with HostileServer() as server:
        yield Press(newsletter, server)


def test_the_whole_text_of_a_new_article_is_read_from_its_page(press: Press) -> None:
    press.feed("/1")
    press.server.routes["/1"] = answer(200, page(), Content_Type="text/html; charset=utf-8")

    done = press.fetch()

    assert (done.taken, done.no_longer, done.failed) == (1, 0, {})
    assert press.text().split("\n")[-len(SENTENCES) :] == SENTENCES
    assert press.articles()[0].summary == SHORT


def test_without_the_wish_no_page_is_asked_for(press: Press) -> None:
    press.feed("/1")

    press.fetch(pages=False)

    assert press.server.paths() == ["/ledger"]


def test_a_page_is_read_once(press: Press) -> None:
    press.feed("/1")
    press.server.routes["/1"] = answer(200, page(), Content_Type="text/html")
    press.fetch()

    assert press.fetch() == PagesRead()
    assert press.server.paths().count("/1") == 1


def test_a_page_that_tells_no_more_than_the_feed_changes_nothing(press: Press) -> None:
    long = " ".join(SENTENCES * 3)
    press.feed("/1", text=long)
    press.server.routes["/1"] = answer(200, page(), Content_Type="text/html")

    done = press.fetch()

    assert (done.taken, done.no_longer) == (0, 1)
    assert press.text() == long


@pytest.mark.parametrize(
    ("route", "why"),
    [
        (answer(404), "404 Not Found"),
        (answer(200, b"%PDF", Content_Type="application/pdf"), "not a page: application/pdf"),
        (answer(200, b"<html><body>" + b"<div>" * 50_000, Content_Type="text/html"), "nested too deeply"),
        (answer(302, Location="http://169.254.169.254/latest"), "not a public address"),
        (answer(302, Location="file:///etc/passwd"), "a full link that begins with"),
        (answer(200, page(f"<p>{'Sign in. We value your privacy and your cookies. ' * 20}</p>")), "something else"),
    ],
    ids=["missing", "pdf", "deep", "metadata", "file", "wall"],
)  # fmt: skip
def test_a_page_that_fails_never_harms_its_article(press: Press, route: bytes, why: str) -> None:
    press.feed("/1", title="Quokka marsupial breathing rates")
    press.server.routes["/1"] = route

    done = press.fetch()

    assert done.failed.total() == 1
    assert why in next(iter(done.failed))
    assert press.text() == SHORT
    press.fetch()
    assert press.server.paths().count("/1") == 1, "what cannot help is not tried again"


def test_a_page_whose_server_was_busy_is_tried_again_the_next_time(press: Press) -> None:
    press.feed("/1")
    press.server.routes["/1"] = answer(503)
    assert press.fetch().left == 1
    press.server.routes["/1"] = answer(200, page(), Content_Type="text/html")

    assert press.fetch().taken == 1


def test_robots_txt_is_honoured(press: Press) -> None:
    press.feed("/1")
    press.server.routes |= {"/robots.txt": answer(200, b"User-agent: *\nDisallow: /1\n"), "/1": answer(200, page())}

    done = press.fetch()

    assert dict(done.failed) == {"its robots.txt asks programs not to read it": 1}
    assert "/1" not in press.server.paths()


def test_a_round_reads_so_many_pages_of_each_source_in_turn_and_the_next_round_goes_on(press: Press) -> None:
    press.feed("/1", "/2", "/3", name="ledger")
    press.feed("/4", "/5", name="herald", title="Another trial of dimmer light")
    press.server.routes |= {f"/{n}": answer(200, page(), Content_Type="text/html") for n in range(1, 6)}

    first = press.fetch("ledger", "herald", most=2)
    assert (first.taken, first.left) == (2, 3)
    read = {path for path in press.server.paths() if path in ("/1", "/2", "/3", "/4", "/5")}
    assert len(read & {"/1", "/2", "/3"}) == 1
    assert len(read & {"/4", "/5"}) == 1

    second = press.fetch("ledger", "herald")
    assert (second.taken, second.left) == (3, 0)


def test_whoever_hears_of_each_page_can_end_the_round(press: Press) -> None:
    press.feed("/1", "/2")
    press.server.routes |= {f"/{n}": answer(200, page(), Content_Type="text/html") for n in (1, 2)}
    press.fetch(most=0)
    how = press.gathering("ledger")

    class EnoughError(Exception):
        pass

    def enough() -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        fetch(replace(press.newsletter.parts, gathering=how), told_page=enough)

    assert press.fetch().taken == 1, "the one that was read is kept, the other is read now"


def test_an_old_article_is_left_as_it_is(press: Press) -> None:
    press.feed("/1")
    press.fetch(most=0)
    press.newsletter.clock.advance(timedelta(days=4))

    assert press.fetch() == PagesRead()


def test_an_article_that_changed_is_read_again(press: Press) -> None:
    press.feed("/1")
    press.server.routes["/1"] = answer(200, page(), Content_Type="text/html")
    press.fetch()
    press.feed("/1", text="A trial with office workers, corrected.")

    assert press.fetch().taken == 1
    assert len(press.text()) > 300


def test_without_the_extra_the_wish_is_refused_with_how_to_install_it(newsletter: Newsletter) -> None:
    wish = '[[source]]\nname = "Ledger"\nurl = "https://ledger.example/feed"\npages = true\n'
    with (newsletter.parts.workspace / "digest.toml").open("a") as file:
        file.write(wish)
    settings = load(str(newsletter.parts.workspace), {}).settings

    with pytest.raises(
        SettingsError, match=r"Ledger: pages = true: trafilatura not installed; .*health-digest\[pages\]"
    ):
        gathering(settings, lacking=("trafilatura",))
    assert gathering(settings).sources[0].pages


def test_only_feeds_have_pages(newsletter: Newsletter) -> None:
    wish = '[[source]]\nname = "PubMed"\nkind = "journal"\nurl = "pubmed: ketamine"\npages = true\n'
    with (newsletter.parts.workspace / "digest.toml").open("a") as file:
        file.write(wish)

    with pytest.raises(SettingsError, match="only feeds have"):
        load(str(newsletter.parts.workspace), {})
