"""The headline: the title that tells most of what all titles tell, and promises nothing else. Pure; newsroom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from digest.newsroom.plain import any_of, fold
from digest.newsroom.profile import stems
from digest.newsroom.telling.figures import figure_set
from digest.newsroom.telling.piece import Piece
from digest.newsroom.text import tidy

LONGEST = 130
"""Characters from which a headline is too long for a phone."""

_BAIT = re.compile(
    any_of(
        r"^(?:here'?s|this is|why|how|what|when|watch|video|opinion|the best|\d{1,2} (?:\w+ )?(?:ways|things"
        r"|tips|reasons|foods|facts))\b",
        r"^(?:quiz|live|podcast|photos?|gallery|review|morning|daily|weekly|in brief|news brief|q&a|letters?)\b ?[:|]",
        r"\byou(?:r|'re|'ll)?\b|\b(?:i|my|we|our)\b",
        r"\b(?:shocking|miracle|game[- ]changer|breakthrough|secret|you need to know|everything|stunning"
        r"|revolutionary)\b",
        r"!|\.\.\.|…$",
    )
)
_SHELL = re.compile(r"^(?:news|health|home|untitled|morning briefing|latest|update)\W*$", re.IGNORECASE)
_TAIL = re.compile(r"\s+[|»]\s+[^|»]{2,50}$|\s+[-–—]\s+([^-–—|]{2,50})$")


def headline_of(pieces: Sequence[Piece]) -> str:
    """One of the articles' titles, without the outlet's name behind it; "Untitled" where there is none."""
    titles = [bare_title(piece) for piece in pieces]
    told = Counter(stem for title in titles for stem in set(stems(title)))
    ranked = sorted(
        (place for place, title in enumerate(titles) if title),
        key=lambda place: (-_worth(titles[place], told, len(titles), pieces[place]), place),
    )
    return titles[ranked[0]] if ranked else "Untitled"


def bare_title(piece: Piece) -> str:
    """The title in one line; " | Outlet" and " - Outlet" behind it go when they name its outlet or its host."""
    title = tidy(piece.title[:1_000])[:300]
    tail = _TAIL.search(title)
    if tail is None:
        return title
    name = re.sub(r"\W", "", tail.group().casefold())
    known = re.sub(r"\W", "", f"{piece.outlet or ''} {piece.url or ''}".casefold())
    keeps_sense = len(title[: tail.start()].split()) >= 3
    return title[: tail.start()].rstrip() if name and name in known and keeps_sense else title


def _worth(title: str, told: Counter[str], titles: int, piece: Piece) -> float:
    """How much of the other titles it tells, less what makes a poor headline."""
    said = set(stems(title))
    shared = sum(told[stem] - 1 for stem in said) / (max(1, titles - 1) * (len(said) + 3)) if titles > 1 else 0.0
    folded = fold(title)
    words = len(title.split())
    return (
        4 * shared
        - 0.8 * ("?" in title)
        - 0.8 * bool(_BAIT.search(folded))
        - 3.0 * bool(_SHELL.match(title))
        - 0.8 * (len(title) > LONGEST)
        - 0.6 * (title.isupper())
        - 0.6 * (words < 5 and " " in title)
        - 0.3 * piece.journal  # a paper's title names its subject, not its finding
        + 0.1 * bool(figure_set(title))
    )
