"""The page on reliability names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PAGE = (REPOSITORY / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_every_test_it_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::([\w:]+))?`", PAGE)
    missing = [f"{file}::{name}" for file, name in named if not _exists(file, name)]

    assert len(named) > 60
    assert missing == []


def test_every_row_of_the_fault_matrix_is_there() -> None:
    sections = (("A", 17), ("B", 25), ("C", 9), ("D", 11))
    rows = [f"{letter}{number}" for letter, last in sections for number in range(1, last + 1)]

    assert [row for row in rows if f"\n| {row} |" not in PAGE] == []


def _exists(file: str, name: str) -> bool:
    path = REPOSITORY / file
    return path.is_file() and (not name or f"def {name.rpartition(':')[2]}(" in path.read_text(encoding="utf-8"))
