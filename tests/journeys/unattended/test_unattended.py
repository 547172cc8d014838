"""Nobody is there: cron's one line brings a feed's news to readers, once, or holds the edition for its source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest

from tests.gather.hostile import HostileServer, answer
from tests.journeys.stage import LONGEST_S, Workspace, until
from tests.smtpd import SmtpServer
from tests.verbs.newsroom import NASAL_SPRAY, SALT, rss

READERS = 3


@pytest.fixture
def feeds() -> Iterator[HostileServer]:
    with HostileServer() as server:
        now = datetime.now(UTC) - timedelta(hours=1)
        server.routes["/harbour"] = answer(200, rss([NASAL_SPRAY[0], SALT], now, "harbour-post.example"))
        server.routes["/inland"] = answer(200, rss([NASAL_SPRAY[1]], now, "inland-times.example"))
        yield server


@pytest.fixture
def due_now(workspace: Workspace, feeds: HostileServer) -> Workspace:
    """A newsletter that needs nobody, whose slot was a minute ago, and two feeds that nobody has asked yet."""
    workspace.due_since(timedelta(minutes=1))
    workspace.readers(READERS, since=timedelta(days=3))
    with (workspace.folder / "digest.toml").open("a") as settings:
        settings.write(
            f'[gather]\nallow_hosts = ["127.0.0.1:{feeds.port}"]\n'
            f'[[source]]\nname = "Harbour Post"\nurl = "{feeds.url("/harbour")}"\nrequire = true\n'
            f'[[source]]\nname = "Inland Times"\nurl = "{feeds.url("/inland")}"\n'
        )
    return workspace


@pytest.mark.slow
def test_from_feed_to_eml_by_one_line_of_cron(due_now: Workspace) -> None:
    with due_now.running("mailbox", "--port", "0", "--web-port", "0", "--dir", "box"):
        port = until(lambda: re.search(r"127\.0\.0\.1:(\d+)", (due_now.folder / "mailbox.out").read_text()), "its port")
        sent = due_now.run("-v", "send", env={"DIGEST_SMTP__PORT": port[1]})
        again = due_now.run("send", env={"DIGEST_SMTP__PORT": port[1]})

    mails = [message_from_bytes(file.read_bytes()) for file in (due_now.folder / "box").rglob("*.eml")]
    texts = [part.get_payload(decode=True) for mail in mails for part in mail.walk() if not part.is_multipart()]
    assert len(mails) == READERS
    assert sum(NASAL_SPRAY[0][0].encode() in text for text in texts if isinstance(text, bytes)) >= READERS
    assert ": sent, 3 messages" in sent.out
    assert "Harbour Post: new, 2 new" in sent.err
    assert "2 stories on the desk, 2 new" in sent.err
    assert (again.out, again.err) == ("", "")


@pytest.mark.slow
def test_cron_a_scheduler_and_a_person_ask_once_and_send_once(
    due_now: Workspace, feeds: HostileServer, relay: SmtpServer
) -> None:
    with ExitStack() as stack:
        senders = [stack.enter_context(due_now.running("send", name=f"cron{number}")) for number in range(3)]
        codes = [sender.wait(LONGEST_S) for sender in senders]

    assert codes == [0, 0, 0]
    assert sorted(feeds.paths()) == ["/harbour", "/inland"]
    assert Counter(relay.recipients()) == Counter(f"reader{number:04}@example.com" for number in range(READERS))
    assert len(due_now.run("edition", "list", "--json").json) == 1


@pytest.mark.slow
def test_a_required_source_that_is_down_holds_the_edition_until_a_person_says_otherwise(
    due_now: Workspace, feeds: HostileServer, relay: SmtpServer
) -> None:
    feeds.routes["/harbour"] = answer(503)
    day = datetime.now(UTC) - timedelta(minutes=1)

    held = due_now.run("send", code=4)
    refused = due_now.run("assemble", code=4)
    made = due_now.run("assemble", "--anyway")
    checked = due_now.run("check", "--json")
    sent = due_now.run("send")

    assert "held: waits for a source that it requires: Harbour Post: nothing so far (503" in held.out
    assert f"`digest assemble --slot {day:%Y-%m-%d} --anyway`" in refused.err
    assert "warning: Harbour Post: nothing so far (503" in made.err
    assert "source-down" in [finding["rule"] for finding in checked.json["findings"]]
    assert "without  Harbour Post" in due_now.run("edition", "show", f"weekly-{day:%Y-%m-%d}").out
    assert ": sent, 3 messages" in sent.out
    assert len(relay.accepted) == READERS
