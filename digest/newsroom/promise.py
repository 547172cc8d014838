"""How promising a story is before its articles are read closely: what its score can come to at most. Pure.

Newsroom. Telling a story takes a hundred times as long, and of thousands of stories a dozen get into an edition.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from math import log2

from digest.newsroom.plain import any_of, fold
from digest.newsroom.telling.piece import NO_IDENTIFIERS, Piece

_STUDY = re.compile(
    rf"\b{any_of('trials?', 'reviews?', 'meta-analys', 'stud(?:y|ies)', 'random', 'cohorts?', 'guid(?:eline|ance)s?')}"
)
_READ = 600  # characters of a text in which a study would be named
_MOST_FOR_EVIDENCE = 6.0
_MOST_FOR_BREADTH = 20.0


def promise_of(pieces: Sequence[Piece], today: date) -> float:
    """The score (`ranking.score_of`) that a story of these articles can have at most, without editors' weights.

    Where nothing hints at a study, none is reckoned with. Outlets are counted as if there were no copies.
    """
    outlets = {(piece.outlet or piece.url or "").casefold() for piece in pieces}
    days = [piece.published.date() for piece in pieces if piece.published]
    age = abs((today - max(days)).days) if days else 0
    evidence = _MOST_FOR_EVIDENCE if any(map(_hints_at_a_study, pieces)) else 0.0
    breadth = min(_MOST_FOR_BREADTH, 4 * log2(1 + len(outlets)))
    return breadth + evidence + max(0, 6 - age)


def _hints_at_a_study(piece: Piece) -> bool:
    if piece.journal or piece.identifiers != NO_IDENTIFIERS:
        return True
    return _STUDY.search(fold(f"{piece.title[:300]} {piece.body[:_READ]}")) is not None
