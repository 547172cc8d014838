"""A rater's ratings as a file of the workspace (`outlets/RATER.csv`), written and read. Pure (newsroom).

A table and no TOML: raters rate thousands of outlets, and every command reads them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from digest.errors import InputError
from digest.model import Bias, Factuality, Outlet

_HEADER = ["name", "hosts", "bias", "factuality", "rater", "rated_on"]
_SCALES: dict[str, tuple[str, ...]] = {"bias": get_args(Bias), "factuality": get_args(Factuality)}
LARGEST = 5_000_000


def as_csv(outlets: Sequence[Outlet]) -> str:
    """What `parse_rated` reads."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_HEADER)
    for o in outlets:
        rows.writerow([o.name, " ".join(o.hosts), o.bias or "", o.factuality or "", o.rater or "", o.rated_on or ""])
    return text.getvalue()


def parse_rated(text: str, file: str) -> tuple[Outlet, ...]:
    """Read such a file. Raises InputError with the line for everything that `as_csv` would not have written."""
    if len(text) > LARGEST:
        raise InputError(f"{len(text)} characters: at most {LARGEST} are read", file=file)
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        if next(rows, None) != _HEADER:
            raise _refused(f"the columns {', '.join(_HEADER)} are wanted", file, 1)
        return tuple(_outlet(row, file, rows.line_num) for row in rows if row)
    except csv.Error as fault:
        raise _refused(f"not CSV: {fault}", file, rows.line_num) from None


def _outlet(row: list[str], file: str, line: int) -> Outlet:
    if len(row) != len(_HEADER):
        raise _refused(f"{len(row)} cells: {len(_HEADER)} are wanted", file, line)
    cells = dict(zip(_HEADER, row, strict=True))
    if not cells["name"]:
        raise _refused("a name is wanted", file, line)
    ratings: dict[str, Any] = {}
    for what, scale in _SCALES.items():
        if cells[what] and cells[what] not in scale:
            raise _refused(f"{what}: {cells[what][:40]!r}: one of {', '.join(scale)} is wanted", file, line)
        ratings[what] = cells[what] or None
    try:
        rated_on = date.fromisoformat(cells["rated_on"]) if cells["rated_on"] else None
    except ValueError:
        raise _refused(
            f"rated_on: {cells['rated_on'][:40]!r}: a date such as 2026-11-18 is wanted", file, line
        ) from None
    hosts = tuple(cells["hosts"].lower().split())
    return Outlet(name=cells["name"], hosts=hosts, **ratings, rater=cells["rater"] or None, rated_on=rated_on)


def _refused(what: str, file: str, line: int) -> InputError:
    return InputError(f"{what}; import it again with `digest outlets import`", file=file, line=line)
