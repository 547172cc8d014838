"""Near copies: a sentence almost one of the article's may not differ from it in a number, a "not" or a way. Pure.

Newsroom. What other rules must guess from a few shared words is plain here: what took the place of something else is
a change of what was said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from digest.newsroom.telling.guard.article import DOWN, UP, Article, Sentence
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.telling.guard.wording import DIRECTIONS

ALIKE = 0.7
"""Share of the words of both sentences together that they have in common."""

_OTHERS = re.compile(
    r"\b(?:who|that|which) (?:did|do|does|was|were|is|are|had|has|have) not\b"
)  # a group to compare with
_WORD = re.compile(r"[^\W\d_]+")


def changed_copies(sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    for sentence in sentences:
        original = _original(sentence, article)
        if original is None:
            continue
        if _exchanged(_values(sentence), _values(original)) and not _counted_elsewhere(sentence, article):
            yield Fault("pair", sentence.text)
        if _exchanged(_ways(sentence), _ways(original)):
            yield Fault("opposite", sentence.text)
        if _turned_into_denial(sentence, original) or _turned_into_denial(original, sentence):
            yield Fault("opposite", sentence.text)
        if _changed_places(sentence, original):
            yield Fault("pair", sentence.text)


def _original(sentence: Sentence, article: Article) -> Sentence | None:
    mine = sentence.words - DIRECTIONS
    if len(mine) < 3:
        return None
    shares = [(_alike(mine, said.words - DIRECTIONS), said) for said in article.sentences]
    share, best = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    return best if share >= ALIKE else None


def _counted_elsewhere(sentence: Sentence, article: Article) -> bool:
    """Whether another sentence that shares half of the words has all the numbers."""
    mine = sentence.words - DIRECTIONS
    near = [said for said in article.counted if len(mine & said.words) >= 0.5 * len(mine)]
    return any(not _values(sentence) - _values(said) for said in near)


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one else 0.0


def _exchanged(mine: Counter[str], theirs: Counter[str]) -> bool:
    """Whether something stands where something else stood; what is only left out is not exchanged."""
    return bool(mine - theirs) and bool(theirs - mine)


def _turned_into_denial(sentence: Sentence, original: Sentence) -> bool:
    """More parts of one sentence deny than of the other, and what they deny is in both."""
    denied = [clause.denied for clause in sentence.clauses if clause.denies and not _OTHERS.search(clause.text)]
    others = sum(clause.denies or "without" in clause.text for clause in original.clauses)
    fewer = others < len(denied)
    return fewer and all(not words or original.words.intersection(words) for words in denied)


def _changed_places(sentence: Sentence, original: Sentence) -> bool:
    """Two numbers, each between the words that the other stands between in the article."""
    mine, theirs = _places(sentence), _places(original)
    both = [value for value in mine if value in theirs]
    return any(
        mine[one] == theirs[two] != theirs[one] and mine[two] == theirs[one] for one, two in combinations(both, 2)
    )


def _places(sentence: Sentence) -> dict[str, tuple[str, ...]]:
    """The two words before each number and the word after it, of numbers that are there once."""
    text, once = sentence.folded, Counter(count.value for count in sentence.placed)
    return {
        count.value: (*_WORD.findall(text[: count.start])[-2:], "#", *_WORD.findall(text[count.end :])[:1])
        for count in sentence.placed
        if once[count.value] == 1
    }


def _values(sentence: Sentence) -> Counter[str]:
    return Counter(count.value for count in sentence.placed)


def _ways(sentence: Sentence) -> Counter[str]:
    return Counter(up=len(UP.findall(sentence.folded)), down=len(DOWN.findall(sentence.folded)))
