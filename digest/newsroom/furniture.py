"""What hangs around the news in a feed's text: bylines, datelines, house names, captions. Pure; newsroom.

Two pieces of one outlet share their furniture, not their news; taken for news, it brings strangers together.
"""

from __future__ import annotations

import re
from datetime import date

from digest.newsroom.plain import any_of

DATELINE_CHARACTERS = 120
LEAD_CHARACTERS = 1_000
"""How much of a text tells its news; the rest is background, which other stories share."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_WRITTEN = re.compile(rf"(?i)\b({_MONTH})\.? (\d{{1,2}}),? (20\d\d)\b")
_PACKED = re.compile(r"(?<!\d)(20[0-3]\d)[/-]?(0[1-9]|1[0-2])[/-]?([0-3]\d)(?!\d)")
_DATED = re.compile(rf"(?i)(?:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day, )?\b{_MONTH}\.? \d{{1,2}}, 20\d\d\b")
_FURNITURE = re.compile(
    any_of(
        r"(?:https?://|www\.)\S{1,300}",
        r"\b[\w-]{1,40}\.(?:com|org|net|gov|edu|co\.uk)/\S{1,300}",
        r"(?i:\ben español\b|\bhealthday reporter\b|\bnewswise\b|\btoggle caption\b|\benlarge this image\b)",
        r"\((?:HealthDay(?: News)?|Reuters(?: Health)?|AP|AFP|CNN|UPI|PA)\)",
        r"/PRNewswire(?:-[\w-]{1,30})?/",
        r"\bAdvertisement\b",
        r"(?i:\bstory highlights\b|\bfor immediate release:?|\bcorrection appended\b|\ball rights reserved\b)",
        r"(?i:\bsign up\b|\bnewsletter\b|\bgetty images\b|\bistockphoto\b|\bread more\b|\bread the rest\b)",
        r"\bBy [A-Z][\w.'’-]{1,20}(?: [A-Z][\w.'’-]{0,20}){1,4}(?:, [A-Z]\w{1,20}(?: [A-Z]\w{1,20}){0,3})?",
        r"(?i:\bspecial to (?:the )?[a-z]{1,20}(?: [a-z]{1,20})?)",
        r"(?i:\b\d{1,2}:\d\d ?[ap]\.?m\.?(?: [A-Z]{2,4}\b)?)",
    )
)
_DATELINE = re.compile(
    r"\W{0,3}[A-Z][A-Z .]{2,30}(?:, [A-Z][A-Za-z. ]{1,20})?,? ?(?:\([^)]{0,40}\))?\s{0,3}[-—–]{1,2}\s{0,3}"
)


def lead(title: str, text: str) -> str:
    """The beginning of `text` without its furniture, and without the title said again."""
    undated = _DATED.sub(" ", text[: 2 * LEAD_CHARACTERS])
    bare = " ".join(_FURNITURE.sub(" ", undated).split()).lstrip(" -—–|,;:*")
    head = " ".join(title.split())
    if head and bare.lower().startswith(head.lower()):
        bare = bare[len(head) :].lstrip(" -—–|,;:*")
    dateline = _DATELINE.match(bare)
    return bare[dateline.end() if dateline else 0 :][:LEAD_CHARACTERS]


def printed_on(text: str, url: str | None) -> date | None:
    """The day that a dateline or the address gives; it is when the piece was written, whatever a feed says later."""
    start = text[:DATELINE_CHARACTERS]
    written = _WRITTEN.search(start)
    if written:
        month = _MONTHS.index(written.group(1)[:3].lower()) + 1
        return _day(int(written.group(3)), month, int(written.group(2)))
    packed = _PACKED.search(url or "") or _PACKED.search(start)
    return _day(*(int(part) for part in packed.groups())) if packed else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
