"""Where a finding was published, and whether it was reviewed, is only a preprint, or was taken back. Pure; newsroom.

A text is believed only where it says so. It says that a finding passed peer review when it names a channel that prints
nothing else (a Cochrane review, "published in the journal …"), or uses the word. A preprint that later came out in a
journal, and any other contradiction, stays None: an editor decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.model import Span
from digest.newsroom.plain import any_of

_JOURNALS = {
    "cochrane": "Cochrane",
    "new england journal of medicine": "New England Journal of Medicine",
    "nejm": "New England Journal of Medicine",
    "the lancet": "The Lancet",
    "british medical journal": "The BMJ",
    "the bmj": "The BMJ",
    "annals of internal medicine": "Annals of Internal Medicine",
    "plos medicine": "PLOS Medicine",
    "plos one": "PLOS One",
    "nature medicine": "Nature Medicine",
    "nature communications": "Nature Communications",
    "jama network open": "JAMA Network Open",
    "jama": "JAMA",
}
"""Publishers that print reviewed work and are named so plainly that no other sense is likely."""

_PUBLISHER = re.compile(
    r"\b(?:" + "|".join(re.escape(name) for name in sorted(_JOURNALS, key=len, reverse=True)) + r")\b(?! ?-)"
)
_LANCET_SERIES = re.compile(
    r"\b(?:The Lancet|JAMA|BMJ|Nature|Annals of|PLOS)(?: (?:of|and|the|[A-Z]\w{2,20})){1,5}(?<! of)(?<! and)(?<! the)"
)
_IN_JOURNAL = re.compile(
    r"\b(?:published|appear(?:s|ed|ing)|reported)(?: \w{1,12})? (?:[\w,]{1,15} ){0,3}?in (?:the )?"
    r"(?:peer-reviewed |medical |scientific )?(?:journals? (?:of )?(?=[a-z]))"
)
_JOURNAL_NAME = re.compile(
    r"\s*((?:Journal of |[A-Z])[\w&'’-]{0,30}(?: (?:(?:of|the|and|in|for|&) )?[A-Z&][\w&'’-]{0,30}){0,7})"
)
_REVIEWED = re.compile(r"\bpeer[ -]review(?:ed)?\b")
_NOT_REVIEWED = re.compile(
    r"\b(?:not|n't|yet to|without|before|awaiting|pending|never|undergoing|non)\b[^.;]{0,30}$|\bnon-$"
)
_PREPRINT = re.compile(
    r"\bpre-?prints?\b(?! of)|\b(?:med|bio|psy|chem)rxiv\b|\barxiv\b|\bresearch square\b|\bssrn\b"
    r"|\b10\.(?:1101|64898|21203|31219|31234|20944|48550|26434|22541)/"
)
_NO_PREPRINT = re.compile(
    r"\b(?:not|n't|no longer|earlier|previous|previously|first|originally|unlike|other)\b[^.;]{0,40}$"
)

_WORK = r"(?:paper|stud(?:y|ies)|article|publication|report|trial|findings?|review|manuscript|research)"
_RETRACTED = re.compile(
    any_of(
        r"(?:^|\n)\W{0,3}(?:retracted|retraction)(?: (?:article|note|notice|paper))?\b ?[:\-\]]",
        r"\b(?:retraction notice|notice of retraction|now-retracted)\b",
        rf"\bretraction of (?:the|this|our) {_WORK}\b",
        r"\bthis (?:paper|article|study) (?:has been|was|is) (?:formally )?(?:retracted|withdrawn)\b",
        rf"\b{_WORK}s? (?:has|have|had)(?: now| since| also| recently)? been (?:formally |officially )?retracted\b",
        rf"\b{_WORK}s? (?:was|were|is|are)(?: later| now| formally| subsequently| since)? retracted\b",
        r"\b(?:journal|editors?|publisher|authors?|lancet|nejm|jama|bmj|nature) (?:has |have )?(?:now )?retracted\b",
        r"\bretracted (?:the|this) (?:paper|article|study)\b",
    )
)
_NOT_RETRACTED = re.compile(
    r"\b(?:not|n't|never|another|other|earlier|previous|unrelated|calls?|called|should)\b[^.;]{0,40}$"
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a text says of a finding's publication; None where it does not say."""

    publisher: str | None
    preprint: bool | None
    peer_reviewed: bool | None
    retracted: bool | None
    spans: tuple[Span, ...]


def read_provenance(text: str, folded: str) -> Provenance:
    """See the module; offsets are those of `text`, whose folded form is `folded`."""
    publisher, published = _publisher(text, folded)
    preprint = _unless(_PREPRINT, _NO_PREPRINT, folded)
    reviewed = _unless(_REVIEWED, _NOT_REVIEWED, folded)
    retracted = _unless(_RETRACTED, _NOT_RETRACTED, folded)
    denied = reviewed is None and _REVIEWED.search(folded) is not None
    passed = reviewed or published
    is_preprint: bool | None = None
    if preprint and (not published or denied):
        is_preprint = True
    elif passed and not preprint:
        is_preprint = False
    proof = preprint if is_preprint else passed if is_preprint is False else None
    spans = [
        ("publisher", published),
        ("preprint", proof),
        ("peer_reviewed", None if is_preprint is None else proof),
        ("retracted", retracted),
    ]
    return Provenance(
        publisher=publisher,
        preprint=is_preprint,
        peer_reviewed=None if is_preprint is None else not is_preprint,
        retracted=True if retracted else None,
        spans=tuple(Span(field, *place, text[slice(*place)]) for field, place in spans if place),
    )


def _unless(pattern: re.Pattern[str], before: re.Pattern[str], folded: str) -> tuple[int, int] | None:
    """The first match of `pattern` that the words in front of it do not turn round."""
    for match in pattern.finditer(folded):
        if not before.search(folded, max(0, match.start() - 60), match.start()):
            return match.span()
    return None


def _publisher(text: str, folded: str) -> tuple[str | None, tuple[int, int] | None]:
    """The journal that the text says published the finding, else the first well-known one that it names."""
    for said in _IN_JOURNAL.finditer(folded):
        name = _JOURNAL_NAME.match(text, said.end())
        if name and name.group(1)[0].isupper():
            return _known(name.group(1)), name.span(1)
    named = _PUBLISHER.search(folded)
    if named is None:
        return None, None
    series = _LANCET_SERIES.match(text, named.start())
    if series and series.end() > named.end():
        return series.group(), series.span()
    return _JOURNALS[named.group()], named.span()


def _known(name: str) -> str:
    return _JOURNALS.get(name.lower(), name)
