"""Articles as the guard reads them: sentences, their clauses, and in each its words in one comparable form. Pure.

Newsroom. A word's form is its stem, or that of the word which stands for its group (lexicon.SAME).
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from digest.newsroom.plain import fold
from digest.newsroom.telling.guard import lexicon
from digest.newsroom.telling.guard.counts import Count, counts
from digest.newsroom.telling.guard.forms import PLAIN, content
from digest.newsroom.telling.piece import Piece
from digest.newsroom.telling.sentences import split

_TOKEN = re.compile(r"[^\W_]+")
_BREAK = re.compile(
    r",(?!\d)|[;:()]|\s-\s|--|\b(?:but|while|whereas|although|though|because|however|and (?:the|it|they|did|does|do|was"
    r"|were|had|has|is|are|that|of|in)\b)"
)
_DENY = re.compile(lexicon.DENY)
_NOT_EXCLUDED = re.compile(r"\b(?:not|cannot|n't) (?:rule out|be ruled out|exclude|be excluded)\b")
_LEFT_OUT = re.compile(r"\b(?:than|those|others|people|mice|the rest)\b[^,;]{0,40}$")
_RELATIVE = re.compile(r"\b(?:who|that|which) (?:did|do|does|was|were|is|are|had|has|have)(?:n't| not| never)$")
_NO_CHANGE = re.compile(
    r"\b(?:not|no|never|n't|neither|nor)\b[^,;]{0,20}\b(?:differ\w*|chang\w*|effect|alter\w*)"
    r"|\b(?:similar|unchanged|the same)\b"
)
_DUMMY = re.compile(r"\b(?:dummy|sugar) (?:pill|tablet|treatment|medicine)(?=s?\b)")
UP, DOWN = (
    re.compile(rf"(?<!\bor )(?<!\bat )(?<!\bmore )(?<!\bfewer )(?<!\bagainst )\b{ways}\b")
    for ways in (lexicon.UP, lexicon.DOWN)
)
_FAMILY = ("er", "or", "ing", "al", "ation", "ment", "ness", "ity", "ic", "y", "ion")
MOST_COUNTS = 12
"""Numbers of a clause that are looked at; a sentence for readers has two or three."""

_MOST_SENTENCES = 250  # of an article
_SCOPE = 5  # content words that a "no" or "not" is taken to deny
_LIKE = 5  # letters at the beginning that words of one family share, at the least


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence. `stems` are those of its content words in order, `denied` those right after a denial."""

    text: str  # folded
    stems: tuple[str, ...]
    words: frozenset[str]
    denied: tuple[str, ...]
    denies: bool
    same: bool  # says that nothing differs or changes
    up: bool
    down: bool
    ways: frozenset[tuple[str, str]]  # "less" beside "smoke": ("smok", "down")
    counts: tuple[Count, ...]

    @property
    def keys(self) -> frozenset[str]:
        """Its words, and its numbers as words."""
        return self.words.union(f"#{count.value}" for count in self.counts)


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    folded: str
    clauses: tuple[Clause, ...]
    words: frozenset[str]
    counts: tuple[Count, ...]
    placed: tuple[Count, ...]  # the same, at their places in `folded`

    @property
    def denies(self) -> bool:
        return any(clause.denies for clause in self.clauses)


@dataclass(frozen=True)
class Article:
    """What the cited articles say, all together."""

    sentences: tuple[Sentence, ...]
    topic: frozenset[str]  # of the titles
    text: str  # as it is printed
    tokens: frozenset[str]
    flat: str

    @functools.cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for sentence in self.sentences for word in sentence.words)

    @functools.cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(clause for sentence in self.sentences for clause in sentence.clauses)

    @functools.cached_property
    def verbatim(self) -> frozenset[str]:
        """Its sentences, as `flat` has them."""
        return frozenset(flat(sentence.text) for sentence in self.sentences)

    @functools.cached_property
    def counted(self) -> tuple[Sentence, ...]:
        """The sentences with numbers in them."""
        return tuple(sentence for sentence in self.sentences if sentence.counts)

    @functools.cached_property
    def _beginnings(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self.words:
            found.setdefault(word[:_LIKE], []).append(word)
        return found

    def knows(self, stem: str) -> bool:
        """Whether it has this word, or one of its family ("vaccination" and "vaccinate", not "interval")."""
        if stem in self.words or any(stem + ending in self.words for ending in _FAMILY):
            return True
        if any(stem.endswith(ending) and stem.removesuffix(ending) in self.words for ending in _FAMILY):
            return True
        others = self._beginnings.get(stem[:_LIKE], ()) if len(stem) >= _LIKE else ()
        return any(_shared(stem, other) >= max(_LIKE, 0.7 * max(len(stem), len(other))) for other in others)


def read(pieces: Iterable[Piece]) -> Article:
    """The articles' titles, texts and outlets."""
    return _read(
        tuple((piece.title[:300], piece.body, (piece.outlet or "")[:200], piece.url or "") for piece in pieces)
    )


@functools.lru_cache(maxsize=16)
def _read(cited: tuple[tuple[str, str, str, str], ...]) -> Article:
    text = "\n".join(f"{title}.\n{body}\n{outlet}" for title, body, outlet, _ in cited)
    found = dict.fromkeys(sentence for title, body, outlet, _ in cited for sentence in _sentences(title, body, outlet))
    return Article(
        sentences=tuple(map(sentence_of, found)),
        topic=frozenset(stem for title, *_ in cited for stem in content(fold(title))),
        text=f"{text} {' '.join(url for *_, url in cited)}",
        tokens=frozenset(_TOKEN.findall(" ".join(map(fold, text.splitlines())))),
        flat=flat(text),
    )


def _sentences(title: str, body: str, outlet: str) -> list[str]:
    """The first so many of one article, its title first: a long article takes none away from the next."""
    lines = (f"{title}.", *body.splitlines(), outlet)
    return [sentence for line in lines for sentence in split(line)][:_MOST_SENTENCES]


def flat(text: str) -> str:
    """The words in one line without marks, to be found in one another word for word."""
    return f" {' '.join(token for line in text.splitlines() for token in _TOKEN.findall(fold(line)))} "


@functools.lru_cache(maxsize=4_096)
def sentence_of(text: str) -> Sentence:
    folded = _DUMMY.sub(lambda match: "placebo".ljust(len(match[0])), fold(text[:2_000]))
    clauses = tuple(_clauses(folded))
    return Sentence(
        text=text,
        folded=folded,
        clauses=clauses,
        words=frozenset(word for clause in clauses for word in clause.words),
        counts=tuple(count for clause in clauses for count in clause.counts),
        placed=tuple(itertools.islice(counts(folded), 2 * MOST_COUNTS)),
    )


def _clauses(folded: str) -> Iterator[Clause]:
    ends = [match.start() for match in _BREAK.finditer(folded)]
    for start, end in zip([0, *ends], [*ends, len(folded)], strict=True):
        part = folded[start:end].strip(" ,;:()")
        if part:
            yield _clause(part)


def _clause(text: str) -> Clause:
    found = tuple(itertools.islice(counts(text), MOST_COUNTS))
    bare = _without(text, found)
    denial = _denial(bare)
    scope = _scope(bare[denial:]) if denial else []
    stems = content(bare)
    return Clause(
        text=text,
        stems=tuple(stems),
        words=frozenset(stems),
        denied=tuple(scope[:1] if denial and _RELATIVE.search(bare[:denial]) else scope),
        denies=denial is not None,
        same=_NO_CHANGE.search(text) is not None,
        up=UP.search(text) is not None,
        down=DOWN.search(text) is not None,
        ways=frozenset(_ways(bare)),
        counts=found,
    )


def _without(text: str, found: Iterable[Count]) -> str:
    """The clause without its numbers, which are no words: each character stays in its place."""
    for count in found:
        text = text[: count.start] + " " * (count.end - count.start) + text[count.end :]
    return text


def _denial(text: str) -> int | None:
    """Where the first denial ends; None without one. "Than those who did not" denies nothing."""
    text = _NOT_EXCLUDED.sub(lambda match: " " * len(match[0]), text)  # it may be so
    for match in _DENY.finditer(text):
        if content(text[match.end() :]) or not _LEFT_OUT.search(text[: match.start()]):
            return match.end()
    return None


def _scope(text: str) -> list[str]:
    """What a denial before `text` denies: the first words of weight, or the first words where there are none."""
    words = content(text)
    return ([word for word in words if word not in PLAIN and word != "evidenc"] or words)[:_SCOPE]


def _ways(text: str) -> Iterator[tuple[str, str]]:
    """The words right beside each word of direction."""
    for way, pattern in (("up", UP), ("down", DOWN)):
        for match in pattern.finditer(text):
            before = content(re.split(r"\band\b", text[: match.start()])[-1])[-1:]
            after = content(re.split(r"\b(?:and|than)\b", text[match.end() :])[0])[:2]
            yield from ((word, way) for word in (*before, *after))


def _shared(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
