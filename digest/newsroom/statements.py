"""Statements: who paid for a study and who has something to gain, in a text's own words. Pure; newsroom.

Each is an extract, never a paraphrase: no word and no number of it is altered, white space apart. Only where the words
leave no doubt; nothing is better than a guess about money.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.model import Span
from digest.newsroom.plain import any_of, extract
from digest.newsroom.text import single_line

LONGEST = 280
"""Characters of an extract; a longer one is cut after a sentence, or between words with an ellipsis."""

Place = tuple[int, int]

# ── who paid ─────────────────────────────────────────────────────────────────────────────────────

_WORK = (
    r"(?:stud(?:y|ies)|trials?|research|work|review|analys[ie]s|project|paper|survey|cohort|investigation|findings?)"
)
_PAID = (
    r"(?:funded|financed|paid for|sponsored|bankrolled)(?: (?:in part|in full|partly|largely|entirely|primarily|mainly"
    r"|jointly|solely))? by "
)
_FUNDED = (
    re.compile(
        rf"\b{_WORK}(?:,? (?:which |that )?(?:was|is|were|are|has been|been),? |[^.;:\n]{{0,40}}?,? )(?:also )?{_PAID}"
    ),
    re.compile(rf"(?:^|[\n.;(] ?|\bit was |\bthey were )(?:also )?{_PAID}"),
    re.compile(
        rf"\b{_WORK} (?:was|is|were) supported(?: in part)? by "
        rf"(?=[^.;\n]{{0,60}}?\b(?:grants?|fund|foundation|institutes?|council|trust|agency|ministry|department|charity|inc|university)\b)"
    ),
    re.compile(r"\bsupported(?: in part)? by (?:an? |the )?(?=(?:[a-z]{3,15} ){0,3}grants? from )"),
    re.compile(
        r"\b(?:funding|financial support|money)(?: for (?:the|this) \w{4,10})? (?:was provided by|was|came|comes) from "
    ),
    re.compile(r"\b(?:funding|financial support) (?:for (?:the|this) \w{4,10} )?(?:was|is) provided by "),
    re.compile(r"\b(?:received|with) (?:funding|financial support|grants?) from "),
    _FUNDING_LABEL := re.compile(
        r"(?:^|[\n.] ?)(?:sources? of funding|(?:primary )?funding(?: sources?| statement| information)?|funders?"
        r"|study sponsors?)\W{0,2}[:.] ?"
    ),
)
_UNFUNDED = re.compile(
    r"\b(?:no|without(?: any)?) (?:(?:external|outside|specific|industry|commercial|dedicated|special) )?"
    r"(?:funding|financial support|sponsors?(?:hip)?)\b"
)
_PAYER_ENDS = re.compile(
    r"[;\n]|\.(?=\s+[A-Z“\"'(]|\s*$)"
    r"|,? (?:and|but) (?:was|were|is|are|has|had|appears?|appeared|published|led|conducted|will|may)\b"
    r"| (?:which|who|whose) "
    r"|, (?:which|who|where|whose|while|with|found|shows?|suggests?|said|according|published|a|in|to|whether|has|was"
    r"|is)\b"
    r"| (?:found|finds|shows?|showed|suggests?|suggested|said|says|reported|revealed|will|could|may|appears?|appeared"
    r"|examined|looked|compared|tested|enrolled|followed)\b"
)
_NOT_FUNDED = re.compile(
    r"\b(?:not|never|n't|no longer|could be|should be|would be|to be|will be|partly because)\b[^.;]{0,20}$"
)

# ── who has an interest ──────────────────────────────────────────────────────────────────────────

_DECLARED = re.compile(
    r"(?:^|[\n.] ?)(?:(?:declarations? of |statement of )?(?:competing|conflicts? of|conflicting) interests?"
    r"|(?:financial )?disclosures?|conflict of interest disclosures?|declarations?)"
    r"(?: statements?| disclosures?)?\W{0,2}: ?"
)
_NONE_TO_DECLARE = (
    r"(?:declare[sd]?|report(?:s|ed)?|disclose[sd]?|ha(?:ve|s|d)|with) (?:that they have |having )?no "
    r"(?:(?:other|known|relevant|potential|competing|financial|commercial|personal|conflicting) (?:or )?){0,4}"
    r"(?:conflicts?(?: of interests?)?|interests?|ties|relationships|disclosures)\b"
)
_PAID_FOR = any_of(
    r"(?:consult(?:ing|ancy|ant)|personal|speak(?:er|er's|ers|ers'|ing)|lecture|advisory(?: board)?) fees",
    r"honorari(?:a|um)",
    r"financial (?:ties|links|relationships?|interests?|stakes?)",
    r"(?:owns?|hold(?:s|ing)?|held) (?:stock|shares|equity|patents?|a patent)",
    r"(?:stock|shares) (?:in|options)",
    r"(?:paid )?(?:consultants?|advis[eo]rs?) (?:for|to) (?=[A-Z])",
    r"(?:conflicts? of interests?|competing interests?)",
)
_INTERESTED = re.compile(rf"\b{_NONE_TO_DECLARE}|(?i:\b{_PAID_FOR})")
_OF_AUTHORS = re.compile(
    r"\b(?:authors?|researchers?|investigators?|scientists?|dr|drs|professor|prof|co-authors?|team|lead|senior|stud(?:y|ies)"
    r"|he|she|they)\b"
)
_SENTENCE_STARTS = re.compile(r"[.!?][”\"')]? +(?=[A-Z“\"'])|\n")
_SHORTENED = re.compile(r"\b(?:Dr|Drs|Mr|Mrs|Ms|Prof|St|vs|No|U\.S|U\.K|e\.g|i\.e|Inc|Ltd|Co|Corp|[A-Z])\.$")


def read_funding(text: str, folded: str) -> Span | None:
    """Who paid for the study, or that nobody did: the payer's name as the text has it."""
    for pattern in _FUNDED:
        for match in pattern.finditer(folded):
            if _NOT_FUNDED.search(folded, max(0, match.start() - 30), match.end()):
                continue
            end = _line_end(text, match.end()) if pattern is _FUNDING_LABEL else _payer_end(text, match.end())
            if end - match.end() >= 3:
                return extract("funding", text, (match.end(), end))
    unfunded = _UNFUNDED.search(folded)
    return extract("funding", text, unfunded.span()) if unfunded and _says_who(folded, unfunded.start()) else None


def _says_who(folded: str, start: int) -> bool:
    """Whether a study or its authors got no funding, and not a hospital."""
    return (
        re.search(rf"\b(?:{_WORK}|authors?|received|funding:)\b[^.;\n]{{0,60}}$", folded[max(0, start - 90) : start])
        is not None
    )


def _payer_end(text: str, start: int) -> int:
    limit = min(len(text), start + LONGEST)
    for match in _PAYER_ENDS.finditer(text, start, limit):
        if match[0] != "." or not _SHORTENED.search(text, start, match.end()):
            return match.start()
    return _between_words(text, start, limit)


def read_conflicts(text: str, folded: str) -> Span | None:
    """What the authors have to gain, or that they declare nothing: the statement, or the sentence that says so."""
    declared = _DECLARED.search(folded)
    if declared:
        return extract("conflicts", text, (declared.end(), _line_end(text, declared.end())))
    for match in _INTERESTED.finditer(folded):
        start, end = _sentence_around(text, match.start(), match.end())
        if _OF_AUTHORS.search(folded, start, end):
            return extract("conflicts", text, (start, _whole(text, start, end)))
    return None


def _sentence_around(text: str, start: int, end: int) -> Place:
    first, last = max(0, start - 2 * LONGEST), min(len(text), end + 2 * LONGEST)
    breaks = list(_breaks(text, first, last))
    begin = max((after for _, after in breaks if after <= start), default=first)
    return begin, min((before for before, _ in breaks if before >= end), default=last)


def _breaks(text: str, first: int, last: int) -> Iterator[Place]:
    """Where sentences end and begin; the point of "Dr." ends none."""
    for match in _SENTENCE_STARTS.finditer(text, first, last):
        if not _SHORTENED.search(text, first, match.start() + 1):
            yield match.start() + 1, match.end()


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return _whole(text, start, len(text) if end < 0 else end)


def _whole(text: str, start: int, end: int) -> int:
    """Where a statement of at most LONGEST characters ends: with it, after a sentence, or between words."""
    if end - start <= LONGEST:
        return end
    limit = start + LONGEST
    whole = [before for before, _ in _breaks(text, start, limit) if before - start > LONGEST // 3]
    return max(whole, default=_between_words(text, start, limit))


def _between_words(text: str, start: int, limit: int) -> int:
    if limit == len(text) or text[limit].isspace():
        return limit
    cut = text.rfind(" ", start, limit)
    return cut if cut > start else limit


def quoted(span: Span | None, text: str) -> str | None:
    """The extract on one line, with an ellipsis where its sentence goes on."""
    if span is None or not (said := single_line(span.text)):
        return None
    goes_on = span.end - span.start > LONGEST - 40 and text[span.end : span.end + 1].isspace()
    return f"{said} …" if goes_on and said[-1].isalnum() else said.rstrip(" ,;:")
