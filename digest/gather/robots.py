"""Robots: what a site lets programs read, after its robots.txt (RFC 9309). Pure (gather).

Asked for before pages of articles, never for feeds: those are published for programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

LARGEST = 500_000  # bytes: RFC 9309 2.5 wants 500 kB read at least
_MOST_RULES = 2_000
_LONGEST_PATTERN = 1_000
_LONGEST_DELAY_S = 5.0  # a site that wants to be asked once a minute still gets asked
_SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_PRODUCT = re.compile(r"[a-z_-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    allow: bool
    pattern: str


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one program; none of them: everything may be read. `delay_s` is what a site wants to lie between
    two requests (no part of the RFC, but widely written)."""

    rules: tuple[Rule, ...] = ()
    delay_s: float = 0

    def allows(self, url: str) -> bool:
        """The longest pattern that fits decides, and allowing before forbidding when two are as long."""
        parts = urlsplit(url)
        path = _plain((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if path == "/robots.txt":
            return True
        fitting = [rule for rule in self.rules if _fits(rule.pattern, path)]
        best = max(fitting, key=lambda rule: (len(rule.pattern), rule.allow), default=None)
        return best is None or best.allow


NOTHING = Robots((Rule(False, "/"),))
"""Nothing may be read: a site that cannot say what it allows allows nothing (RFC 9309 2.3.1.4)."""


def read_robots(body: bytes, product: str) -> Robots:
    """The rules of all groups that name this program, else of those for everybody ("*"). Any bytes are taken calmly."""
    ours, everybodys = _Group(), _Group()
    targets: list[_Group] = []
    in_rules = True
    for key, value in _lines(body):
        if key == "user-agent":
            targets, in_rules = ([] if in_rules else targets), False
            if value == "*":
                targets.append(everybodys)
            elif _names(value, product):
                targets.append(ours)
                ours.named = True
        elif key in ("allow", "disallow", "crawl-delay"):
            in_rules = True
            for group in targets:
                group.take(key, value)
    group = ours if ours.named else everybodys
    return Robots(tuple(group.rules), group.delay_s)


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    for line in body[:LARGEST].decode("utf-8-sig", "replace").splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().casefold(), value.strip()


@dataclass(slots=True)
class _Group:
    rules: list[Rule] = field(default_factory=list)
    delay_s: float = 0
    named: bool = False

    def take(self, key: str, value: str) -> None:
        if key == "crawl-delay":
            if _SECONDS.fullmatch(value):
                self.delay_s = min(float(value), _LONGEST_DELAY_S)
        elif value and len(value) <= _LONGEST_PATTERN and len(self.rules) < _MOST_RULES:
            self.rules.append(Rule(key == "allow", _plain(value)))


def _names(value: str, product: str) -> bool:
    found = _PRODUCT.match(value)
    return found is not None and found[0].casefold() == product.casefold()


def _fits(pattern: str, path: str) -> bool:
    """`*` stands for any characters, `$` at the end for the end. Takes time in proportion to both lengths."""
    closed = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not others:
        return not closed or at == len(path)
    *middle, last = others
    for piece in middle:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return path.endswith(last) and len(path) - len(last) >= at if closed else path.find(last, at) >= 0


def _plain(path: str) -> str:
    """Percent-encoding made alike on both sides (RFC 9309 2.2.2); a reserved character that is encoded stays so."""
    pieces = re.split(r"(%(?:2[0-9a-f]|3[a-f]|40|5[bd]|7[bd]))", path, flags=re.IGNORECASE)
    return "".join(
        piece.upper() if at % 2 else quote(unquote(piece), safe="/*$?=&;:@!'(),+~#[]-._")
        for at, piece in enumerate(pieces)
    )
