"""How the sources are doing: which fail, and for which of them an edition must wait. Hall."""

from __future__ import annotations

from digest.gather.source import Source
from digest.store import sources
from digest.store.sources import Health
from digest.verbs.parts import Parts


def blocking(parts: Parts) -> list[str]:
    """Why an edition must wait: one line for each source with `require = true` that could not be read the last time."""
    return [
        f"{source.name}: {(found.reason if found else None) or 'it was never fetched; run `digest fetch`'}"
        for source, found in health(parts)
        if source.require and (found is None or found.failures or found.retired_at)
    ]


def faults(parts: Parts) -> list[str]:
    """One line for each source that could not be read the last time: why, and how old what we have of it is."""
    now = parts.clock()
    return [
        f"{source.name}: {found.reason or 'failed'}; "
        + (f"last good {(now - found.ok_at).days} days ago" if found.ok_at else "never good so far")
        for source, found in health(parts)
        if found is not None and (found.failures or found.retired_at)
    ]


def health(parts: Parts) -> list[tuple[Source, Health | None]]:
    """Every source of the settings with what is remembered of it; None when it was never asked."""
    with parts.store.read() as db:
        known = sources.health(db, parts.newsletter)
    return [(source, known.get(source.url)) for source in parts.gathering.sources]
