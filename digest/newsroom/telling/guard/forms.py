"""Forms: a word as the guard compares it: its stem, or that of the word which stands for its group. Pure; newsroom."""

from __future__ import annotations

import functools
import re

from digest.newsroom.telling.guard import lexicon

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ENDINGS = ("ings", "ing", "edly", "ed", "es", "ly", "s")


def content(folded: str) -> list[str]:
    """The forms of the words that carry meaning, in order."""
    found = (match[0] for match in _WORD.finditer(folded))
    return [form(word) for word in found if word not in lexicon.FUNCTION and len(word) > 1]


@functools.lru_cache(maxsize=20_000)
def form(word: str) -> str:
    """What a lower-case word is compared by."""
    word = word.removesuffix("'s").replace("'", "")
    return _SAME.get(word) or _SAME.get(_stem(word)) or _stem(word)


def _stem(word: str) -> str:
    for ending in ("ness", "est"):
        word = word.removesuffix(ending) if len(word) > len(ending) + 3 else word
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


_SAME = {
    key: _stem(group.split()[0])
    for group in reversed(lexicon.SAME)
    for word in group.split()
    for key in (word, _stem(word))
}

del _SAME["work"]  # "it works" is a claim, "the work" is none

PLAIN = frozenset(form(word) for word in lexicon.PLAIN_WORDS) | frozenset(form(word) for word in lexicon.FUNCTION)
