"""Limits: how much of our time, memory and politeness a source gets. Pure (gather)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one round of asking may take."""

    deadline_s: float = 30  # one source: all requests and redirects, waiting for its host's turn apart
    connect_s: float = 10
    size_bytes: int = 5_000_000  # of a body, unpacked
    redirects: int = 5
    connections: int = 16  # sources asked at the same time, answers not yet taken included
    pause_s: float = 0.5  # between two requests to one host
