"""Identifiers in a text: DOI, PubMed and PubMed Central numbers, trial registrations. Pure; newsroom."""

from __future__ import annotations

import re
from collections.abc import Callable

from digest.model import Identifiers, Span
from digest.newsroom.plain import READ_AT_MOST

# The DOI Handbook allows nearly everything in a suffix; this is the pattern that Crossref recommends, with a bound.
_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s\"<>{}|\\^\[\]`,]{1,200}")
_PMID = re.compile(r"(?i)\b(?:PMID[:\s]{0,3}|pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)(\d{1,8})(?!\d)")
_PMCID = re.compile(r"\bPMC\d{4,9}(?!\d)")
_TRIAL = re.compile(
    r"(?i)\b(?:NCT\d{8}|ISRCTN\s?\d{8}|ACTRN\d{14}|ChiCTR[-\w]{0,8}\d{8,10}|DRKS\d{8}|CTRI/\d{4}/\d{2,3}/\d{4,6}"
    r"|(?:JPRN-)?UMIN\d{9}|jRCTs?\d{9,10}|PACTR\d{15,16}|IRCT\d{8,16}(?:N\d{1,3})?|NTR\d{2,5}|KCT\d{7}|TCTR\d{11}"
    r"|RBR-\w{6,8}|SLCTR/\d{4}/\d{3}|(?:EUCTR|EudraCT(?: number| no\.?)?:?\s?)\d{4}-\d{6}-\d{2})(?!\w)"
)
_EUDRACT = re.compile(r"\d{4}-\d{6}-\d{2}$")

_TRAILING = ".,;:!?'\"’”*"


def read_identifiers(text: str) -> tuple[Identifiers, tuple[Span, ...]]:
    """The first identifier of each kind, and where it stands. Spans hold the text as written."""
    spans = tuple(
        span
        for field, find in (("doi", _find_doi), ("pmid", _finder(_PMID)), ("trial", _finder(_TRIAL)))
        if (span := _first(text, field, find))
    )
    pmcid = _first(text, "pmcid", _finder(_PMCID))
    spans = (*spans, pmcid) if pmcid else spans
    values = {span.field: span.text for span in spans}
    trial = values.get("trial")
    return (
        Identifiers(
            doi=values.get("doi"), pmid=values.get("pmid"), trial=_tidy_trial(trial), pmcid=values.get("pmcid")
        ),
        spans,
    )


def _first(text: str, field: str, find: Callable[[str], tuple[int, int] | None]) -> Span | None:
    place = find(text[:READ_AT_MOST])
    return None if place is None else Span(field, place[0], place[1], text[place[0] : place[1]])


def _finder(pattern: re.Pattern[str]) -> Callable[[str], tuple[int, int] | None]:
    group = 1 if pattern.groups else 0

    def find(text: str) -> tuple[int, int] | None:
        match = pattern.search(text)
        return None if match is None else match.span(group)

    return find


def _find_doi(text: str) -> tuple[int, int] | None:
    """A DOI ends before the punctuation of its sentence and before a bracket that it did not open."""
    match = _DOI.search(text)
    if match is None:
        return None
    doi = match.group()
    while doi and (doi[-1] in _TRAILING or (doi[-1] == ")" and doi.count(")") > doi.count("("))):
        doi = doi[:-1]
    return (match.start(), match.start() + len(doi)) if "/" in doi[:-1] else None


def _tidy_trial(written: str | None) -> str | None:
    """Registries print their numbers with words and blanks around; one form makes them comparable."""
    if written is None:
        return None
    eudract = _EUDRACT.search(written)
    return eudract.group() if eudract else written.replace(" ", "").upper().replace("CHICTR", "ChiCTR")
