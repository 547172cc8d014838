"""The frozen values of this room: a subscriber, an entry of the consent log, the answers of the book. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


class SubscriberState(enum.StrEnum):
    """pending → active → unsubscribed, bounced, complained; erased from everywhere, and for good."""

    PENDING = "pending"  # asked, but nobody proved yet that the mailbox is theirs
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"  # the mailbox does not exist
    COMPLAINED = "complained"  # reported us as spam
    ERASED = "erased"  # asked us to forget them; nothing personal is left in the row


class Reason(enum.StrEnum):
    """Why an address is suppressed."""

    OPERATOR = "operator"
    BOUNCED = "bounced"
    COMPLAINED = "complained"  # never lifted, whatever happens later
    ERASED = "erased"


class Added(enum.StrEnum):
    """What became of somebody who was to be added."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # unsubscribed, bounced or complained before; only their own confirmed wish changes that
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One person on one newsletter. `address` is the wire form; empty for erased people."""

    id: int
    newsletter: str
    address: str
    domain: str
    name: str
    language: str | None
    timezone: str | None
    topics: tuple[str, ...]
    state: SubscriberState
    confirmed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """One line of the consent log: requested, confirmed, imported, unsubscribed, bounced, complained or erased."""

    at: datetime
    kind: str
    how: str
    proof: str | None


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody said yes or no: when, by which way (a form, an import, a link), and what could be shown to a judge."""

    at: datetime
    how: str
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class AddResult:
    """What `add` did; `subscriber` is None when the address is suppressed and nobody was put on record."""

    outcome: Added
    subscriber: Subscriber | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counts for one newsletter. `reachable` may be written to now; `suppressions` count for this list or for all."""

    states: Mapping[SubscriberState, int]
    reachable: int
    suppressions: int

    @property
    def total(self) -> int:
        return sum(self.states.values())
