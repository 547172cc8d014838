"""Ratings taken in: a file of their own for each rater, the user's outlets.toml untouched and above them."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from digest.errors import InputError, UsageError
from digest.model import Article
from digest.verbs import outlets
from digest.verbs.outlets import Imported
from digest.wiring import ratings

MBFC = """source,url,bias,factual reporting
Northern Post,https://northern-post.example/,Left-Center,HIGH
Harbour Times,https://harbour-times.example/,wobbly,Mixed
Old Gazette,https://gazette.example/,N/A,N/A
"""
OWN = '# My own word.\n[[outlet]]\nname = "Northern Post"\nbias = "center"\nrater = "Me"\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "outlets.toml").write_text(OWN)
    return folder


def take(workspace: Path, text: str = MBFC, *, rater: str = "Facts & Co", dry_run: bool = False) -> Imported:
    file = workspace.parent / "table.csv"
    file.write_text(text, encoding="utf-8-sig")
    os.utime(file, (1_780_000_000, 1_780_000_000))
    return outlets.import_file(workspace, file, rater=rater, dry_run=dry_run)


def test_a_table_becomes_a_file_of_its_own(workspace: Path) -> None:
    done = take(workspace)

    assert done.path == workspace / "outlets" / "facts-co.csv"
    assert (done.outlets, done.added, done.tally.unrated) == (2, 2, 1)
    assert done.tally.not_understood == [(3, "Harbour Times: bias: 'wobbly': not in our table of words; unrated")]
    assert (workspace / "outlets.toml").read_text() == OWN
    found = ratings(workspace).find(Article(title="x", url="https://harbour-times.example/1"))
    assert found is not None
    assert (found.factuality, found.bias, found.rater, found.rated_on) == (
        "mixed",
        None,
        "Facts & Co",
        date(2026, 5, 28),
    )


def test_the_same_table_again_changes_nothing(workspace: Path) -> None:
    path = take(workspace).path
    before = path.stat().st_mtime_ns

    done = take(workspace)

    assert (done.added, done.changed, done.unchanged, done.removed) == (0, 0, 2, 0)
    assert path.stat().st_mtime_ns == before


def test_a_newer_table_takes_the_place_of_the_old_one(workspace: Path) -> None:
    take(workspace)

    done = take(workspace, "source,bias\nNorthern Post,Right\nNew Herald,Center\n")

    assert (done.added, done.changed, done.removed) == (1, 1, 1)


def test_a_dry_run_writes_nothing(workspace: Path) -> None:
    assert take(workspace, dry_run=True).added == 2
    assert not (workspace / "outlets").exists()


def test_two_raters_keep_their_own_files(workspace: Path) -> None:
    take(workspace)
    take(workspace, "news_source,rating\nHarbour Times,Lean Right\n", rater="Sides")

    shown = outlets.show(workspace, "https://www.harbour-times.example/health")

    assert (shown.outlet.bias, shown.outlet.rater) == ("right", "Sides")
    assert (shown.outlet.factuality, shown.outlet.factuality_rater) == ("mixed", "Facts & Co")
    assert [file for file, _ in shown.said] == ["outlets/sides.csv", "outlets/facts-co.csv"]


def test_an_outlet_is_found_by_name_host_or_link_and_shown_with_every_word(workspace: Path) -> None:
    take(workspace)

    for what in ("northern post", "Northern-Post.example", "https://news.northern-post.example/a?b"):
        shown = outlets.show(workspace, what)
        assert (shown.outlet.name, shown.outlet.bias) == ("Northern Post", "center")
        assert [(file, one.bias) for file, one in shown.said] == [
            ("outlets.toml", "center"),
            ("outlets/facts-co.csv", "left"),
        ]


@pytest.mark.parametrize("what", ["Nobody", "nobody.example", "https://[", ""])
def test_an_outlet_that_nobody_rates_is_said_to_be_unrated(workspace: Path, what: str) -> None:
    with pytest.raises(UsageError, match="shown as unrated"):
        outlets.show(workspace, what)


def test_outlets_are_listed_by_words(workspace: Path) -> None:
    take(workspace)

    assert [outlet.name for outlet in outlets.listing(workspace, "HARBOUR-T")] == ["Harbour Times"]
    assert "Northern Post" in [outlet.name for outlet in outlets.listing(workspace)]


@pytest.mark.parametrize(
    "text", ["", "address\nx@example.org\n", "name,bias\nA,wobbly\n", "name,bias\n" + "A,left\n" * 50_001]
)
def test_a_table_that_cannot_be_used_leaves_everything_as_it_was(workspace: Path, text: str) -> None:
    path = take(workspace).path
    before = path.read_text()

    with pytest.raises(InputError, match=r"table\.csv: "):
        take(workspace, text)

    assert path.read_text() == before


def test_a_spoilt_file_is_told_with_its_line_and_written_anew_by_the_next_import(workspace: Path) -> None:
    path = take(workspace).path
    path.write_text("spoilt")

    with pytest.raises(InputError, match=r"outlets/facts-co\.csv:1: the columns"):
        ratings(workspace)

    take(workspace)
    assert ratings(workspace).find(Article(title="x", outlet="Harbour Times")) is not None


def test_a_file_that_is_not_there_or_nobodys_is_refused(workspace: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        outlets.import_file(workspace, workspace / "none.csv", rater="A")
    with pytest.raises(UsageError, match="--rater"):
        take(workspace, rater=" ")
