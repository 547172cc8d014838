"""What kind of study a text reports: the design that its words name or describe. Pure; newsroom.

Every cue of `study_cues` counts once, double in the first line (the title), and not where its sentence turns it round
("not a randomised trial", "trials are needed"). The design with most points wins; fewer than `ENOUGH` mean `unknown`,
and so does a text without any talk of research: climbers stand trial, and a man of 21 under arrest is no case report.
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


NAMED = 4.0
"""Points of a cue that names a design outright, and so needs no talk of research around it."""

MISTAKEN: frozenset[StudyType] = frozenset({"randomised trial", "case report", "cross-sectional", "animal"})
"""Designs whose lesser cues occur in talk of courts, crimes, questionnaires and pets."""

_RESEARCH = re.compile(
    r"\b(?:stud(?:y|ies|ied)|research\w{0,4}|scientists?|patients?|participants?|volunteers?|findings?|journals?|placebo"
    r"|clinical(?:ly)?|treated|treatments?|diagnos\w{2,5}|experiment\w{0,5}|laborator\w{1,3}|disease|symptoms?|published"
    r"|medicine|drugs?|vaccines?|infections?|hospitals?|presented with|randomly|fed|hypothes[ei]\w{1,3}|investigated"
    r"|in vivo|in vitro)\b|\b(?:methods|results|conclusions?): "
)


def read_study_type(text: str, folded: str) -> tuple[StudyType, Span | None]:
    """The design and the words that speak most for it; ("unknown", None) in doubt."""
    points, proof, named = weigh(folded)
    best = max(points, key=lambda study_type: points[study_type], default=None)
    if best is None or points[best] < ENOUGH:
        return "unknown", None
    if best in MISTAKEN and not named[best] and not _RESEARCH.search(folded):
        return "unknown", None
    start, end = proof[best]
    return best, Span("study_type", start, end, text[start:end])


Places = dict[StudyType, tuple[int, int]]


def weigh(folded: str) -> tuple[dict[StudyType, float], Places, dict[StudyType, bool]]:
    """Points by design, where each has its strongest cue, and whether some cue names it outright."""
    title_end = max(folded.find("\n"), 0)
    points: dict[StudyType, float] = {}
    strongest: dict[StudyType, tuple[float, tuple[int, int]]] = {}
    named: dict[StudyType, bool] = {}
    for cue in CUES:
        place = _place(cue.phrase, folded)
        if place is None:
            continue
        worth = cue.points * (2 if place[0] < title_end else 1)
        named[cue.study_type] = named.get(cue.study_type, False) or cue.points >= NAMED
        ceiling = CEILING.get(cue.study_type, float("inf"))
        points[cue.study_type] = min(points.get(cue.study_type, 0.0) + worth, ceiling)
        if cue.study_type not in strongest or worth > strongest[cue.study_type][0]:
            strongest[cue.study_type] = (worth, place)
    return points, {study_type: place for study_type, (_, place) in strongest.items()}, named


def _place(phrase: re.Pattern[str], folded: str) -> tuple[int, int] | None:
    for match in phrase.finditer(folded):
        start, end = match.span()
        if not _TURNED.search(folded, max(0, start - 50), start) and not _WANTED.match(folded, end):
            return start, end
    return None
