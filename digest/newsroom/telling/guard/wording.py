"""Wording: words of weight that the article has not, and claims surer or wider than the article's. Pure; newsroom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.newsroom.telling.guard import lexicon
from digest.newsroom.telling.guard.article import Article, Clause, Sentence
from digest.newsroom.telling.guard.counts import TIME_WORDS
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.telling.guard.forms import PLAIN, form

SHARED = 0.34
"""The least share of content words that text and article have in common."""

ENGLISH = 0.05
"""The least share of a text's words that are of English grammar."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LATIN = re.compile(r"[^\W\d_]*[A-Za-z]")
_LETTERS = re.compile(r"[a-z]+")
_HEDGE = re.compile(rf"\b{lexicon.HEDGES}\b")
_WIDE = re.compile(
    r"\b(?:all|every|everyone|everybody|always|never|only|none|majority|anyone|anybody|everything|entire(?:ly)?"
    r"|(?:is|are|was) over(?= ?[,.;])"
    r"|complete(?:ly)?|will|must|cannot|most(?= (?:of|people|adults|patients|children|women|men)\b))\b"
)
_AS_WIDE = {
    "all": "all|every|everyone|entire|both|each",
    "every": "all|every|each|a|an|per|daily|weekly|yearly",
    "everyone": "everyone|everybody|all",
    "most": "most|majority|mostly|more than half",
    "majority": "most|majority",
    "cannot": "cannot|can't|can not|could not",
    "never": "never|not once",
    "none": "none|no|nobody|not|neither",
    "anyone": "anyone|anybody",
    "anybody": "anyone|anybody",
    "only": "only|just|alone",
}
_NEAR_ENOUGH = 0.5


def strange_language(text: str) -> Iterator[Fault]:
    """What is not English: the rules of this guard could not read it."""
    if not is_english(text):
        yield Fault("language", text)


def is_english(text: str) -> bool:
    """By the small words; a few words without any pass for English."""
    words = [word.lower() for word in _WORD.findall(text[:20_000])]
    ours = sum(word in lexicon.FUNCTION for word in words)
    foreign = sum(word in lexicon.FOREIGN or not (word.isascii() or _LATIN.match(word)) for word in words)
    return foreign <= ours and not (len(words) >= 20 and ours < ENGLISH * len(words))


def strange_words(text: str, sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    """Too few words shared, or one that the article has in no form and that says something by itself."""
    words = {word for sentence in sentences for word in sentence.words}
    shared = sum(map(article.knows, words)) / len(words) if words else 1.0
    if shared < SHARED:
        yield Fault("words", f"{shared:.0%} of the words shared, {SHARED:.0%} wanted")
    for sentence in sentences:
        for word in dict.fromkeys(word for clause in sentence.clauses for word in clause.stems):
            if word not in PLAIN and word not in DIRECTIONS and not article.knows(word):
                yield Fault("word", word)


_WAYS = """
increase increased higher raise rise rose risen grow grew longer larger bigger decrease decreased lower reduce cut fall
fell fallen fewer smaller shorter decline drop dropped than
"""
DIRECTIONS = frozenset(form(word) for word in _WAYS.split())
"""Judged by their direction (opposites.py), whichever of them the article chose."""


def overstated(sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    """A "may" left out, an "all" or "will" put in, mice that became people."""
    for sentence in sentences:
        near = nearest(sentence, article)
        if not near:
            continue
        for word in dict.fromkeys(_WIDE.findall(sentence.folded)):
            if not any(re.search(rf"\b{_wide_too(word)}\b", said.folded) for said in near):
                yield Fault("certainty", word)
        if not _HEDGE.search(sentence.folded) and not sentence.denies and all(_hedged(sentence, said) for said in near):
            yield Fault("certainty", sentence.text)
        yield from _populations(sentence, near, article)
        yield from _times(sentence, near, article)


def _wide_too(word: str) -> str:
    return f"(?:{_AS_WIDE.get(word, word)})"


def _hedged(sentence: Sentence, said: Sentence) -> bool:
    """Whether the clauses of the article's sentence that this one retells are hedged or denied, all of them."""
    mine = sentence.words - PLAIN
    best = max((len(mine & clause.words) for clause in said.clauses), default=0)
    retold = [clause for clause in said.clauses if best and len(mine & clause.words) == best]
    return bool(retold) and all(_HEDGE.search(clause.text) for clause in retold)


def _times(sentence: Sentence, near: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    """ "Monthly" where it is yearly. What a number counts is judged with the number."""
    own = {count.unit for count in sentence.counts}
    said = " ".join(each.folded for each in near)
    theirs = {TIME_WORDS.get(word) for word in _LETTERS.findall(said)} | {form(word) for word in article.topic}
    for word in _LETTERS.findall(sentence.folded):
        if word in TIME_WORDS and TIME_WORDS[word] not in theirs | own:
            yield Fault("unit", word)


def _populations(sentence: Sentence, near: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    kinds = {word: word for word in sentence.words if word in POPULATIONS}
    theirs = frozenset(word for said in near for word in said.words)
    animals = all(said.words & _ANIMALS for said in near)
    lone = article.words & POPULATIONS
    for word in sorted(kinds):
        if word not in theirs and lone != {word} and (word not in article.topic or animals):
            yield Fault("population", word)
    if animals and "peopl" in sentence.words and "peopl" not in theirs:
        yield Fault("population", "people")
    if animals and not sentence.words & _ANIMALS and sentence.words & theirs - PLAIN - _ANIMALS:
        yield Fault("population", f"not in people: {sentence.text}")


_ANIMALS = frozenset(form(word) for word in lexicon.ANIMALS)
POPULATIONS = frozenset(form(word) for word in lexicon.POPULATIONS)


def nearest(sentence: Sentence, article: Article) -> list[Sentence]:
    """The sentences of the article that this one retells: those that share most of its words."""
    mine = sentence.words - PLAIN
    values = {count.value for count in sentence.counts}
    shares = [(_share(mine, values, said), said) for said in article.sentences]
    best = max((share for share, _ in shares), default=0.0)
    return [said for share, said in shares if share >= 0.8 * best] if best >= _NEAR_ENOUGH else []


def _share(mine: frozenset[str], values: set[str], said: Sentence) -> float:
    whole = len(mine) + len(values)
    return (len(mine & said.words) + len(values & {count.value for count in said.counts})) / whole if whole else 0.0


def clauses_near(clause: Clause, article: Article, least: float) -> list[Clause]:
    """The clauses of the article that share most of this clause's words."""
    mine = clause.keys - DIRECTIONS
    if len(mine) < 2:
        return []
    shares = [(len(mine & other.keys) / len(mine), other) for other in article.clauses]
    best = max((share for share, _ in shares), default=0.0)
    return [other for share, other in shares if share >= 0.85 * best] if best >= least else []
