"""Advice: what readers may act on must be the article's word for word; and machines that speak of themselves. Pure.

Newsroom. "Stop taking the tablets" is no summary of any finding, and a reader may do it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.newsroom.plain import any_of
from digest.newsroom.telling.guard.article import Article, Sentence, flat
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.telling.guard.names import quoted

_ADVICE = re.compile(
    r"\b"
    + any_of(
        *("should", "must", "ought to", "needs? to", "need not", "ha(?:s|ve) to", "had better", "shall"),
        r"(?:is|are|be|being|was|were) (?:strongly |now )?(?:advised|urged|recommended|encouraged|warned)"
        r" (?:to|against|not|that|for)",
        r"(?:recommend|advise|urge|suggest|encourage)s?(?:ed|d|ing)? (?:that |taking|using|having|getting|stopping"
        r"|avoiding|people|adults|patients|women|men|parents|everyone|readers|against (?:taking|using|having))",
        *("it is (?:best|wise|safe|important|better|advisable) to", "make sure", "best to", "can safely", "safe to"),
        *(
            r"(?:talk|speak) to (?:a|your|the)",
            r"(?:ask|see|consult) (?:a|an|your|the)(?: \w+)? (?:doctor|pharmacist|gp)",
        ),
    )
    + r"\b"
)
_IMPERATIVE = re.compile(
    r"[\"'(\[ ]*(?:please |always |never |do not |don't |just |now )?"
    + any_of(
        *("stop", "start", "take", "avoid", "eat", "drink", "use", "try", "ask", "talk", "speak", "see", "call", "go"),
        *(
            "consult",
            "consider",
            "choose",
            "get",
            "give",
            "keep",
            "make",
            "remember",
            "switch",
            "quit",
            "reduce",
            "cut",
        ),
        *("limit", "increase", "add", "skip", "buy", "visit", "wear", "wash", "dim", "sleep", "walk", "exercise", "do"),
        *("don't", "never", "please", "check", "seek", "tell", "contact", "join", "replace", "swap", "follow", "let"),
        *("throw", "return", "turn", "move", "run", "lose", "book", "have", "be", "read", "click", "sign", "learn"),
        *("prevent", "protect", "treat", "boost", "enjoy", "beware", "watch", "bring", "put", "hold", "swallow"),
    )
    + r" (?!(?:was|were|is|are|has|had|did|does|may|can|will)\b)"
)
_TO_READERS = re.compile(r"\b(?:you|your|yours|yourself|yourselves|let's)\b")
_SELF = re.compile(r"\b(?:i|i'm|i've|my|me|we|we're|our|ours|us)\b")
_ECHO = re.compile(
    any_of(
        r"\bas an? (?:ai|artificial|language model|llm|assistant)\b",
        *(r"\blanguage model\b", r"\bi (?:cannot|can't|am unable)\b", r"\bhere(?:'s| is| are)\b", r"\bsure[,!]"),
        r"\barticles? (?:\d|one|two|three|number)\b",
        r"\b(?:the|these|this) (?:cited|above|provided|following|given|supplied) (?:article|text|summary|information)",
        r"^(?:summary|key points?|points?|answer|output|note|headline|json)\s*[:=-]",
        r"\b(?:ignore|disregard) (?:the|all|any|these|previous|above)\b",
        *(
            r"\bsystem (?:prompt|message)\b",
            r"\bas (?:requested|instructed)\b",
            r"\bthe (?:user|prompt)\b",
            r"\bjson\b",
        ),
        *(
            r"\bi hope this\b",
            r"\bin summary\b",
            r"\bto summari[sz]e\b",
            r"\bthe article (?:says|states|does|mentions)\b",
        ),
    )
)


def advice(sentences: Sequence[Sentence], article: Article) -> Iterator[Fault]:
    for sentence in sentences:
        outside = _without_quotations(sentence)
        if _advises(sentence, outside, article):
            yield Fault("advice", sentence.text)
        if (_SELF.search(outside) or _ECHO.search(sentence.folded)) and flat(sentence.text) not in article.flat:
            yield Fault("echo", sentence.text)


def _advises(sentence: Sentence, outside: str, article: Article) -> bool:
    if _TO_READERS.search(outside) or (_IMPERATIVE.match(outside) and not _is_noun_there(sentence, article)):
        return True
    return any(not _word_for_word(outside, match, article) for match in _ADVICE.finditer(outside))


def _without_quotations(sentence: Sentence) -> str:
    folded = sentence.folded
    for quotation in quoted(sentence.text):
        start = sentence.text.find(quotation)
        folded = folded[:start] + " " * len(quotation) + folded[start + len(quotation) :]
    return folded


def _is_noun_there(sentence: Sentence, article: Article) -> bool:
    """ "Sleep was better": a sentence of the article begins with this word, or has it after an article."""
    word = sentence.folded.split()[0].strip("\"'([")
    return f" the {word} of " in article.flat or any(said.folded.startswith(f"{word} ") for said in article.sentences)


def _word_for_word(folded: str, match: re.Match[str], article: Article) -> bool:
    """The advice from the word before it to the end of its clause, as the article has it."""
    before = flat(folded[: match.start()]).split()[-1:]
    clause = re.split(r"[,;:.!?\"]", folded[match.start() :])[0]
    return f" {' '.join([*before, *flat(clause).split()])} " in article.flat
