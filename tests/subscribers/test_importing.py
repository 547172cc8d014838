"""Lists come in: good rows once and for all, bad ones by number, and nobody against their will."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from subscribers import book
from subscribers.book import SubscriberState
from subscribers.errors import ImportProblem
from subscribers.importing import RowError, import_csv
from subscribers.keys import KeyRing
from tests.subscribers.conftest import on_sqlite
from tests.subscribers.samples import LETTER, NOW, Join, addresses, reported, take_in


def test_a_list_comes_in_with_everything_it_tells(db: Connection, ring: KeyRing) -> None:
    report = take_in(
        db,
        ring,
        "Name;E-Mail;Tags;Language;TZ;confirmed_at;created_at;source\n"
        "Ann Lee;Ann@Example.org;pain|sleep;pt_br;Europe/London;2024-05-01T12:00:00+02:00;2024-04-30;fair\n",
    )

    ann = book.find(db, LETTER, "ann@example.org")
    assert reported(report) == {"rows": 1, "added": 1}
    assert ann is not None
    assert (ann.address, ann.name, ann.language, ann.timezone) == (
        "Ann@example.org",
        "Ann Lee",
        "pt-BR",
        "Europe/London",
    )
    assert (ann.topics, ann.state, ann.source) == (("pain", "sleep"), SubscriberState.ACTIVE, "fair")
    assert ann.confirmed_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert ann.created_at == datetime(2024, 4, 30, tzinfo=UTC)
    assert ann.updated_at == NOW


def test_consent_is_on_record_with_file_and_row(db: Connection, ring: KeyRing) -> None:
    take_in(db, ring, "email\nann@example.org\nbob@example.org\n", source="fair 2026\n.csv")

    bob = book.find(db, LETTER, "bob@example.org")
    assert bob is not None
    (event,) = book.history(db, bob.id)
    assert (event.at, event.kind, event.how, event.proof) == (NOW, "imported", "import", "fair 2026 .csv, row 3")


def test_a_plain_list_of_addresses_is_enough(db: Connection, ring: KeyRing) -> None:
    report = take_in(db, ring, "ann@example.org\nbob@example.org\n")

    assert reported(report) == {"rows": 2, "added": 2}
    assert addresses(db) == ["ann@example.org", "bob@example.org"]


def test_first_and_last_name_become_one(db: Connection, ring: KeyRing) -> None:
    take_in(db, ring, "Email Address,First Name,Last Name\nann@example.org,Ann,Lee\n")

    ann = book.find(db, LETTER, "ann@example.org")
    assert ann is not None
    assert ann.name == "Ann Lee"


def test_without_consent_on_record_they_are_pending(db: Connection, ring: KeyRing) -> None:
    take_in(db, ring, "email,status\nann@example.org,\nbob@example.org,subscribed\n", confirmed=False)

    states = {person.address: person.state for person in book.listing(db, LETTER)}
    assert states == {"ann@example.org": SubscriberState.PENDING, "bob@example.org": SubscriberState.ACTIVE}


def test_the_same_file_again_changes_nothing(db: Connection, ring: KeyRing) -> None:
    file = "email,name,topics\nann@example.org,Ann,pain\nANN@example.org,Anne,\nbob@example.org,,\n"
    take_in(db, ring, file)
    before = book.listing(db, LETTER)

    report = take_in(db, ring, file, now=NOW + timedelta(days=1))

    assert reported(report) == {"rows": 3, "unchanged": 2, "duplicates": 1}
    assert book.listing(db, LETTER) == before
    assert all(len(book.history(db, person.id)) == 1 for person in before)


def test_bad_rows_are_told_by_number_and_good_ones_come_in(db: Connection, ring: KeyRing) -> None:
    report = take_in(
        db,
        ring,
        b"email,name,language\n"
        b"ann@example.org,Ann,de\n"
        b"bob,Bob,de\n"
        b"\n"
        b"cat@example.org,Cat\n"
        b"dan@example.org,Dan,de,more\n"
        b"eve@example.org,Eve,klingon\n"
        b"f\x00y@example.org,Fay,de\n"
        b",Gus,de\n"
        b"hal@example.org,Hal,de,,\n"
        b",,\n"
        b'ida@example.org,"Ida,de\n'
        b"Jim <jim@example.org>,Jim,de\n",
    )

    assert addresses(db) == ["ann@example.org", "hal@example.org"]
    assert reported(report) == {"rows": 10, "added": 2, "rejected": 8}
    assert [error.row for error in report.errors] == [3, 5, 6, 7, 8, 9, 12, 13]
    assert report.errors[0] == RowError(3, "address: 'bob': An email address must have an @-sign.")
    assert report.errors[1].message == "2 cells where the first row has 3"
    assert "'klingon': not a language tag" in report.errors[3].message


def test_only_the_first_faults_are_listed_and_all_are_counted(db: Connection, ring: KeyRing) -> None:
    report = take_in(db, ring, "email\n" + "nobody\n" * 50, max_errors=3)

    assert (report.rejected, [error.row for error in report.errors]) == (50, [2, 3, 4])


def test_a_state_that_nobody_knows_is_told(db: Connection, ring: KeyRing) -> None:
    report = take_in(db, ring, "email,status\nann@example.org,asleep\n")

    assert "state 'asleep': not a known state" in report.errors[0].message


@pytest.mark.parametrize("date", ["yesterday", "2026-13-01", "2099-01-01", "0001-01-01T00:00:00+14:00"])
def test_a_date_that_cannot_be_is_told(db: Connection, ring: KeyRing, date: str) -> None:
    report = take_in(db, ring, f"email,confirmed_at\nann@example.org,{date}\n")

    assert report.rejected == 1
    assert report.errors[0].message.startswith("confirmed_at ")


def test_a_trial_tells_the_same_and_writes_nothing(db: Connection, ring: KeyRing, join: Join) -> None:
    join("ann@example.org")
    before = book.listing(db, LETTER)
    file = "email,name\nann@example.org,Ann\nbob@example.org,\nBOB@example.org,\nnobody,\n"

    trial = take_in(db, ring, file, dry_run=True)
    after_trial = book.listing(db, LETTER)
    real = take_in(db, ring, file)

    assert after_trial == before
    assert reported(trial) == reported(real) == {"rows": 4, "added": 1, "updated": 1, "duplicates": 1, "rejected": 1}
    assert (trial.dry_run, real.dry_run) == (True, False)


def test_a_file_that_cannot_be_used_writes_nothing(db: Connection, ring: KeyRing) -> None:
    for file in ("", "\n\n", "name,city\nAnn,Bonn\n", "PK\x03\x04"):
        with pytest.raises(ImportProblem):
            take_in(db, ring, file)
    assert addresses(db) == []


def test_guarded_formulas_lose_their_guard(db: Connection, ring: KeyRing) -> None:
    take_in(db, ring, "email,name\n'=ann@example.org,'=1+1\nbob@example.org,O'Neil\n")

    assert [(person.address, person.name) for person in book.listing(db, LETTER)] == [
        ("=ann@example.org", "=1+1"),
        ("bob@example.org", "O'Neil"),
    ]


def test_what_was_left_out_of_a_file_is_told(db: Connection, ring: KeyRing) -> None:
    report = take_in(db, ring, b"email,shoe size\n" + "jürgen@example.org,44\n".encode("cp1252"))

    assert report.notices[0] == "columns left out: 'shoe size'"
    assert "read as Windows-1252" in report.notices[1]
    assert (report.encoding, report.delimiter) == ("utf-8", ",")
    assert addresses(db) == ["jürgen@example.org"]


def test_progress_is_told_in_rows(db: Connection, ring: KeyRing) -> None:
    told: list[int] = []

    take_in(db, ring, "email\nnobody\n" + "".join(f"r{n}@example.org\n" for n in range(2500)), progress=told.append)

    assert told == [1001, 2001, 2501]


def test_another_newsletter_is_not_touched(db: Connection, ring: KeyRing, join: Join) -> None:
    daily = join("ann@example.org", newsletter="daily")

    report = take_in(db, ring, "email,state\nann@example.org,unsubscribed\n")

    known = book.get(db, daily)
    assert reported(report) == {"rows": 1, "added": 1}
    assert known is not None
    assert known.state is SubscriberState.ACTIVE


_CELLS = st.text(st.sampled_from('ab@.,;"\n\r\x00\t= é\u202e\ud800'), max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(_CELLS, _CELLS), max_size=6), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_whatever_stands_in_a_file_the_counts_add_up(rows: list[tuple[str, str]], encoding: str) -> None:
    text = "email,name\n" + "".join(f"{address},{name}\n" for address, name in rows) + "good@example.org,Good\n"
    ring = KeyRing({1: b"k" * 32}, b"s" * 32)
    engine = on_sqlite()

    with engine.begin() as db:
        file = BytesIO(text.encode(encoding, "replace"))
        report = import_csv(db, ring, LETTER, file, source="list.csv", now=NOW)
        everybody = addresses(db)
    engine.dispose()

    counted = report.added + report.updated + report.unchanged + report.kept + report.suppressed + report.duplicates
    assert report.rows == counted + report.rejected
    assert report.rejected == len(report.errors)
    assert len(everybody) == report.added
    assert "good@example.org" in everybody
