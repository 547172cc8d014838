"""CSV files of every kind, read row by row. No bad row costs a good one."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.errors import ImportProblem
from subscribers.sheet import MAX_LINE, Record, Sheet


def read(file: bytes | str, on_one_line: tuple[int, ...] = (), **options: Any) -> list[tuple[int, list[str] | str]]:
    """All rows after the first: (row, cells), or (row, why it could not be read)."""
    sheet = Sheet(io.BytesIO(file.encode() if isinstance(file, str) else file), **options)
    sheet.header()
    return [(record.row, record.fault or record.cells) for record in sheet.records(on_one_line)]


def only(file: bytes, **options: Any) -> tuple[list[list[str]], Sheet]:
    sheet = Sheet(io.BytesIO(file), **options)
    first = sheet.header()
    assert first is not None
    return [first.cells, *(record.cells for record in sheet.records(()))], sheet


TEXT = "name,city\nJürgen,Zürich\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"), ("utf-32", "utf-32"),
    ],
)  # fmt: skip
def test_unicode_is_recognised(encoding: str, found: str) -> None:
    rows, sheet = only(TEXT.encode(encoding))

    assert rows == [["name", "city"], ["Jürgen", "Zürich"]]
    assert sheet.encoding == found
    assert sheet.notices == []


def test_what_is_not_utf_8_is_read_as_windows_1252_and_told() -> None:
    rows, sheet = only("name,city\nAnn,Bonn\nJürgen,Zürich\nRené “R”,Nîmes\n".encode("cp1252"))

    assert rows[2:] == [["Jürgen", "Zürich"], ["René “R”", "Nîmes"]]
    (notice,) = sheet.notices
    assert notice.startswith("2 rows are not UTF-8, the first is row 3: read as Windows-1252")


def test_one_wrong_byte_does_not_change_the_other_rows_of_a_utf_8_file() -> None:
    rows, _ = only("name\nZoë\n".encode() + b"Ren\xe9\n" + "Łukasz\n".encode())

    assert rows == [["name"], ["Zoë"], ["René"], ["Łukasz"]]


def test_an_encoding_can_be_named() -> None:
    rows, sheet = only("name\nŁukasz\n".encode("iso8859-2"), encoding="latin2")

    assert rows[1] == ["Łukasz"]
    assert sheet.encoding == "iso8859-2"


def test_a_named_encoding_that_does_not_fit_costs_only_the_rows_it_cannot_read() -> None:
    rows = read(b"name\nRen\xe9\nAnn\n", encoding="utf-8")

    assert rows == [(2, "characters that cannot be read in this encoding"), (3, ["Ann"])]


@pytest.mark.parametrize("encoding", ["klingon", "zip", "undefined", "x" * 1000])
def test_an_encoding_that_is_none_is_refused(encoding: str) -> None:
    with pytest.raises(ImportProblem, match="encoding"):
        Sheet(io.BytesIO(b"name\n"), encoding=encoding)


def test_a_spreadsheet_file_is_refused_with_what_to_do() -> None:
    with pytest.raises(ImportProblem, match="save it as CSV"):
        Sheet(io.BytesIO(b"PK\x03\x04rest of a workbook"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_first_row(delimiter: str) -> None:
    rows, sheet = only(delimiter.join(["name", "city", "note"]).encode() + b'\n"a,b";"c"\n')

    assert rows[0] == ["name", "city", "note"]
    assert sheet.delimiter == delimiter


def test_delimiters_inside_quotes_do_not_count() -> None:
    rows, sheet = only(b'"name, first; last";city\n"Lee, Ann";Bonn\n')

    assert sheet.delimiter == ";"
    assert rows == [["name, first; last", "city"], ["Lee, Ann", "Bonn"]]


def test_excels_own_word_for_the_delimiter_is_understood() -> None:
    rows, _ = only(b"sep=;\nname, first;city\nAnn;Bonn\n")

    assert rows == [["name, first", "city"], ["Ann", "Bonn"]]


def test_a_delimiter_can_be_named() -> None:
    assert read("a:b,c\nd:e,f\n", delimiter=":") == [(2, ["d", "e,f"])]
    with pytest.raises(ImportProblem, match="delimiter"):
        Sheet(io.BytesIO(b"a\n"), delimiter='"')


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_count_the_same(end: str) -> None:
    assert read(end.join(["name", "Ann", "", "Bob"])) == [(2, ["Ann"]), (4, ["Bob"])]


def test_quoted_cells_keep_commas_quotes_and_line_breaks() -> None:
    rows = read('a,b\n"x, y","say ""hi"""\n"one\ntwo",z\nlast,row\n')

    assert rows == [(2, ["x, y", 'say "hi"']), (3, ["one\ntwo", "z"]), (5, ["last", "row"])]


def test_blanks_before_a_quoted_cell_do_not_break_it() -> None:
    assert read('a,b\nx, "y, z"\n') == [(2, ["x", "y, z"])]


def test_a_quotation_mark_in_the_middle_is_a_character_like_any_other() -> None:
    assert read('a,b\nAnn "Annie" Lee,5" pipe\n') == [(2, ['Ann "Annie" Lee', '5" pipe'])]


def test_an_open_quotation_mark_costs_its_row_and_not_the_file() -> None:
    good = "".join(f"x{n},y\n" for n in range(200))

    rows = read(f'a,b\nx,"open\n{good}')

    assert rows[0] == (2, "a quotation mark is opened and not closed in this row")
    assert rows[1:] == [(3 + n, [f"x{n}", "y"]) for n in range(200)]


def test_an_open_quotation_mark_at_the_end_of_the_file_is_told() -> None:
    assert read('a,b\nx,y\nz,"open') == [(2, ["x", "y"]), (3, "a quotation mark is opened and not closed in this row")]


def test_two_open_quotation_marks_do_not_swallow_the_rows_between() -> None:
    rows = read('a,b\n1,"open\n2,y\n3,z\n4,close"\n', on_one_line=(1,))

    assert rows[0] == (2, "a quotation mark is opened and not closed in this row")
    assert rows[1:] == [(3, ["2", "y"]), (4, ["3", "z"]), (5, ["4", 'close"'])]


def test_text_after_a_closing_quotation_mark_is_told() -> None:
    assert read('a,b\n"x"y,z\nok,ok\n') == [
        (2, "text after a closing quotation mark; write quotation marks inside a cell twice"),
        (3, ["ok", "ok"]),
    ]


def test_a_nul_byte_costs_its_row() -> None:
    assert read(b"a,b\nx\x00,y\nx,y\n") == [(2, "a NUL byte is in it"), (3, ["x", "y"])]


def test_a_line_of_ten_megabytes_costs_its_row_and_no_memory() -> None:
    class Long(io.RawIOBase):
        """A row of 10 MB between two others, made as it is read."""

        parts = iter([b"a\n1\n", *[b"x" * 8192] * 1280, b"\n2\n"])

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return next(self.parts, b"")

    sheet = Sheet(Long())  # type: ignore[arg-type]
    sheet.header()

    assert list(sheet.records(())) == [
        Record(2, ["1"], ""),
        Record(3, [], "longer than 65536 characters"),
        Record(4, ["2"], ""),
    ]


def test_a_row_of_many_long_lines_is_too_long_as_well() -> None:
    line = "x" * (MAX_LINE // 2)

    rows = read(f'a\n"{line}\n{line}\n{line}"\nok\n')

    assert rows[0] == (2, "longer than 65536 characters")
    assert rows[-1] == (5, ["ok"])


def test_an_empty_file_has_no_header() -> None:
    assert Sheet(io.BytesIO(b"")).header() is None
    assert Sheet(io.BytesIO(b"\n  \n\n")).header() is None


def test_a_first_row_that_cannot_be_read_ends_the_matter() -> None:
    with pytest.raises(ImportProblem, match="row 1: a NUL byte"):
        Sheet(io.BytesIO(b"na\x00me\nAnn\n")).header()


def test_the_stream_stays_the_callers() -> None:
    stream = io.BytesIO(b"a\nb\n")
    sheet = Sheet(stream)
    sheet.header()
    list(sheet.records(()))
    del sheet

    assert not stream.closed


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_come_to_an_end_without_an_accident(junk: bytes) -> None:
    try:
        rows = read(b"a,b\n" + junk)
    except ImportProblem:
        return  # junk may make it look like UTF-16, whose first row then cannot be read: refused is no accident

    assert all(rows[place][0] < rows[place + 1][0] for place in range(len(rows) - 1))


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('ab,"\n;\r '), max_size=60))
def test_every_row_without_a_quotation_mark_survives_its_neighbours(mess: str) -> None:
    rows = read(f"a,b\n{mess}\ngood,row\n", on_one_line=(0, 1))

    assert rows[-1][1] == ["good", "row"]
