"""What a sealed page shows: its words block by block, its links and its pictures. Pure; for the checks.

Read with the standard library's forgiving parser, as a mail client would: comments (Outlook's conditional ones
too) are not shown.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_SILENT = frozenset(["script", "style"])
_SHOWN_ATTRIBUTES = ("alt", "title", "aria-label")
_HEADING = re.compile(r"h[1-6]")
_UNSEEN = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u17b4\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]"
)


@dataclass(slots=True)
class Link:
    """An <a> with its address as a browser reads it, and its words (those of pictures in it among them)."""

    href: str | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """An <img>; `alt` None: not written."""

    src: str
    alt: str | None


@dataclass(slots=True)
class Page:
    """The blocks of words in order, and what else a check asks for. `active`: what runs something."""

    blocks: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)  # alt, title and aria-label
    links: list[Link] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    style_sizes: list[int] = field(default_factory=list)  # bytes of each <style>
    bare_tables: int = 0  # tables that a screen reader takes for data
    title: str = ""
    language: str = ""


def read_page(html: str) -> Page:
    """Never raises: what cannot be read is left out, as in a mail client."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_block()
    return reader.page


def squeezed(text: str) -> str:
    """Text for comparing: composed (NFC), without blanks, line ends and characters that nobody sees."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._block: list[str] = []
        self._silent = ""
        self._link: Link | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in _INLINE:
            self.end_block()
        if tag in _SILENT:
            self._silent = tag
        self._in_title = tag == "title"
        self._note_active(tag, values)
        self._note_shown(tag, values)
        if tag == "html":
            self.page.language = values.get("lang", "")
        elif tag == "table" and values.get("role") not in {"presentation", "none", "table"}:
            self.page.bare_tables += 1
        elif _HEADING.fullmatch(tag):
            self.page.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.end_block()
        if tag == self._silent:
            self._silent = ""
        if tag == "title":
            self._in_title = False
        if tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._silent == "style":
            self.page.style_sizes.append(len(data.encode(errors="replace")))
        if self._silent:
            return
        if self._in_title:
            self.page.title += data
        if self._link:
            self._link.words += data
        self._block.append(data)

    def end_block(self) -> None:
        words = " ".join("".join(self._block).split())
        if words:
            self.page.blocks.append(words)
        self._block.clear()

    def _note_active(self, tag: str, values: dict[str, str]) -> None:
        if tag in {"script", "iframe", "object", "embed", "applet", "form", "base"}:
            self.page.active.append(f"<{tag}>")
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.page.active.append("<meta http-equiv=refresh>")
        self.page.active += [f"{name}=…" for name in values if name.startswith("on")]

    def _note_shown(self, tag: str, values: dict[str, str]) -> None:
        self.page.titles += [values[name] for name in _SHOWN_ATTRIBUTES if values.get(name)]
        if tag == "a":
            self._link = Link(values.get("href"), values.get("aria-label") or values.get("title", ""))
            self.page.links.append(self._link)
        if tag == "img":
            self.page.pictures.append(Picture(values.get("src", ""), values.get("alt")))
            if self._link:
                self._link.words += values.get("alt", "")
