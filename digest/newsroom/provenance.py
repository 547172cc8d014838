"""Where a finding was published, and whether it was reviewed, is only a preprint, or was taken back. Pure; newsroom.

A text is believed only where it says so. It says that a finding passed peer review when it uses the word, or names a
channel that prints nothing else: a Cochrane review, "published in the journal …", "a Lancet study". A journal that is
merely mentioned proves nothing. A preprint that has come out in a journal too, and any other contradiction, stays None:
an editor decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.model import Span
from digest.newsroom.plain import READ_AT_MOST, any_of

_OF = r"(?: (?:(?:of|and|the|in|for|&) ){0,2}[A-Z][\w&'’-]{0,30}){0,7}"
_KNOWN = any_of(
    *(r"New England Journal of Medicine", "NEJM", r"(?:[Tt]he )?Lancet(?: [A-Z]\w{3,20}){0,3}"),
    *(r"JAMA(?: [A-Z]\w{3,20}){0,3}", r"(?:The )?BMJ(?: [A-Z]\w{3,20}){0,2}", "British Medical Journal"),
    *(r"Nature [A-Z]\w{3,20}", "Science (?:Translational Medicine|Advances)", r"PL[Oo]S [A-Z]\w{2,20}"),
    *(r"Annals of [A-Z]\w{3,20}(?: [A-Z]\w{3,20})?", r"Cochrane (?:Database of Systematic Reviews|Library)"),
)
_CANONICAL = {
    "NEJM": "New England Journal of Medicine",
    "British Medical Journal": "The BMJ",
    "BMJ": "The BMJ",
    "Lancet": "The Lancet",
    "the Lancet": "The Lancet",
}
_WORK = any_of(
    *("papers?", "stud(?:y|ies)", "articles?", "publications?", "reports?", "trials?", "findings?", "reviews?"),
    *("manuscripts?", "research", "results", "analys[ie]s"),
)
# Which journal printed it: each pattern has the name as its group, read from the text as written (names have capitals).
_CHANNELS = (
    re.compile(
        rf"\b(?i:published|publishes|appear(?:s|ed|ing)?|reported|writing|{_WORK})\b[^.;\n]{{0,40}}?\bin (?:the )?"
        rf"(?:(?:peer[- ]reviewed|leading|medical|scientific|online|open[- ]access) ){{0,3}}"
        rf"journals? ([A-Z][\w&'’-]{{0,30}}{_OF})"
    ),
    re.compile(
        rf"\b(?i:published|publishes|appear(?:s|ed|ing)?|reported|{_WORK})\b[^.;\n]{{0,40}}?\bin "
        rf"((?:[Tt]he )?(?:{_KNOWN}|Nature|Science|Cell|Journal of (?:the )?[A-Z][\w&'’-]{{0,30}}{_OF}))(?![\w-])"
    ),
    re.compile(rf"\b({_KNOWN}) {_WORK}\b"),
)
_COCHRANE = re.compile(r"\bCochrane\b", re.IGNORECASE)
_COCHRANE_REVIEW = re.compile(r"\bcochrane (?:\w{1,20} ){0,2}?(?:reviews?|library)\b")
_REVIEWED = re.compile(r"\bpeer[ -]reviewed\b")
_NOT_REVIEWED = re.compile(
    r"\b(?:not|n't|yet to|without|before|awaiting|pending|never|undergoing|non)\b[^.;]{0,30}$|\bnon-$"
)
# bioRxiv and medRxiv share their prefix with the journals of Cold Spring Harbor, whose names follow the slash.
_PREPRINT_DOI = r"10\.(?:1101/(?:\d{4}\.\d\d\.\d\d\.)?\d{6}|(?:64898|21203|31219|31234|20944|48550|26434|22541)/)"
_PREPRINT = re.compile(
    r"\bpre-?prints?\b(?! of)|\b(?:med|bio|psy|chem)rxiv\b|\barxiv\b|\bresearch square\b|\bssrn\b"
    rf"|\b{_PREPRINT_DOI}"
)
_NO_PREPRINT = re.compile(
    r"\b(?:not|n't|no longer|earlier|previous|previously|first|originally|unlike|other)\b[^.;]{0,40}$"
)

_RETRACTED = re.compile(
    any_of(
        r"(?:^|\n)\W{0,3}(?:retracted|retraction)(?: (?:article|note|notice|paper))?\b ?[:\-\]]",
        r"\b(?:retraction notice|notice of retraction|now-retracted)\b",
        rf"\bretraction of (?:the|this|our) {_WORK}\b",
        r"\bthis (?:paper|article|study) (?:has been|was|is) (?:formally )?(?:retracted|withdrawn)\b",
        rf"\b{_WORK} (?:has|have|had)(?: now| since| also| recently)? been (?:formally |officially )?retracted\b",
        rf"\b{_WORK} (?:was|were|is|are)(?: later| now| formally| subsequently| since)? retracted\b",
        r"\b(?:journal|editors?|publisher|authors?|lancet|nejm|jama|bmj|nature) (?:has |have )?(?:now )?retracted\b",
        r"\bretracted (?:the|this) (?:paper|article|study)\b",
    )
)
_NOT_RETRACTED = re.compile(
    r"\b(?:not|n't|never|another|other|earlier|previous|unrelated|calls?|called|should)\b[^.;]{0,40}$"
)

Place = tuple[int, int]


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
    publisher, named, printed = _publisher(text, folded)
    preprint = _unless(_PREPRINT, _NO_PREPRINT, folded)
    reviewed = _unless(_REVIEWED, _NOT_REVIEWED, folded)
    retracted = _unless(_RETRACTED, _NOT_RETRACTED, folded)
    unreviewed = reviewed is None and _REVIEWED.search(folded) is not None
    passed = reviewed or printed
    is_preprint, proof = None, None
    if preprint and (unreviewed or not passed):
        is_preprint, proof = True, preprint
    elif passed and not preprint and not unreviewed:
        is_preprint, proof = False, passed
    fields = (("publisher", named), ("preprint", proof), ("peer_reviewed", proof), ("retracted", retracted))
    return Provenance(
        publisher=publisher,
        preprint=is_preprint,
        peer_reviewed=None if is_preprint is None else not is_preprint,
        retracted=True if retracted else None,
        spans=tuple(Span(field, *place, text[slice(*place)]) for field, place in fields if place),
    )


def is_preprint_doi(doi: str) -> bool:
    """Whether a DOI is of a server that holds nothing but preprints."""
    return re.match(_PREPRINT_DOI, doi) is not None


def _unless(pattern: re.Pattern[str], before: re.Pattern[str], folded: str) -> Place | None:
    """The first match of `pattern` that the words in front of it do not turn round."""
    for match in pattern.finditer(folded):
        if not before.search(folded, max(0, match.start() - 60), match.start()):
            return match.span()
    return None


def _publisher(text: str, folded: str) -> tuple[str | None, Place | None, Place | None]:
    """The publisher, where it is named, and where the text says that it printed the finding."""
    review = _COCHRANE_REVIEW.search(folded)
    if review:
        return "Cochrane", (review.start(), review.start() + len("cochrane")), review.span()
    for channel in _CHANNELS:
        said = channel.search(text, 0, READ_AT_MOST)
        if said:
            name = said.group(1)
            return _CANONICAL.get(name, name.removeprefix("the ")), said.span(1), said.span()
    mentioned = _COCHRANE.search(text, 0, READ_AT_MOST)
    return ("Cochrane", mentioned.span(), None) if mentioned else (None, None, None)
