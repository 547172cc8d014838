"""Lists go out: safe in a spreadsheet, exact on the way back."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from subscribers import book
from subscribers.book import SubscriberState
from subscribers.exporting import COLUMNS, export_csv
from subscribers.keys import KeyRing
from tests.subscribers.conftest import on_sqlite
from tests.subscribers.samples import LETTER, NOW, Join, reported, take_in


def exported(db: Connection, state: SubscriberState | None = None) -> str:
    out = io.StringIO(newline="")
    export_csv(db, LETTER, out, state=state)
    return out.getvalue()


def test_a_list_has_names_and_a_row_for_everybody(db: Connection, ring: KeyRing, join: Join) -> None:
    join("ann@example.org", name='Ann "Annie" Lee', topics=["pain", "sleep"])
    join("bob@example.org", confirmed=False)
    join("cat@example.org", newsletter="daily")
    book.erase(db, ring, join("dan@example.org"), NOW)

    lines = exported(db).split("\r\n")

    assert lines == [
        ",".join(f'"{name}"' for name in COLUMNS),
        '"ann@example.org","Ann ""Annie"" Lee","","","pain;sleep","active","2026-11-20T09:30:00+00:00",'
        '"2026-11-20T09:30:00+00:00","form"',
        '"bob@example.org","","","","","pending","","2026-11-20T09:30:00+00:00","form"',
        "",
    ]


def test_a_list_can_be_of_one_state(db: Connection, join: Join) -> None:
    join("ann@example.org")
    join("bob@example.org", confirmed=False)

    out = io.StringIO(newline="")
    written = export_csv(db, LETTER, out, state=SubscriberState.PENDING)

    assert written == 1
    assert "bob@" in out.getvalue()
    assert "ann@" not in out.getvalue()


def test_erased_people_are_in_no_list(db: Connection, ring: KeyRing, join: Join) -> None:
    book.erase(db, ring, join("ann@example.org"), NOW)

    assert len(exported(db, SubscriberState.ERASED).splitlines()) == 1


def test_no_cell_that_goes_out_begins_like_a_formula(db: Connection, join: Join) -> None:
    join("=ann@example.org", name="=HYPERLINK(1)", topics=["@pain", "-x"])
    join("+bob@example.org", name="＝1+1")

    cells = [cell for row in csv.reader(io.StringIO(exported(db), newline="")) for cell in row]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]


def test_more_than_a_page_goes_out(db: Connection, ring: KeyRing) -> None:
    take_in(db, ring, "email\n" + "".join(f"r{n}@example.org\n" for n in range(2100)))

    assert len(exported(db).splitlines()) == 2101


def test_what_went_out_changes_nothing_when_it_comes_back(db: Connection, ring: KeyRing, join: Join) -> None:
    join("=ann@example.org", name="'=1", topics=["@pain"])
    book.unsubscribe(db, LETTER, join("bob@example.org"), how="link", now=NOW)
    join("cat@example.org", confirmed=False)
    list_ = exported(db)

    report = take_in(db, ring, list_.encode("utf-8-sig"), confirmed=True, now=NOW + timedelta(days=1))

    assert reported(report) == {"rows": 3, "unchanged": 2, "kept": 1}
    assert exported(db) == list_


_WORDS = st.text(st.sampled_from("ab'=+-@ \t\u00a0\u200b＝é\"\\.:"), max_size=10)
_PEOPLE = st.lists(
    st.tuples(
        st.text(st.sampled_from("aA0=+-'_é"), min_size=1, max_size=6),
        _WORDS,
        st.lists(_WORDS, max_size=3),
        st.sampled_from(["de", "pt-BR", None]),
        st.sampled_from([state for state in SubscriberState if state is not SubscriberState.ERASED]),
    ),
    max_size=5,
)


@settings(max_examples=30, deadline=None)
@given(_PEOPLE)
def test_an_empty_book_takes_a_list_back_exactly(
    people: list[tuple[str, str, list[str], str | None, SubscriberState]],
) -> None:
    ring = KeyRing({1: b"k" * 32}, b"s" * 32)
    here, there = on_sqlite(), on_sqlite()
    with here.begin() as db:
        for local, name, topics, language, state in people:
            address = f"{local}@example.org"
            confirmed = state is not SubscriberState.PENDING
            someone = book.add(
                db, ring, LETTER, address, name=name, topics=topics, language=language, confirmed=confirmed,
                how=f"form {name}", proof=None, now=NOW,
            ).subscriber  # fmt: skip
            if someone and state is SubscriberState.UNSUBSCRIBED:
                book.unsubscribe(db, LETTER, someone.id, how="link", now=NOW)
        list_ = exported(db)

    with there.begin() as db:
        report = take_in(db, ring, list_.encode("utf-8-sig"), now=NOW + timedelta(days=1))
        again = exported(db)
    here.dispose()
    there.dispose()

    assert again == list_
    assert report.rejected == 0
