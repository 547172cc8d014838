"""Ratings come from a file, say who gave them, and are found by host and by name."""

from __future__ import annotations

from datetime import date

import pytest

from digest.errors import InputError
from digest.model import Article, Outlet
from digest.newsroom.outlets import Ratings, parse_outlets, shipped_outlets

FILE = """\
[[outlet]]
name = "The Ledger"
hosts = ["ledger.example", "www.Ledger-News.example"]
bias = "center"
factuality = "Very High"
rater = "Board"
rated_on = 2026-01-15

[[outlet]]
name = "Village Voice"
"""


def article(outlet: str | None = None, url: str | None = None) -> Article:
    return Article(title="x", outlet=outlet, url=url)


def test_a_ratings_file_is_read() -> None:
    assert parse_outlets(FILE, "outlets.toml") == (
        Outlet(
            name="The Ledger",
            hosts=("ledger.example", "ledger-news.example"),
            bias="center",
            factuality="very high",
            rater="Board",
            rated_on=date(2026, 1, 15),
        ),
        Outlet(name="Village Voice"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[outlet]]\nnam = 'x'", "o.toml:1: outlet: nam: not a known key; did you mean name?"),
        ("[[outlet]]\nbias = 'left'", "o.toml:1: outlet: a name is wanted"),
        (
            "\n[[outlet]]\nname = 'x'\nbias = 'middle'",
            "o.toml:2: x: bias: 'middle': one of left, center, right is wanted",
        ),
        ("[[outlet]]\nname = 'x'\nfactuality = 3", "one of very high, high"),
        ("[[outlet]]\nname = 'x'\nhosts = 'x.example'", "a list is wanted"),
        ("[[outlet]]\nname = 'x'\nhosts = ['https://x.example/']", "a host without https://"),
        ("[[outlet]]\nname = 'x'\nhosts = ['com']", "a host without https://"),
        ("[[outlet]]\nname = 'x'\nrated_on = 'spring'", "a date such as 2026-11-18"),
        ("[[outlet]]\nname = 'x'\n[[outlet]]\nname = 'X'", "o.toml:3: name x: belongs to two outlets"),
        ("[[outlet]]\nname='x'\nhosts=['a.example']\n[[outlet]]\nname='y'\nhosts=['a.example']", "host a.example"),
        ("[outlet]\nname = 'x'", "only tables [[outlet]] are wanted"),
        ("[[publisher]]\nname = 'x'", "only tables [[outlet]] are wanted"),
        ("[[outlet]]\nname = ", "o.toml:2: not TOML: Invalid value"),
        ("x = " + "[" * 5000, "o.toml"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_outlets(text, "o.toml")

    assert message in str(refusal.value)


def test_an_outlet_is_found_by_its_host_and_the_domains_below_it() -> None:
    ratings = Ratings(parse_outlets(FILE, "o.toml"))

    for url in ("https://ledger.example/a", "https://www.ledger.example/", "http://health.news.ledger.example:81/x"):
        found = ratings.find(article(url=url))
        assert found is not None
        assert found.name == "The Ledger"
    assert ratings.find(article(url="https://myledger.example/")) is None
    assert ratings.find(article(url="https://ledger.example.evil.example/")) is None


def test_an_outlet_is_found_by_its_name_in_any_case() -> None:
    ratings = Ratings(parse_outlets(FILE, "o.toml"))

    found = ratings.find(article("THE LEDGER"))

    assert found is not None
    assert found.name == "The Ledger"
    assert ratings.find(article("ledger.example")) == found
    assert ratings.find(article("Ledger")) is None
    assert ratings.find(article()) is None


def test_the_host_says_more_than_the_name() -> None:
    ratings = Ratings(parse_outlets(FILE, "o.toml"))

    found = ratings.find(article("Village Voice", "https://ledger.example/a"))

    assert found is not None
    assert found.name == "The Ledger"


def test_a_users_own_ratings_stand_over_the_shipped_ones() -> None:
    shipped = Outlet(name="The Ledger", hosts=("ledger.example",), bias="left")
    own = Outlet(name="the ledger", hosts=("ledger.example",), bias="center")

    ratings = Ratings((shipped, own))

    assert ratings.find(article("The Ledger")) == own
    assert ratings.find(article(url="https://ledger.example/")) == own


def test_the_shipped_outlets_are_fictional_and_rated_by_somebody() -> None:
    outlets = shipped_outlets()

    assert len(outlets) >= 3
    assert all(host.endswith(".example") for outlet in outlets for host in outlet.hosts)
    assert all(outlet.rater and outlet.rated_on for outlet in outlets)
