"""The guard over machine-written text: what its article does not say is found, whatever the machine claims. Pure.

Newsroom. A machine may shorten and reword; it may not add. Numbers, names, quotations and links must stand in the cited
article, enough words must be shared (faithful summaries share 64 to 88 % of their content words, one put under the
wrong story 7 %), and the sentence of the article that comes closest must not say the opposite. Doubt counts against the
text: the publisher's own sentence is always there instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from digest.newsroom.plain import any_of, fold
from digest.newsroom.profile import stems
from digest.newsroom.telling.figures import digit_runs, figure_set
from digest.newsroom.telling.piece import Piece
from digest.newsroom.telling.saying import quotations
from digest.newsroom.telling.sentences import split
from digest.newsroom.text import hides

SHARED = 0.34
"""The least share of content words that text and article have in common."""

NEAR = 0.5
"""Share of a sentence's words that makes an article's sentence the one it is about, for the question of opposites."""

DENIAL = 0.2
"""Share of a sentence's words that makes an article's denial the source of its own."""

LONGEST = 2_000
"""Characters; more is no summary."""

_SENTENCES = 40

_LINK = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"”’)\]]+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_HOST = re.compile(
    r"(?i)\b(?:[a-z0-9-]{2,63}\.)+(?:com|org|net|gov|edu|info|io|co|uk|de|eu|int|biz|news|health|example)\b"
)
_MARKUP = re.compile(r"</?[a-zA-Z!][^>]{0,200}>|\]\(|!\[|```|\{\{|\{%|&#?\w{1,8};|^#{1,6} |\*\*|__", re.MULTILINE)
_NAME = re.compile(r"(?<![\w@./-])[^\W\d_a-z][\w’'-]{0,40}(?<![’'-])")
_POSSESSIVE = re.compile(r"[’']s$")
_TOKEN = re.compile(r"[^\W_]+")
_SINGLE_QUOTED = re.compile(r"(?<!\w)[‘'](?=\w)([^‘'’]{3,400})[’'](?!\w)|«([^»]{1,800})»|„([^“”]{1,800})[“”]")
_NOT = re.compile(
    r"\b"
    + any_of(
        *(
            "no",
            "not",
            "never",
            "none",
            "neither",
            "nor",
            "without",
            "cannot",
            "fail(?:s|ed)?",
            "lacks?",
            "lacking",
            "hardly",
        ),
        *(
            "unlikely",
            "little",
            "unsupported",
            "ineffective",
            "unproven",
            r"[a-z]+n't",
            "refut(?:es|ed)",
            "den(?:y|ies|ied)",
        ),
        *("unsafe", "insufficient", "absence", "unclear", "no longer", "doubts?", "against"),
    )
    + r"\b"
)
_UP = re.compile(
    r"\b(?:increas\w{1,3}|higher|rais\w{1,3}|rise\w{0,2}|rose|more|greater|worse\w{0,3}|grow\w{0,3}|grew|longer|doubl\w{1,3})\b"
)
_DOWN = re.compile(
    r"\b(?:decreas\w{1,3}|lower\w{0,3}|reduc\w{1,5}|cuts?|cutting|fall\w{0,3}|fell|fewer|less|smaller|shorter|declin\w{1,3}"
    r"|drop\w{0,4}|halv\w{1,3}|eas(?:e|es|ed)|prevent\w{0,3}|protect\w{0,3})\b"
)

_FIRST_WORDS = """
researchers scientists people patients adults experts doctors participants findings results overall about nearly study
studies evidence taking using having there it they this these those many most few some only see
"""
_OPENERS = frozenset(_FIRST_WORDS.split())


@dataclass(frozen=True, slots=True)
class Fault:
    """What a machine wrote that its article does not bear out. `rule` is number, name, quotation, link, markup,
    words, opposite, length or empty; `text` is what is wrong, in the machine's words."""

    rule: str
    text: str

    @property
    def message(self) -> str:
        return f"{self.rule}: {self.text[:120]!r}: not in the cited article"


def faults(text: str, *cited: Piece) -> tuple[Fault, ...]:
    """What is wrong with a machine's `text`, given the articles it cites; nothing wrong is ().

    The articles' titles, texts, outlets and addresses count as what they say. Never raises.
    """
    if not text.strip():
        return (Fault("empty", ""),)
    if len(text) > LONGEST or len(split(text)) > _SENTENCES:
        return (Fault("length", f"{len(text)} characters in {len(split(text[:LONGEST]))} sentences or more"),)
    said = "\n".join(f"{piece.title[:300]}.\n{piece.body}\n{piece.outlet or ''}" for piece in cited)
    addresses = " ".join(piece.url or "" for piece in cited)
    return tuple(
        dict.fromkeys(
            (
                *_markup(text),
                *_links(text, f"{said} {addresses}"),
                *_numbers(text, said),
                *_quotations(text, said),
                *_names(text, said),
                *_too_few_words(text, said),
                *_opposites(text, said),
            )
        )
    )


def _markup(text: str) -> Iterator[Fault]:
    if hides(text):
        yield Fault("markup", "invisible characters")
    for match in _MARKUP.finditer(text):
        yield Fault("markup", match[0])


def _links(text: str, said: str) -> Iterator[Fault]:
    known = said.casefold()
    without = _LINK.sub(" ", text)
    for match in (*_LINK.finditer(text), *_HOST.finditer(without)):
        link = match[0].rstrip(".,;:!?").casefold()
        if not re.search(rf"(?<![\w.-]){re.escape(link)}(?![\w-])", known):
            yield Fault("link", match[0])


def _numbers(text: str, said: str) -> Iterator[Fault]:
    """Numbers as such ("sixty-seven" is 67, but 67 % is not 67), and every run of digits inside a word."""
    known = figure_set(said)
    for number in sorted(figure_set(text) - known):
        yield Fault("number", number)
    outside = unicodedata.normalize("NFKC", text)
    if outside != text:  # ２３ and ² are digits too
        for number in sorted(figure_set(outside) - known):
            yield Fault("number", number)
    words = {token for token in _TOKEN.findall(text.casefold()) if digit_runs(token) and not token.isdecimal()}
    for word in sorted(words - set(_TOKEN.findall(said.casefold()))):
        if not digit_runs(word) <= digit_runs(said):
            yield Fault("number", word)


def _quotations(text: str, said: str) -> Iterator[Fault]:
    """Word for word; the marks and the spaces are the typesetter's."""
    known = _flat(said)
    quoted = [*quotations(text), *(next(filter(None, groups)) for groups in _SINGLE_QUOTED.findall(text))]
    for quotation in quoted:
        if _flat(quotation) not in known:
            yield Fault("quotation", quotation)
    if text.count("“") != text.count("”") or text.count('"') % 2:
        yield Fault("quotation", "marks that do not pair")


def _flat(text: str) -> str:
    return f" {' '.join(_TOKEN.findall(fold(text)))} "


def _names(text: str, said: str) -> Iterator[Fault]:
    """Words with a capital that the article has nowhere; the first word of a sentence only in a lower-case form."""
    known = set(_TOKEN.findall(fold(said)))
    common = set(stems(said))
    for sentence in split(text):
        for place, match in enumerate(_NAME.finditer(sentence)):
            name = _POSSESSIVE.sub("", match[0])
            parts = _TOKEN.findall(fold(name))
            if all(part in known for part in parts):
                continue
            first = place == 0 and not sentence[: match.start()].strip("“\"'‘([ ")
            ordinary = first and (not stems(name) or set(stems(name)) <= common or name.lower() in _OPENERS)
            if not ordinary:
                yield Fault("name", match[0])


def _too_few_words(text: str, said: str) -> Iterator[Fault]:
    words = {stem for stem in stems(text) if not stem[0].isdigit()}
    shared = len(words & set(stems(said))) / len(words) if words else 0.0
    if shared < SHARED:
        yield Fault("words", f"{shared:.0%} of the words shared, {SHARED:.0%} wanted")


def _opposites(text: str, said: str) -> Iterator[Fault]:
    """Sentences whose nearest sentences in the article all deny what they assert, or rise where they fall."""
    heard = dict.fromkeys(sentence for line in said.splitlines() for sentence in split(line))
    theirs = [(frozenset(stems(sentence)), fold(sentence)) for sentence in heard]
    for sentence in dict.fromkeys(split(text)):
        mine, folded = frozenset(stems(sentence)), fold(sentence)
        near = [other for words, other in theirs if mine and len(mine & words) >= NEAR * len(mine)]
        # A "no" in half of a sentence may come from another sentence than the rest of it; a "no" left out may not.
        denied = any(_denies(other) and len(mine & words) >= DENIAL * len(mine) for words, other in theirs)
        turned = all(_denies(folded) != _denies(other) for other in near) and not (_denies(folded) and denied)
        if near and (turned or all(_turned(folded, other) for other in near)):
            yield Fault("opposite", sentence)


def _denies(folded: str) -> bool:
    return _NOT.search(folded) is not None


def _turned(one: str, other: str) -> bool:
    ways = [(bool(_UP.search(text)), bool(_DOWN.search(text))) for text in (one, other)]
    return ways in ([(True, False), (False, True)], [(False, True), (True, False)])
