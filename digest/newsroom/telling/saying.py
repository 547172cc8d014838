"""Sayings: sentences that can stand in a digest by themselves, with what they tell. Pure; newsroom.

Fit is what a reader understands without the article around it: a whole sentence, no question, no caption, quotations
complete and with their speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.newsroom.plain import any_of, fold
from digest.newsroom.profile import stems
from digest.newsroom.telling.abstracts import Section
from digest.newsroom.telling.figures import figure_set
from digest.newsroom.telling.piece import Piece
from digest.newsroom.telling.sentences import read_sentences

MOST_CHARACTERS = 420
_FEWEST_WORDS, _MOST_WORDS = 6, 62
_FIGURE_STEM = re.compile(r"[\d.]+")

_WHOLE = re.compile(r"(?:[.!]|。|！)[”’\"')\]]{0,3}$")
_CUT_OFF = re.compile(r"(?:\.\.\.|…)[”’\"')\]]{0,3}$")
_BEGINS = re.compile(r"[“‘\"'(\[¿¡]{0,2}(?:[^\W_a-z]|iP|mRNA|e-|p53)")
_ADDRESSED = re.compile(
    any_of(
        r"^(?:by|photo(?:graph)?s?|images?|credit|source|caption|contact|media contact|video|watch|listen"
        r"|related|tags?)\b ?[:|]",
        r"^by [a-z][\w.'-]+ [a-z][\w.'-]+(?:,| \||$)",
        r"\b(?:getty images|shutterstock|istock|toggle caption|enlarge this image|file photo|courtesy of)\b",
        r"\b(?:all rights reserved|click here|press release was|for more information|follow us|follow @"
        r"|for media inquiries)\b",
        r"^(?:visit|see|read|learn|find out|check out|watch|listen|tune in|download|share|click|note"
        r"|editor'?s'? note)\b",
        r"^(?:copyright|©|\(c\)|disclaimer|correction|updated?|published|posted|last updated)\b",
        r"^enlarge\b|\b(?:media (?:call|teleconference|advisory)|teleconference|press conference will)\b"
        r"|\b\d{3}-\d{3}-\d{4}\b",
        r"https?://|www\.|\S+@\S+\.\w|###|\|{1,2}.*\|",
        r"\berschien zuerst auf\b|\best apparu en premier sur\b|\bse publicó primero en\b",
        r"\bthis (?:article|story|post|content|page|segment|episode) (?:was|is|has|originally)\b",
        r"\b(?:medical news today|healthday) (?:reporter|staff)\b",
    )
)
_BY = re.compile(r"By [A-Z][\w.'’-]+ [A-Z]")
_QUOTED = re.compile(r"“([^“”]*)”|(?<!\w)\"([^\"]*)\"(?!\w)")
_SAYING = any_of(
    *("said", "says", "say", "saying", "told", "tells", "wrote", "writes", "added", "adds", "explain(?:s|ed)", "noted"),
    *(
        "notes",
        "comment(?:s|ed)",
        "conclud(?:es|ed|e)",
        "warn(?:s|ed)",
        "argue(?:s|d)",
        "stat(?:es|ed)",
        "report(?:s|ed)",
    ),
    *(
        "according to",
        "call(?:s|ed|ing)",
        "describ(?:es|ed|ing)",
        "remark(?:s|ed)",
        "suggest(?:s|ed)",
        "stress(?:es|ed)",
    ),
    *(
        "point(?:s|ed) out",
        "recall(?:s|ed)",
        "continu(?:es|ed)",
        "in a statement",
        "titled",
        "entitled",
        "known as",
        "dubbed",
    ),
)
_ATTRIBUTED = re.compile(rf"\b{_SAYING}\b")
_BY_NOBODY = re.compile(rf"\b(?:he|she|they|we|i) (?:\w{{1,12}} )?{_SAYING}\b|\b{_SAYING} (?:he|she|they|i)\b")
_DANGLING = re.compile(
    r"^[\"'(]{0,2}(?:he|she|it|its|they|their|his|her|him|these|those|this|that|such|but|and|so|or|also|however|instead"
    r"|meanwhile|still|yet|then|there|here|nor|similarly|likewise|moreover|furthermore|besides|otherwise|for example"
    r"|for instance|in addition|on the other hand|as a result|in contrast|by contrast|therefore|thus|hence|both|another"
    r"|other|others|one of them|that's|it's|what's|nevertheless|nonetheless|additionally|consequently)\b"
)
_CLEAR_AFTER_ALL = re.compile(
    r"^[\"'(]{0,2}(?:this|these|the|that|their|those|such|other|another|both) (?:\w{1,15} ){0,2}?"
    r"(?:study|studies|review|trials?|analys[ei]s|findings?|results?|research|drugs?|disease|condition|patients|people)\b"
)
_AIM = re.compile(
    r"^(?:to|we (?:aimed|sought|set out) to"
    r"|(?:the|our|this) (?:aim|objective|purpose|goal)s? (?:of|was|is)\b.{0,60}?\bto) "
    r"(?:determine|assess|evaluate|compare|investigate|examine|study|describe|test|identify|explore|establish|find)\b"
)
_TO_READERS = re.compile(r"\b(?:you|your|yours|yourself|i|i'm|i've|my|let's)\b")
_WE = re.compile(r"\b(?:we|our|us)\b")


@dataclass(frozen=True, slots=True)
class Saying:
    """A fit sentence. `piece` and `place` count from 0, `among` is how many sentences its article has."""

    text: str
    piece: int
    place: int
    among: int
    section: Section | None
    stems: frozenset[str]
    numbers: frozenset[str]
    awkwardness: float  # 0 for a sentence that stands by itself, up to about 3


def sayings_of(pieces: Sequence[Piece]) -> list[Saying]:
    """The fit sentences of these articles, in order. An article of one sentence may lack its full stop."""
    return [saying for number, piece in enumerate(pieces) for saying in _of_piece(number, piece)]


def said(text: str, piece: int, place: int = 99) -> Saying:
    """A sentence that stands nowhere in its article, as sayings are compared."""
    return Saying(
        text=text,
        piece=piece,
        place=place,
        among=place + 1,
        section=None,
        stems=frozenset(stem for stem in stems(text) if not _FIGURE_STEM.fullmatch(stem)),
        numbers=figure_set(text),
        awkwardness=0.0,
    )


def _of_piece(number: int, piece: Piece) -> Iterator[Saying]:
    sentences = read_sentences(piece.body, piece.title)
    lone = len(sentences) == 1 and len(piece.body) < 250
    for place, sentence in enumerate(sentences):
        if fit(sentence.text, lone=lone):
            yield Saying(
                text=sentence.text,
                piece=number,
                place=place,
                among=len(sentences),
                section=sentence.section,
                stems=frozenset(stem for stem in stems(sentence.text) if not _FIGURE_STEM.fullmatch(stem)),
                numbers=figure_set(sentence.text),
                awkwardness=_awkwardness(sentence.text),
            )


def fit(text: str, *, lone: bool = False) -> bool:
    """Whether a sentence can stand in a digest. `lone` forgives a missing full stop."""
    if len(text) > MOST_CHARACTERS or _CUT_OFF.search(text) or not _BEGINS.match(text):
        return False
    if not (_WHOLE.search(text) or (lone and text[-1].isalnum())):
        return False
    words = text.split()
    spaced = len(words) > 1 or text.isascii()
    if spaced and not _FEWEST_WORDS <= len(words) <= _MOST_WORDS:
        return False
    folded = fold(text)
    return not _ADDRESSED.search(folded) and not _BY.match(text) and _quotations_are_whole(text, folded)


def quotations(text: str) -> list[str]:
    """What stands between quotation marks, without them."""
    return [curly or straight for curly, straight in _QUOTED.findall(text)]


def _quotations_are_whole(text: str, folded: str) -> bool:
    """Marks in pairs, and words of five or more with somebody who says them."""
    if text.count("“") != text.count("”") or text.count('"') % 2 or text.count("(") != text.count(")"):
        return False
    spoken = [quotation for quotation in quotations(text) if len(quotation.split()) >= 5]
    if not spoken:
        return True
    around = folded
    for quotation in spoken:
        around = around.replace(fold(quotation), " ")
    return bool(_ATTRIBUTED.search(around)) and not _BY_NOBODY.search(around)


def _awkwardness(text: str) -> float:
    folded = fold(text)
    unclear = bool(_DANGLING.match(folded)) and not _CLEAR_AFTER_ALL.match(folded)
    aim = 1.2 * bool(_AIM.match(folded))
    return aim + 1.6 * unclear + 1.0 * bool(_TO_READERS.search(folded)) + 0.3 * bool(_WE.search(folded))
