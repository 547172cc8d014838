"""Raters' words: every spelling that goes round is understood or refused, never guessed."""

from __future__ import annotations

import pytest

from digest.newsroom.ratinghosts import home_of
from digest.newsroom.ratingwords import bias_of, factuality_of


@pytest.mark.parametrize(
    "word", ["left", "LEFT ", "Far-Left", "extreme_left", "Left Bias", "left‑wing".replace("‑", "-")]
)
def test_left_is_left(word: str) -> None:
    assert bias_of(word) == "left"


@pytest.mark.parametrize("word", ["right", "Right", "FAR RIGHT", "extreme-right"])
def test_right_is_right(word: str) -> None:
    assert bias_of(word) == "right"


@pytest.mark.parametrize(
    "word", ["Center", "centre", "CENTRE ", "Least Biased", "least-biased", "Center (Least Biased)", "3"]
)
def test_the_middle_is_center(word: str) -> None:
    assert bias_of(word) == "center"


@pytest.mark.parametrize(
    "word", ["Lean Left", "leans left", "Left-Center", "left_centre", "LEFT CENTER", "Center-Left", "2"]
)
def test_leaning_counts_with_its_side_or_as_the_user_says(word: str) -> None:
    assert bias_of(word) == "left"
    assert bias_of(word, "center") == "center"


@pytest.mark.parametrize("word", ["Lean Right", "right-center", "Right Centre", "leaning right"])
def test_the_same_on_the_right(word: str) -> None:
    assert bias_of(word) == "right"
    assert bias_of(word, "center") == "center"


@pytest.mark.parametrize(
    "word",
    ["PRO-SCIENCE", "Pro Science", "conspiracy-pseudoscience", "Questionable", "questionable source", "Satire",
     "AllSides", "mixed", "71", "N/A", "n.a.", "", " ", "-", "None", "Not Rated"],
)  # fmt: skip
def test_kinds_that_stand_on_no_side_are_unrated(word: str) -> None:
    assert bias_of(word) is None


@pytest.mark.parametrize("word", ["lefty", "left or right", "-2.3", "0", "center of the earth", "x" * 100])
def test_a_word_that_is_in_no_table_is_refused(word: str) -> None:
    with pytest.raises(KeyError):
        bias_of(word)


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("VERY HIGH", "very high"),
        ("very-high", "very high"),
        ("High ", "high"),
        ("Mostly Factual", "mostly factual"),
        ("MIXED", "mixed"),
        ("Mixed Factual Reporting", "mixed"),
        ("Low", "low"),
        ("Very Low factuality", "very low"),
        ("N/A", None),
        ("", None),
    ],
)
def test_factuality_has_six_words(word: str, meaning: str | None) -> None:
    assert factuality_of(word) == meaning


@pytest.mark.parametrize("word", ["highish", "mostly", "medium", "5"])
def test_another_word_for_factuality_is_refused(word: str) -> None:
    with pytest.raises(KeyError):
        factuality_of(word)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.Ledger.example/", "ledger.example"),
        ("ledger.example", "ledger.example"),
        ("http://news.ledger.example/health?x=1", "news.ledger.example"),
        ("ledger.example:8080/x", "ledger.example"),
    ],
)
def test_an_outlets_host_is_read_out_of_its_address(address: str, host: str) -> None:
    assert home_of(address) == host


@pytest.mark.parametrize(
    "address",
    [
        "", "N/A", "Northern Ledger", "https://www.facebook.com/ledger", "https://youtube.com/c/ledger", "co.uk",
        "https://mediabiasfactcheck.com/northern-ledger/", "https://www.allsides.com/news-source/x", "127.0.0.1",
        "javascript:alert(1)", "https://user@ledger.example/", "a b.example", "example", "x" * 3_000 + ".example",
    ],
)  # fmt: skip
def test_what_belongs_to_many_or_to_nobody_is_no_outlets_host(address: str) -> None:
    assert home_of(address) is None
