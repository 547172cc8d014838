"""Company: words that stand together must do so in the article, and who does something there does it here. Pure.

Newsroom. Every word of "green tea raised the risk of stroke" may be the article's, and the sentence a lie.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from digest.newsroom.plain import any_of
from digest.newsroom.telling.guard import lexicon
from digest.newsroom.telling.guard.article import Article, Clause, Sentence
from digest.newsroom.telling.guard.counts import UNIT_WORDS
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.telling.guard.forms import PLAIN, content, form
from digest.newsroom.telling.guard.wording import DIRECTIONS, POPULATIONS

_DOES = re.compile(
    r"\b"
    + any_of(
        *(r"prevent\w{0,3}", r"protect\w{0,3}", r"caus(?:e|es|ed|ing)", r"kill\w{0,3}", "cuts?", r"lower(?:s|ed)?"),
        *(r"rais(?:e|es|ed)", r"reduc(?:e|es|ed)", r"increas(?:e|es|ed)", r"harm(?:s|ed)?", "led", "leads?"),
        *(r"cur(?:e|es|ed)", r"eas(?:e|es|ed)", r"improv(?:e|es|ed)", r"worsen(?:s|ed)?", r"ban(?:s|ned)?"),
        *(r"contain(?:s|ed)?", r"carr(?:y|ies|ied)", r"funded", r"spread(?:s)?", r"replac(?:e|es|ed)"),
    )
    + r"\b(?! by\b)"
)


_DENY = re.compile(lexicon.DENY)
_DONE = re.compile(r"\b(?:is|are|was|were|be|been|being) $")


def strange_company(sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    for sentence in sentences:
        for clause in sentence.clauses:
            for one, two in pairwise(_weighty(clause, article)):
                if not _together(one, two, article):
                    yield Fault("company", f"{one} … {two}: {clause.text}")
            if _another_does(clause, article):
                yield Fault("company", clause.text)


_OF_ANY = frozenset(map(form, UNIT_WORDS)) | frozenset(content("trial review survey cohort analysis data"))
"""Words that go with any finding of an article."""


def _weighty(clause: Clause, article: Article) -> list[str]:
    often = {word for word in clause.words & POPULATIONS if sum(word in said.words for said in article.sentences) > 1}
    skipped = PLAIN | DIRECTIONS | _OF_ANY | article.topic | often
    return [word for word in clause.stems if word not in skipped and word in article.words]


def _together(one: str, two: str, article: Article) -> bool:
    """Whether a sentence of the article has both; or, of neighbours, one the first and the other the second."""
    return any(one in said.words and two in said.words for said in article.sentences)


def _another_does(clause: Clause, article: Article) -> bool:
    """Whether all that the article has doing this, to this, is somebody or something else."""
    match = _DOES.search(clause.text)
    if match is None or _DONE.search(clause.text[: match.start()]):
        return False
    who, what = _who(clause.text[: match.start()]), set(content(clause.text[match.end() :])) - PLAIN
    doing, deed = [], set(content(match[0]))
    for other in article.clauses:
        there = next((m for m in _DOES.finditer(other.text) if set(content(m[0])) == deed), None)
        if there and what.intersection(content(other.text[there.end() :])):
            doing.append(_who(other.text[: there.start()]))
    return bool(who and doing) and all(others and who.isdisjoint(others) for others in doing)


def _who(text: str) -> set[str]:
    return set(content(_DENY.sub(" ", text)))
