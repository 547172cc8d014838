"""Pieces of the newsroom on their own, for scripts: grouping items, reading evidence. Hall; needs no workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

from digest.errors import InputError
from digest.newsroom.evidence import evidence_to_json, read_evidence
from digest.newsroom.meaning import Embed
from digest.newsroom.medline import parse_medline, record_evidence
from digest.newsroom.profile import Item
from digest.verbs.grouping import bring_together

LARGEST_BYTES = 200_000_000
_LARGEST_LINE = 1_000_000


def grouped(stream: BinaryIO, name: str, embed: Embed | None = None) -> Iterator[dict[str, str]]:
    """Items, one JSON object a line, brought together: {"id", "story"} for each, in their order.

    Raises InputError with the line of what cannot be read.
    """
    items = [_item(line, name, number) for number, line in enumerate(stream, 1) if line.strip()]
    stories = bring_together(items, embed)
    return ({"id": item.id, "story": stories[item.id]} for item in items)


def evidence_of_text(data: bytes, name: str) -> dict[str, object]:
    """What one plain text says about its evidence, in the shape of `digest story evidence`."""
    return evidence_to_json(read_evidence(_text(data, name)))


def evidence_of_medline(data: bytes, name: str) -> Iterator[dict[str, object]]:
    """The same for each MEDLINE record."""
    for record in parse_medline(_text(data, name)):
        yield evidence_to_json(record_evidence(record), record.id)


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise InputError("not UTF-8 text; save it as UTF-8", file=name, line=line) from None


def _item(line: bytes, name: str, number: int) -> Item:
    if len(line) > _LARGEST_LINE:
        raise InputError(
            "a line of more than 1 MB; an item has a title and its first sentences", file=name, line=number
        )
    try:
        values = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError("not a JSON object in UTF-8", file=name, line=number) from None
    if not isinstance(values, dict) or "id" not in values or "title" not in values:
        raise InputError('wanted is {"id": …, "title": …, "text": …}', file=name, line=number)
    return Item(
        id=str(values["id"]),
        title=str(values["title"] or ""),
        text=str(values.get("text") or ""),
        day=_day(values.get("day"), name, number),
        outlet=_word(values.get("outlet")),
        url=_word(values.get("url")),
    )


def _day(value: Any, name: str, number: int) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        wish = f"day {str(value)[:40]!r}: not a date; write for example 2026-11-23"
        raise InputError(wish, file=name, line=number) from None


def _word(value: Any) -> str | None:
    return str(value) if value else None
