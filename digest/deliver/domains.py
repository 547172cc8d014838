"""Domains: whose mailboxes a recipient domain belongs to, what may be under way to them, and when they ask for less.

Big providers count what comes for all of their domains together, so these share one limit. Pure.
Sources: reliability of Gmail (support.google.com/mail/answer/3726730), Yahoo (senders.yahooinc.com/smtp-error-codes)
and Outlook (sendersupport.olc.protection.outlook.com); RFC 5321 section 3.8 for 421, RFC 3463 section 3.8 for x.7.x.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from digest.model import Outcome, Phase

_COUNTRY = r"(?:[a-z]{2,3}|co\.[a-z]{2}|com\.[a-z]{2})"
_PROVIDERS = {
    "gmail": re.compile(r"gmail\.com|googlemail\.com"),
    # yahoo.co.jp is another company's
    "yahoo": re.compile(
        rf"yahoo\.(?!co\.jp$){_COUNTRY}|ymail\.com|rocketmail\.com|myyahoo\.com|aol\.{_COUNTRY}|aim\.com|"
        r"netscape\.net|verizon\.net|sky\.com"
    ),
    "microsoft": re.compile(
        rf"(?:outlook|hotmail|live)\.{_COUNTRY}|msn\.com|passport\.com|windowslive\.com|webtv\.net"
    ),
}

_GREYLISTED = re.compile(r"gr[ae]y-?list|try again in \d+ ?s", re.IGNORECASE)
_TOO_FAST = re.compile(
    r"throttl|rate.?limit|(sending|message|connection) rate|too (many|much|fast|quickly)|slow down|"
    r"unexpected volume|exceeded the (rate|connection)|server busy|\[TSS?\d\d\]",
    re.IGNORECASE,
)
_OUR_RATE = re.compile(r"throttling failure|maximum sending rate|too much mail from", re.IGNORECASE)

_ALL_MAILBOXES_OF_ONE = 2
_POLICY = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLimit:
    """At most so many messages in flight, and so many a second, to one domain or provider. None: no limit."""

    connections: int | None = None
    messages_per_second: float | None = None


@lru_cache(maxsize=4096)
def provider_of(domain: str) -> str:
    """Who runs the mailboxes of `domain`: "gmail", "yahoo", "microsoft", else the domain itself in lower case."""
    domain = domain.lower().removesuffix(".")
    return next((name for name, pattern in _PROVIDERS.items() if pattern.fullmatch(domain)), domain)


def by_provider(per_domain: Mapping[str, DomainLimit]) -> dict[str, DomainLimit]:
    """Limits by provider: naming one of its domains limits them all, and of several limits the strictest counts."""
    found: dict[str, DomainLimit] = {}
    for domain, limit in per_domain.items():
        name = provider_of(domain)
        found[name] = _stricter(found[name], limit) if name in found else limit
    return found


def _stricter(one: DomainLimit, other: DomainLimit) -> DomainLimit:
    connections = [limit for limit in (one.connections, other.connections) if limit is not None]
    rates = [limit for limit in (one.messages_per_second, other.messages_per_second) if limit is not None]
    return DomainLimit(connections=min(connections, default=None), messages_per_second=min(rates, default=None))


Scope = Literal["provider", "all"]


def asks_for_less(outcome: Outcome) -> Scope | None:
    """Whether a refusal means "too fast", and for whom: the recipient's provider, or all we send; None: it does not.

    421 and 4.7.x say so, and texts where the code alone would not. Refused at MAIL, before anybody was named, it is
    about all. Greylisting is no complaint about speed, and 4.2.x is about one mailbox.
    """
    code = outcome.code
    if code is None or not 400 <= code < 500 or outcome.phase in {Phase.CONNECT, Phase.EHLO, Phase.TLS, Phase.AUTH}:
        return None
    subject = None if outcome.enhanced is None else int(outcome.enhanced.split(".")[1])
    if subject == _ALL_MAILBOXES_OF_ONE or (code != 421 and _GREYLISTED.search(outcome.text)):
        return None
    if code != 421 and subject != _POLICY and not _TOO_FAST.search(outcome.text):
        return None
    return "all" if outcome.phase is Phase.MAIL or _OUR_RATE.search(outcome.text) else "provider"
