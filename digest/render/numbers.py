"""Numbers in running text, in one form whatever separators were used. Pure; for the checks."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u2009\u202f' ]\d{3}(?!\d))*(?:[.,]\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:[.,\u00a0\u2009\u202f' ]\d{3})+")
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_FORMS = {word: str(at) for at, word in enumerate(_WORDS)}
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)


def numbers_in(text: str, *, spelt_out: bool = False) -> list[str]:
    """The numbers of a text in order: "2,300" and "2 300" are "2300", "0,05" is "0.05".

    A point or comma before exactly three digits separates thousands, unless a zero stands before it.
    `spelt_out`: small English ones too, "five" is "5".
    """
    found = [(match.start(), _plain(match.group())) for match in _NUMBER.finditer(text)]
    if spelt_out:
        found += [(match.start(), _FORMS[match.group().lower()]) for match in _WORD.finditer(text)]
    return [number for _, number in sorted(found)]


def _plain(number: str) -> str:
    whole = number
    if _GROUPED.fullmatch(number) and not number.startswith("0"):
        return re.sub(r"\D", "", number)
    grouped = _GROUPED.match(number)
    if grouped and not number.startswith("0"):
        whole = re.sub(r"\D", "", grouped.group()) + number[grouped.end() :]
    return whole.replace(",", ".")
