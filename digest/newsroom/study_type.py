"""What kind of study a text reports: the design that its words name or describe. Pure; newsroom.

Each cue is a phrase that speaks for a design, with points for how surely it does. A cue counts once, double in the
first line (the title), and not where its sentence turns it round ("not a randomised trial", "trials are needed"). The
design with most points wins; fewer than `ENOUGH` points mean `unknown`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.model import Span, StudyType
from digest.newsroom.plain import any_of

ENOUGH = 2.0
"""Points that a design needs: one plain naming of it."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase (in folded text) that gives `points` to a design."""

    study_type: StudyType
    points: float
    phrase: re.Pattern[str]


def _cue(study_type: StudyType, points: float, phrase: str) -> Cue:
    return Cue(study_type, points, re.compile(rf"\b(?:{phrase})"))


_SOME = r"(?:[\w,()-]+ ){0,4}?"
_NUMBER = (
    r"(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]{3,9}teen|[a-z]{3,6}ty[a-z-]{0,6})"
)
_BEASTS = r"(?:mice|mouse|rats?|rabbits?|dogs|pigs|piglets|monkeys|macaques|zebrafish|sheep|rodents|hamsters|primates)"

CUES = (
    _cue("randomised trial", 3, r"randomi[sz]ed[ ,-](?:[\w-]{2,20},? ){0,5}(?:trial|study|comparison|experiment)\b"),
    _cue("randomised trial", 2, r"randomly (?:assigned|allocated|divided|distributed|received)"),
    _cue("randomised trial", 2, r"(?:were|was|then|and|patients|participants|women|men|adults) randomi[sz]ed"),
    _cue("randomised trial", 2, r"(?:double|single|triple)[- ]blind(?:ed)?\b"),
    _cue("randomised trial", 2, r"placebo[- ]controlled"),
    _cue("randomised trial", 2, r"(?:allocated|assigned) at random|random (?:allocation|assignment)|randomi[sz]ation"),
    _cue(
        "systematic review", 4, r"systematic(?:ally)? (?:literature )?review|cochrane (?:\w+ )?review|umbrella review"
    ),
    _cue(
        "systematic review", 3, rf"review (?:of|included|examined|covers) {_SOME}{_NUMBER} {_SOME}(?:trials|studies)\b"
    ),
    _cue("systematic review", 2, rf"(?:searched|search of) {_SOME}(?:medline|pubmed|embase|databases?)"),
    _cue("meta-analysis", 5, rf"meta-?\s?analy(?:sis|ses|tic)|pooled analysis of {_SOME}(?:trials|studies)"),
    _cue("cohort", 3, r"cohort (?:study|analysis|of)|(?:prospective|longitudinal) (?:observational )?study"),
    _cue("case-control", 4, r"case[- ]control"),
    _cue(
        "case report",
        4,
        rf"case (?:report|series)|(?:we|authors) (?:report|describe|present) {_SOME}(?:case|patient)\b",
    ),
    _cue("cross-sectional", 3, r"cross-sectional|prevalence survey"),
    _cue("animal", 3, rf"(?:in|of|on|to) {_SOME}{_BEASTS}\b"),
    _cue("in vitro", 3, r"in vitro(?! fert)|cell lines?\b|cultured (?:\w+ )?cells"),
    _cue("guideline", 4, r"(?:practice|clinical|new) guidelines?\b|(?:consensus|position|recommendation) statement"),
    _cue("press release", 2, r"press release|news release|for immediate release"),
)

_TURNED = re.compile(
    r"\b"
    + any_of(
        *(
            "not?",
            "n't",
            "non",
            "never",
            "neither",
            "nor",
            "without",
            "lack(?:s|ing|ed)?",
            "absence of",
            "need(?:s|ed)?",
        ),
        *("future", "further", "previous(?:ly)?", "earlier", "prior", "call(?:s|ed)? for", "await(?:s|ing)?"),
        *("unlike", "rather than", "instead of", "until"),
    )
    + r"\b[^,;:]{0,30}$"
)
_WANTED = re.compile(
    r"[^.;]{0,60}?\b(?:is|are|will be|be|remains?) (?:\w+ )?(?:needed|warranted|required|necessary|lacking|awaited)"
)


def read_study_type(text: str, folded: str) -> tuple[StudyType, Span | None]:
    """The design and the words that speak most for it; ("unknown", None) in doubt."""
    title_end = folded.find("\n") if "\n" in folded else 0
    points: dict[StudyType, float] = {}
    proof: dict[StudyType, tuple[float, int, int]] = {}
    for cue in CUES:
        place = _place(cue.phrase, folded)
        if place is None:
            continue
        worth = cue.points * (2 if place[0] < title_end else 1)
        points[cue.study_type] = points.get(cue.study_type, 0) + worth
        proof[cue.study_type] = max(proof.get(cue.study_type, (0, 0, 0)), (worth, *place))
    best = max(points, key=lambda study_type: points[study_type], default=None)
    if best is None or points[best] < ENOUGH:
        return "unknown", None
    _, start, end = proof[best]
    return best, Span("study_type", start, end, text[start:end])


def _place(phrase: re.Pattern[str], folded: str) -> tuple[int, int] | None:
    for match in phrase.finditer(folded):
        if _TURNED.search(folded, max(0, match.start() - 50), match.start()) or _WANTED.match(folded, match.end()):
            continue
        return match.span()
    return None
