"""The evidence of a story: what its articles say about the study, put together by vote. Pure; newsroom.

A paper's own abstract knows better than those who report on it; where reports disagree and no paper decides, the most
told value stands and the disagreement is a finding of its own (`disagreement`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from digest.model import Evidence, Identifiers, Story, StudyType
from digest.newsroom.evidence import read_evidence
from digest.newsroom.parsed import story_text
from digest.newsroom.provenance import is_preprint_doi
from digest.newsroom.statements import LONGEST
from digest.newsroom.telling.piece import Piece
from digest.newsroom.text import cut, tidy

PAPER = 4
"""How many reports a paper's own abstract weighs."""

_VAGUE = frozenset({"unknown", "other", "press release"})

Value = TypeVar("Value", bound=Hashable)


def evidence_in(piece: Piece) -> Evidence:
    """What one article says of its study; what came beside the text wins over what the text says."""
    read = read_evidence(f"{piece.title[:300]}\n{piece.body}")
    own, said = piece.identifiers, read.identifiers
    ids = Identifiers(
        doi=own.doi or said.doi,
        pmid=own.pmid or said.pmid,
        trial=own.trial or said.trial,
        pmcid=own.pmcid or said.pmcid,
    )
    if piece.preprint or is_preprint_doi(own.doi or ""):
        read = replace(read, preprint=True, peer_reviewed=False)
    return replace(
        read,
        identifiers=ids,
        retracted=True if piece.retracted else read.retracted,
        funding=_beside(piece.funding) or read.funding,
        conflicts=_beside(piece.conflicts) or read.conflicts,
    )


def _beside(statement: str) -> str | None:
    """A statement that came beside the text, bounded."""
    return cut(tidy(statement[: 4 * LONGEST]), LONGEST) or None


def evidence_of(pieces: Sequence[Piece], read: Sequence[Evidence]) -> Evidence:
    """One evidence out of `read`, that of each of `pieces`; without spans, see `with_spans`."""
    weights = [PAPER if piece.journal else 1 for piece in pieces]

    def vote(value: Callable[[Evidence], Value | None]) -> Value | None:
        return _most_told(zip(map(value, read), weights, strict=True))

    named: list[StudyType | None] = [None if e.study_type in _VAGUE else e.study_type for e in read]
    study: StudyType | None = _most_told(zip(named, weights, strict=True))
    vague: StudyType = next((e.study_type for e in read if e.study_type != "unknown"), "unknown")
    preprint = _unanimous(e.preprint for e in read)
    return Evidence(
        study_type=study or vague,
        preprint=preprint,
        peer_reviewed=None if preprint is None else not preprint,
        participants=vote(lambda e: e.participants),
        trials=vote(lambda e: e.trials),
        identifiers=Identifiers(
            doi=_own(pieces, "doi") or vote(lambda e: e.identifiers.doi),
            pmid=_own(pieces, "pmid") or vote(lambda e: e.identifiers.pmid),
            trial=_own(pieces, "trial") or vote(lambda e: e.identifiers.trial),
            pmcid=_own(pieces, "pmcid") or vote(lambda e: e.identifiers.pmcid),
        ),
        publisher=vote(lambda e: e.publisher),
        retracted=True if any(e.retracted for e in read) else None,
        comparison=vote(lambda e: e.comparison),
        funding=vote(lambda e: e.funding),
        conflicts=vote(lambda e: e.conflicts),
    )


def with_spans(story: Story) -> Story:
    """The story whose evidence shows where its own words (`story_text`) say the same."""
    if story.evidence == Evidence():
        return story
    said = read_evidence(story_text(story))
    kept = tuple(span for span in said.spans if _value(said, span.field) == _value(story.evidence, span.field))
    return replace(story, evidence=replace(story.evidence, spans=kept))


def _value(evidence: Evidence, field: str) -> object:
    return getattr(evidence, field, None) or getattr(evidence.identifiers, field, None)


def _own(pieces: Sequence[Piece], kind: str) -> str | None:
    """The identifier of a paper among the articles, which is surer than one that reports cite."""
    return next((value for piece in pieces if piece.journal and (value := getattr(piece.identifiers, kind))), None)


def _most_told(votes: Iterable[tuple[Value | None, int]]) -> Value | None:
    """The value with most weight, the one told first among equals."""
    told: defaultdict[Value, int] = defaultdict(int)
    for value, weight in votes:
        if value is not None:
            told[value] += weight
    return max(told, key=told.__getitem__) if told else None


def _unanimous(answers: Iterable[bool | None]) -> bool | None:
    """What all who answer say; None when they contradict each other, for an editor to decide."""
    said = {answer for answer in answers if answer is not None}
    return said.pop() if len(said) == 1 else None
