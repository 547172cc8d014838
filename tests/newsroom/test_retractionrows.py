"""Rows of the retraction list: what they say, and what becomes of those that say it badly."""

from __future__ import annotations

from datetime import date

import pytest

from digest.errors import InputError
from digest.newsroom.retractionrows import Columns, Read, RowError, find_columns

HEADER = [
    "Record ID", "Title", "Journal", "RetractionDate", "RetractionDOI", "RetractionPubMedID", "OriginalPaperDate",
    "OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature", "Reason", "Notes",
]  # fmt: skip
ROW = {
    "Record ID": "7001", "Title": "Evening light and sleep", "RetractionDate": "11/22/2023 0:00",
    "RetractionDOI": "10.1234/notice", "OriginalPaperDOI": "10.1234/SLEEP.1", "OriginalPaperPubMedID": "30000001",
    "RetractionNature": "Retraction", "Reason": "+Concerns/Issues About Data;+Duplication of Image;",
}  # fmt: skip
COLUMNS = find_columns(HEADER, "list.csv")


def read(columns: Columns = COLUMNS, **changed: str) -> Read:
    names = {name.replace(" ", "_"): name for name in HEADER}
    row = {**ROW, **{names[name]: value for name, value in changed.items()}}
    return columns.read([row.get(name, "") for name in HEADER])


def test_a_row_says_what_became_of_which_paper() -> None:
    record = read().record
    assert record is not None

    assert (record.record, record.nature, record.doi, record.pmid) == (
        "7001",
        "retraction",
        "10.1234/sleep.1",
        "30000001",
    )
    assert (record.day, record.notice_doi) == (date(2023, 11, 22), "10.1234/notice")
    assert record.reason == "Concerns/Issues About Data, Duplication of Image"


@pytest.mark.parametrize(
    ("written", "nature"),
    [
        ("Expression of concern", "expression of concern"),
        ("EXPRESSION OF CONCERN ", "expression of concern"),
        ("Correction", "correction"),
        ("Reinstatement", "reinstatement"),
    ],
)
def test_natures_are_known_in_any_case(written: str, nature: str) -> None:
    record = read(RetractionNature=written).record

    assert record is not None
    assert record.nature == nature


@pytest.mark.parametrize("nature", ["", "Retract", "10.1234/x", "<script>"])
def test_an_unknown_nature_is_refused_never_guessed(nature: str) -> None:
    with pytest.raises(RowError, match="one of Retraction, Expression of concern, Correction or Reinstatement"):
        read(RetractionNature=nature)


@pytest.mark.parametrize("nothing", ["unavailable", "Unavailable", "0", "", "NA", " "])
def test_a_paper_without_a_name_is_no_record(nothing: str) -> None:
    assert read(OriginalPaperDOI=nothing, OriginalPaperPubMedID=nothing) == Read(None)


def test_one_name_is_enough() -> None:
    by_number = read(OriginalPaperDOI="unavailable").record
    by_doi = read(OriginalPaperPubMedID="0").record
    assert by_number is not None
    assert by_doi is not None

    assert (by_number.doi, by_number.pmid) == (None, "30000001")
    assert (by_doi.doi, by_doi.pmid) == ("10.1234/sleep.1", None)


def test_a_cell_that_is_not_understood_is_told_and_its_row_kept() -> None:
    found = read(RetractionDate="31/31/2023", OriginalPaperDOI="see notes")

    assert found.record is not None
    assert (found.record.day, found.record.doi, found.record.pmid) == (None, None, "30000001")
    assert found.unread == (
        "OriginalPaperDOI: 'see notes': not understood, taken as empty",
        "RetractionDate: '31/31/2023': not understood, taken as empty",
    )


@pytest.mark.parametrize("day", ["2023-11-22", "2023-11-22T00:00:00", "11/22/2023", "11/22/2023 12:30"])
def test_days_are_read_in_both_ways_of_writing(day: str) -> None:
    record = read(RetractionDate=day).record

    assert record is not None
    assert record.day == date(2023, 11, 22)


def test_what_a_row_says_is_bounded_and_plain() -> None:
    record = read(Title="a\x1b[31m\u202e" * 5_000, Reason="+x\n" * 9_000).record

    assert record is not None
    assert len(record.title) <= 300
    assert len(record.reason) <= 200
    assert record.title.isprintable()


@pytest.mark.parametrize("width", [3, 13])
def test_a_ragged_row_is_refused(width: int) -> None:
    with pytest.raises(RowError, match=f"{width} cells: 12 are wanted"):
        COLUMNS.read(["x"] * width)


def test_without_numbers_of_its_own_a_record_is_known_by_what_it_says() -> None:
    columns = find_columns(HEADER[1:], "list.csv")
    cells = [ROW.get(name, "") for name in HEADER[1:]]

    first, again = columns.read(cells).record, columns.read(cells).record

    assert first is not None
    assert first == again
    assert first.record.startswith("#")


def test_columns_may_stand_in_any_order_and_spelling() -> None:
    columns = find_columns(["\ufeffretraction nature", "ORIGINALPAPERDOI", "x"], "list.csv")

    record = columns.read(["Retraction", "10.1234/a", ""]).record
    assert record is not None
    assert record.doi == "10.1234/a"


def test_another_list_is_refused_with_what_is_wanted() -> None:
    with pytest.raises(InputError, match=r"list\.csv: columns 'name', 'email' …: RetractionNature, and"):
        find_columns(["name", "email"], "list.csv")
