"""How the sources are doing: which are down, since when, and for which of them an edition must wait. Hall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.gather.source import Source
from digest.render.findings import Finding
from digest.store import sources
from digest.store.sources import Health
from digest.verbs.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """A source that could not be read the last time. `since` is when it last answered, `tried_at` when it was last
    asked; None: never so far."""

    source: Source
    reason: str
    since: datetime | None
    tried_at: datetime | None
    timezone: ZoneInfo

    def __str__(self) -> str:
        """Northern Ledger: nothing since 12 Nov (connection refused)"""
        if self.since is None:
            return f"{self.source.name}: nothing so far ({self.reason})"
        day = self.since.astimezone(self.timezone)
        return f"{self.source.name}: nothing since {day.day} {day:%b} ({self.reason})"


def health(parts: Parts) -> list[tuple[Source, Health | None]]:
    """Every source of the settings with what is remembered of it; None when it was never asked."""
    with parts.store.read() as db:
        known = sources.health(db, parts.newsletter)
    return [(source, known.get(source.url)) for source in parts.gathering.sources]


def down(parts: Parts) -> list[Down]:
    """The sources that failed the last time, or are gone, in the order of the settings; of those that an edition
    waits for, also the ones that were never asked."""
    found = []
    for source, known in health(parts):
        never = known is None or known.tried_at is None
        if (never and source.require) or (known and (known.failures or known.retired_at)):
            found.append(_down(parts, source, known))
    return found


def blocking(parts: Parts) -> list[Down]:
    """The sources with `require = true` that an edition waits for now."""
    return [one for one in down(parts) if one.source.require]


def in_words(missing: Sequence[Down]) -> str:
    return ", ".join(map(str, missing))


def findings(parts: Parts) -> list[Finding]:
    """What is down, for those who check an edition: warnings."""
    fix = "`digest fetch` asks it again; `digest source list` shows how all are doing"
    return [Finding(rule="source-down", severity="warning", message=str(one), fix=fix) for one in down(parts)]


def _down(parts: Parts, source: Source, known: Health | None) -> Down:
    return Down(
        source=source,
        reason=(known.reason if known else None) or "it was never fetched; run `digest fetch`",
        since=known.ok_at if known else None,
        tried_at=known.tried_at if known else None,
        timezone=parts.calendar.timezone,
    )
