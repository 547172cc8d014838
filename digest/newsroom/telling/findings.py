"""Findings about a story that an editor should see before readers do: the value, no rules. Pure; newsroom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was noticed. `rule` is a short name; `sources` are the articles it is from, counted from 1.

    `quote` holds the words of an article that show it, where there are any.
    """

    rule: str
    message: str
    sources: tuple[int, ...] = ()
    quote: str = ""
