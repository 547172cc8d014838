"""How raters word their ratings, and what each word means to us: a table for everybody to see. Pure (newsroom).

Nothing is guessed: a word that does not stand here is told with its row, and the outlet stays unrated. Kinds of
outlets that raters set apart from left and right (pro-science, satire, conspiracy …) have no bias on our scale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from digest.model import Bias, Factuality

Leaning = Literal["side", "center"]
"""What becomes of "lean left" and "left-center": counted with their side, or with the center."""

_SIDE: Mapping[Literal["left", "right"], tuple[str, ...]] = {
    "left": ("left", "left wing", "far left", "extreme left", "hard left", "strong left", "left bias", "left biased"),
    "right": (
        "right", "right wing", "far right", "extreme right", "hard right", "strong right", "right bias", "right biased",
    ),
}  # fmt: skip
_LEANING: Mapping[Literal["left", "right"], tuple[str, ...]] = {
    side: (
        f"{side} center", f"center {side}", f"lean {side}", f"leans {side}", f"leaning {side}", f"{side} leaning",
        f"{side} lean", f"{side} center bias", f"{side} center biased", f"skews {side}",
    )
    for side in ("left", "right")
}  # fmt: skip
_CENTER = ("center", "centrist", "least biased", "least bias", "center least biased", "least biased center")
_NO_BIAS = (
    "pro science", "proscience", "science", "conspiracy pseudoscience", "conspiracy", "pseudoscience", "questionable",
    "questionable source", "questionable sources", "satire", "fake news", "mixed", "allsides", "all sides",
)  # fmt: skip
_NOTHING = ("", "n a", "na", "none", "null", "nan", "not rated", "not yet rated", "unrated", "unknown", "tbd")
_NUMBERS: Mapping[str, str] = {
    "1": "left", "2": "lean left", "3": "center", "4": "lean right", "5": "right", "71": "allsides",
}  # fmt: skip
"""AllSides' numbers, where a table gives its ratings only so."""

_FACTUALITY: Mapping[str, Factuality] = {
    "very high": "very high", "veryhigh": "very high", "high": "high", "mostly factual": "mostly factual",
    "mostlyfactual": "mostly factual", "mixed": "mixed", "mixed factual": "mixed", "low": "low", "very low": "very low",
    "verylow": "very low",
}  # fmt: skip


def bias_of(word: str, leaning: Leaning = "side") -> Bias | None:
    """What a rater's word means; None for kinds of outlets that stand on no side, and where nothing is said.

    Raises KeyError for a word that is not in the table.
    """
    plain = _NUMBERS.get(word.strip(), _plain(word))
    for side in ("left", "right"):
        if plain in _SIDE[side]:
            return side
        if plain in _LEANING[side]:
            return side if leaning == "side" else "center"
    if plain in _CENTER:
        return "center"
    if plain in _NO_BIAS or plain in _NOTHING:
        return None
    raise KeyError(word)


def factuality_of(word: str) -> Factuality | None:
    """The same for factuality."""
    plain = re.sub(r" (?:factual )?(?:reporting|factuality)$", "", _plain(word))
    if plain in _NOTHING:
        return None
    return _FACTUALITY[plain]


def _plain(word: str) -> str:
    """Lower-case words with single blanks; British and American spelling alike."""
    words = re.sub(r"[\s_\-–—/.,()+&]+", " ", word.casefold()).strip()
    return re.sub(r"\bcentre\b", "center", words)
