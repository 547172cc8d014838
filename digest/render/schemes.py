"""Schemes: an email's HTML as mail programs show it, in light, in dark, or with colours turned round. Pure.

A browser's frame cannot be told which scheme to prefer, so that the media queries are answered here instead. For
looking only: what is sent keeps its queries.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Scheme = Literal["light", "dark", "inverted"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

# Only where queries stand: a story may well write about them.
_QUERIED = re.compile(r"<style\b[^>]*>.*?</style\s*>|<source\b[^>]*>", re.DOTALL | re.IGNORECASE)
_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width:0px)", "(max-width:0px)"

_INVERSION = (
    "html{background:#fff!important;filter:invert(1) hue-rotate(180deg)!important}"
    "img,video{filter:invert(1) hue-rotate(180deg)!important}"
)


def as_shown(html: str, scheme: Scheme) -> str:
    """The HTML with its colour scheme decided; links open outside of the frame.

    "dark" is what its author wrote for dark mail programs. "inverted" is how programs that ignore the author look,
    roughly: all colours of the light scheme turned round, pictures kept.
    """
    wanted = "dark" if scheme == "dark" else "light"

    def answer(query: re.Match[str]) -> str:
        return _ALWAYS if query[1].lower() == wanted else _NEVER

    decided = _QUERIED.sub(lambda found: _QUERY.sub(answer, found[0]), html)
    style = f":root{{color-scheme:only {wanted}!important}}" + (_INVERSION if scheme == "inverted" else "")
    added = f'<base target="_blank"><style>{style}</style>'
    head = _HEAD.search(decided)
    at = head.end() if head else 0
    return decided[:at] + added + decided[at:]
