"""What stands between the articles of a pasted page: outlet, age, date, link, rating. Pure (newsroom)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from digest.newsroom.links import article_url
from digest.newsroom.pagecoverage import bias_label

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})-(?P<number>\d\d)-(?P<day>\d\d)(?:T.*)?",
        rf"(?:\w+day,? )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? (?P<year>\d{{4}})",
        rf"(?:\w+day,? )?{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
    )
)
_AGE = re.compile(
    r"(?:(?:published|updated|posted) )?(?:(?:about )?(?:\d{1,3}|an?|one|two|three) ?"
    r"(?:seconds?|minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|w|months?|years?) ago|yesterday|today|just now)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?:source|outlet|publisher|published by|via)\s*:\s*(?P<name>.{1,80})|via (?P<via>.{1,60})", re.I)
_BYLINE = re.compile(r"by (?:[A-Z][\w.'’-]+,? ?(?:and )?){1,8}", re.ASCII)
_LINK_LABEL = re.compile(
    r"(?:(?:read (?:more|the article)|link|url|source|article)\s*:\s*)?<?(?P<url>[^\s<>]+)>?", re.I
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,20}:\S", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:www\.)?(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}", re.IGNORECASE | re.ASCII)
_ALONGSIDE = re.compile(r"(?P<name>\S.{0,50}?)(?:,| [-–—]| \(|\s)\s*(?P<age>[^,()–—]{4,30}? ago)\)?")
_SEGMENTS = re.compile(r"\s*[·•∙|]\s*")
_NO_DATE = "age left out: it names no date"
_NO_RATING = "bias of an outlet left out: ratings come from the outlets file"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line between articles says about one of them, and messages for what of it was left out."""

    outlet: str | None = None
    url: str | None = None
    published: date | None = None
    left_out: tuple[str, ...] = ()


def read_mark(text: str) -> Mark | None:
    """The mark that a whole line is; None when it is a title, an excerpt or anything else."""
    if len(text) > 2200:
        return None
    return _link(text) or (_words(text) if len(text) <= 160 else None)


def _link(text: str) -> Mark | None:
    match = _LINK_LABEL.fullmatch(text)
    if match is None or not _SCHEME.match(match["url"]):
        return None
    try:
        return Mark(url=article_url(match["url"]))
    except ValueError as error:
        return Mark(left_out=(f"link left out: {error}",)) if "//" in text or _is_scheme(match["url"]) else None


def _is_scheme(url: str) -> bool:
    return url.partition(":")[0].lower() in ("javascript", "data", "vbscript", "file", "ftp", "mailto", "http", "https")


def _words(text: str) -> Mark | None:
    named = _NAMED.fullmatch(text)
    if named is not None:
        return _line_of([named["name"] or named["via"]], named=True)
    if _BYLINE.fullmatch(text):
        return Mark(left_out=("author left out",))
    if _DOMAIN.fullmatch(text):
        return Mark(outlet=text.lower().removeprefix("www."))
    beside = _ALONGSIDE.fullmatch(text)
    if beside is not None and _AGE.fullmatch(beside["age"]):
        return Mark(outlet=beside["name"], left_out=(_NO_DATE,))
    return _line_of(_SEGMENTS.split(text), named=False)


def _line_of(segments: list[str], *, named: bool) -> Mark | None:
    """A line such as "STAT · Center · 2 days ago": a name counts only beside an age, a date or a rating."""
    names: list[str] = []
    published: date | None = None
    left_out: list[str] = []
    for segment in filter(None, segments):
        found = _date(segment)
        if found is not None:
            published = published or found
        elif _AGE.fullmatch(segment):
            left_out.append(_NO_DATE)
        elif bias_label(segment) is not None:
            left_out.append(_NO_RATING)
        else:
            names.append(segment)
    known = named or published is not None or bool(left_out)
    if not known or len(names) > 3 or any(len(name) > 80 for name in names):
        return None
    if len(names) > 1:
        left_out.append("place or author left out")
    return Mark(outlet=names[0] if names else None, published=published, left_out=tuple(left_out))


def _date(text: str) -> date | None:
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match is not None:
            parts = match.groupdict()
            month = int(parts["number"]) if parts.get("number") else _MONTHS.index(parts["month"].lower()) + 1
            try:
                return date(int(parts["year"]), month, int(parts["day"]))
            except ValueError:
                return None
    return None
