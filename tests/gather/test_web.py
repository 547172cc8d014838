"""Asking the web: one answer for each source, whatever its server does; nothing past the limits."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.gather.guard import Guard
from digest.gather.web import Answer, Ask, Limits, fetch
from tests.certificates import Authority
from tests.gather.hostile import Asked, HostileServer, answer

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
QUICK = Limits(deadline_s=5, pause_s=0)
HASTY = Limits(deadline_s=0.3, pause_s=0)
SMALL = Limits(deadline_s=5, pause_s=0, size_bytes=100_000)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as started:
        yield started


def ask_all(server: HostileServer, *asks: Ask, limits: Limits = QUICK) -> dict[str, Answer]:
    guard = Guard(frozenset({("127.0.0.1", server.port)}))
    found = list(
        fetch(asks, user_agent="health-digest/1 (+https://news.example.org)", now=NOW, limits=limits, guard=guard)
    )
    assert len(found) == len(asks)
    return {each.key: each for each in found}


def ask(server: HostileServer, path: str = "/feed", limits: Limits = QUICK, **more: str) -> Answer:
    return ask_all(server, Ask(key="s", url=server.url(path), **more), limits=limits)["s"]  # type: ignore[arg-type]


# ── what servers should do ───────────────────────────────────────────────────────────────────────


def test_a_body_comes_with_what_is_needed_to_ask_again(server: HostileServer) -> None:
    server.routes["/feed"] = answer(
        200, b"<rss/>", ETag='"v1"', Last_Modified="Fri, 20 Nov 2026 10:00:00 GMT", Content_Type="text/xml"
    )

    got = ask(server)

    assert (got.got, got.bodies, got.content_type) == ("body", (b"<rss/>",), "text/xml")
    assert (got.etag, got.modified) == ('"v1"', "Fri, 20 Nov 2026 10:00:00 GMT")
    assert got.moved_to is None


def test_a_request_says_who_asks_and_keeps_no_cookie(server: HostileServer) -> None:
    server.routes["/feed"] = answer(200, b"x", Set_Cookie="who=me; Path=/")

    ask_all(server, Ask(key="1", url=server.url("/feed")), Ask(key="2", url=server.url("/feed")))

    for asked in server.asked:
        assert asked.headers["user-agent"] == "health-digest/1 (+https://news.example.org)"
        assert asked.headers["host"] == f"127.0.0.1:{server.port}"
        assert asked.headers["accept-encoding"] == "gzip, deflate"
        assert "cookie" not in asked.headers


def test_what_was_not_changed_is_not_sent_again(server: HostileServer) -> None:
    server.routes["/feed"] = answer(304)

    got = ask(server, etag='"v1"', modified="Fri, 20 Nov 2026 10:00:00 GMT")

    assert got.got == "unchanged"
    assert server.asked[0].headers["if-none-match"] == '"v1"'
    assert server.asked[0].headers["if-modified-since"] == "Fri, 20 Nov 2026 10:00:00 GMT"


def test_unchanged_without_having_been_asked_is_a_fault(server: HostileServer) -> None:
    server.routes["/feed"] = answer(304)

    assert ask(server).reason == "304 Not Modified"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "bare deflate"])
def test_packed_bodies_are_unpacked(server: HostileServer, encoding: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(b"<rss/>"),
        "deflate": zlib.compress(b"<rss/>"),
        "bare deflate": raw.compress(b"<rss/>") + raw.flush(),
    }[encoding]
    server.routes["/feed"] = answer(200, packed, Content_Encoding=encoding.removeprefix("bare "))

    assert ask(server).bodies == (b"<rss/>",)


def test_permanent_redirects_are_told(server: HostileServer) -> None:
    server.routes |= {
        "/feed": answer(301, Location="/second"),
        "/second": answer(308, Location="/third"),
        "/third": answer(302, Location="/today"),
        "/today": answer(200, b"x"),
    }

    got = ask(server)

    assert got.moved_to == server.url("/third")
    assert got.url == server.url("/today")


def test_a_temporary_redirect_moves_nothing(server: HostileServer) -> None:
    server.routes |= {
        "/feed": answer(302, Location="/today"),
        "/today": answer(301, Location="/x"),
        "/x": answer(200, b"x"),
    }

    assert ask(server).moved_to is None


def test_gone_is_gone_only_when_no_passing_redirect_led_there(server: HostileServer) -> None:
    server.routes |= {"/feed": answer(410), "/passing": answer(302, Location="/feed")}

    assert ask(server).got == "gone"
    assert ask(server, "/passing").got == "failed"


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 16:00:00 GMT", timedelta(hours=1)),
        ("Fri, 20 Nov 2020 16:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(days=7)),
        ("soon", None),
    ],
)
def test_a_server_that_wants_to_be_left_alone_is(server: HostileServer, value: str, wait: timedelta | None) -> None:
    server.routes["/feed"] = answer(429, Retry_After=value)
    asks = [Ask(key=str(n), url=server.url(f"/feed?{n}")) for n in range(5)]

    got = ask_all(server, *asks)

    assert {each.retry_after for each in got.values()} == {wait}
    assert len(server.asked) == 1, "its other feeds are not asked either"


def test_a_search_is_followed_by_what_it_found(server: HostileServer) -> None:
    server.routes |= {"/search": answer(200, b"/a /b"), "/a": answer(200, b"A"), "/b": answer(200, b"B")}

    def further(body: bytes) -> list[str]:
        return [server.url(path) for path in body.decode().split()]

    got = ask_all(server, Ask(key="s", url=server.url("/search"), further=further))["s"]

    assert got.bodies == (b"/a /b", b"A", b"B")


def test_a_host_is_asked_one_thing_at_a_time(server: HostileServer) -> None:
    busy, most = 0, 0

    def slowly(sock: socket.socket, _: Asked) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        server.stopping.wait(0.02)
        busy -= 1
        sock.sendall(answer(200, b"x"))

    server.routes["/feed"] = slowly

    ask_all(server, *(Ask(key=str(n), url=server.url("/feed")) for n in range(8)))

    assert most == 1


# ── what servers do ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 418, 500, 599])
def test_other_answers_are_faults_by_name(server: HostileServer, status: int) -> None:
    server.routes["/feed"] = answer(status)

    got = ask(server)

    assert got.got == "failed"
    assert got.reason.startswith(str(status))


@pytest.mark.parametrize("announced", [True, False])
def test_fifty_megabytes_are_cut_off(server: HostileServer, announced: bool) -> None:
    sent = 0

    def huge(sock: socket.socket, _: Asked) -> None:
        nonlocal sent
        head = "HTTP/1.1 200 OK\r\n" + (f"Content-Length: {50_000_000}\r\n" if announced else "") + "\r\n"
        sock.sendall(head.encode())
        for _n in range(500):
            sent += sock.send(b"a" * 100_000)

    server.routes["/feed"] = huge

    assert ask(server, limits=SMALL).reason == "larger than 0.1 MB"
    assert sent < 20_000_000


def test_a_gzip_bomb_is_cut_off_while_it_unpacks(server: HostileServer) -> None:
    bomb = gzip.compress(bytes(50_000_000), 9)
    server.routes["/feed"] = answer(200, bomb, Content_Encoding="gzip")

    assert ask(server, limits=SMALL).reason == "larger than 0.1 MB"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_packing_that_was_not_asked_for_is_not_unpacked(server: HostileServer, encoding: str) -> None:
    server.routes["/feed"] = answer(200, gzip.compress(gzip.compress(b"x")), Content_Encoding=encoding)

    assert "which was not asked for" in ask(server).reason


@pytest.mark.parametrize("packed", [b"not gzip", gzip.compress(b"x" * 1000)[:-20]])
def test_damaged_packing_is_a_fault(server: HostileServer, packed: bytes) -> None:
    server.routes["/feed"] = answer(200, packed, Content_Encoding="gzip")

    assert ask(server).got == "failed"


def test_endless_chunks_are_cut_off(server: HostileServer) -> None:
    def endless(sock: socket.socket, _: Asked) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        server.drip(sock, itertools.repeat(b"ffff\r\n" + b"a" * 0xFFFF + b"\r\n"), 0)

    server.routes["/feed"] = endless

    assert ask(server, limits=SMALL).reason == "larger than 0.1 MB"


@pytest.mark.parametrize("where", ["body", "head"])
def test_a_drip_ends_at_the_deadline(server: HostileServer, where: str) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" if where == "body" else b"HTTP/1.1 200 OK\r\nX: "
    pieces = itertools.chain([start], itertools.repeat(b"a"))
    server.routes["/feed"] = lambda sock, _: server.drip(sock, pieces, 0.01)

    assert ask(server, limits=HASTY).reason == "no full answer within 0.3 s"


def test_a_host_that_falls_silent_twice_is_asked_no_more(server: HostileServer) -> None:
    server.routes["/feed"] = server.hold

    got = ask_all(server, *(Ask(key=str(n), url=server.url("/feed")) for n in range(6)), limits=HASTY)

    assert len(server.asked) == 2
    assert sum("fell silent before" in each.reason for each in got.values()) == 4


@pytest.mark.parametrize("sent", [b"short", b"short and more than was announced"])
def test_a_wrong_length_is_told_or_cut(server: HostileServer, sent: bytes) -> None:
    server.routes["/feed"] = answer(200, sent, content_length="10")

    got = ask(server)

    assert got.bodies == (sent[:10],) if len(sent) > 10 else "broken HTTP" in got.reason


@pytest.mark.parametrize(
    "answered",
    [b"", b"\x00\xff\xfe", b"HTTP/9 200\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, b"SSH-2.0-x\r\n\r\n",
     answer(301), answer(301, Location="http://[::1"), answer(302, Location="\x01")],
)  # fmt: skip
def test_broken_answers_are_faults(server: HostileServer, answered: bytes) -> None:
    server.routes["/feed"] = answered

    assert ask(server).got == "failed"


def test_a_port_where_nobody_listens_is_a_fault(server: HostileServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    guard = Guard(frozenset({("127.0.0.1", port)}))

    (got,) = fetch([Ask(key="s", url=f"http://127.0.0.1:{port}/")], user_agent="x", now=NOW, limits=QUICK, guard=guard)

    assert got.reason.startswith("cannot be reached")


# ── redirects ────────────────────────────────────────────────────────────────────────────────────


def test_circles_and_long_chains_end(server: HostileServer) -> None:
    server.routes |= {"/a": answer(302, Location="/b"), "/b": answer(301, Location="/a")}
    server.routes |= {f"/{n}": answer(302, Location=f"/{n + 1}") for n in range(20)}

    assert ask(server, "/a").reason.startswith("redirects in a circle")
    assert ask(server, "/0").reason == "more than 5 redirects"
    assert len(server.asked) == 2 + 6


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1/", "javascript:alert(1)", "//",
        "http://169.254.169.254/latest/meta-data/", "http://127.1/", "http://0/", "http://2130706433/", "http://0x7f.1/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/", "http://localhost/", "http://10.0.0.1/", "http://100.64.0.1/",
        "http://user@127.0.0.1/", "http://example.org@127.0.0.1/", "http://127.0.0.1:22/", "http://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
def test_no_redirect_leads_to_a_forbidden_place(server: HostileServer, target: str) -> None:
    server.routes["/feed"] = answer(302, Location=target)

    got = ask(server)

    assert got.got == "failed"
    assert len(server.asked) == 1


def test_a_source_cannot_name_a_forbidden_place_itself(server: HostileServer) -> None:
    (got,) = fetch([Ask(key="s", url=server.url("/feed"))], user_agent="x", now=NOW, limits=QUICK)

    assert "only ports 80 and 443" in got.reason
    assert server.asked == []


def test_allowing_one_host_allows_no_other(server: HostileServer) -> None:
    with HostileServer() as other:
        server.routes["/feed"] = answer(302, Location=other.url("/"))

        assert ask(server).got == "failed"
        assert other.asked == []


def test_the_address_that_was_judged_is_the_one_connected_to(server: HostileServer) -> None:
    """DNS rebinding: the name leads to a public address when it is judged, and to this machine ever after."""
    answers = itertools.chain([["203.0.114.1"]], itertools.repeat(["127.0.0.1"]))
    asked = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    asks = [Ask(key="1", url="http://rebind.example/"), Ask(key="2", url="http://rebind.example/again")]
    limits = Limits(deadline_s=0.3, connect_s=0.2, pause_s=0)
    found = {each.key: each.reason for each in fetch(asks, user_agent="x", now=NOW, limits=limits, resolve=rebinding)}

    assert asked == ["rebind.example"] * 2, "resolved once for each connection, and not again by anybody else"
    assert "an address of this machine" in found["2"]
    assert "127.0.0.1" not in found["1"]


def test_one_forbidden_address_among_good_ones_is_enough(server: HostileServer) -> None:
    async def mixed(host: str, port: int) -> list[str]:
        return ["203.0.114.1", "10.0.0.7"]

    (got,) = fetch([Ask(key="s", url="http://mixed.example/")], user_agent="x", now=NOW, limits=QUICK, resolve=mixed)

    assert got.reason == "mixed.example (10.0.0.7): not a public address; [gather] allow_hosts can allow it"


def test_an_allowed_name_may_lead_anywhere(server: HostileServer) -> None:
    async def intranet(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    server.routes["/"] = answer(200, b"x")
    guard = Guard(frozenset({("intranet.example", server.port)}))
    url = server.url("/", host="intranet.example")

    (got,) = fetch([Ask(key="s", url=url)], user_agent="x", now=NOW, limits=QUICK, guard=guard, resolve=intranet)

    assert got.bodies == (b"x",)
    assert server.asked[0].headers["host"] == f"intranet.example:{server.port}"


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


async def loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def ask_securely(certificate: ssl.SSLContext, ca_file: Path | None) -> tuple[Answer, HostileServer]:
    """Ask https://feeds.example of a server on loopback that shows this certificate."""
    with HostileServer(certificate) as server:
        server.routes["/"] = answer(200, b"x")
        (got,) = fetch(
            [Ask(key="s", url=server.url("/", host="feeds.example"))],
            user_agent="x",
            now=NOW,
            limits=QUICK,
            guard=Guard(frozenset({("feeds.example", server.port)})),
            resolve=loopback,
            ssl_context=ssl.create_default_context(cafile=ca_file),
        )
    return got, server


def test_name_and_certificate_stay_those_of_the_address(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    got, server = ask_securely(authority.server(name="feeds.example"), authority.ca_file)

    assert got.bodies == (b"x",)
    assert server.names == ["feeds.example"]
    assert server.asked[0].headers["host"] == f"feeds.example:{server.port}"


@pytest.mark.parametrize("fault", ["another name", "expired", "self-signed", "unknown authority"])
def test_a_certificate_that_proves_nothing_is_refused(tmp_path: Path, fault: str) -> None:
    authority = Authority(tmp_path)
    name = "other.example" if fault == "another name" else "feeds.example"
    certificate = authority.server(name=name, expired=fault == "expired", self_signed=fault == "self-signed")
    trusted = None if fault == "unknown authority" else authority.ca_file

    got, server = ask_securely(certificate, trusted)

    assert "certificate" in got.reason.lower()
    assert server.asked == []


# ── together ─────────────────────────────────────────────────────────────────────────────────────


def test_a_bad_source_stops_no_other(server: HostileServer) -> None:
    server.routes |= {
        "/good": answer(200, b"x"),
        "/bad": answer(200, b"x", Content_Encoding="br"),
        "/slow": server.hold,
    }

    got = ask_all(
        server,
        Ask(key="slow", url=server.url("/slow")),
        Ask(key="bad", url=server.url("/bad")),
        Ask(key="not a url", url="http://[::1"),
        Ask(key="good", url=server.url("/good")),
        limits=HASTY,
    )

    assert {key: each.got for key, each in got.items()} == {
        "slow": "failed", "bad": "failed", "not a url": "failed", "good": "body",
    }  # fmt: skip


def test_leaving_early_stops_what_is_under_way(server: HostileServer) -> None:
    server.routes |= {"/feed": answer(200, b"x"), "/slow": server.hold}
    guard = Guard(frozenset({("127.0.0.1", server.port)}))
    asks = [Ask(key="1", url=server.url("/feed")), *(Ask(key="2", url=server.url("/slow")) for _ in range(3))]

    answers = fetch(asks, user_agent="x", now=NOW, limits=Limits(pause_s=0), guard=guard)
    first = next(answers)
    answers.close()

    assert first.key == "1"


def test_no_more_bodies_wait_than_there_are_connections(server: HostileServer) -> None:
    server.routes["/feed"] = answer(200, b"x")
    guard = Guard(frozenset({("127.0.0.1", server.port)}))
    asks = [Ask(key=str(n), url=server.url("/feed")) for n in range(9)]
    limits = Limits(connections=2, pause_s=0)

    counts = [
        len(server.asked) - taken
        for taken, _ in enumerate(fetch(asks, user_agent="x", now=NOW, limits=limits, guard=guard))
    ]

    assert max(counts) <= 4


def test_nothing_to_ask_is_no_trouble() -> None:
    assert list(fetch([], user_agent="x", now=NOW)) == []


# ── pages of articles: what a site's robots.txt says ─────────────────────────────────────────────


def read_pages(server: HostileServer, *paths: str) -> dict[str, Answer]:
    return ask_all(server, *(Ask(key=path, url=server.url(path), page=True) for path in paths))


def test_a_page_is_read_where_robots_may_and_the_file_is_asked_for_once(server: HostileServer) -> None:
    server.routes |= {
        "/robots.txt": answer(200, b"User-agent: *\nDisallow: /paid/\n"),
        "/a": answer(200, b"<html>a"),
        "/b": answer(200, b"<html>b"),
        "/paid/c": answer(200, b"<html>c"),
    }

    got = read_pages(server, "/a", "/b", "/paid/c")

    assert [got["/a"].bodies, got["/b"].bodies] == [(b"<html>a",), (b"<html>b",)]
    assert (got["/paid/c"].got, got["/paid/c"].reason) == ("failed", "its robots.txt asks programs not to read it")
    assert not got["/paid/c"].passing
    assert sorted(server.paths()) == ["/a", "/b", "/robots.txt"]


def test_pages_of_a_site_are_asked_for_as_slowly_as_it_wants(server: HostileServer) -> None:
    server.routes |= {
        "/robots.txt": answer(200, b"User-agent: *\nCrawl-delay: 0.2\n"),
        "/a": answer(200, b"x"),
        "/b": answer(200, b"x"),
    }
    began = time.monotonic()

    read_pages(server, "/a", "/b")

    assert time.monotonic() - began >= 0.2


def test_a_group_with_our_name_is_ours(server: HostileServer) -> None:
    server.routes |= {
        "/robots.txt": answer(200, b"User-agent: *\nAllow: /\nUser-agent: health-digest\nDisallow: /\n"),
        "/a": answer(200, b"x"),
    }

    assert read_pages(server, "/a")["/a"].got == "failed"


def test_robots_are_asked_at_every_hop(server: HostileServer) -> None:
    with HostileServer() as other:
        server.routes["/a"] = answer(302, Location=other.url("/story"))
        other.routes |= {"/robots.txt": answer(200, b"User-agent: *\nDisallow: /\n"), "/story": answer(200, b"x")}
        guard = Guard(frozenset({("127.0.0.1", server.port), ("127.0.0.1", other.port)}))
        asks = [Ask(key="a", url=server.url("/a"), page=True)]

        (got,) = fetch(asks, user_agent="health-digest/1", now=NOW, limits=QUICK, guard=guard)

        assert got.reason == "its robots.txt asks programs not to read it"
        assert other.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    ("status", "may"), [(404, True), (410, True), (403, True), (500, False), (503, False), (429, False)]
)
def test_without_a_file_all_is_allowed_and_without_an_answer_nothing(
    server: HostileServer, status: int, may: bool
) -> None:
    server.routes |= {"/robots.txt": answer(status), "/a": answer(200, b"x")}

    got = read_pages(server, "/a")["/a"]

    assert (got.got == "body") is may
    assert may or (got.passing and "its robots.txt cannot be read (" in got.reason)


def test_feeds_are_not_asked_about_in_robots(server: HostileServer) -> None:
    server.routes["/feed"] = answer(200, b"x")

    ask(server)

    assert server.paths() == ["/feed"]


def test_pages_are_asked_for_as_pages(server: HostileServer) -> None:
    server.routes["/a"] = answer(200, b"x")

    read_pages(server, "/a")

    assert server.asked[-1].headers["accept"].startswith("text/html")


@pytest.mark.parametrize(("status", "passing"), [(404, False), (403, False), (500, True), (503, True), (429, True)])
def test_what_may_pass_by_itself_is_told_apart(server: HostileServer, status: int, passing: bool) -> None:
    server.routes["/feed"] = answer(status)

    assert ask(server).passing is passing
