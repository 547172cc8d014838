"""Opposites: what the article denies is asserted, what fell there rises here, who was beaten wins. Pure; newsroom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.newsroom.telling.guard import lexicon
from digest.newsroom.telling.guard.article import Article, Clause, Sentence, flat
from digest.newsroom.telling.guard.counts import ratio
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.telling.guard.forms import PLAIN, content, form
from digest.newsroom.telling.guard.numbers import label
from digest.newsroom.telling.guard.wording import clauses_near, nearest

NEAR = 0.6
"""Share of a clause's words that makes the article's clause the one it is about."""

_PIVOT = re.compile(
    r"\b(?:(?P<than>than)|over (?=(?:a|an|the)? ?[a-z])|(?:versus|compared (?:with|to))\b|against (?=\d|those|others))"
)
_DENY = re.compile(lexicon.DENY)
_COMPARED = re.compile(r"\b(more|less) ([a-z]+)")
_UPWARDS = ("more", "higher", "greater")
_COMPARATIVE = re.compile(
    r"\b(?P<way>more|higher|greater|less|fewer|lower)\b(?: \w+){0,2}? (?:with|in|among|for) "
    r"(?P<whose>[a-z -]+?)(?= than\b|[,:;.]|$)"
)
_REVERSED = {"more": "less", "less": "more", "up": "down", "down": "up"}
_WITHOUT = re.compile(r"\bwithout (?:an? |the |any |such )*(\w+)")
_OPPOSED = frozenset((form(one), form(two)) for pair in lexicon.OPPOSED for one, two in (pair, pair[::-1]))


def opposites(sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    asserted, denied = _said(article)
    for sentence in sentences:
        found = any(_clause_is_opposite(clause, sentence, article) for clause in sentence.clauses)
        found = found or _unsaid(sentence, article, asserted, denied)
        found = found or any(_twice_denied(clause, article) for clause in sentence.clauses)
        found = found or _compared_otherwise(sentence, article)
        found = found or _against_the_numbers(sentence, article)
        if found or _swapped(sentence, article) or _antonyms(sentence, article):
            yield Fault("opposite", sentence.text)


def _clause_is_opposite(clause: Clause, sentence: Sentence, article: Article) -> bool:
    """The article's clauses nearest to this one all deny it, or all go the other way."""
    near = clauses_near(clause, article, NEAR)
    if not near:
        return False
    if all(_contradicts(clause, other, sentence) for other in near) and not _denied_elsewhere(clause, article):
        return True
    if (clause.up or clause.down) and not clause.denies and any(other.same for other in near):
        return not any(other.up or other.down for other in near)
    return all(_turned(clause, other) for other in near) or _without(clause, near)


def _contradicts(clause: Clause, other: Clause, sentence: Sentence) -> bool:
    """One of the two denies, and it denies words of the other; another clause of the sentence may deny them, too."""
    if clause.denies == other.denies or any(set(other.denied[:1]) & set(each.denied) for each in sentence.clauses):
        return False
    if other.denies and {form(word) for word in _WITHOUT.findall(clause.text)}.intersection(other.denied):
        return False
    return bool(other.words.intersection(clause.denied) if clause.denies else clause.words.intersection(other.denied))


def _without(clause: Clause, near: Sequence[Clause]) -> bool:
    """With it here and without it there, or the other way round."""
    lacking = {form(word) for word in _WITHOUT.findall(clause.text)}
    theirs = [{form(word) for word in _WITHOUT.findall(other.text)} for other in near]
    return all((words - lacking) & clause.words or (lacking - words) & other.words
               for words, other in zip(theirs, near, strict=True))  # fmt: skip


def _denied_elsewhere(clause: Clause, article: Article) -> bool:
    """A "no" that another part of the article has for the words that it denies here."""
    mine = set(clause.denied)
    return bool(mine) and any(len(mine.intersection(other.denied)) >= NEAR * len(mine) for other in article.clauses)


def _turned(one: Clause, other: Clause) -> bool:
    ways = [(clause.up, clause.down) for clause in (one, other)]
    if ways in ([(True, False), (False, True)], [(False, True), (True, False)]):
        return True
    opposite = {(word, "down" if way == "up" else "up") for word, way in one.ways}
    return bool(opposite & other.ways - one.ways) and not one.ways & other.ways


def _said(article: Article) -> tuple[frozenset[str], frozenset[str]]:
    """Words that the article has outside of a denial, and those of the clauses that deny."""
    asserted = frozenset(word for clause in article.clauses for word in clause.words.difference(clause.denied))
    return asserted, frozenset(word for clause in article.clauses if clause.denies for word in clause.words)


def _unsaid(sentence: Sentence, article: Article, asserted: frozenset[str], denied: frozenset[str]) -> bool:
    """A word that the article only ever denies, asserted; or a denial of what it never denies."""
    for clause in sentence.clauses:
        if clause.denies:
            if clause.denied and denied.isdisjoint(clause.denied[:2]):
                return True
        elif not sentence.denies and any(word in denied and word not in asserted for word in clause.words):
            return True
    return False


def _twice_denied(clause: Clause, article: Article) -> bool:
    """ "Not unlikely": where the article has it, it has it word for word."""
    return len(_DENY.findall(clause.text)) > 1 and flat(clause.text) not in article.flat


def _compared_otherwise(sentence: Sentence, article: Article) -> bool:
    """ "Less common" where the article has "more common" and never that; smoked more where they smoked less."""
    mine = {pair for clause in sentence.clauses for pair in clause.ways if pair[0] not in article.topic | PLAIN}
    theirs = {pair for clause in article.clauses for pair in clause.ways}
    if any((word, _REVERSED[way]) in theirs and (word, way) not in theirs for word, way in mine):
        return True
    said = {(form(word), way) for way, word in _COMPARED.findall(sentence.folded)}
    heard = {(form(word), way) for other in article.sentences for way, word in _COMPARED.findall(other.folded)}
    return any((word, _REVERSED[way]) in heard and (word, way) not in heard for word, way in said)


def _against_the_numbers(sentence: Sentence, article: Article) -> bool:
    """ "Less common with magnesium" where 11 of 100 had it with magnesium and 6 of 100 without."""
    match = _COMPARATIVE.search(sentence.folded)
    whose = set(content(match["whose"])) if match else set()
    for said in nearest(sentence, article) if match else ():
        sizes = [
            (share, not whose.isdisjoint(label(said, count))) for count in said.placed if (share := ratio(count.value))
        ]
        mine, others = [size for size, own in sizes if own], [size for size, own in sizes if not own]
        if match and len(mine) == len(others) == 1 and (mine[0] > others[0]) != (match["way"] in _UPWARDS):
            return True
    return False


def _antonyms(sentence: Sentence, article: Article) -> bool:
    """A word whose opposite stands in its place in the sentence that this one retells."""
    near = nearest(sentence, article)
    pairs = [(one, two) for one, two in _OPPOSED if one in sentence.words and two not in sentence.words]
    return any(near and all(two in said.words and one not in said.words for said in near) for one, two in pairs)


def _swapped(sentence: Sentence, article: Article) -> bool:
    """ "A more than B" that became "B more than A"."""
    mine = _sides(sentence.folded)
    if mine is None:
        return False
    for said in article.sentences:
        theirs = _sides(said.folded)
        if theirs is None or theirs[2] != mine[2]:
            continue
        crossed = len(mine[1] & theirs[0] - theirs[1]) + len(mine[0] & theirs[1] - theirs[0])
        if mine[1] and crossed > len(mine[1] & theirs[1]) and len(mine[0] & (theirs[0] | theirs[1])) >= 1:
            return True
    return False


def _sides(folded: str) -> tuple[frozenset[str], frozenset[str], str] | None:
    pivot = _PIVOT.search(folded)
    if pivot is None:
        return None
    right = re.split(r"[,;.]", folded[pivot.end() :])[0]
    left, right_words = content(folded[: pivot.start()]), content(right)[:6]
    kind = pivot[0].split()[0].replace("compared", "versus").replace("against", "versus")
    return (frozenset(left), frozenset(right_words), kind) if left else None
