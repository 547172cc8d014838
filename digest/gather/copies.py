"""Copies: texts that say the same, word for word, under other headlines and addresses. Pure (gather).

The measure is exact: the share of three-word runs of the shorter text that the longer one has too. An index of which
text used a run first finds the one text worth measuring, so that nothing is compared with everything.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter

WORDS = 120
"""Words of a text that are looked at: agency texts are cut at the end, not at the beginning."""

FEWEST = 12
"""Runs that a text must have to be called a copy: about fourteen words."""

SHARE = 0.8
"""Share of common runs that makes a copy: agency texts are edited a little, and other texts have next to none."""

_WORD = re.compile(r"\w+")
_LOOKED_AT = 3  # first users of most of a text's runs that are measured


class Copies:
    """Texts seen so far, by number. The first to use its words is the original of those that follow."""

    def __init__(self) -> None:
        self.filled = False
        self._first: dict[int, int] = {}
        self._runs: dict[int, array[int]] = {}
        self._owners: dict[int, str] = {}

    def add(self, number: int, text: str, owner: str) -> None:
        """Remember a text; `owner` is who published it."""
        found = runs(text)
        if len(found) < FEWEST:
            return
        self._runs[number] = array("q", found)
        self._owners[number] = owner
        for run in found:
            self._first.setdefault(run, number)

    def original_of(self, text: str) -> int | None:
        """The number of the text that this one repeats, or None."""
        found = runs(text)
        if len(found) < FEWEST:
            return None
        users = Counter(self._first[run] for run in found if run in self._first)
        for number, common in sorted(users.items(), key=lambda pair: (-pair[1], pair[0]))[:_LOOKED_AT]:
            shorter = min(len(found), len(self._runs[number]))
            # Cheap first: what is first used elsewhere may be common, too, but hardly most of it.
            if 2 * common >= SHARE * shorter and len(found.intersection(self._runs[number])) >= SHARE * shorter:
                return number
        return None

    def owner(self, number: int) -> str:
        return self._owners[number]


def runs(text: str) -> set[int]:
    """The three-word runs of a text's beginning, as numbers that mean something only within this process."""
    words = _WORD.findall(text[: WORDS * 12].casefold())[:WORDS]
    return {hash(run) for run in zip(words, words[1:], words[2:], strict=False)}
