"""Hints for editors, after the ten questions that HealthNewsReview asked of every story. Pure; newsroom.

What was costly or harmful and is not told, what is told too loudly, who paid. A hint says what no article of the story
says; it is never a verdict, and never shown to readers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.model import Evidence
from digest.newsroom.plain import any_of, fold
from digest.newsroom.telling.copies import is_press_wire
from digest.newsroom.telling.findings import Finding
from digest.newsroom.telling.piece import Piece
from digest.newsroom.telling.risks import absolute, relative
from digest.newsroom.telling.sentences import split
from digest.newsroom.text import cut, tidy

ENOUGH_TEXT = 1_200
"""Characters that one report has at least; of mere teasers nobody can say what the whole articles leave out."""


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(*phrases)}\b")


_INTERVENTION = _any(
    *("drugs?", "treatments?", "therap(?:y|ies)", "vaccines?", "surger(?:y|ies)", "pills?", "tablets?", "medications?"),
    *(
        "medicines?",
        "devices?",
        "injections?",
        "screening",
        "supplements?",
        "implants?",
        "procedures?",
        "diets?",
        "tests?",
    ),
)
_MISSING = (
    ("costs", "no article says what it costs", (
        r"costs?", r"costing", r"prices?", r"priced", "affordable", "expensive", "insur(?:ance|ers?|ed)", "medicare",
        "medicaid", r"co-?pays?", "reimburse\\w{0,5}", "cheap(?:er)?", "per month", "a month", "list price",
        "paid for by",
    )),
    ("harms", "no article names harms or side effects, or says that there were none", (
        r"side[- ]effects?", "adverse", "harm(?:s|ful|ed)?", "complications?", "toxic\\w{0,4}", "safety", "tolerated",
        "nausea", "bleeding", "false positives?", "overdiagnosis", "overtreatment", "unsafe", "downsides?",
        "risks? of using",
    )),
    ("alternatives", "no article compares it with what else there is", (
        "compared (?:with|to)", "versus", "vs", "alternatives?", "placebo", "standard (?:care|treatment|therapy)",
        "usual care", "other (?:treatments|drugs|options|therapies|tests"
        "|methods)", "existing", "instead of", "than those",
        "sham", "control group", "head-to-head", "better than", "as good as", "rather than",
    )),
    ("independent view", "no article quotes somebody who had no part in it", (
        "not involved (?:in|with)", "(?:was|were) ?n[o']t (?:involved|part of)", "not part of", "no (?:role|part) in",
        "unaffiliated", "not connected", "independent(?:ly)? experts?", "who reviewed the", "not associated with",
        "accompanying editorial", "outside experts?", "did not take part in the (?:study|research)",
    )),
    ("conflicts", "no article says who paid for the study or what its authors have to gain", (
        "funded", "funding", "sponsor(?:ed"
        "|s)?", "conflicts? of interest", "competing interests?", "disclos(?:ed|ures?)",
        "paid (?:by|for)", "financial ties", "grants? from", "supported by", "consult(?:s|ant|ing) for", "fees from",
        "(?:drug|device)[- ]?makers?", "maker of", "stock in", "declared no",
    )),
)  # fmt: skip
_ABSENT = tuple((rule, message, _any(*phrases)) for rule, message, phrases in _MISSING)
_OF_INTERVENTIONS = ("costs", "harms", "alternatives")
_RESEARCH = _any("stud(?:y|ies)", "trials?", "researchers", "scientists", "findings", "research", "meta-analysis")
_HYPE = _any(
    *("breakthroughs?", "game[- ]?chang(?:er|ers|ing)", "miracles?", "revolution(?:ary|ise|ize)", "ground-?breaking"),
    *("wonder drug", "holy grail", "magic bullet", "first-of-its-kind", "cutting-edge", "landmark", "paradigm shift"),
    *("unprecedented", "cures?", "offers? hope", "new hope", "dramatic(?:ally)?", "state-of-the-art", "world-?first"),
)
_MONGERING = _any(
    *(
        "silent (?:killer|epidemic)",
        "ticking time[- ]bomb",
        "suffer(?:ing)? in silence",
        "hidden epidemic",
        "under-?diagnosed",
    ),
    *(
        "millions (?:of \\w{1,15} )?(?:do ?n[o']t|unaware)",
        "you (?:may|might|could) (?:have|be at risk|not know)",
        "ticking clock",
    ),
    *("(?:before it'?s|until it is) too late", "deadly secret", "stealth(?:y)? disease", "talk to your doctor about"),
)
_FUNDED = re.compile(
    r"(?i)\b(?:funded by|funding (?:was provided )?(?:by|from)|sponsored by|supported by (?:a )?grants?"
    r"|conflicts? of interests?|competing interests?|received (?:personal |consulting |speaker )?fees|financial ties)\b"
)
_CAUSAL = _any(
    *(
        "causes?",
        "prevents?",
        "cuts?",
        "reduces?",
        "lowers?",
        "boosts?",
        "protects?",
        "raises?",
        "increases?",
        "improves?",
    ),
    *("slashes", "triggers?", "leads? to", "makes?", "helps?", "wards? off", "staves? off", "fights?"),
)
_HEDGED = _any(*("may", "might", "could", "linked", "link", "associated", "tied", "possibly", "not", "no", "suggests?"))
_BEASTS = _any(*("mice", "mouse", "rats?", "animals?", "monkeys?", "cells?", "lab", "laboratory", "pigs?", "zebrafish"))


def hints(headline: str, pieces: Sequence[Piece], evidence: Evidence, places: Sequence[int]) -> list[Finding]:
    """What an editor may want to ask; `places` are the articles' numbers in the story, from 1."""
    texts = [fold(f"{piece.title[:300]}. {piece.body}") for piece in pieces]
    return [
        *_not_told([text for text, piece in zip(texts, pieces, strict=True) if not piece.journal]),
        *_told_loudly(texts, places),
        *_only_relative(pieces, places),
        *_who_paid(pieces, places),
        *_press_only(pieces, places),
        *_beyond_the_study(headline, evidence),
    ]


def _not_told(texts: Sequence[str]) -> Iterator[Finding]:
    if max(map(len, texts), default=0) < ENOUGH_TEXT:
        return
    intervention = any(_INTERVENTION.search(text) for text in texts)
    research = any(_RESEARCH.search(text) for text in texts)
    for rule, message, pattern in _ABSENT:
        if not (intervention if rule in _OF_INTERVENTIONS else research):
            continue
        if not any(pattern.search(text) for text in texts):
            yield Finding(rule, message)


def _told_loudly(texts: Sequence[str], places: Sequence[int]) -> Iterator[Finding]:
    for rule, message, pattern in (
        ("press-release wording", "words of a press release, not of a finding", _HYPE),
        ("disease-mongering", "may make healthy readers afraid", _MONGERING),
    ):
        found = [
            (match[0], place) for text, place in zip(texts, places, strict=True) if (match := pattern.search(text))
        ]
        if found:
            words = ", ".join(dict.fromkeys(f"“{word}”" for word, _ in found))
            yield Finding(rule, f"{words}: {message}", tuple(place for _, place in found), found[0][0])


def _only_relative(pieces: Sequence[Piece], places: Sequence[int]) -> Iterator[Finding]:
    texts = [f"{piece.title[:300]}. {piece.body}" for piece in pieces]
    found = [(words, place) for text, place in zip(texts, places, strict=True) if (words := next(relative(text), ""))]
    if found and not any(map(absolute, texts)):
        message = f"“{found[0][0]}”: only the relative risk is given; look for how many of how many"
        yield Finding("relative risk", message, tuple(place for _, place in found), found[0][0])


def _who_paid(pieces: Sequence[Piece], places: Sequence[int]) -> Iterator[Finding]:
    """Funding and conflicts in the articles' own words."""
    for piece, place in zip(pieces, places, strict=True):
        for rule, words in (
            ("funding", piece.funding.strip()[:400] or _sentence_about_funding(piece.body)),
            ("conflicts told", piece.conflicts.strip()[:400]),
        ):
            if words:
                yield Finding(rule, f"{words} (article {place})", (place,), words)


def _sentence_about_funding(text: str) -> str:
    match = _FUNDED.search(text)
    if match is None:
        return ""
    start = max(text.rfind(mark, 0, match.start()) for mark in (". ", "\n", "; "))
    around = text[max(start + 1, match.start() - 200) : match.end() + 400]
    return next((cut(sentence, 300) for sentence in split(tidy(around)) if _FUNDED.search(sentence)), "")


def _press_only(pieces: Sequence[Piece], places: Sequence[int]) -> Iterator[Finding]:
    if pieces and all(is_press_wire(piece) for piece in pieces):
        yield Finding("press release", "told only by those who did it: no newsroom has looked at it", tuple(places))


def _beyond_the_study(headline: str, evidence: Evidence) -> Iterator[Finding]:
    folded = fold(headline)
    if evidence.study_type in ("animal", "in vitro") and not _BEASTS.search(folded):
        yield Finding("not in people", "the headline does not say that it was found in animals or cells")
    observed = evidence.study_type in ("cohort", "case-control", "cross-sectional")
    if observed and (match := _CAUSAL.search(folded)) and not _HEDGED.search(folded):
        message = f"“{match[0]}”: a {evidence.study_type} study shows what goes together, not what causes what"
        yield Finding("cause", message, quote=match[0])
