"""Personal marks: where a reader's own values go inside the sealed parts. Pure; shared by render and deliver.

A mark is ASCII letters and digits only, so that neither Jinja, MJML nor HTML escaping touches it:
`Qz` + nonce (12 hex digits) + field letter + context letter + `zQ`. The nonce is drawn from the edition's
content, so that no text of the edition contains it by chance and sealing twice gives the same bytes.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

from digest.model import PERSONAL_FIELDS

Context = Literal["text", "attribute", "plain"]

_FIELD_LETTERS = dict(zip(PERSONAL_FIELDS, "abcdefgh", strict=False))
_FIELDS = {letter: name for name, letter in _FIELD_LETTERS.items()}
_CONTEXT_LETTERS: dict[Context, str] = {"text": "t", "attribute": "r", "plain": "p"}
_CONTEXTS: dict[str, Context] = {letter: name for name, letter in _CONTEXT_LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for one personal value: text or attribute of HTML, or plain text."""

    field: str
    context: Context


def mark(nonce: str, field: str, context: Context) -> str:
    """The mark that stands for `field` (one of PERSONAL_FIELDS) in a template's output."""
    return f"Qz{nonce}{_FIELD_LETTERS[field]}{_CONTEXT_LETTERS[context]}zQ"


def split_marks(text: str, nonce: str) -> list[str | Hole]:
    """Cut a sealed part at its marks: fixed strings (never empty) and holes, in order."""
    pieces = re.split(f"Qz{re.escape(nonce)}([{''.join(_FIELDS)}])([{''.join(_CONTEXTS)}])zQ", text)
    parts: list[str | Hole] = []
    for at in range(0, len(pieces), 3):
        if pieces[at]:
            parts.append(pieces[at])
        if at + 2 < len(pieces):
            parts.append(Hole(_FIELDS[pieces[at + 1]], _CONTEXTS[pieces[at + 2]]))
    return parts


def in_context(value: str, context: Context) -> str:
    """Escape a raw personal value for where it goes."""
    return value if context == "plain" else html.escape(value, quote=True)


def fill(text: str, nonce: str, values: dict[str, str]) -> str:
    """Put values into all marks of a sealed part. Raises KeyError for a field without a value."""
    return "".join(
        part if isinstance(part, str) else in_context(values[part.field], part.context)
        for part in split_marks(text, nonce)
    )
