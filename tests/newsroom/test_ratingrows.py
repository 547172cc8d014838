"""A rater's table: its columns found, its rows read or refused by number, nobody given somebody else's host."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from digest.errors import InputError
from digest.model import Outlet
from digest.newsroom.ratingrows import Table, find_columns, words_in_order

DAY = date(2026, 6, 30)


def table(header: str, *rows: str) -> Table:
    made = Table(find_columns(header.split(","), "r.csv"), rater="Board", rated_on=DAY)
    for number, row in enumerate(rows, 2):
        made.take(number, row.split(","))
    return made


def test_a_table_like_media_bias_fact_checks_is_read() -> None:
    made = table(
        "source,country,url,bias,factual_reporting,credibility",
        "Northern Ledger,UK,https://ledger.example/,LEFT-CENTER,High,High",
        "Lancet Watch,UK,https://www.lancet-watch.example,Pro-Science,VERY HIGH,High",
    )

    rated: Any = {"rater": "Board", "rated_on": DAY}
    assert made.outlets() == (
        Outlet(name="Lancet Watch", hosts=("lancet-watch.example",), factuality="very high", **rated),
        Outlet(name="Northern Ledger", hosts=("ledger.example",), bias="left", factuality="high", **rated),
    )
    assert find_columns(["source", "country", "bias"], "r.csv").left_out == ("country",)


def test_a_table_like_allsides_is_read_and_its_own_pages_are_nobodys_host() -> None:
    made = table(
        "news_source,rating,rating_num,url",
        "Northern Ledger,right-center,4,https://www.allsides.com/news-source/northern-ledger",
        "Harbour Post,allsides,71,https://www.allsides.com/news-source/harbour",
    )

    assert made.outlets() == (Outlet(name="Northern Ledger", bias="right", rater="Board", rated_on=DAY),)
    assert (made.tally.rated, made.tally.unrated) == (1, 1)


def test_every_word_is_counted_with_what_it_was_taken_for() -> None:
    made = table("name,bias", "A,Left", "B,LEFT ", "C,lean left", "D,wobbly", "E,")

    assert list(words_in_order(made.tally)) == [
        ("bias", "left", "left", 2),
        ("bias", "", "unrated", 1),
        ("bias", "lean left", "left", 1),
        ("bias", "wobbly", "not understood", 1),
    ]
    assert made.tally.not_understood == [(5, "D: bias: 'wobbly': not in our table of words; unrated")]


def test_the_counts_add_up() -> None:
    made = table("name,bias", "A,left", "a,left", "B,satire", ",left", "C")
    made.refuse(9, "a NUL byte is in it")

    tally = made.tally
    assert (tally.rated, tally.duplicates, tally.unrated, tally.rejected) == (1, 1, 1, 3)
    assert tally.rows == tally.rated + tally.duplicates + tally.unrated + tally.rejected
    assert [row for row, _ in tally.not_understood] == [5, 6, 9]


def test_an_outlet_rated_twice_otherwise_is_told_and_the_first_counts() -> None:
    made = table("name,bias", "A,left", "A,right")

    assert [outlet.bias for outlet in made.outlets()] == ["left"]
    assert made.tally.not_understood == [(3, "A: rated otherwise in row 2, which counts")]


def test_a_host_that_two_outlets_claim_is_nobodys() -> None:
    made = table("name,url,bias", "A News,https://a.example/,left", "A Opinion,https://a.example/opinion,right")

    assert [outlet.hosts for outlet in made.outlets()] == [(), ()]
    assert made.shared_hosts() == ("a.example",)


def test_without_a_name_the_host_names_the_outlet() -> None:
    made = table("source_url,bias", "https://www.ledger.example/,center")

    assert made.outlets()[0].name == "ledger.example"


def test_a_name_that_is_a_host_is_a_host_too() -> None:
    assert table("source,bias", "ledger.example,center").outlets()[0].hosts == ("ledger.example",)


def test_a_name_is_plain_and_no_formula() -> None:
    made = table("name,bias", '=HYPERLINK("x")\x1b[31m\u202e,center')

    assert made.outlets()[0].name == 'HYPERLINK("x")[31m'


@pytest.mark.parametrize("header", ["name,country", "bias,rating", "address,name_of_subscriber"])
def test_another_table_is_refused_with_what_is_wanted(header: str) -> None:
    with pytest.raises(InputError, match=r"r\.csv: columns '.*are wanted; rename them"):
        find_columns(header.split(","), "r.csv")
