"""Writing: stories in plain language, by a machine where the settings name one, under a guard that is always on. Hall.

It never stops an edition: whatever goes wrong, the articles' own sentences stand, and a finding says so. Each answer is
kept under the hash of its question, so that the same articles make the same story again without asking.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digest.newsroom.rewriting import SHAPE, Prompt, judged, kept, prompt
from digest.newsroom.rewriting.answer import LONGEST_ANSWER
from digest.newsroom.telling import Told
from digest.store import written as answers
from digest.verbs.parts import Parts, Writing

DISCOURAGED = 2
"""Failures in a row after which no more is asked at this time: the other stories should not wait for a dead machine."""


READS = "en"
"""The language of newsletters that a machine may write for: the only one that the guard can judge."""


@dataclass(frozen=True, slots=True)
class _Question:
    told: Told
    asked: Prompt
    request: Mapping[str, Any]
    key: str


def written(parts: Parts, stories: Sequence[Told], *, ask: bool = True) -> tuple[Told, ...]:
    """The stories in this order, those that bear it in a machine's words; without `[llm] url`, as they are.

    Only the first `max_stories` are asked about. `ask=False` takes only answers that are there already (a preview
    asks nobody). Call it outside of any transaction: asking takes its time. Never raises for the machine's faults;
    StoreError where the database cannot serve.
    """
    if parts.writing is None:
        return tuple(stories)
    if parts.letterhead.language.partition("-")[0] != READS:
        return tuple(
            kept(told, f"the guard over machines reads {READS!r} only, and readers get another") for told in stories
        )
    return tuple(_each(parts, parts.writing, stories, ask=ask))


def forget(parts: Parts, story_id: str) -> int:
    """Have the machine asked anew about a story when it is next put together; says how many answers were forgotten."""
    with parts.store.write() as db:
        return answers.forget(db, parts.newsletter, story_id)


def _each(parts: Parts, how: Writing, stories: Sequence[Told], *, ask: bool) -> Iterator[Told]:
    questions = [_question(how, told) for told in stories[: how.max_stories]]
    with parts.store.read() as db:
        known = answers.answers(db, parts.newsletter, [question.key for question in questions])
    failures = 0
    for question in questions:
        told, words, why = question.told, known.get(question.key), ""
        if words is None and not question.asked.sources:
            yield kept(told, _nothing_to_hand_over(question.asked))
            continue
        if words is None and (not ask or failures >= DISCOURAGED):
            yield kept(told, "the machine was not asked" + ("" if not ask else ": it failed before"))
            continue
        if words is None:
            words, why, lasting = _asked(parts, how, question)
            failures = 0 if words is not None else DISCOURAGED if lasting else failures + 1
        yield kept(told, why) if words is None else judged(told, question.asked, words)
    yield from stories[how.max_stories :]


def _question(how: Writing, told: Told) -> _Question:
    asked = prompt(told)
    request = how.endpoint.request(asked.messages, SHAPE)
    whole = json.dumps([how.endpoint.url, request], sort_keys=True)
    return _Question(told, asked, request, hashlib.sha256(whole.encode()).hexdigest())


def _asked(parts: Parts, how: Writing, question: _Question) -> tuple[str | None, str, bool]:
    """The words, kept; or None, why, and whether asking about another story would end likewise."""
    from digest.writing.asking import EndpointError, ask  # httpx is slow to load, and only this needs it

    try:
        words = ask(how.endpoint, question.request)
    except EndpointError as fault:
        return None, f"the machine at {how.endpoint.url} gave no answer: {fault}", fault.lasting
    with parts.store.write() as db:
        kept_words = answers.keep(
            db, parts.newsletter, question.key,
            story=question.told.story.id, model=how.endpoint.model, answer=words[: LONGEST_ANSWER + 1],
            now=parts.clock(),
        )  # fmt: skip
    return kept_words, "", False


def _nothing_to_hand_over(asked: Prompt) -> str:
    if asked.withheld:
        numbers = ", ".join(map(str, asked.withheld))
        return f"article {numbers} speaks to machines that summarise, so none was asked"
    return "no article has a text in English of its own, which is all that the guard can judge"
