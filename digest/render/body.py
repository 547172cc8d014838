"""Bodies: an editor's Markdown as safe HTML, and as plain text with numbered links. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from digest.errors import InputError
from digest.render.links import safe_url

LONGEST_BODY = 100_000  # characters; nh3 and browsers are quadratic in some shapes of input
DEEPEST_BODY = 20  # nested quotes and lists

_TAGS = {"p", "ul", "ol", "li", "em", "strong", "a", "blockquote", "h3", "br", "code", "hr"}
_STYLES = {
    "p": "margin:0 0 14px",
    # the same on both sides, so that it suits both directions of writing
    "ul": "margin:0 0 14px;padding:0 22px",
    "ol": "margin:0 0 14px;padding:0 22px",
    "blockquote": "margin:0 0 14px;padding:0 22px;font-style:italic",
    "h3": "margin:20px 0 8px;font-size:17px;line-height:1.4",
    "a": "color:#17604f",
}


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of plain text: what its first and its further lines begin with, and its words."""

    first: str
    rest: str
    text: str


def body_html(markdown: str | None) -> Markup:
    """The body as HTML of a few calm tags (headings are h3, pictures and raw HTML are left out); "" for None.

    Links that `safe_url` refuses become plain words. Raises InputError for a body too long or nested too deeply.
    """
    if not markdown:
        return Markup("")
    tokens = _parse(markdown)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel=None,
        strip_comments=True,
    )
    return Markup(re.sub(r"<(p|ul|ol|blockquote|h3|a)(?=[ >])", _styled, clean).strip())  # noqa: S704 (nh3 cleaned it)


def body_text(markdown: str | None, first_note: int = 1) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """The body as paragraphs of plain text, and the URLs of its links, noted `[first_note]`, `[first_note + 1]` …

    Raises InputError as `body_html` does.
    """
    if not markdown:
        return (), ()
    notes: list[str] = []
    blocks: list[Block] = []
    margin: list[str] = []  # what each open list or quote puts before a line
    bullet = ""  # the bullet that the next paragraph begins with
    counters: list[int] = []
    for token in _parse(markdown):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            counters.append(0 if token.type == "ordered_list_open" else -1)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            counters.pop()
        elif token.type == "list_item_open":
            bullet = _bullet(counters)
            margin.append(" " * len(bullet))
        elif token.type == "blockquote_open":
            margin.append("> ")
        elif token.type in {"list_item_close", "blockquote_close"}:
            margin.pop()
            bullet = ""
        elif token.type == "inline" and (words := _words(token, notes, first_note)):
            rest = "".join(margin)
            blocks.append(Block(rest[: len(rest) - len(bullet)] + bullet if bullet else rest, rest, words))
            bullet = ""
        elif token.type in {"code_block", "fence"} and token.content.strip():
            rest = "".join(margin)
            blocks.append(Block(rest, rest, " ".join(token.content.split())))
    return tuple(blocks), tuple(notes)


def _parse(markdown: str) -> list[Token]:
    if len(markdown) > LONGEST_BODY:
        raise InputError(f"body: {len(markdown)} characters: at most {LONGEST_BODY}; shorten it")
    tokens = _MARKDOWN.parse(markdown)
    if max((token.level for token in tokens), default=0) > 2 * DEEPEST_BODY:
        raise InputError(f"body: lists or quotes nested deeper than {DEEPEST_BODY}; flatten them")
    return [_calm(token) for token in tokens]


def _calm(token: Token) -> Token:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = "h3"  # below the story's own h2, whatever the editor wrote
    if token.type == "inline":
        token.children = _without_unsafe_links(token.children or [])
    return token


def _without_unsafe_links(children: list[Token]) -> list[Token]:
    kept = []
    skip_close = False
    for child in children:
        if child.type == "link_open":
            url = safe_url(str(child.attrs.get("href", "")))
            skip_close = url is None
            if url is None:
                continue
            child.attrs = {"href": url}
        elif child.type == "link_close" and skip_close:
            skip_close = False
            continue
        elif child.type == "image":
            continue
        kept.append(child)
    return kept


def _words(token: Token, notes: list[str], first_note: int) -> str:
    words = []
    for child in token.children or []:
        if child.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        elif child.type == "link_open":
            notes.append(str(child.attrs["href"]))
        elif child.type == "link_close":
            words.append(f" [{first_note + len(notes) - 1}]")
        else:
            words.append(child.content)
    return " ".join("".join(words).split())


def _bullet(counters: list[int]) -> str:
    if counters[-1] < 0:
        return "* "
    counters[-1] += 1
    return f"{counters[-1]}. "


def _styled(tag: re.Match[str]) -> str:
    dark = ' class="k"' if tag[1] == "a" else ""  # what the theme's dark rules know links by
    return f'{tag[0]}{dark} style="{_STYLES[tag[1]]}"'


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 2 * DEEPEST_BODY + 2})
