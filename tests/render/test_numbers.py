"""Numbers compare by value, however they are written."""

from __future__ import annotations

import pytest

from digest.render.numbers import numbers_in


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2,300 adults in 67 trials", ["2300", "67"]),
        ("2 300 and 2\u202f300 and 2.300 and 2'300", ["2300"] * 4),
        ("1,234,567.5 euros", ["1234567.5"]),
        ("p = 0.05, 0,05 and 0.125", ["0.05", "0.05", "0.125"]),
        ("40% in 2024, 3.5 mg", ["40", "2024", "3.5"]),
        ("aged 18-65, by 2026.", ["18", "65", "2026"]),
        ("no numbers", []),
        ("one of five", []),
    ],
)
def test_numbers_are_read_in_one_form(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers


def test_small_numbers_may_be_spelt_out() -> None:
    assert numbers_in("Five of 12 and twelve", spelt_out=True) == ["5", "12", "12"]
