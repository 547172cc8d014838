"""Ratings of several raters: the user's word first, then each rater's for what the ones before leave open."""

from __future__ import annotations

from datetime import date

import pytest

from digest.errors import InputError
from digest.model import Article, Outlet
from digest.newsroom.coverage import coverage_of
from digest.newsroom.outlets import Ratings
from digest.newsroom.ratingfile import as_csv, parse_rated
from digest.newsroom.ratinglayers import Layer, laid_over

DAY = date(2026, 6, 30)
SIDES = Outlet(name="Ledger", bias="left", rater="Sides", rated_on=DAY)
FACTS = Outlet(name="Ledger", hosts=("ledger.example",), bias="right", factuality="high", rater="Facts", rated_on=DAY)
OWN = Outlet(name="ledger", bias="center", rater="Me")


def ratings(*layers: tuple[str, Outlet]) -> Ratings:
    return Ratings(laid_over([Layer(kind, f"{number}.csv", (one,)) for number, (kind, one) in enumerate(layers)]))


def found(made: Ratings, url: str = "https://news.ledger.example/1") -> Outlet | None:
    return made.find(Article(title="x", url=url))


def test_the_first_rater_counts_and_the_next_fills_what_it_leaves_open() -> None:
    outlet = found(ratings(("imported", SIDES), ("imported", FACTS)))
    assert outlet is not None

    assert (outlet.bias, outlet.rater) == ("left", "Sides")
    assert (outlet.factuality, outlet.factuality_rater) == ("high", "Facts")


def test_a_bias_filled_in_later_has_its_own_rater() -> None:
    facts = Outlet(name="Ledger", hosts=("ledger.example",), factuality="high", rater="Facts")

    outlet = found(ratings(("imported", facts), ("imported", SIDES)))
    assert outlet is not None

    assert (outlet.bias, outlet.rater, outlet.factuality, outlet.factuality_rater) == ("left", "Sides", "high", "Facts")


def test_the_users_own_word_stands_above_all_and_keeps_the_hosts() -> None:
    outlet = found(ratings(("imported", FACTS), ("own", OWN)))
    assert outlet is not None

    assert (outlet.bias, outlet.factuality, outlet.rater) == ("center", None, "Me")


def test_an_outlet_is_the_same_by_its_host_whatever_its_name() -> None:
    other = Outlet(name="The Ledger Online", hosts=("ledger.example",), bias="left", rater="Sides")

    outlet = found(ratings(("imported", other), ("imported", FACTS)))
    assert outlet is not None

    assert (outlet.name, outlet.bias, outlet.factuality) == ("The Ledger Online", "left", "high")


def test_coverage_names_everybody_who_rated_something() -> None:
    made = ratings(("imported", SIDES), ("imported", FACTS))

    coverage = coverage_of([Article(title="x", url="https://ledger.example/1")], made)

    assert coverage.raters == ("Sides",)
    assert coverage.factuality_raters == ("Facts",)


def test_coverage_names_nobody_who_rated_nothing_that_is_shown() -> None:
    made = Ratings((Outlet(name="Ledger", bias="left", rater="Sides", factuality_rater="Facts"),))

    assert coverage_of([Article(title="x", outlet="Ledger")], made).raters == ("Sides",)


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_what_is_written_is_read_again() -> None:
    odd = Outlet(name='The "Odd", and\tother', hosts=("a.example", "b.example"), factuality="very low", rater="Böard")

    assert parse_rated(as_csv([FACTS, odd]), "r.csv") == (FACTS, odd)


@pytest.mark.parametrize(
    ("row", "wish"),
    [
        ("A,,middle,,B,", "r.csv:2: bias: 'middle': one of left, center, right is wanted"),
        ("A,,,highish,B,", "one of very high, high"),
        ("A,,left,,B,spring", "a date such as"),
        (",,left,,B,", "a name is wanted"),
        ("A,left", "2 cells: 6 are wanted"),
        ('A,"x', "not CSV"),
    ],
)
def test_a_file_that_somebody_spoilt_is_refused_with_its_line(row: str, wish: str) -> None:
    with pytest.raises(InputError, match=wish):
        parse_rated(f"name,hosts,bias,factuality,rater,rated_on\n{row}\n", "r.csv")


def test_another_file_is_refused() -> None:
    with pytest.raises(InputError, match="the columns name, hosts, bias"):
        parse_rated("a,b\n", "r.csv")
