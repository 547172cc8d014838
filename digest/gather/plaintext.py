"""Plain text out of other people's HTML: no tags, no scripts, bounded in size and depth. Pure (gather).

nh3 does the reading. It is quadratic in the depth of nesting (50,000 open tags cost it 38 s), so depth is counted
before, and HTML deeper than browsers keep is stripped in a cruder way.
"""

from __future__ import annotations

import html
import re

import nh3

from digest.newsroom.text import cut, single_line, strip_controls

LARGEST_HTML = 100_000  # characters of one item
DEEPEST_HTML = 512  # what browsers keep
LONGEST_TEXT = 20_000
LONGEST_TITLE = 300
LONGEST_SUMMARY = 600

_BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th",
    "tr", "ul",
}  # fmt: skip
_UNSEEN = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "textarea", "select"}
# Tags that HTML closes by itself open no new depth however often they come.
_SELF_CLOSING = frozenset(
    re.findall(
        r"\w+", "area base br col dd dt embed hr img input li link meta option p param source td th tr track wbr"
    )
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})[^<>]*>")
_ANY_TAG = re.compile(r"<[^<>]*>")
_KEPT_TAG = re.compile(r"</?[a-z0-9]+>")
_ENTITY = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|rsquo|lsquo|rdquo|ldquo|ndash|mdash|hellip|#\d{2,6}|#x[0-9a-f]{2,5});", re.I
)
_APPEARED = re.compile(r"\s*The post .{1,300} (?:appeared first on|first appeared on) .{1,100}$")


def paragraphs(markup: str, at_most: int = LONGEST_TEXT) -> str:
    """HTML (or text that may hold some) as plain text, one paragraph a line."""
    lines = [line for raw in strip_controls(_text(markup)).split("\n") if (line := " ".join(raw.split()))]
    if lines:
        lines[-1] = _APPEARED.sub("", lines[-1])
    return "\n".join(filter(None, lines))[:at_most].rstrip()


def one_line(markup: str, at_most: int = LONGEST_SUMMARY) -> str:
    """HTML (or text that may hold some) as one line, cut between words."""
    return cut(_APPEARED.sub("", single_line(_text(markup))), at_most)


def shortened(text: str, at_most: int = LONGEST_SUMMARY) -> str:
    """Paragraphs as one line, cut between words."""
    return cut(" ".join(text[: 2 * at_most].split()), at_most)


def too_deep(markup: str) -> bool:
    """Whether more tags are open at once than browsers keep; tags that are never closed count."""
    depth = 0
    for closing, name in _TAG.findall(markup):
        if name.lower() not in _SELF_CLOSING:
            depth = max(depth - 1, 0) if closing else depth + 1
            if depth > DEEPEST_HTML:
                return True
    return False


def _text(markup: str) -> str:
    markup = markup[:LARGEST_HTML]
    if "<" not in markup:
        plain = html.unescape(markup)
    elif too_deep(markup):
        plain = html.unescape(_ANY_TAG.sub(" ", markup))
    else:
        clean = nh3.clean(markup, tags=_BLOCKS, attributes={}, clean_content_tags=_UNSEEN, link_rel=None)
        plain = html.unescape(_KEPT_TAG.sub("\n", clean))
    # Many feeds escape twice.
    return html.unescape(plain) if _ENTITY.search(plain) else plain
