"""Faults in attributes: unknown or wrong ones, ones that this renderer leaves out, missing and dangerous ones. Pure.

The renderer passes them all without a word. Used by lint.py.
"""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterator, Mapping, Sequence

from digest.render.components import EVERYWHERE, Component, components, wrong_value
from digest.render.markup import NOTHING, VALUE, Attribute, Fault, Token
from digest.render.nesting import placed

_REQUIRED = {
    "mj-image": ["src"],
    "mj-carousel-image": ["src"],
    "mj-font": ["name", "href"],
    "mj-class": ["name"],
    "mj-breakpoint": ["width"],
}
_DEFAULTS = "mj-attributes"
_SCRIPT = re.compile(r"(?:javascript|vbscript):", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")


def attribute_faults(pieces: Sequence[Token]) -> list[Fault]:
    """Every fault of attributes. A value or name that a template has yet to print is taken to be right."""
    faults: list[Fault] = []
    for tag, around in placed(pieces):
        if tag.kind not in {"open", "empty"}:
            continue
        faults += [*_doubled(tag), *_links(tag)]
        as_default = any(one.name == _DEFAULTS for one in around)
        if tag.name in {"mj-all", "mj-class"}:
            faults += _known(tag, _all_attributes(), None)
        elif tag.name in components():
            component = components()[tag.name]
            faults += _known(tag, component.attributes, component)
        if tag.name == "mj-class" or not as_default:
            faults += _missing(tag)
    return faults


def values(tag: Token) -> dict[str, str]:
    """A tag's attributes, with what a template does not print taken away; without a value: the empty text."""
    return {one.name: (one.value or "").replace(NOTHING, "") for one in tag.attributes}


def _all_attributes() -> Mapping[str, str]:
    # The same name may have other types elsewhere: a value given to all is not judged. (`name` is one of them.)
    return {name: "string" for component in components().values() for name in component.attributes}


def _doubled(tag: Token) -> Iterator[Fault]:
    seen: set[str] = set()
    for one in tag.attributes:
        if one.name in seen and VALUE not in one.name:
            message = f"{one.name} is written twice in <{tag.name}>"
            yield Fault(one.start, "doubled-attribute", message, "keep one of them")
        seen.add(one.name)


def _known(tag: Token, known: Mapping[str, str], component: Component | None) -> Iterator[Fault]:
    everywhere = EVERYWHERE if tag.name not in {"mjml", "mj-font", "mj-style", "mj-breakpoint"} else frozenset()
    for one in tag.attributes:
        if VALUE in one.name or one.name in everywhere:
            continue
        if one.name not in known:
            yield _unknown(tag, one, [*known, *everywhere])
        elif component and one.name in component.ignored:
            fix = "leave it out, or write it as style in HTML inside <mj-text>"
            message = f"{one.name} of <{tag.name}> is ignored by the renderer"
            yield Fault(one.start, "ignored-attribute", message, fix, "warning")
        else:
            yield from _value(tag, one, known[one.name])


def _unknown(tag: Token, one: Attribute, known: Sequence[str]) -> Fault:
    near = difflib.get_close_matches(one.name.lower(), known, 1, 0.7)
    fix = f"write {near[0]}" if near else "remove it, or style it by css-class"
    return Fault(one.start, "unknown-attribute", f"<{tag.name}> has no attribute {one.name}", fix)


def _value(tag: Token, one: Attribute, kind: str) -> Iterator[Fault]:
    if one.value is None:
        message = f"{one.name} of <{tag.name}> has no value"
        yield Fault(one.start, "wrong-value", message, f'write {one.name}="…"')
        return
    value = html.unescape(one.value.replace(NOTHING, ""))
    wanted = None if VALUE in value or "{{" in value or "{%" in value else wrong_value(kind, value)
    if wanted:
        message = f'{one.name}="{value if len(value) <= 40 else value[:40] + "…"}" of <{tag.name}>: not understood'
        yield Fault(one.start, "wrong-value", message, f"write {wanted}")


def _missing(tag: Token) -> Iterator[Fault]:
    written = values(tag)
    if any(VALUE in name for name in written) or "mj-class" in written:
        return
    for name in _REQUIRED.get(tag.name, []):
        if not written.get(name):
            yield Fault(tag.start, "missing-attribute", f"<{tag.name}> has no {name}", f'write {name}="…"')
    if tag.name in {"mj-image", "mj-carousel-image", "img"} and "alt" not in written:
        fix = 'say in alt="…" what the picture shows; alt="" if it only adorns'
        yield Fault(tag.start, "missing-alt", f"<{tag.name}> has no alt", fix, "warning")


def _links(tag: Token) -> Iterator[Fault]:
    for one in tag.attributes:
        if one.name.lower() not in {"href", "src", "background-url", "action", "background"} or one.value is None:
            continue
        address = _INVISIBLE.sub("", html.unescape(one.value.replace(NOTHING, "")))
        if _SCRIPT.match(address):
            fix = "link to an http or https address"
            yield Fault(one.start, "script-link", f"{one.name} of <{tag.name}> runs a script", fix)
        elif one.name == "href" and not address and NOTHING not in one.value and tag.name not in _REQUIRED:
            fix = f"write the address, or remove {one.name}"
            yield Fault(one.start, "empty-link", f"{one.name} of <{tag.name}> is empty", fix)
