"""What subscribers say about themselves: name, language, time zone, topics, made clean. Reads the zone database only.

Cleaning twice gives the same as cleaning once: an export that is imported again changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Iterable
from functools import lru_cache

from subscribers.errors import DetailError

MAX_NAME = 200
MAX_TOPIC = 60
MAX_TOPICS = 50
TOPIC_SEPARATORS = ",;|"

# Persian and several Indian scripts spell names with these two invisible characters.
_KEPT_INVISIBLE = "\u200c\u200d"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


def clean_name(text: str) -> str:
    """A display name on one line: runs of blanks become one space, controls and direction marks go.

    Raises DetailError when more than 200 characters remain.
    """
    name = one_line(text) if text else ""
    if len(name) > MAX_NAME:
        raise DetailError("name", name, f"longer than {MAX_NAME} characters")
    return name


@lru_cache(maxsize=1024)
def clean_language(text: str | None) -> str | None:
    """A language tag such as `de` or `pt-BR` (RFC 5646: language, script, region); None for nothing.

    Raises DetailError.
    """
    wanted = (text or "").strip().replace("_", "-")
    if not wanted:
        return None
    if not _LANGUAGE.fullmatch(wanted):
        raise DetailError("language", wanted, "not a language tag; write for example 'de' or 'pt-BR'")
    first, *rest = wanted.split("-")
    return "-".join([first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def clean_timezone(text: str | None) -> str | None:
    """A zone of the IANA database such as `Europe/London`; None for nothing. Raises DetailError."""
    wanted = (text or "").strip()
    if not wanted:
        return None
    if wanted not in _zones():
        raise DetailError("time zone", wanted, "not a known zone; write for example 'Europe/London'")
    return wanted


def clean_topics(topics: Iterable[str]) -> tuple[str, ...]:
    """Topics on one line each, without repeats or empty ones, in the given order. Raises DetailError."""
    cleaned = tuple(dict.fromkeys(topic for topic in map(one_line, topics) if topic))
    if len(cleaned) > MAX_TOPICS:
        raise DetailError("topics", cleaned[0], f"more than {MAX_TOPICS} topics")
    for topic in cleaned:
        if len(topic) > MAX_TOPIC:
            raise DetailError("topic", topic, f"longer than {MAX_TOPIC} characters")
        if any(mark in topic for mark in TOPIC_SEPARATORS):
            raise DetailError("topic", topic, "a comma, semicolon or bar is in it, which separate topics")
    return cleaned


def one_line(text: str) -> str:
    """The text without line breaks, controls and direction marks; runs of blanks become one space; NFC."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text else text.strip()
    kept = "".join(c if c.isprintable() or c in _KEPT_INVISIBLE else " " if c.isspace() else "" for c in text)
    return unicodedata.normalize("NFC", " ".join(kept.split()))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
