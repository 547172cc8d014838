"""Risks: whether a sentence gives a difference in people (absolute) or in per cent of another risk (relative). Pure.

Newsroom. "Half the risk" may be one in a million instead of two: readers are told the absolute numbers first, and
editors are told where nobody gives them. Patterns read folded text (`plain.fold`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.newsroom.plain import any_of, fold

_PER_CENT = r"\d{1,3}(?:\.\d{1,3})? ?(?:%|per ?cent)"
_RISK = (
    r"(?:risks?|odds|chances?|likelihood|rates?|incidence|deaths?|mortality|likely|hazard|death rates?"
    r"|cases|attacks?|strokes?)"
)
_FEWER = any_of(
    *("lower", "higher", "less", "more", "greater", "reduced", "increased", "fewer", "reduction", "increase", "drop"),
    *("decrease", "decline", "fall", "rise", "elevated", "smaller", "larger", "decreased", "cut", "jump"),
)
_RELATIVE = re.compile(
    any_of(
        rf"{_PER_CENT} (?:\w{{1,15}} ){{0,2}}?{_FEWER} (?:[\w-]{{1,15}} ){{0,5}}?{_RISK}\b",
        rf"\b(?:{_FEWER}|lowers?|cuts?|reduces?|raises?|increases?|slashes|slashed|lowered|raised|lowering|reducing) "
        rf"(?:[\w'-]{{1,20}} ){{0,6}}?{_RISK}\b[^.;]{{0,60}}? by (?:\w{{1,10}} ){{0,3}}?(?:{_PER_CENT}|half"
        rf"|a third|a quarter)",
        r"\b(?:twice|three times|four times|five times|\d{1,2}(?:\.\d)? times|half|one-third) (?:as|more"
        r"|less) likely\b",
        rf"\b(?:doubl|tripl|halv|quadrupl)(?:e|es|ed|ing) (?:[\w'-]{{1,20}} ){{0,5}}?{_RISK}\b",
        rf"\b(?:twofold|threefold|\d{{1,2}}(?:\.\d)?-?fold)\b[^.;]{{0,40}}?\b(?:{_RISK}|increase)\b",
        r"\b(?:relative risk|risk ratio|odds ratio|hazard ratio|relative reduction)\b",
        r"\b(?:adjusted )?(?:rr|hr|or|ahr|aor) ?[=:,]? ?[0-9][.\u00b7]\d",
        rf"\brisk (?:\w{{1,12}} ){{0,3}}?(?:by|of) {_PER_CENT}",
    )
)
_IN = r"(?:in|out of|of|per)(?: every)?"
_ABSOLUTE = re.compile(
    any_of(
        rf"\b(?:\d[\d,.]{{0,10}}|one|two|three|four|five|six|seven|eight|nine|ten) (?:[\w-]{{1,20}} ){{0,4}}?"
        rf"{_IN} (?:\d{{1,3}}(?:,\d{{3}}){{1,2}}|\d{{2,7}}|a hundred|a thousand)\b(?! ?(?:%|per ?cent|trials|studies))",
        r"\bper (?:100|1,?000|10,?000|100,?000)\b",
        r"\bpercentage points?\b",
        rf"\bfrom (?:about |roughly |around )?{_PER_CENT} (?:\w{{1,12}} ){{0,4}}?to (?:about |roughly )?{_PER_CENT}",
        rf"{_PER_CENT}[^.;]{{0,90}}?\b(?:compared (?:with|to)|versus|vs\.?|against|and) (?:just |only "
        rf"|about )?{_PER_CENT}",
        rf"{_PER_CENT} (?:of|in) (?:the |those )?[^.;%]{{3,90}}?\b(?:compared (?:with|to)|versus|vs\.?|against"
        rf"|and|while)"
        rf"\b[^.;%]{{0,60}}?{_PER_CENT} (?:of|in|among)\b",
        r"\b(?:number needed to treat|nnt|absolute risk|risk difference|absolute (?:difference|reduction|increase))\b",
        r"\b(?:one|1) (?:in|out of) (?:every )?\d{1,7}\b",
    )
)


def relative(text: str) -> Iterator[str]:
    """The words of `text` that give a relative risk."""
    folded = fold(text)
    for match in _RELATIVE.finditer(folded):
        yield text[match.start() : match.end()]


def absolute(text: str) -> bool:
    """Whether `text` says how many of how many."""
    return _ABSOLUTE.search(fold(text)) is not None
