"""Sentences of an article, whole and in order, quotations unbroken, with the section of an abstract each is from. Pure.

Newsroom. A boundary too few makes a sentence that is too long to use; one too many breaks a quotation or a number, so
in doubt there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.newsroom.noise import noise
from digest.newsroom.telling.abstracts import Section, heading_alone, parts
from digest.newsroom.telling.datelines import without_opening
from digest.newsroom.text import tidy

MOST_SENTENCES = 120

_END = re.compile(
    r"[.!?…]{1,3}[”’\"')\]]{0,3}(?=\s+[^\sa-z])|(?<=[a-z]{2})[.!?][”’\"')\]]{0,2}(?=[A-Z][a-z])|[。！？؟]+"
)
_QUOTED = re.compile(r"“[^“”]{1,800}”|(?<!\w)\"(?=[^\s\"])[^\"]{1,800}\"(?!\w)|(?<!\w)‘(?=\S)[^‘]{1,400}?’(?!\w)")
_SAID = r"(?:said|says|told|wrote|writes|added|adds|explained|explains|noted|notes|commented|concluded|warned|argued)"
_SPEAKER_NEXT = re.compile(rf"\s+(?:(?:[A-Z][\w.'’-]{{0,30}}|of|the),?\s+){{1,6}}{_SAID}\b")
_NEVER = re.compile(
    r"(?<!\w)(?:Dr|Drs|Mr|Mrs|Ms|Prof|Profs|St|Rev|Gen|Sen|Rep|Gov|Lt|Col|Sgt|Capt|Hon|vs|v|e\.g|i\.e|cf|viz|[Ff]igs?"
    r"|[Ee]qs?|[Rr]efs?|[Vv]ol|pp|approx|ca|spp|resp)\.$"
)
_SELDOM = re.compile(
    r"(?<!\w)(?:(?:[A-Z]\.){1,4}|[A-Z]|[ap]\.m|et al|etc|Inc|Ltd|Co|Corp|Jr|Sr|Ph\.D|M\.D|R\.N|B\.Sc|M\.Sc|Bros|Dept"
    r"|[Ee]st|Univ|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mass|Calif|Fla|Tex|Pa|Va|Ill|Mich|Minn|Conn|Wash|[Nn]os?"
    r"|sq|min|max|wt)\.?$"
)
_ONLY_A_NUMBER = re.compile(r"\W{0,2}\d{1,3}\.$")
_OPENING_WORDS = """
The A An In It Its He She They We I This That These Those But And Or So However Although Though While When If As At On
For From With By After Before Since Both Each All Some Many Most Our Their His Her There What Who How Why Yet Because
Researchers Scientists Patients People Participants Results Overall Among More Meanwhile Also During Further Nearly
About Only Other Such Two Three One No Not Now Then Using
"""
_OPENERS = frozenset(_OPENING_WORDS.split())
_WORD = re.compile(r"\s*[“‘\"'(\[]?([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as the article has it (spaces and quotation marks tidied), and its section in an abstract."""

    text: str
    section: Section | None = None


def read_sentences(text: str, title: str = "") -> list[Sentence]:
    """The sentences of an article without datelines, sign-ups and the title said again; at most MOST_SENTENCES."""
    found: list[Sentence] = []
    section: Section | None = None
    for line in _lines(text, title):
        named = heading_alone(line)
        if named is not None:
            section = named
            continue
        for part, now in parts(line, section):
            section = now
            found += [Sentence(sentence, now) for sentence in split(part) if noise(sentence) is None]
        if len(found) >= MOST_SENTENCES:
            break
    return found[:MOST_SENTENCES]


def _lines(text: str, title: str) -> Iterator[str]:
    head = tidy(title).casefold().rstrip(".")
    for number, raw in enumerate(text.splitlines()):
        line = tidy(raw)
        if number < 3:
            line = without_opening(line)
            if head and line.casefold().startswith(head):
                line = line[len(head) :].lstrip(" .-—–|:")
        if line:
            yield line


def split(line: str) -> list[str]:
    """The sentences of one line. Abbreviations, initials, decimals, "et al." and quotations stay in one piece."""
    quoted = [match.span() for match in _QUOTED.finditer(line)]
    found, start, quote = [], 0, 0
    for match in _END.finditer(line):
        end = match.end()
        while quote < len(quoted) and quoted[quote][1] < end:
            quote += 1
        within = quote < len(quoted) and quoted[quote][0] < end < quoted[quote][1]
        if within or not _is_end(line, start, match):
            continue
        found.append(line[start:end].strip())
        start = end
    found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def _is_end(line: str, start: int, match: re.Match[str]) -> bool:
    end, mark = match.end(), match.group()
    if mark[-1] in '”"’' and _SPEAKER_NEXT.match(line, end, end + 160):
        return False
    if mark != ".":
        return True
    before = line[max(start, end - 24) : end]
    if _NEVER.search(before) or _ONLY_A_NUMBER.fullmatch(line[start:end].strip()):
        return False
    if _SELDOM.search(before.removesuffix(".")) or _SELDOM.search(before):
        word = _WORD.match(line, end)
        return word is not None and word[1] in _OPENERS
    return True
