"""What kind of study a text reports: the design that its words name or describe. Pure; newsroom.

Every cue of `study_cues` counts once, double in the first line (the title), and not where its sentence turns it round
("not a randomised trial", "trials are needed"). The design with most points wins; fewer than `ENOUGH` mean `unknown`.
"""

from __future__ import annotations

import re

from digest.model import Span, StudyType
from digest.newsroom.plain import any_of
from digest.newsroom.study_cues import CUES

ENOUGH = 2.0
"""Points that a design needs."""

CEILING: dict[StudyType, float] = {"randomised trial": 5.5}
"""Points beyond which a design earns no more: a review of trials says "randomised" as often as a trial."""

_TURNED = re.compile(
    r"\b"
    + any_of(
        *("not?", "non", "never", "neither", "nor", "without", "lack(?:s|ing|ed)?", "absence of", "need(?:s|ed)?"),
        *("future", "further", "previous(?:ly)?", "earlier", "prior", "call(?:s|ed)? for", "await(?:s|ing)?"),
        *("unlike", "rather than", "instead of", "until", "mendelian", "larger"),
    )
    + r"\b[^,;:.]{0,30}$|n't [^,;:.]{0,30}$|\bnon-$"
)
_WANTED = re.compile(
    r"[^.;]{0,60}?\b(?:is|are|will be|be|remains?) (?:\w+ )?(?:needed|warranted|required|necessary|lacking|awaited)"
)


def read_study_type(text: str, folded: str) -> tuple[StudyType, Span | None]:
    """The design and the words that speak most for it; ("unknown", None) in doubt."""
    points, proof = weigh(folded)
    best = max(points, key=lambda study_type: points[study_type], default=None)
    if best is None or points[best] < ENOUGH:
        return "unknown", None
    start, end = proof[best]
    return best, Span("study_type", start, end, text[start:end])


def weigh(folded: str) -> tuple[dict[StudyType, float], dict[StudyType, tuple[int, int]]]:
    """Points by design, and where each has its strongest cue."""
    title_end = max(folded.find("\n"), 0)
    points: dict[StudyType, float] = {}
    strongest: dict[StudyType, tuple[float, tuple[int, int]]] = {}
    for cue in CUES:
        place = _place(cue.phrase, folded)
        if place is None:
            continue
        worth = cue.points * (2 if place[0] < title_end else 1)
        ceiling = CEILING.get(cue.study_type, float("inf"))
        points[cue.study_type] = min(points.get(cue.study_type, 0.0) + worth, ceiling)
        if cue.study_type not in strongest or worth > strongest[cue.study_type][0]:
            strongest[cue.study_type] = (worth, place)
    return points, {study_type: place for study_type, (_, place) in strongest.items()}


def _place(phrase: re.Pattern[str], folded: str) -> tuple[int, int] | None:
    for match in phrase.finditer(folded):
        start, end = match.span()
        if not _TURNED.search(folded, max(0, start - 50), start) and not _WANTED.match(folded, end):
            return start, end
    return None
