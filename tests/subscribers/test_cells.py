"""The formula guard: harmless in a spreadsheet, exact on the way back."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscribers.cells import guard, unguard

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1",
    "＝1", "＋1", "－1", "＠x", "'=1", "''=1", "' =1", "=cmd|' /C calc'!A0", "\t", "-",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_that_begins_like_a_formula_goes_out(formula: str) -> None:
    assert guard(formula) == f"'{formula}"


@pytest.mark.parametrize(
    "plain", ["", "Ann", "ann@example.org", "O'Neil", "'tis", "1+1", "''", "2026-11-23", "Ann=Lee"]
)
def test_other_cells_stay_as_they_are(plain: str) -> None:
    assert guard(plain) == plain
    assert unguard(plain) == plain


_PIECES = st.sampled_from(
    ["'", "=", "+", "-", "@", " ", "\t", "\r", "\n", "\x00", "\u00a0", "\u200b", "＝", "a", "é", '"', ","]
)


@settings(max_examples=300)
@given(st.one_of(st.lists(_PIECES, max_size=8).map("".join), st.text(max_size=20)))
@example("'=x")
@example("''\t")
def test_what_goes_out_comes_back_exactly(cell: str) -> None:
    assert unguard(guard(cell)) == cell
