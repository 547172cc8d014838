"""The frozen values that travel the road: article, story, edition, sealed edition, message parts, outcome. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

Bias = Literal["left", "center", "right"]
StudyType = Literal[
    "randomised trial",
    "systematic review",
    "meta-analysis",
    "cohort",
    "case-control",
    "case report",
    "cross-sectional",
    "animal",
    "in vitro",
    "guideline",
    "press release",
    "other",
    "unknown",
]
Factuality = Literal["very high", "high", "mostly factual", "mixed", "low", "very low"]


# ── articles and those who publish them ──────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Who published an article, rated by somebody (`rater`, `rated_on`) or unrated (bias None).

    `factuality_rater` is given where another one rated that.
    """

    name: str
    hosts: tuple[str, ...] = ()
    bias: Bias | None = None
    factuality: Factuality | None = None
    rater: str | None = None
    rated_on: date | None = None
    factuality_rater: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One piece at one URL by one outlet. A pasted page knows neither: both may be None.

    `copy_of` names whose text this is nearly word for word, an agency or another outlet; None for a text of its own.
    `text_by` names the agency whose text it prints where it stands for all who print it, and so is no copy.
    """

    title: str
    outlet: str | None = None
    url: str | None = None
    excerpt: str | None = None
    published: date | None = None
    copy_of: str | None = None
    text_by: str | None = None


# ── stories ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One finding. `source` counts the story's articles from 1; None when nobody said where it is from."""

    text: str
    source: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasCounts:
    """Distinct outlets by bias; `unrated` are those without a rating. They sum to the number of outlets."""

    left: int = 0
    center: int = 0
    right: int = 0
    unrated: int = 0

    @property
    def rated(self) -> int:
        return self.left + self.center + self.right

    @property
    def outlets(self) -> int:
        return self.rated + self.unrated


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasPercent:
    """Per cents as a page reported them (0–100 each); never recomputed, never turned into counts."""

    left: int = 0
    center: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Who covers a story: counts of our own *or* per cents as reported (decisions.md 18), never both."""

    counts: BiasCounts | None = None
    reported: BiasPercent | None = None
    factuality: str | None = None  # one word for the whole story, as a page reported it
    factuality_counts: tuple[tuple[str, int], ...] = ()  # (word, outlets), best first; rated outlets only
    raters: tuple[str, ...] = ()  # who rated the bias
    factuality_raters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the word that limits it: over, more than, about, nearly, up to, at least, fewer than."""

    value: int
    qualifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    doi: str | None = None
    pmid: str | None = None
    trial: str | None = None
    pmcid: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Where a field of the evidence was read: characters [start, end) of the text given."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What kind of finding a story rests on. None means: not known, never "no".

    `comparison` says what was compared with what, `funding` and `conflicts` who paid and who has an interest: each in
    the words of the text that it was read from, or of the editor.
    """

    study_type: StudyType = "unknown"
    preprint: bool | None = None
    peer_reviewed: bool | None = None
    participants: Quantity | None = None
    trials: int | None = None
    identifiers: Identifiers = Identifiers()
    publisher: str | None = None
    retracted: bool | None = None
    comparison: str | None = None
    funding: str | None = None
    conflicts: str | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event or finding. `body` is Markdown of the editor's own, not yet sanitised.

    `day` is the story's own date, `added` the day it came in; its week is judged by the first of the two that is
    known. `not_before` is an embargo (an aware instant). `origin` is the story file's name. `update_of` is the id of
    the earlier story that this one continues, `update_from` the id of the edition that told it. `machine_written`:
    the summary or a key point was written by a machine, from the articles.
    """

    id: str
    headline: str
    summary: str | None = None
    topic: str | None = None
    key_points: tuple[KeyPoint, ...] = ()
    articles: tuple[Article, ...] = ()
    articles_total: int = 0
    coverage: Coverage = Coverage()
    evidence: Evidence = Evidence()
    body: str | None = None
    day: date | None = None
    added: date | None = None
    not_before: datetime | None = None
    pinned: bool = False
    dropped: bool = False
    weight: int = 0
    origin: str | None = None
    update_of: str | None = None
    update_from: str | None = None
    machine_written: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in an editor's input that was left out or not understood; `line` counts from 1."""

    line: int
    text: str
    message: str


# ── editions ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Slot:
    """The planned instant of an edition (aware) and its key, the local date."""

    key: date
    instant: datetime


class EditionState(enum.StrEnum):
    DRAFT = "draft"
    SEALED = "sealed"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One issue of a newsletter for one slot: the chosen stories in order, lead first."""

    id: str  # "weekly-2026-11-23"
    newsletter: str
    slot: Slot
    number: int
    subject: str
    preheader: str
    intro: str
    stories: tuple[Story, ...]
    reading_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEdition:
    """An edition frozen to text with open personal marks (see PERSONAL_FIELDS), and the hash over all of it.

    `headers` are the fixed ones of every message, in order, as (name, value) in plain Unicode.
    `mjml` is kept for editors' eyes and is not hashed: readers never get it.
    `hash` is "sha256:" + 64 hex digits over html, text, subject, preheader and headers (decisions.md 15).
    """

    edition: str
    html: str
    text: str
    mjml: str
    subject: str
    preheader: str
    headers: tuple[tuple[str, str], ...]
    nonce: str
    hash: str


PERSONAL_FIELDS = ("name", "address", "unsubscribe_url", "preferences_url")
"""What differs from reader to reader inside the sealed parts."""


class Addressee(NamedTuple):
    """One recipient as the message builder needs them: personal values, raw and unescaped.

    `address` is as it goes on the wire (domain in ASCII). `name` may be empty.
    `message_id` includes the angle brackets and is the same for every attempt.
    """

    address: str
    name: str
    unsubscribe_url: str
    preferences_url: str
    message_id: str


# ── delivery ─────────────────────────────────────────────────────────────────────────────────────


class Phase(enum.StrEnum):
    """How far a conversation had come; after BODY is handed over, no reply means uncertain (RFC 1047)."""

    CONNECT = "connect"
    EHLO = "ehlo"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"  # 354 was seen, the final dot was not yet handed to the kernel
    DOT = "dot"  # all handed over: only a reply can tell what became of it


class Outcome(NamedTuple):
    """What the SMTP server said about one message. `code` None: the connection ended without a word.

    `enhanced` is the RFC 3463 code ("5.1.1"). `text` is the reply's text, one line, control characters
    escaped, at most 500 characters.
    """

    phase: Phase
    code: int | None = None
    enhanced: str | None = None
    text: str = ""


class RecipientState(enum.StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"  # counts as pending in totals
    SENT = "sent"
    FAILED = "failed"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


class Claim(NamedTuple):
    """A ledger row that this process may send now: claimed and committed under `fence`."""

    edition: str
    subscriber: int
    address: str
    name: str
    attempt: int  # attempts made, this one included, from 1
    fence: int
    message_id: str | None  # None before the first attempt


class Settlement(NamedTuple):
    """What the ledger is to write about a claim: its new state and why."""

    claim: Claim
    state: RecipientState
    reason: str | None
    outcome: Outcome | None
    next_at: datetime | None = None  # for deferred
    suppress: bool = False  # the address is dead: write to it no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """One edition's books; `adds_up` is the promise of the ledger."""

    candidates: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    planned: int = 0
    sent: int = 0
    failed: int = 0
    deferred: int = 0
    pending: int = 0
    uncertain: int = 0
    cancelled: int = 0

    @property
    def ends(self) -> dict[str, int]:
        """Where the planned recipients are; each is in one of these."""
        return {
            "sent": self.sent,
            "failed": self.failed,
            "deferred": self.deferred,
            "pending": self.pending,
            "uncertain": self.uncertain,
            "cancelled": self.cancelled,
        }

    @property
    def adds_up(self) -> bool:
        is_planned = self.candidates == self.planned + sum(self.excluded.values())
        return is_planned and self.planned == sum(self.ends.values())
