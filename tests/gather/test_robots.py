"""Robots: which pages programs may read, as RFC 9309 has it; any bytes are taken calmly and quickly."""

from __future__ import annotations

import time

import pytest

from digest.gather.robots import NOTHING, Robots, read_robots


def allows(text: str, path: str) -> bool:
    return read_robots(text.encode(), "health-digest").allows(f"https://site.example{path}")


FOR_ALL = "User-agent: *\nDisallow: /private/\nAllow: /private/open\n"


def test_the_longest_pattern_decides() -> None:
    assert not allows(FOR_ALL, "/private/x")
    assert allows(FOR_ALL, "/private/open/x")
    assert allows(FOR_ALL, "/news")
    assert allows(FOR_ALL, "")


def test_allowing_wins_between_patterns_of_one_length() -> None:
    assert allows("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a")


def test_groups_that_name_us_stand_instead_of_everybodys() -> None:
    text = FOR_ALL + "User-agent: other\nUser-Agent: Health-Digest/2.0\nDisallow: /paid\n\nUser-agent: *\nDisallow: /\n"

    assert allows(text, "/private/x")
    assert not allows(text, "/paid/1")


def test_several_groups_of_ours_are_one() -> None:
    groups = (("health-digest", "/a"), ("x", "/c"), ("health-digest", "/b"))
    text = "\n".join(f"User-agent: {name}\nDisallow: {path}\n" for name, path in groups)

    assert [allows(text, path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_a_group_of_ours_that_forbids_nothing_allows_everything() -> None:
    assert allows("User-agent: *\nDisallow: /\n\nUser-agent: health-digest\nDisallow:\n", "/x")


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/*.pdf$", "/a/b.pdf", True),
        ("/*.pdf$", "/a/b.pdf?x", False),
        ("/a*b*c", "/aXbYc/z", True),
        ("/a*b*c", "/acb", False),
        ("/fish$", "/fish", True),
        ("/fish$", "/fishes", False),
        ("/*?session=", "/x?session=1", True),
        ("/a%3cd", "/a%3Cd", True),
        ("/caf%C3%A9", "/café", True),
        ("/x*x$", "/x", False),
        ("*", "/anything", True),
    ],
)
def test_stars_and_ends(pattern: str, path: str, fits: bool) -> None:
    assert allows(f"User-agent: *\nDisallow: {pattern}\n", path) is not fits


def test_comments_case_and_line_ends_do_not_matter() -> None:
    assert not allows("# hello\r\nUSER-AGENT: * # all\rdisALLOW: /x # not this\r\n", "/x")


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"<!doctype html><html>", b"Disallow: /", b"User-agent *\nDisallow /", b"\xef\xbb\xbf"],
)
def test_what_says_nothing_forbids_nothing(body: bytes) -> None:
    assert read_robots(body, "health-digest") == Robots()


def test_a_byte_order_mark_hides_no_rule() -> None:
    assert not read_robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /", "x").allows("https://site.example/a")


@pytest.mark.parametrize(
    ("written", "seconds"), [("2", 2), ("0.5", 0.5), ("86400", 5), ("soon", 0), ("-1", 0), ("1e9", 0), ("", 0)]
)
def test_a_delay_is_honoured_within_reason(written: str, seconds: float) -> None:
    text = f"User-agent: *\nCrawl-delay: {written}\n\nUser-agent: other\nCrawl-delay: 4\n"

    assert read_robots(text.encode(), "health-digest").delay_s == seconds


def test_hostile_rules_cost_little_time() -> None:
    stars = "User-agent: *\n" + ("Disallow: /" + "a*" * 490 + "b\n") * 5_000
    began = time.process_time()

    allows(stars, "/" + "a" * 7_000)
    read_robots(b"User-agent: *\n" * 40_000, "x")

    assert time.process_time() - began < 5


def test_nothing_is_allowed_where_nothing_can_be_asked_but_the_file_itself() -> None:
    assert not NOTHING.allows("https://site.example/")
    assert NOTHING.allows("https://site.example/robots.txt")
