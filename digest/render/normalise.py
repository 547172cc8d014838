"""MJML whose attributes the renderer prints unharmed. Pure; stands in front of the renderer (mjml.py).

mrml prints attributes with Rust's debug quoting: a line end becomes a literal `\\n`, a soft hyphen `\\u{ad}`,
and a double quote inside a single-quoted value ends the attribute. And it drops a padding of `0` without unit
when it computes the widths that Outlook needs. All are cured here, in every tag, whoever wrote it.
"""

from __future__ import annotations

import re

from digest.render.markup import Attribute, Token, tokens

_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HARMFUL = re.compile(r"[^\x20-\x7e]|[\"<>&\\]")
# Controls, lone surrogates and what is no character: a reference to one means nothing in HTML, or another character.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_UNITLESS_ZERO = re.compile(r"(?<![\w.#-])0(?![\w.%])")
_RAW_ELEMENTS = frozenset(["mj-style", "style", "script"])
_LENGTHS = re.compile(r"(?:inner-|container-)?padding(?:-top|-right|-bottom|-left)?|(?:inner-)?border-radius")


def normalise(mjml: str) -> str:
    """The same document with every attribute on one line, in double quotes, in printable ASCII.

    Changes nothing else but `>` in text, and nothing in a tag that cannot be read: the linter and the renderer
    are to see that as it is. Normalising twice changes nothing.
    """
    normal: list[str] = []
    raw = ""
    for token in tokens(mjml):
        normal.append(_normal(mjml, token, raw=bool(raw)))
        if token.kind == "open" and token.name in _RAW_ELEMENTS:
            raw = raw or token.name
        elif token.kind == "close" and token.name == raw:
            raw = ""
    return "".join(normal)


def attribute_value(value: str) -> str:
    """A value, as written between any quotes, for use between double quotes: references are kept, never doubled."""
    kept: list[str] = []
    at = 0
    one_line = _BLANKS.sub(_one_blank, value)
    one_line = one_line if one_line == value else one_line.strip(" ")
    for reference in _REFERENCE.finditer(one_line):
        kept += [_HARMFUL.sub(_as_reference, one_line[at : reference.start()]), reference.group()]
        at = reference.end()
    return "".join([*kept, _HARMFUL.sub(_as_reference, one_line[at:])])


def _normal(mjml: str, token: Token, *, raw: bool) -> str:
    source = mjml[token.start : token.end]
    if token.kind == "text" and not raw:
        # The renderer panics at a `>` that stands two bytes into or after a character such as ”.
        return source.replace(">", "&gt;")
    if token.kind not in {"open", "empty"} or token.faults or not token.attributes:
        return source
    attributes = " ".join(_written(token.name, attribute) for attribute in token.attributes)
    return f"<{token.name} {attributes}{' />' if token.kind == 'empty' else '>'}"


def _written(tag: str, attribute: Attribute) -> str:
    if attribute.value is None:
        return attribute.name
    value = attribute.value
    if tag.startswith("mj-") and _LENGTHS.fullmatch(attribute.name):
        value = _UNITLESS_ZERO.sub("0px", value)
    value = attribute_value(value)
    if tag == "mj-font":
        # Its address is also printed into a style sheet, where references mean nothing.
        value = value.replace("&amp;", "&")
    return f'{attribute.name}="{value}"'


def _one_blank(found: re.Match[str]) -> str:
    return found.group() if set(found.group()) == {" "} else " "


def _as_reference(found: re.Match[str]) -> str:
    character = found.group()
    if _UNSEEN.fullmatch(character):
        return ""
    named = {'"': "&quot;", "<": "&lt;", ">": "&gt;", "&": "&amp;"}
    return named.get(character, f"&#{ord(character)};")
