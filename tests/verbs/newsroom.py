"""Feeds of invented news on a server of our own, and a newsletter that gathers from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape
from zlib import crc32

from digest.gather.guard import Guard
from digest.gather.limits import Limits
from digest.gather.source import Source
from digest.verbs import fetch as fetching
from digest.verbs.due import slot_to_assemble
from digest.verbs.fetch import Report
from digest.verbs.newsdesk import Desk, Gathered, open_desk
from digest.verbs.parts import Gathering
from tests.gather.hostile import HostileServer, answer
from tests.verbs.conftest import Newsletter

News = tuple[str, str]
"""Title and text of one article."""

NASAL_SPRAY = [
    (
        "Steroid nasal spray halves croup returns in trial of 1,204 children",
        "A randomised trial in 14 hospitals gave 1,204 children with croup a budesonide nasal spray or placebo. "
        "Within seven days 4% of those on the spray came back, against 8% on placebo. "
        "Nosebleeds were the commonest side effect, said the Harbour Institute, which led the trial.",
    ),
    (
        "Croup: budesonide spray cuts return visits, 1,204-child trial finds",
        "Children with croup who got a budesonide nasal spray were half as likely to return to hospital within seven "
        "days as those on placebo, 4% against 8%, a randomised trial of 1,204 children found. "
        "The Harbour Institute says that parents could give the spray at home.",
    ),
]
SALT = (
    "Salt substitute at the canteen lowers blood pressure in a year-long study",
    "A cohort of 830 dock workers whose canteen cooked with a potassium salt substitute had lower blood pressure "
    "after a year. The fall was 5 mmHg on average. Taste was rated the same, the Ferry Town clinic reports.",
)
SPRAY_RECALL = (
    "Budesonide croup spray recalled over faulty nozzles after 1,204-child trial",
    "The maker of the budesonide nasal spray tested in the 1,204-child croup trial has recalled two batches because "
    "their nozzles clog. The Harbour Institute says that no child in the croup trial was harmed by a faulty spray.",
)


def feed_of(outlet: str, items: Sequence[News], when: datetime) -> bytes:
    """The feed of an outlet with these articles."""
    return rss(items, when, host_of(outlet))


def host_of(outlet: str) -> str:
    return f"{outlet.lower().replace(' ', '-')}.example"


def rss(items: Sequence[News], when: datetime, host: str) -> bytes:
    """A feed of these articles, each with an address of its own at `host`."""
    told = "".join(
        f"<item><title>{escape(title)}</title><description>{escape(text)}</description>"
        f"<link>https://{host}/{crc32(title.encode())}</link><pubDate>{format_datetime(when)}</pubDate></item>"
        for title, text in items
    )
    return f'<rss version="2.0"><channel><title>{host}</title>{told}</channel></rss>'.encode()


class Newsroom:
    """A newsletter and the outlets it gathers from; each outlet is a feed."""

    def __init__(self, newsletter: Newsletter, server: HostileServer) -> None:
        self.newsletter = newsletter
        self.server = server

    def publishes(self, outlet: str, *items: News, when: datetime | None = None, require: bool | None = None) -> None:
        """From now on this outlet's feed has these articles. `require`: as before, unless told."""
        host = host_of(outlet)
        self.server.routes[f"/{host}"] = answer(200, feed_of(outlet, items, when or self.newsletter.clock()))
        parts = self.newsletter.parts
        before = next((known.require for known in parts.gathering.sources if known.name == outlet), False)
        require = before if require is None else require
        source = Source(name=outlet, url=self.server.url(f"/{host}"), outlet=outlet, require=require)
        others = tuple(known for known in parts.gathering.sources if known.name != outlet)
        self.asks(*others, source)

    def asks(self, *sources: Source) -> None:
        guard = Guard(frozenset({("127.0.0.1", self.server.port)}))
        gathering = Gathering(limits=Limits(pause_s=0, deadline_s=5), guard=guard, sources=sources)
        self.newsletter.parts = replace(self.newsletter.parts, gathering=gathering)

    def breaks(self, outlet: str, status: int = 500) -> None:
        """From now on this outlet's feed answers with this."""
        self.server.routes[f"/{outlet.lower().replace(' ', '-')}.example"] = answer(status)

    def asked(self) -> list[str]:
        """Which outlets were asked since this was looked at, by their host's first word."""
        paths = [path.strip("/").partition("-")[0] for path in self.server.paths()]
        self.server.asked.clear()
        return sorted(paths)

    def fetch(self) -> list[Report]:
        return fetching.fetch(self.newsletter.parts)

    def desk(self) -> Desk:
        return open_desk(self.newsletter.parts, slot_to_assemble(self.newsletter.parts))

    def story(self, word: str) -> Gathered:
        """The one story on the desk with this word in its headline."""
        (found,) = [one for one in self.desk().stories if word.casefold() in one.story.headline.casefold()]
        return found


@contextmanager
def two_stories(newsletter: Newsletter) -> Iterator[Newsroom]:
    """Two outlets have told the croup trial, one of them the salt study too; all of it is fetched."""
    with HostileServer() as server:
        room = Newsroom(newsletter, server)
        room.publishes("Harbour Post", NASAL_SPRAY[0], SALT)
        room.publishes("Inland Times", NASAL_SPRAY[1])
        room.fetch()
        yield room
