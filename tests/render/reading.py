"""Reads a sealed edition as a reader's program would: visible words, headings, links."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Page(HTMLParser):
    """What a page shows: `words` in one line, `headings` as (level, words), `links` as (words, address)."""

    text: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._silent = 0
        self._open: list[tuple[str, int, str]] = []

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._silent += tag in {"style", "title"}
        if tag == "a" or re.fullmatch(r"h[1-6]", tag):
            self._open.append((tag, len(self.text), dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "title"}
        if self._open and self._open[-1][0] == tag:
            _, start, href = self._open.pop()
            words = " ".join("".join(self.text[start:]).split())
            if tag == "a":
                self.links.append((words, href))
            else:
                self.headings.append((int(tag[1]), words))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


def flat(text: str) -> str:
    """The text on one line, so that wrapping does not matter."""
    return " ".join(text.split())
