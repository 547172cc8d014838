"""Names and quotations: who is named is in the article, with what is told of him here; who is quoted said it. Pure.

Newsroom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from digest.newsroom.plain import fold
from digest.newsroom.telling.figures import figure_set
from digest.newsroom.telling.guard import lexicon
from digest.newsroom.telling.guard.article import Article, Sentence, flat
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.telling.guard.forms import PLAIN, content, form
from digest.newsroom.telling.saying import quotations

_NAME = re.compile(r"(?<![\w@./-])[^\W\d_a-z][\w’'-]{0,40}(?<![’'-])")
_RUN = re.compile(r"(?<![\w@./-])[^\W\d_a-z][\w’'-]*(?: (?:of |the |for |de |van |von )?[^\W\d_a-z][\w’'-]*)+")
_POSSESSIVE = re.compile(r"[’']s$")
_TOKEN = re.compile(r"[^\W_]+")
_SINGLE_QUOTED = re.compile(r"(?<!\w)[‘'](?=\w)([^‘'’]{3,400})[’'](?!\w)|«([^»]{1,800})»|„([^“”]{1,800})[“”]")
_TITLES = frozenset(["dr", "prof", "professor", "mr", "mrs", "ms", "sir", "dame"])
_LINKING = frozenset(["of", "the", "for", "de", "van", "von"])
LONGEST_NAME = 8
"""Words."""

_NEAR = 400
"""Characters around a quotation in which the article says whose it is."""


def strange_quotations(text: str, article: Article) -> Iterator[Fault]:
    """Word for word; the marks and the spaces are the typesetter's."""
    for quotation in quoted(text):
        if flat(quotation) not in article.flat:
            yield Fault("quotation", quotation)
    if text.count("“") != text.count("”") or text.count('"') % 2:
        yield Fault("quotation", "marks that do not pair")


def quoted(text: str) -> list[str]:
    return [*quotations(text), *(next(filter(None, groups)) for groups in _SINGLE_QUOTED.findall(text))]


def strange_names(sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    """Words with a capital that the article has nowhere; the first word of a sentence only in no form at all."""
    for sentence in sentences:
        for place, match in enumerate(_NAME.finditer(sentence.text)):
            parts = _TOKEN.findall(fold(_POSSESSIVE.sub("", match[0])))
            if all(part in article.tokens for part in parts) or figure_set(match[0]):
                continue
            first = place == 0 and not sentence.text[: match.start()].strip("“\"'‘([ ")
            words = content(" ".join(parts))
            if not first or not all(word in PLAIN or article.knows(word) for word in words):
                yield Fault("name", match[0])


def misplaced_names(sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    """Names put together out of several, names of somebody of whom the article tells nothing of this, and words in
    the mouth of somebody else."""
    for sentence in sentences:
        names = list(_names(sentence.text, article))
        for name in names:
            tokens = [token for token in _TOKEN.findall(fold(name)) if token not in _TITLES]
            if len(tokens) > LONGEST_NAME or not _together(tokens, article):
                yield Fault("name", name)
            elif not _told_of(tokens, sentence, article):
                yield Fault("name", f"{name}: {sentence.text}")
        yield from _wrong_speakers(sentence.text, names, article)


def _names(text: str, article: Article) -> Iterator[str]:
    """Names of one word or more, outside of quotations; a first word only where the article has it with a capital."""
    for quotation in quoted(text):
        text = text.replace(quotation, " ")
    taken: list[tuple[int, int]] = []
    for match in _RUN.finditer(text):
        for start, name in _split_possessives(match[0], match.start()):
            if start or not _is_ordinary(name.split()[0], article):
                taken.append((match.start(), match.end()))
                yield name
            elif " " in name:
                taken.append((match.start(), match.end()))
                yield name.partition(" ")[2]
    for match in _NAME.finditer(text):
        inside = any(start <= match.start() < end for start, end in taken)
        name = _POSSESSIVE.sub("", match[0])
        inner = re.search(rf"(?<=[a-z,] ){re.escape(name)}\b", article.text)
        if not inside and len(name) > 1 and inner and not (match.start() == 0 and _is_ordinary(name, article)):
            yield name


def _is_ordinary(word: str, article: Article) -> bool:
    """Whether a first word owes its capital to its place: the article has it without."""
    small = word.lower()
    if small in lexicon.FUNCTION or form(small) in PLAIN:
        return True
    return re.search(rf"(?<![\w-]){re.escape(small)}(?![\w-])", article.text) is not None


def _split_possessives(run: str, start: int) -> Iterator[tuple[int, str]]:
    for part in re.split(r"(?<=[’']s) ", run):
        yield start, _POSSESSIVE.sub("", part)
        start += len(part) + 1


def _together(tokens: Sequence[str], article: Article) -> bool:
    """Whether each part of a name stands beside the next one in the article, with the same small words between them."""
    places = [place for place, token in enumerate(tokens) if token not in _LINKING]
    return all(f" {' '.join(tokens[start : end + 1])} " in article.flat for start, end in pairwise(places))


def _told_of(tokens: Sequence[str], sentence: Sentence, article: Article) -> bool:
    """Whether a sentence of the article with this name shares a word with this one: another word than the name."""
    own = {*content(" ".join(tokens))}
    mine = sentence.words - own - PLAIN - article.topic
    places = [said for said in article.sentences if all(f" {token} " in flat(said.text) for token in tokens)]
    if not mine or not places:
        return True
    theirs = {count.value for said in places for count in said.counts}
    return any(mine & said.words for said in places) or bool(theirs & {count.value for count in sentence.counts})


def _wrong_speakers(text: str, names: Sequence[str], article: Article) -> Iterator[Fault]:
    """The name beside a quotation must stand near it in the article as well, before the next one's."""
    spoken = [flat(quotation) for quotation in quoted(text) if len(quotation.split()) >= 3]
    for quotation in spoken if names else ():
        at = article.flat.find(quotation)
        if at < 0:
            continue
        end = at + len(quotation)
        after, before = article.flat[end - 1 : end + _NEAR // 3], article.flat[max(0, at - _NEAR) : at + 1]
        near = [name for name in names if any(f" {token} " in after for token in _TOKEN.findall(fold(name)))]
        close = [name for name in names if any(f" {token} " in before[-160:] for token in _TOKEN.findall(fold(name)))]
        if not near and not close:
            yield Fault("quotation", f"{names[0]}: {quotation.strip()}")
