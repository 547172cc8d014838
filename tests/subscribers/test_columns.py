"""Which column holds what."""

from __future__ import annotations

import pytest

from subscribers.columns import find_columns
from subscribers.errors import ImportProblem


@pytest.mark.parametrize(
    "name", ["email", "E-Mail", "Email Address", "EMAIL_ADDRESS", "E-Mail-Adresse", "address", "Courriel"]
)
def test_addresses_are_found_under_their_usual_names(name: str) -> None:
    columns = find_columns(["No.", name, "Name"], {})

    assert columns.places == {"address": 1, "name": 2}
    assert columns.named
    assert columns.notices == ("columns left out: 'No.'",)


def test_columns_may_come_in_any_order() -> None:
    columns = find_columns(["Tags", "Last Name", "Email", "First Name", "Language", "time_zone", "Status"], {})

    assert columns.places == {
        "topics": 0, "last_name": 1, "address": 2, "first_name": 3, "language": 4, "timezone": 5, "state": 6
    }  # fmt: skip


def test_a_mapping_names_columns_by_name_or_number_and_wins() -> None:
    columns = find_columns(["Kontakt", "Email", "Wer"], {"address": "kontakt", "name": "3"})

    assert columns.places == {"address": 0, "name": 2}


def test_a_field_can_be_left_out() -> None:
    assert find_columns(["email", "status"], {"state": ""}).places == {"address": 0}


def test_a_list_of_addresses_needs_no_names() -> None:
    columns = find_columns(["ann@example.org"], {})

    assert (columns.places, columns.named, columns.notices) == ({"address": 0}, False, ())


def test_a_first_address_with_a_slip_still_is_no_column_name() -> None:
    assert not find_columns(["ann@example"], {}).named


def test_a_table_without_names_is_taken_by_its_one_column_of_addresses() -> None:
    columns = find_columns(["7", "ann@example.org", "Ann"], {"name": "3"})

    assert (columns.places, columns.named) == ({"address": 1, "name": 2}, False)
    assert columns.notices == (
        "no row of column names: the first row is taken as a subscriber",
        "columns left out: 1; name them with a mapping such as name=2",
    )


def test_a_second_column_for_the_same_is_told() -> None:
    columns = find_columns(["email", "name", "full name"], {})

    assert columns.places == {"address": 0, "name": 1}
    assert "column 'full name' left out: 'name' is taken for name" in columns.notices


@pytest.mark.parametrize(
    ("first", "mapping", "why"),
    [
        (["Foo", "Bar"], {}, "columns: 'Foo', 'Bar': one of addresses is wanted"),
        (["email", "mail"], {}, "columns: 'email', 'mail': both could be addresses"),
        (["a@example.org", "b@example.org"], {}, "several hold addresses"),
        (["email"], {"address": "Kontakt"}, "mapping: address=Kontakt: no such column; 'email' is wanted"),
        (["email"], {"address": "2"}, "no such column"),
        (["email"], {"address": "9" * 5000}, "no such column"),
        (["email"], {"shoe size": "email"}, "mapping: 'shoe size': one of address, name"),
        (["a@example.org"], {"address": "email"}, "a number from 1 to 1 is wanted"),
    ],
)
def test_what_cannot_be_told_is_asked(first: list[str], mapping: dict[str, str], why: str) -> None:
    with pytest.raises(ImportProblem) as refused:
        find_columns(first, mapping)

    assert why in str(refused.value)
    assert len(str(refused.value)) < 400
