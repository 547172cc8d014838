"""The first row of a CSV file → which column holds what. Pure.

Columns are found by name in several languages and mailing tools, or as the caller maps them, by name or number from 1.
A file without names is taken when exactly one cell of its first row is an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from subscribers.cells import unguard
from subscribers.errors import ImportProblem, shorten

FIELDS: Mapping[str, tuple[str, ...]] = {
    "address": (
        "address", "email", "e mail", "mail", "email address", "e mail address", "emailaddress", "email adresse",
        "e mail adresse", "mailadresse", "adresse email", "adresse e mail", "courriel", "correo", "correo electronico",
        "correo electrónico", "subscriber", "subscriber email",
    ),
    "name": ("name", "full name", "fullname", "display name", "nom complet", "nombre completo"),
    "first_name": ("first name", "firstname", "given name", "vorname", "prénom", "prenom", "nombre", "fname"),
    "last_name": ("last name", "lastname", "surname", "family name", "nachname", "nom", "apellidos", "lname"),
    "language": ("language", "lang", "locale", "sprache", "langue", "idioma"),
    "timezone": ("timezone", "time zone", "tz", "zeitzone"),
    "topics": ("topics", "topic", "tags", "interests", "themen"),
    "state": ("state", "status", "subscription status"),
    "confirmed_at": ("confirmed at", "confirm time", "optin time"),
    "created_at": ("created at",),
    "source": ("source", "herkunft"),
}  # fmt: skip
"""What an import understands, each with the names (lower case, marks as blanks) under which files carry it."""

_NUMBER = re.compile("[0-9]{1,4}")
_BY_NAME = {name: field for field, names in FIELDS.items() for name in names}


@dataclass(frozen=True, slots=True)
class Columns:
    """Field → column, from 0; `named` tells whether the first row was names; `width` is its number of cells."""

    places: Mapping[str, int]
    named: bool
    width: int
    notices: tuple[str, ...]


def find_columns(first: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """Which column holds what. `mapping` is field → column name or number from 1, and wins; "" leaves a field out.

    Raises ImportProblem when no column or several could hold the addresses, or the mapping names what is not there.
    """
    names = [unguard(cell.strip()).strip() for cell in first]
    # Also a first address with a slip in it: its row is refused later, by number, and the others are taken.
    has_addresses = [place for place, name in enumerate(names) if "@" in name and " " not in name]
    places = {
        field: _mapped(field, column, names, unnamed=bool(has_addresses)) for field, column in mapping.items() if column
    }
    if has_addresses:
        return _unnamed(names, places, has_addresses)
    notices: list[str] = []
    for place, name in enumerate(names):
        field = _BY_NAME.get(_plain(name), "")
        if not field or field in mapping:
            continue
        if field in places:
            notices.append(_second(field, names[places[field]], name))
        else:
            places[field] = place
    if "address" not in places:
        shown = ", ".join(repr(shorten(name, 30)) for name in names[:20])
        raise ImportProblem(f"columns: {shown}: one of addresses is wanted; say which with the mapping address=COLUMN")
    unused = [repr(shorten(name, 30)) for place, name in enumerate(names) if place not in places.values() and name]
    if unused:
        notices.append(f"columns left out: {', '.join(unused[:20])}")
    return Columns(places, True, len(names), tuple(notices))


def _unnamed(names: Sequence[str], places: dict[str, int], has_addresses: Sequence[int]) -> Columns:
    if "address" not in places:
        if len(has_addresses) > 1:
            raise ImportProblem(
                "columns: no names, and several hold addresses; say which with the mapping address=NUMBER"
            )
        places["address"] = has_addresses[0]
    unused = [str(place + 1) for place in range(len(names)) if place not in places.values()]
    notices = ["no row of column names: the first row is taken as a subscriber"] if len(names) > 1 else []
    if unused:
        notices.append(f"columns left out: {', '.join(unused[:20])}; name them with a mapping such as name=2")
    return Columns(places, False, len(names), tuple(notices))


def _mapped(field: str, column: str, names: Sequence[str], *, unnamed: bool) -> int:
    if field not in FIELDS:
        raise ImportProblem(f"mapping: {shorten(field)!r}: one of {', '.join(FIELDS)} is wanted")
    if not unnamed:
        for same in (str, str.casefold, _plain):
            found = [place for place, name in enumerate(names) if same(name) == same(column.strip())]
            if len(found) == 1:
                return found[0]
    if _NUMBER.fullmatch(column) and 1 <= int(column) <= len(names):
        return int(column) - 1
    shown = f"a number from 1 to {len(names)}" if unnamed else ", ".join(repr(shorten(name, 30)) for name in names[:20])
    raise ImportProblem(f"mapping: {field}={shorten(column)}: no such column; {shown} is wanted")


def _second(field: str, taken: str, name: str) -> str:
    if field == "address":
        raise ImportProblem(
            f"columns: {shorten(taken, 30)!r}, {shorten(name, 30)!r}: both could be addresses; "
            "say which with the mapping address=COLUMN"
        )
    return f"column {shorten(name, 30)!r} left out: {shorten(taken, 30)!r} is taken for {field}"


def _plain(name: str) -> str:
    return " ".join(re.split(r"[\s_\-.:]+", name.strip().lower())).strip()
