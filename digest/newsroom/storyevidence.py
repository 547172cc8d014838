"""Evidence and coverage as an editor writes them into front matter. Pure (newsroom)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

from digest.model import BiasCounts, BiasPercent, Coverage, Evidence, Quantity, StudyType
from digest.newsroom.frontmatter import Value
from digest.newsroom.quantities import QUALIFIERS

_STUDY_TYPES: tuple[StudyType, ...] = get_args(StudyType)
_SPELLINGS = {"randomized": "randomised", "rct": "randomised trial", "metaanalysis": "meta-analysis"}
_EVIDENCE_KEYS = (
    "study_type",
    "trials",
    "participants",
    "publisher",
    "doi",
    "pmid",
    "trial",
    "pmcid",
    "preprint",
    "peer_reviewed",
    "retracted",
    "comparison",
    "funding",
    "conflicts",
)
_SIDES = ("left", "center", "right")
_COVERAGE_KEYS = (*_SIDES, "unrated", "percent", "factuality", "raters", "factuality_raters")
_MOST = 1_000_000_000
_QUANTITY = re.compile(r"(?P<qualifier>\D*?)\s*(?P<value>\d{1,3}(?:[, ]\d{3})+|\d{1,10})", re.ASCII)
_IDENTIFIERS = {
    "doi": (
        re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S{1,200})", re.IGNORECASE | re.ASCII),
        "a DOI such as 10.1002/14651858.CD000000 is wanted",
    ),
    "pmid": (re.compile(r"(?:pmid:?\s*)?(\d{1,9})", re.IGNORECASE | re.ASCII), "a PubMed number is wanted"),
    "pmcid": (re.compile(r"(PMC\d{1,9})", re.IGNORECASE | re.ASCII), "a number such as PMC1234567 is wanted"),
    "trial": (
        re.compile(r"([A-Z0-9][A-Z0-9/-]{3,40})", re.IGNORECASE | re.ASCII),
        "a number such as NCT00000000 is wanted",
    ),
}


def evidence_from(value: Value, detected: Evidence) -> Evidence:
    """What the editor wrote; what they did not name is as `detected` in the story's words, and null says "not known".

    Spans are kept for those fields that the text says in the same way.
    """
    fields = value.fields(_EVIDENCE_KEYS)
    stated = {name: read(fields[name]) for name, read in _READERS.items() if name in fields}
    ids = {name: _identifier(fields[name], name) for name in _IDENTIFIERS if name in fields}
    evidence = replace(detected, **stated, identifiers=replace(detected.identifiers, **ids))
    spans = tuple(span for span in detected.spans if _said(evidence, span.field) == _said(detected, span.field))
    return replace(evidence, spans=spans)


def _said(evidence: Evidence, field: str) -> object:
    name = field.removeprefix("identifiers.")
    return getattr(evidence.identifiers, name) if name in _IDENTIFIERS else getattr(evidence, name)


def _study_type(value: Value) -> StudyType:
    return value.choice(_study_type_of, f"one of these is wanted: {', '.join(_STUDY_TYPES)}") or "unknown"


def _study_type_of(word: str) -> StudyType | None:
    plain = word.lower()
    for spelling, ours in _SPELLINGS.items():
        plain = re.sub(rf"\b{spelling}\b", ours, plain)
    plain = plain.replace("meta analysis", "meta-analysis").replace("randomised controlled trial", "randomised trial")
    return next((known for known in _STUDY_TYPES if known == plain), None)


def _participants(value: Value) -> Quantity | None:
    """`2300`, `over 2300`, or `{value: 2300, qualifier: over}`."""
    if value.is_mapping:
        fields = value.fields(("value", "qualifier"))
        number = fields["value"].whole(0, _MOST) if "value" in fields else None
        if number is None:
            raise value.refuse("a value is wanted")
        return Quantity(
            number, fields["qualifier"].choice(_qualifier, _QUALIFIER_WISH) if "qualifier" in fields else None
        )
    return value.choice(_quantity, f'a number such as 2300 or "over 2300" is wanted; {_QUALIFIER_WISH}')


def _quantity(words: str) -> Quantity | None:
    match = _QUANTITY.fullmatch(words)
    if match is None:
        return None
    qualifier = _qualifier(match["qualifier"]) if match["qualifier"] else None
    if match["qualifier"] and qualifier is None:
        return None
    return Quantity(int(re.sub(r"\D", "", match["value"])), qualifier)


def _qualifier(word: str) -> str | None:
    return QUALIFIERS.get(word.lower())


_QUALIFIER_WISH = f"the words before a number are {', '.join(dict.fromkeys(QUALIFIERS.values()))}"


def _identifier(value: Value, key: str) -> str | None:
    pattern, wish = _IDENTIFIERS[key]

    def read(word: str) -> str | None:
        match = pattern.fullmatch(word)
        return None if match is None else match[1]

    return value.choice(read, wish)


_READERS: dict[str, Callable[[Value], Any]] = {
    "study_type": _study_type,
    "trials": lambda value: value.whole(0, _MOST),
    "participants": _participants,
    "publisher": lambda value: value.text(120),
    "preprint": Value.flag,
    "peer_reviewed": Value.flag,
    "retracted": Value.flag,
    "comparison": lambda value: value.text(120),
    "funding": lambda value: value.text(300),
    "conflicts": lambda value: value.text(300),
}


def coverage_from(value: Value) -> Coverage:
    """`{left: 4, center: 4, right: 3, unrated: 2}`, or `{percent: {left: 0, center: 100, right: 0}}` as reported.

    `factuality` is one word for the whole story, or counts of outlets by word; `raters` says who rated, and
    `factuality_raters` who rated the facts where that was somebody else.
    """
    fields = value.fields(_COVERAGE_KEYS)
    numbers = {side: fields[side].whole(0, 1_000_000) or 0 for side in (*_SIDES, "unrated") if side in fields}
    percent = fields.get("percent")
    if numbers and percent is not None and not percent.missing:
        raise percent.refuse("either counts or per cents are wanted, not both")
    factuality = fields.get("factuality")
    word, counts = (None, ()) if factuality is None else _factuality(factuality)
    raters = _raters(fields.get("raters"))
    of_facts = _raters(fields["factuality_raters"]) if "factuality_raters" in fields else raters if counts else ()
    return Coverage(
        counts=BiasCounts(**numbers) if numbers else None,
        reported=None if percent is None or percent.missing else _percent(percent),
        factuality=word,
        factuality_counts=counts,
        raters=raters,
        factuality_raters=of_facts,
    )


def _raters(value: Value | None) -> tuple[str, ...]:
    items = () if value is None else value.items()
    return tuple(name for item in items if (name := item.text(100)) is not None)


def _percent(value: Value) -> BiasPercent:
    fields = value.fields(_SIDES)
    wish = "a whole per cent from 0 to 100 is wanted"
    return BiasPercent(**{side: field.choice(_per_cent, wish) or 0 for side, field in fields.items()})


def _per_cent(word: str) -> int | None:
    match = re.fullmatch(r"(\d{1,3}) ?%?", word, re.ASCII)
    return int(match[1]) if match is not None and int(match[1]) <= 100 else None


def _factuality(value: Value) -> tuple[str | None, tuple[tuple[str, int], ...]]:
    if not value.is_mapping:
        return value.text(60), ()
    words = ("very high", "high", "mostly factual", "mixed", "low", "very low")
    return None, tuple((word, count.whole(0, 1_000_000) or 0) for word, count in value.fields(words).items())
