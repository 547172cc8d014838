"""A reader leaves with one click, as mail programs do it, and is written to no more; anybody may read what was sent."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email import policy

import httpx
import pytest

from digest.verbs import people
from tests.journeys.stage import LONGEST_S, Workspace, until
from tests.smtpd import SmtpServer

ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture
def site(workspace: Workspace) -> Iterator[httpx.Client]:
    """`digest serve` without its sender, on a free port; mail links lead to the port that it got."""
    with workspace.running("serve", "--no-send", "--bind", "127.0.0.1:0") as server:
        out = workspace.folder / "serve.out"
        found = until(
            lambda: re.search(r"http://127\.0\.0\.1:\d+", out.read_text()) or server.poll() is not None, "its address"
        )
        with httpx.Client(base_url=found[0], follow_redirects=False, timeout=LONGEST_S) as client:
            yield client
        server.terminate()
        assert server.wait(LONGEST_S) == 0
    assert "Traceback" not in (workspace.folder / "serve.err").read_text()


def states(workspace: Workspace) -> dict[str, str]:
    with workspace.parts() as parts:
        return {person.address or "": person.state for person in people.listing(parts, None)}


@pytest.mark.slow
def test_leaving_by_one_click_and_reading_on_the_web(
    workspace: Workspace, relay: SmtpServer, site: httpx.Client
) -> None:
    workspace.env["DIGEST_NEWSLETTER__BASE_URL"] = str(site.base_url).rstrip("/")
    readers = workspace.readers(4)
    edition = workspace.approved()
    workspace.run("send", edition)
    links = {}
    for kept in relay.accepted:
        mail = email.message_from_bytes(kept.data, policy=policy.default)
        assert mail["List-Unsubscribe-Post"] == ONE_CLICK
        (link,) = re.findall(r"<(http[^>]+)>", mail["List-Unsubscribe"])
        assert link in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        links[kept.rcpt_to[0]] = link.removeprefix(str(site.base_url).rstrip("/"))
    assert sorted(links) == readers

    # Looking changes nothing, whoever looks: link scanners follow every link in a mail.
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        site.request(method, links[readers[0]])
    asked = site.get(links[readers[0]])
    assert asked.status_code == 200
    assert '<form method="post"' in asked.text.replace("'", '"').lower()
    assert set(states(workspace).values()) == {"active"}

    # Gmail's way, then the other form encoding that RFC 8058 allows; again is as good.
    for _ in range(2):
        left = site.post(links[readers[0]], data={"List-Unsubscribe": "One-Click"})
        assert (left.status_code, "location" in left.headers, "set-cookie" in left.headers) == (200, False, False)
    left = site.post(links[readers[1]], files={"List-Unsubscribe": (None, "One-Click")})
    assert left.status_code == 200
    site.post(links[readers[2]])  # the page's own button sends an empty form
    assert states(workspace) == dict(zip(readers, ["unsubscribed"] * 3 + ["active"], strict=True))
    for who in (readers[0], readers[2]):
        history = workspace.run("subscribers", "show", who, "--json").json["history"]
        assert [event["kind"] for event in history][-1].startswith("unsubscribe")
        assert sum(event["kind"].startswith("unsubscribe") for event in history) == 1

    # A token that is not ours gets the same answer whatever is wrong with it, and tells nothing.
    token = links[readers[3]]
    wrong = [token[:-1] + ("A" if token[-1] != "A" else "B"), "/u/x", f"/u/{'A' * 32}", f"/u/{'é' * 40}"]
    answers = [site.post(link, data={"List-Unsubscribe": "One-Click"}) for link in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers} | {site.get(link).text for link in wrong}) == 1
    assert states(workspace)[readers[3]] == "active"
    assert site.post(token, content=b"x" * 100_000).status_code == 413

    # The archive shows the sealed bytes, and nothing of anybody.
    page = site.get(f"/archive/{edition}")
    assert page.status_code == 200
    assert page.headers["X-Digest-Edition-Hash"] == workspace.status()["hash"]
    assert "script" not in page.headers["Content-Security-Policy"].replace("allow-scripts", "script")
    assert "reader0" not in page.text
    assert "/u/" not in page.text
    assert site.get("/archive").text.count(edition) >= 1
    assert {site.get(f"/archive/{name}").status_code for name in ("weekly-1999-01-01", "..%2f..", "%00")} == {404}
    # Link checkers ask with HEAD; what is not there gets a page as safe as the others.
    assert site.head(f"/archive/{edition}").headers["X-Digest-Edition-Hash"] == workspace.status()["hash"]
    assert {site.head(path).status_code for path in ("/archive", "/preferences", "/healthz")} == {200}
    for nothing in (site.get("/wp-login.php"), site.post("/archive")):
        assert nothing.status_code in (404, 405)
        assert nothing.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (site.get("/healthz").status_code, site.get("/readyz").status_code) == (200, 200)

    # The next edition leaves them out, and says so.
    said = workspace.run("subscribers", "stats", "--json").json
    assert (said["unsubscribed"], said["reachable"]) == (3, 1)
    again = workspace.run("subscribers", "import", "readers.csv", "--json").json
    assert (again["added"], again["kept"]) == (0, 3)


@pytest.mark.slow
def test_who_left_before_sending_begins_is_counted_and_not_written_to(workspace: Workspace, relay: SmtpServer) -> None:
    readers = workspace.readers(5)
    edition = workspace.approved()
    workspace.run("subscribers", "remove", readers[0])
    workspace.run("subscribers", "suppress", readers[1])

    workspace.run("send", edition)

    status = workspace.status()
    assert status["excluded"] == {"unsubscribed": 1, "suppressed": 1}
    assert (status["candidates"], status["planned"], status["sent"]) == (5, 3, 3)
    assert sorted(relay.recipients()) == readers[2:]
