"""Cells of a CSV file that a spreadsheet may open: formulas made harmless on the way out, whole on the way in. Pure.

A spreadsheet runs a cell that starts with `=`, `+`, `-`, `@`, a tab, a carriage return or NUL; some also after blanks,
and some take the full-width forms. Such a cell gets a leading apostrophe. So does one that already has apostrophes
before such a start: `unguard` takes exactly one away, which makes it the exact inverse for every text.
"""

from __future__ import annotations

import re

# Blanks include the invisible ones that look like no character at all: zero-width space, word joiner, byte order mark.
_DANGEROUS = re.compile("'*(?:[\\t\\r\\n\\0]|[\\s\u200b\u2060\ufeff]*[=+\\-@＝＋－＠﹦﹢﹣﹫−])")


def guard(cell: str) -> str:
    """The cell as a spreadsheet may see it."""
    return f"'{cell}" if _DANGEROUS.match(cell) else cell


def unguard(cell: str) -> str:
    """The cell as it was before `guard`; cells that were never guarded and do not look so stay as they are."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell
