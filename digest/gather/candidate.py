"""Candidates: articles as a source tells them, before it is known whether we have them already. Pure (gather)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One item of a source, all of it plain text.

    `text` is as much of the article as the source gives, paragraphs on lines of their own; `summary` one line.
    `url` is absolute http(s) or None; `guid` is the source's own name for the item; `doi` is lower-case and the
    article's own, never one that it merely cites. `published` is aware, and as told: it may lie in the future.
    `outlet` is who the item says published it. `details` holds what journals tell besides: pmid, pmcid, trial,
    conflicts (texts), retracted (a bool), types and funding (lists; "Preprint" is one of the types).
    """

    title: str
    summary: str = ""
    text: str = ""
    url: str | None = None
    guid: str | None = None
    doi: str | None = None
    published: datetime | None = None
    outlet: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class SourceError(Exception):
    """What a source sent cannot be read; the text is one line for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a source says now: its own title, its items in its order, and what was wrong with it, if anything."""

    title: str = ""
    items: tuple[Candidate, ...] = ()
    notice: str = ""


def to_json(candidate: Candidate) -> dict[str, Any]:
    """What `from_json` reads; only what is there."""
    values = asdict(candidate)
    values["published"] = candidate.published.astimezone(UTC).isoformat() if candidate.published else None
    return {name: value for name, value in values.items() if value}


def from_json(values: Mapping[str, Any]) -> Candidate:
    published = values.get("published")
    return Candidate(**{**values, "published": datetime.fromisoformat(published) if published else None})
