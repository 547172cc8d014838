"""Cuts MJML into tags, text and comments, each with its place, as strictly as the renderer reads it. Pure.

The standard library's HTML parser forgives what the renderer refuses without saying where (a bare `<`, an
unquoted attribute, `--` in a comment) and forgets which quotes were used; so we cut the text ourselves.
Two characters stand for what a template engine will put in: `VALUE` for a value not known yet and `NOTHING`
for a statement that prints nothing (see jinja.py). Both are from Unicode's private area.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

VALUE = "\ue000"
NOTHING = "\ue001"

BRACES = re.compile(r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|\{\{|\}\}|\{%|%\}")
"""What a template engine leaves when it does not run."""

VOID_ELEMENTS = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
"""HTML elements without content: the renderer closes them by itself."""

Kind = Literal["open", "close", "empty", "text", "comment", "condition", "declaration"]

_BLANK = re.compile(f"[ \\t\\r\\n\\f{NOTHING}]*")
_NAME = re.compile(f"[^\\W\\d:{VALUE}][\\w.:{VALUE}-]*|[:{VALUE}][\\w.:{VALUE}-]*")
_CONDITION = re.compile(r"<!--\[if[^\]<>]*\]>(?:<!--(?: ?--)?>|-->)?|(?:<!--\s*)?<!\[endif\]-->")
_ATTRIBUTE_NAME = re.compile(r"[^\s=<>\"'/" + NOTHING + "]+")
_UNQUOTED = re.compile(r"[^\s>]+")
_DECLARATION = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<![^>]*>?|<\?[^>]*>?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a template; `at` is the offset of the first wrong character."""

    at: int
    rule: str
    message: str
    fix: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class Attribute:
    """`value` is as written between the quotes, None without one; [start, end) spans the whole attribute."""

    name: str
    value: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of markup: characters [start, end) of the text. `name` is empty for all but tags.

    A "condition" is either end of Outlook's conditional comments: the renderer reads what is between them.
    """

    kind: Kind
    start: int
    end: int
    name: str = ""
    attributes: tuple[Attribute, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def opens(self) -> bool:
        """Whether something must close it."""
        return self.kind == "open" and self.name not in VOID_ELEMENTS


def tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The pieces of `text[start:end]` in order, without gaps. Never raises; takes linear time."""
    end = len(text) if end is None else end
    at = start
    while at < end:
        token = _markup(text, at, end) if text[at] == "<" else _text(text, at, end)
        yield token
        at = token.end


def line_of(text: str, at: int) -> int:
    """The line, from 1, of offset `at`."""
    return text.count("\n", 0, at) + 1


def _text(text: str, at: int, end: int) -> Token:
    stop = text.find("<", at, end)
    return Token("text", at, end if stop < 0 else stop)


def _markup(text: str, at: int, end: int) -> Token:
    condition = _CONDITION.match(text, at, end)
    if condition:
        return Token("condition", at, condition.end())
    if text.startswith("<!--", at):
        return _comment(text, at, end)
    if text.startswith(("<!", "<?"), at):
        found = _DECLARATION.match(text, at, end)
        return Token("declaration", at, found.end() if found else end)
    if text.startswith("</", at):
        return _closing_tag(text, at, end)
    name = _NAME.match(text, at + 1, end)
    if name is None:
        message = "`<` that begins no tag"
        return Token(
            "text", at, at + 1, faults=(Fault(at, "bare-less-than", message, "write &lt; for the sign itself"),)
        )
    return _opening_tag(text, at, name.end(), end, name.group())


def _comment(text: str, at: int, end: int) -> Token:
    close = text.find("-->", at + 4, end)
    if close < 0:
        return Token(
            "comment", at, end, faults=(Fault(at, "open-comment", "comment that never ends", "close it with -->"),)
        )
    dashes = text.find("--", at + 4, close + 1)
    if dashes < 0:
        return Token("comment", at, close + 3)
    fault = Fault(dashes, "comment-dashes", "`--` inside a comment", "use a single dash, or a long one")
    return Token("comment", at, close + 3, faults=(fault,))


def _closing_tag(text: str, at: int, end: int) -> Token:
    name = _NAME.match(text, at + 2, end)
    stop = _BLANK.match(text, name.end() if name else at + 2, end)
    assert stop is not None  # the pattern matches the empty text too
    if name is not None and text.startswith(">", stop.end()):
        return Token("close", at, stop.end() + 1, name.group())
    fault = Fault(at, "broken-tag", "closing tag that is not complete", "write it as </name>")
    return Token("close" if name else "text", at, max(stop.end(), at + 2), name.group() if name else "", (), (fault,))


def _opening_tag(text: str, start: int, at: int, end: int, name: str) -> Token:
    attributes: list[Attribute] = []
    faults: list[Fault] = []
    while True:
        blank = _BLANK.match(text, at, end)
        separated = blank is not None and blank.end() > at
        at = blank.end() if blank else at
        if text.startswith("/>", at) or text.startswith(">", at):
            kind: Kind = "empty" if text[at] == "/" else "open"
            return Token(
                kind, start, at + len("/>" if text[at] == "/" else ">"), name, tuple(attributes), tuple(faults)
            )
        found = _ATTRIBUTE_NAME.match(text, at, end)
        if found is None:
            faults.append(_never_ends(text, start, at, end, name))
            # Step over a stray quote or slash; stop before the next tag, so that it is read as one.
            stray = text[at : at + 1] if at < end else ""
            if stray in {"", "<"}:
                return Token("open", start, at, name, tuple(attributes), tuple(faults))
            at += 1
            continue
        attribute, fault = _attribute(text, found, end)
        if fault is None and not _NAME.fullmatch(attribute.name):
            fault = Fault(
                found.start(), "broken-tag", f"{attribute.name} is no attribute name", "look at the quotes before it"
            )
        if fault is None and not separated:
            message = f"no blank before the attribute {found.group()}"
            fault = Fault(found.start(), "broken-tag", message, "look for a missing or surplus quote just before it")
        attributes.append(attribute)
        faults.extend([fault] if fault else [])
        at = attribute.end


def _never_ends(text: str, start: int, at: int, end: int, name: str) -> Fault:
    if at < end and text[at] != "<":
        return Fault(at, "broken-tag", f"stray {text[at]} inside the tag <{name}>", "remove it")
    return Fault(start, "broken-tag", f"the tag <{name}> is never finished", "write its closing >")


def _attribute(text: str, name: re.Match[str], end: int) -> tuple[Attribute, Fault | None]:
    start = name.start()
    sign = _BLANK.match(text, name.end(), end)
    if sign is None or not text.startswith("=", sign.end()) or sign.end() >= end:
        return Attribute(name.group(), None, start, name.end()), None
    blank = _BLANK.match(text, sign.end() + 1, end)
    at = blank.end() if blank else sign.end() + 1
    quote = text[at : at + 1] if at < end else ""
    if quote not in {'"', "'"} or not quote:
        value = _UNQUOTED.match(text, at, end)
        stop = value.end() if value else at
        fault = Fault(at, "unquoted-attribute", f"the value of {name.group()} has no quotes", 'write name="value"')
        return Attribute(name.group(), text[at:stop], start, stop), fault
    close = text.find(quote, at + 1, end)
    if close < 0 or _runs_on(text, at + 1, close, end):
        stop = _end_of_word(text, at + 1, end)
        fault = Fault(at, "open-quote", f"the quote of {name.group()} is never closed", f"end the value with {quote}")
        return Attribute(name.group(), text[at + 1 : stop], start, stop), fault
    return Attribute(name.group(), text[at + 1 : close], start, close + 1), None


def _runs_on(text: str, start: int, close: int, end: int) -> bool:
    """Whether a value seems to have lost its closing quote: it holds a tag, and what follows it is no separator."""
    after = text[close + 1 : close + 2] if close + 1 < end else ""
    return "<" in text[start:close] and after not in {"", " ", "\t", "\r", "\n", ">", "/", NOTHING}


def _end_of_word(text: str, at: int, end: int) -> int:
    word = re.compile(r"[^\s<>]*").match(text, at, end)
    return word.end() if word else at
