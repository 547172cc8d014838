"""The headings of structured abstracts, and which part of a paper each begins. Pure; newsroom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Section = Literal["background", "methods", "results", "conclusions", "other"]

_HEADINGS: dict[Section, str] = {
    "background": r"(?:background|introduction|context|rationale|importance|significance|aims?|objectives?"
    "|purpose|goals?"
    r"|hypothesis|questions?)(?: (?:and|&|/) (?:aims?|objectives?|purpose|significance|importance))?",
    "methods": r"(?:materials? and |patients and |subjects and )?methods?|(?:study |research "
    r"|trial )?design(?: and \w+)?"
    r"|settings?|(?:study )?participants|patients|subjects|interventions?|measurements?|sample|procedures?"
    r"|(?:main |primary )?outcomes?(?: measures?)?|main outcome measures?|data sources|study selection|data extraction"
    r"|data (?:collection|synthesis|extraction) and (?:analysis|synthesis)|search (?:methods|strategy)"
    r"|selection criteria|methodology|exposures?|eligibility criteria|statistical analysis|methods and \w+"
    r"|main outcomes? and measures?|design,? setting,? (?:and )?(?:participants|patients)",
    "results": r"(?:main |key |principal )?(?:results?|findings)|observations?|data synthesis|results and \w+"
    r"|measurements and main results",
    "conclusions": r"(?:authors?['’]? |main |reviewers?['’]? )?conclusions?(?: (?:and|&|/) \w+)?|interpretations?"
    r"|discussion|implications?|key (?:messages?|points?)|conclusions?[/,] (?:interpretation|significance)|summary"
    r"|clinical (?:relevance|implications|significance)",
    "other": r"limitations?|funding|(?:trial |systematic review |clinical trial )?registration|disclosures?|sponsors?"
    r"|funding source|level of evidence|(?:conflicts?|declarations?) of interests?|keywords?|copyright",
}
_ANY_HEADING = "|".join(f"(?P<{section}>{pattern})" for section, pattern in _HEADINGS.items())
_HEADING = re.compile(rf"(?:^|(?<=[.;)\]?] ))(?=[A-Z])(?i:{_ANY_HEADING})(?:\([sS]\))?\s?:\s+(?=\S)")
_HEADING_LINE = re.compile(rf"(?i:{_ANY_HEADING})\s?:?")


def heading_alone(line: str) -> Section | None:
    """The section that a line begins which is nothing but a heading."""
    named = _HEADING_LINE.fullmatch(line)
    return _section(named) if named else None


def parts(line: str, section: Section | None) -> Iterator[tuple[str, Section | None]]:
    """A line cut at its headings, the headings left out; `section` is the one that the line begins in."""
    start = 0
    for heading in _HEADING.finditer(line):
        if heading.start() > start:
            yield line[start : heading.start()].strip(), section
        section, start = _section(heading), heading.end()
    yield line[start:].strip(), section


def _section(match: re.Match[str]) -> Section:
    return next(section for section in _HEADINGS if match[section] is not None)
