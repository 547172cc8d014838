"""Numbers: each one of a machine's text must stand in the article, and count there what it counts here. Pure.

Newsroom. 67 % is not 67, "over 2,300" is not "up to 2,300", 12 weeks are not 12 months, and what 11 of 100 people with
one treatment had is not what those with the other had.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from digest.newsroom.plain import fold
from digest.newsroom.telling.figures import digit_runs, figure_set
from digest.newsroom.telling.guard.article import MOST_COUNTS, Article, Clause, Sentence
from digest.newsroom.telling.guard.counts import TIME_WORDS, Count, ratio
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.telling.guard.forms import PLAIN, content, form

_TOKEN = re.compile(r"[^\W_]+")
_CAPITAL = re.compile(r"(?<=[ (])[A-Z][a-z]{2,}")
_IN_PLACE = re.compile(r" (?:\S+ ){0,3}(?:in|at|of|among|for) (?:the )?")
_PLACED = re.compile(r"\b(?:in|at|from|near|to) (?:the |nearby |neighbouring )?$")
_LETTERS = re.compile(r"[a-z]+")
_FROM_TO = re.compile(r"\bfrom \S{0,3}$")
_BOUND = re.compile(r"\b(?:per|of|out of|in every)(?: every| the)? $")
_BESIDE = 3  # content words after a number that say what it counts
_AGE = form("age")
_NEXT = re.compile(r"\b(?:and|or|who|that|which|was|were|is|are|had|has|have|did|can|could|may)\b")
_OF_THOSE = re.compile(r" (?:of )?(?:those|them|these|others)\b")
_AGED = re.compile(r"\baged? (?:\S+ (?:to|and|or) )?$")
_LABEL = 3  # words after a number that say whose it is, "not" included
_SHARE = 0.5  # of a clause's own words, that one of the article with the same number has to have
_ONES = re.compile(r"\bone (?!of\b|in\b|out\b|another\b|or\b|who\b|that\b)(?:single )?([a-z]+)")


def strange_numbers(text: str, article: Article) -> Iterator[Fault]:
    """Numbers as such ("sixty-seven" is 67, but 67 % is not 67), and every run of digits inside a word."""
    known = figure_set(article.text)
    for number in sorted(figure_set(text) - known):
        yield Fault("number", number)
    outside = unicodedata.normalize("NFKC", text)
    if outside != text:  # ２３ and ² are digits too
        for number in sorted(figure_set(outside) - known):
            yield Fault("number", number)
    words = {token for token in _TOKEN.findall(text.casefold()) if digit_runs(token) and not token.isdecimal()}
    for word in sorted(words - set(_TOKEN.findall(article.text.casefold()))):
        if not digit_runs(word) <= digit_runs(article.text):
            yield Fault("number", word)


def strange_counts(sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    """Numbers that the article has, but not for this, not in this unit, or not with this limit."""
    for sentence in sentences:
        for clause in sentence.clauses:
            yield from _in_clause(clause, article)
        yield from _swapped(sentence, article)
        yield from _turned_round(sentence, article)
        yield from _named(sentence, article)


def _named(sentence: Sentence, article: Article) -> Iterator[Fault]:
    """Numbers of one place or person told of another: no sentence of the article has both."""
    names = list(_CAPITAL.finditer(sentence.text[1:])) if sentence.placed else []
    for match in names:
        name, start = match[0], match.start() + 1
        if form(fold(name)) in article.topic or not re.search(rf"(?<=[a-z,] ){name}\b", article.text):
            continue  # of all that the article tells, or no name
        before = [count for count in sentence.placed if count.end <= start]
        beside = before[-1:] if before and _IN_PLACE.fullmatch(sentence.text[before[-1].end : start]) else ()
        if not beside and not _PLACED.search(sentence.folded[:start]):
            continue
        if not _together(name, beside if len(names) > 1 and beside else sentence.placed, article):
            yield Fault("pair", f"{name}: {sentence.text}")


def _together(name: str, counts: Sequence[Count], article: Article) -> bool:
    """Whether a sentence of the article has the name and one of the numbers; so, too, where it has none of those."""
    places = [said for said in article.counted if any(_equal(one, other) for one in counts for other in said.counts)]
    return not places or any(re.search(rf"\b{re.escape(name)}\b", said.text) for said in places)


def _in_clause(clause: Clause, article: Article) -> Iterator[Fault]:
    placed = 0
    for count in clause.counts:
        places = [(other, where, said) for said in article.counted for where in said.clauses for other in where.counts
                  if _equal(count, other)]  # fmt: skip
        if not places:
            if "/" in count.value:
                yield Fault("ratio", clause.text[count.start : count.end])
            continue
        fit = [(other, where, said) for other, where, said in places if _unit_fits(count, clause, other, where)]
        if not fit:
            yield Fault("unit", clause.text[max(0, count.start - 2) : count.end + 14].strip())
            continue
        fit = [place for place in fit if place[0].limit == count.limit]
        if not fit:
            yield Fault("limit", clause.text[max(0, count.start - 14) : count.end + 10].strip())
            continue
        fit = [place for place in fit if _counts_the_same(count, clause, *place)]
        fit = [place for place in fit if _as_much_more(clause, *place)]
        if not fit:
            yield Fault("pair", clause.text[count.start : count.end + 30].strip())
            continue
        placed += any(_about_the_same(clause, where, said, article) for _, where, said in fit)
    if clause.counts and not placed and all(_equal_anywhere(count, article) for count in clause.counts):
        yield Fault("pair", clause.text)
    yield from _strange_times(clause, article)
    for noun in _ONES.findall(clause.text):
        if noun in TIME_WORDS and not re.search(rf"\b(?:one|a|an|1|single|each|every|per)[ -]{noun}\b", article.flat):
            yield Fault("unit", f"one {noun}")


def _strange_times(clause: Clause, article: Article) -> Iterator[Fault]:
    """ "680,000 a week" where it is 680,000 a year; and "per 1,000" of a number that is not per 1,000."""
    places = [said for said in article.counted for other in said.counts
              if any(_equal(count, other) for count in clause.counts)]  # fmt: skip
    own = {count.unit for count in clause.counts}
    theirs = {TIME_WORDS.get(word) for said in places for word in _LETTERS.findall(said.folded)}
    for word in _LETTERS.findall(clause.text) if places else ():
        unit = TIME_WORDS.get(word, "")
        if unit and unit not in own and unit not in theirs:
            yield Fault("unit", f"{word}: {clause.text}")
    for one, two in pairwise(clause.counts):
        bound = _BOUND.search(clause.text[: two.start])
        if bound and not any(_has(other, one) and _has(other, two) for other in article.clauses):
            yield Fault("pair", clause.text[one.start : two.end + 10].strip())


def _has(clause: Clause, count: Count) -> bool:
    return any(_equal(count, other) for other in clause.counts)


def _equal_anywhere(count: Count, article: Article) -> bool:
    return any(_equal(count, other) for said in article.counted for other in said.counts)


def _equal(one: Count, other: Count) -> bool:
    if one.value == other.value:
        return True
    mine, theirs = ratio(one.value), ratio(other.value)
    return mine is not None and mine == theirs


def _unit_fits(count: Count, clause: Clause, other: Count, where: Clause) -> bool:
    if _AGED.search(clause.text[: count.start]) and _AGE not in where.words:
        return False
    if count.unit == "year" and not other.unit and _AGE in where.words:
        return True
    if count.unit:
        return count.unit == other.unit
    return not other.unit or not _nouns(clause, count) or other.unit in ("pp", "fold", "dose", "cup", "step")


def _nouns(clause: Clause, count: Count) -> list[str]:
    """The content words right after a number, up to the next one."""
    following = [other.start for other in clause.counts if other.start > count.start]
    end = min(following, default=len(clause.text))
    return content(_NEXT.split(clause.text[count.end : end])[0])[:_BESIDE]


def _counts_the_same(count: Count, clause: Clause, other: Count, where: Clause, said: Sentence) -> bool:
    """Whether one of the words beside the number stands beside it in the article."""
    mine = [word for word in _nouns(clause, count) if word not in PLAIN or word == "peopl"]
    if not mine or count.unit or count.value.endswith("%") or "/" in count.value:
        return True
    following = [each.start for each in where.counts if each.start > other.start]
    after = content(where.text[other.end : min(following, default=len(where.text))])[: 2 * _BESIDE]
    before = content(where.text[: other.start])[-_BESIDE:]
    if _OF_THOSE.match(where.text, other.end):
        after = [*after, "peopl"]
    around = {*after, *before, "peopl"} if {*after, *before} & _PEOPLE else {*after, *before}
    mine_too = {*mine, "peopl"} if set(mine) & _PEOPLE else set(mine)
    return bool(mine_too & around) or not (after or before)


def _as_much_more(clause: Clause, other: Count, where: Clause, _: Sentence) -> bool:
    """Whether "18 minutes longer" is still a difference, and not 18 minutes in all."""
    return not _MORE.match(where.text, other.end) or clause.up or clause.down


_MORE = re.compile(r"(?: [a-z]+)? (?:longer|shorter|more|less|fewer|higher|lower|later|earlier)\b")
_PEOPLE = frozenset(
    content("people adults patients women men children babies workers drinkers smokers walkers mothers")
)


def _about_the_same(clause: Clause, where: Clause, said: Sentence, article: Article) -> bool:
    """Whether the clause tells, beside the number, what the article's clause (or short sentence) does."""
    mine = clause.words - PLAIN - article.topic
    if not mine:
        return True
    theirs = where.words if len(where.words - PLAIN - article.topic) >= 2 else said.words
    shared = len(mine & theirs)
    wide = len(mine & said.words)
    return shared >= _SHARE * len(mine) or (shared >= 1 and wide >= 0.6 * len(mine))


def _swapped(sentence: Sentence, article: Article) -> Iterator[Fault]:
    """Two numbers of one sentence of the article, each with the words that stand beside the other there."""
    mine = sentence.placed[:MOST_COUNTS]
    for said in article.counted if len(mine) > 1 else ():
        theirs = {count.value: count for count in reversed(said.placed)}
        once = Counter(count.value for count in said.placed)
        pairs = [(count, theirs[count.value]) for count in mine if once[count.value] == 1]
        for (one, at_one), (two, at_two) in combinations(pairs, 2):
            a, b = label(sentence, one), label(sentence, two)
            x, y = label(said, at_one), label(said, at_two)
            if one.value != two.value and len(a & y) + len(b & x) > len(a & x) + len(b & y):
                yield Fault("pair", sentence.text)
                return


@functools.lru_cache(maxsize=4_096)
def label(sentence: Sentence, count: Count) -> frozenset[str]:
    """The words that say whose number this is: those after it, or before it where it ends a part or is in brackets."""
    text = sentence.folded
    end = min((other.start for other in sentence.placed if other.start > count.start), default=len(text))
    after = [] if _CLOSED.match(text, count.end) else _labelling(text[count.end : end])
    if after:
        return frozenset(after[:_LABEL])
    start = max((other.end for other in sentence.placed if other.end <= count.start), default=0)
    return frozenset(_labelling(text[start : count.start])[-_LABEL:])


def _labelling(text: str) -> list[str]:
    words = content(re.sub(r"\b(?:not|no|none|without)\b", " denialmark ", text))
    return [word for word in words if word not in _GENERAL]


_CLOSED = re.compile(r"\s*[\]),;.](?!\d)")
_GENERAL = frozenset(content("people those others person participants"))


def _turned_round(sentence: Sentence, article: Article) -> Iterator[Fault]:
    """ "From 94 to 81" that became "from 81 to 94"."""
    for clause in sentence.clauses:
        for one, two in combinations(clause.counts, 2):
            if not _FROM_TO.search(clause.text[: one.start]):
                continue
            for said in article.counted:
                places = [other.value for other in said.counts]
                if one.value in places and two.value in places and places.index(one.value) > places.index(two.value):
                    yield Fault("pair", clause.text)
                    return
