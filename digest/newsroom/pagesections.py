"""The lines of a pasted page sorted into what they are: head, key points, articles, coverage. Pure (newsroom)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Literal

from digest.model import Notice
from digest.newsroom.articlemarks import read_mark
from digest.newsroom.noise import only_noise
from digest.newsroom.pagecoverage import Fact, Share, bias_label, bias_shares, factuality_shares, lone_number
from digest.newsroom.pagelines import Line
from digest.newsroom.text import cut

NOT_UNDERSTOOD = "not understood; left out"
REPEATED = "repeated line left out"

Section = Literal["head", "articles", "coverage", "factuality"]
_COUNT = re.compile(
    r"(?:(?:see|view|read|show) )?(?:all )?\+?(?P<number>\d[\d,. ]*) (?P<more>more )?(?:news )?articles?\W*"
    r"|(?:all |news )*articles\s*[:(]\s*(?P<after>\d[\d,.]*)\)?",
    re.IGNORECASE,
)
_HEADINGS: tuple[tuple[re.Pattern[str], Section], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), section)  # type: ignore[misc]
    for pattern, section in (
        (r"(?:news |all |the )?articles\W*|news coverage\W*", "articles"),
        (r"coverage details?\W*|(?:bias|coverage|media bias)(?: distribution)?\s*(?::\s*(?P<rest>.*)|$)", "coverage"),
        (r"bias distribution\b\s*[:–—-]?\s*(?P<rest>.*)", "coverage"),
        (r"factuality(?: (?:info|details?|rating|score|distribution))?\s*(?:[:–—-]\s*(?P<rest>.*)|$)", "factuality"),
        (r"ownership\W*", "coverage"),
        (r"(?:summary|headline|key (?:points|takeaways|findings)|highlights|takeaways)\s*:?", "head"),
    )
)
_OF_COVERAGE = re.compile(r"\b(?:sources?|outlets?|bias|factuality|publications?|ownership|owned)\b", re.IGNORECASE)


@dataclass(slots=True)
class Sections:
    """The page sorted. `before_points` says how many head lines stood before the first key point."""

    head: list[Line] = field(default_factory=list)
    points: list[Line] = field(default_factory=list)
    articles: list[Line] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    before_points: int | None = None
    total: int | None = None
    total_line: Line | None = None
    more: int | None = None
    articles_named: bool = False  # the page itself says where its articles begin


def sort_lines(lines: Sequence[Line]) -> Sections:
    """Each line in exactly one place: a section, a fact about coverage, the article total, or a notice."""
    sorter = _Sorter()
    for line, after in zip_longest(lines, lines[1:]):
        sorter.sort(line, after)
    sorter.flush()
    _reclaim_summary(sorter.page)
    return sorter.page


def _reclaim_summary(page: Sections) -> None:
    """A page without a summary whose last excerpt, and no other, has a second paragraph: that one is the summary."""
    ends = "".join("t" if line.is_title else "s" for line in page.articles if read_mark(line.text) is None)
    if len(page.head) == 1 and re.fullmatch("(?:ts)+s", ends) and only_noise(page.articles[-1].text) is None:
        page.head.append(page.articles.pop())


class _Sorter:
    """Walks down the page and knows in which section it is."""

    def __init__(self) -> None:
        self.page = Sections()
        self.section: Section = "head"
        self.last: Line | None = None  # the key point just read, while nothing else has come after it
        self.pending: Line | None = None  # a side or a number on a line of its own, waiting for the other

    def sort(self, line: Line, after: Line | None) -> None:
        if self._paired(line):
            return
        self.flush()
        in_points, self.last = self.last is not None, None
        for known in (self._count, self._heading, self._fact, self._noise):
            if known(line):
                return
        if line.bullet:
            self._bullet(line, after, in_points)
        else:
            self._plain(line)

    def flush(self) -> None:
        if self.pending is not None:
            self._tell(self.pending, NOT_UNDERSTOOD)
            self.pending = None

    def _tell(self, line: Line, message: str) -> None:
        self.page.notices.append(Notice(line.number, cut(line.text, 200), message))

    # ── lines known by their form ────────────────────────────────────────────────────────────────

    def _count(self, line: Line) -> bool:
        match = _COUNT.fullmatch(line.text)
        if match is None:
            return False
        number = int(re.sub(r"\D", "", match["number"] or match["after"])[:7])
        if match["more"]:
            self.page.more = number
        elif self.page.total is None:
            self.page.total, self.page.total_line = number, line
        elif self.page.total != number:
            self._tell(line, "contradicts an earlier line; left out")
        if not (match["more"] and self.section == "articles"):
            self.section = "articles"
        self.page.articles_named = True
        return True

    def _heading(self, line: Line) -> bool:
        for pattern, section in _HEADINGS:
            match = pattern.fullmatch(line.text)
            if match is None:
                continue
            rest = (match.groupdict().get("rest") or "").strip()
            if rest and line.words > 30:
                return False
            self.section = section
            self.page.articles_named |= section == "articles"
            if rest and not self._fact(replace(line, text=rest)) and not self._noise(replace(line, text=rest)):
                self._tell(line, NOT_UNDERSTOOD)
            return True
        return False

    def _fact(self, line: Line) -> bool:
        shares = bias_shares(line.text)
        if shares is not None:
            self.page.facts.append(Fact(line.number, line.text, shares=tuple(shares)))
            return True
        if self.section != "factuality" and "factual" not in line.text.lower():
            return False
        factuality = factuality_shares(line.text)
        if factuality is None:
            return False
        if self.section == "articles":
            self._tell(line, "factuality of an outlet left out: ratings come from the outlets file")
        else:
            self.page.facts.append(Fact(line.number, line.text, factuality=tuple(factuality)))
        return True

    def _paired(self, line: Line) -> bool:
        """A side and its number on two lines of the coverage: "Leaning Left" and then "2"."""
        if self.section != "coverage":
            return False
        number, side = lone_number(line.text), bias_label(line.text)
        if number is None and side is None:
            return False
        if self.pending is None:
            self.pending = line
            return True
        number = number or lone_number(self.pending.text)
        side = side or bias_label(self.pending.text)
        if number is None or side is None:
            self.flush()
            self.pending = line
            return True
        text = f"{self.pending.text} {line.text}"
        self.page.facts.append(Fact(self.pending.number, text, shares=(Share(side, *number),)))
        self.pending = None
        return True

    def _noise(self, line: Line) -> bool:
        kind = only_noise(line.text)
        if kind is None:
            return False
        if self.section == "articles" and read_mark(line.text) is not None:
            return False
        if self.section == "articles" and line.words >= 8 and not line.is_title:
            return False  # stands where an excerpt stands: left out there, so that titles and excerpts stay in step
        self._tell(line, kind)
        return True

    # ── lines known by where they stand ──────────────────────────────────────────────────────────

    def _bullet(self, line: Line, after: Line | None, in_points: bool) -> None:
        page = self.page
        if self._repeated(line):
            return
        if self.section in ("coverage", "factuality"):
            if page.points or line.words < 6 or _of_coverage(line):
                self._tell(line, NOT_UNDERSTOOD)
                return
            self.section = "head"
        if self.section == "articles" and not in_points:
            lists_title = line.is_title and (after is None or after.bullet or not after.is_title)
            if lists_title or page.points:
                page.articles.append(line)
                return
            self._reclaim_lead()
        if page.before_points is None:
            page.before_points = len(page.head)
        page.points.append(line)
        self.last = line

    def _plain(self, line: Line) -> None:
        page = self.page
        if self.section == "articles":
            page.articles.append(line)
        elif self.section == "head":
            if not self._repeated(line):
                page.head.append(line)
        elif self._repeated(line):
            return
        elif self._is_lead(line):
            self.section = "head"
            page.head.append(line)
        else:
            self._tell(line, NOT_UNDERSTOOD)

    def _is_lead(self, line: Line) -> bool:
        """Whether a line below the coverage is still the headline or the summary, which the page has not shown yet."""
        if _of_coverage(line) and line.words < 12:
            return False
        if not self.page.head:
            return True
        return len(self.page.head) == 1 and line.is_sentence and line.words >= 8

    def _repeated(self, line: Line) -> bool:
        seen = self.page.points if line.bullet else self.page.head
        known = any(line.text.casefold() == other.text.casefold() for other in seen)
        if known:
            self._tell(line, REPEATED)
        return known

    def _reclaim_lead(self) -> None:
        """Key points below the articles: right above them stand the headline and summary, where they are missing."""
        head, articles = self.page.head, self.page.articles
        ends = "".join("t" if line.is_title else "s" for line in articles[-2:])
        if not head and ends in ("ts", "t", "st", "tt"):
            take = 2 if ends == "ts" else 1
        else:
            take = 1 if len(head) == 1 and ends == "ss" else 0
        if take:
            head += articles[-take:]
            del articles[-take:]


def _of_coverage(line: Line) -> bool:
    return _OF_COVERAGE.search(line.text) is not None or read_mark(line.text) is not None
