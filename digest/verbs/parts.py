"""The parts that verbs work with, put together by wiring. Values and handed-in capabilities; no settings here."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from digest.deliver.dkim import Signer
from digest.deliver.domains import DomainLimit
from digest.deliver.relay import Relay
from digest.gather.guard import Guard, Resolve, resolve
from digest.gather.limits import Limits
from digest.gather.source import Source
from digest.newsroom.meaning import Embed
from digest.newsroom.outlets import Ratings
from digest.newsroom.slots import Schedule
from digest.render.seal import Letterhead
from digest.render.themes import Theme
from digest.store import Store
from digest.writing.endpoint import Endpoint
from subscribers.keys import KeyRing

Clock = Callable[[], datetime]
"""The present instant, aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When editions are due, and when they are put together."""

    schedule: Schedule
    assemble: str
    timezone: ZoneInfo
    late_after: timedelta


# The lease outlasts the longest SMTP time-out (10 min): a row whose lease has run out belongs to a process that is dead
# or was stopped, not to a slow one.
LEASE = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    connections: int
    window: int = 1  # messages in flight on each, with CHUNKING
    messages_per_second: float | None
    uncertain: Literal["hold", "resend-once"]
    give_up_after: timedelta
    skip_if_empty: bool
    per_domain: Mapping[str, DomainLimit] = field(default_factory=dict)
    lease: timedelta = LEASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Where articles come from, and what asking for them may take and open."""

    sources: tuple[Source, ...] = ()
    every: timedelta = timedelta(hours=6)  # how old a round of all sources may become; zero: asked by hand only
    limits: Limits = field(default_factory=Limits)
    guard: Guard = field(default_factory=Guard)
    resolve: Resolve = resolve
    most_pages: int = 100  # of articles, read in one round
    trusted: ssl.SSLContext | None = None  # None: the certificates that everybody trusts

    @property
    def by_itself(self) -> bool:
        """Whether sources are asked by the clock, without a person."""
        return bool(self.sources) and self.every > timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The machine that may reword what the articles say, and of how many stories at one time."""

    endpoint: Endpoint
    max_stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a verb may touch of one workspace."""

    workspace: Path
    store: Store
    clock: Clock
    ring: KeyRing
    letterhead: Letterhead
    theme: Theme
    ratings: Ratings
    calendar: Calendar
    max_stories: int
    approval: Literal["required", "auto"]
    relay: Relay
    stand_ins: tuple[Relay, ...] = ()  # for the relay, in this order, while it is away or refuses us
    signers: tuple[Signer, ...]
    delivery: DeliveryPolicy
    notify_to: tuple[str, ...]
    test_recipients: tuple[str, ...]
    gathering: Gathering = field(default_factory=Gathering)
    writing: Writing | None = None  # None: nobody but the articles has a word
    embed: Embed | None = None  # sentence embeddings for grouping, where the extra is there

    @property
    def relays(self) -> tuple[Relay, ...]:
        """In the order of preference."""
        return (self.relay, *self.stand_ins)

    @property
    def newsletter(self) -> str:
        return self.letterhead.id

    @property
    def stories_folder(self) -> Path:
        return self.workspace / "stories"
