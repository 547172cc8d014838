"""Faults in what stands where: unknown tags, components and text in the wrong place, comments out of place. Pure.

The renderer drops or garbles all of these without a word. Used by lint.py.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from digest.render.components import Component, components, html_elements
from digest.render.markup import BRACES, NOTHING, VALUE, Fault, Token

_CLASSES = frozenset(["mj-all", "mj-class"])
_ELSEWHERE = frozenset(
    ["mj-include", "mj-html-attributes", "mj-selector", "mj-html-attribute"]
)  # structure.unsupported


def placed(pieces: Sequence[Token]) -> Iterator[tuple[Token, list[Token]]]:
    """Each piece with the tags that are open around it, outermost first. The list is reused: read it at once."""
    around: list[Token] = []
    for piece in pieces:
        if piece.kind == "close":
            places = [place for place, tag in enumerate(around) if tag.name.lower() == piece.name.lower()]
            if places:
                del around[places[-1] :]
        yield piece, around
        if piece.opens:
            around.append(piece)


def is_component(name: str) -> bool:
    """Whether a tag belongs to MJML, or was meant to."""
    return name.lower() == "mjml" or name.lower().startswith("mj-")


def nesting_faults(text: str, pieces: Sequence[Token], *, fragment: bool) -> list[Fault]:
    """Every fault of place. Of a `fragment` it is not known where it will stand: its outermost level may hold all."""
    faults: list[Fault] = []
    for piece, around in placed(pieces):
        parent = next((tag for tag in reversed(around) if is_component(tag.name)), None)
        holder = components().get(parent.name) if parent else None
        if piece.kind in {"open", "empty"} and VALUE not in piece.name:
            faults += _tag(piece, around, holder, fragment=fragment)
        elif piece.kind == "text" and holder and around[-1] is parent and holder.content in {"components", "nothing"}:
            faults += _stray_text(text, piece, holder)
        elif piece.kind in {"comment", "condition"}:
            faults += _comment(piece, holder, outermost=parent is None and not fragment)
    return faults


def _tag(tag: Token, around: Sequence[Token], holder: Component | None, *, fragment: bool) -> Iterator[Fault]:
    if not is_component(tag.name):
        yield from _html(tag, holder)
    elif tag.name not in components() and tag.name not in _CLASSES | _ELSEWHERE:
        yield _unknown(tag)
    elif around and not is_component(around[-1].name) and VALUE not in around[-1].name:
        message = f"<{tag.name}> inside <{around[-1].name}>: components inside HTML are not rendered"
        yield Fault(tag.start, "wrong-place", message, "close the HTML before it")
    elif tag.name == "mjml" and around:
        yield Fault(tag.start, "wrong-place", f"<mjml> inside <{around[-1].name}>", "keep one <mjml> around everything")
    elif holder and tag.name not in _ELSEWHERE and not _may_hold(holder, tag.name):
        message = f"<{tag.name}> has no place in <{holder.name}>"
        yield Fault(tag.start, "wrong-place", message, _where_to(tag.name))


def _may_hold(holder: Component, name: str) -> bool:
    if name in _CLASSES:
        return holder.name == "mj-attributes"
    return holder.content == "components" and (name in holder.children or "*" in holder.children)


def _where_to(name: str) -> str:
    if name in _CLASSES:
        return "put it into <mj-attributes>"
    places = [f"<{one.name}>" for one in components().values() if name in one.children]
    return f"put it into {' or '.join(places)}" if places else "remove it"


def _unknown(tag: Token) -> Fault:
    near = difflib.get_close_matches(tag.name.lower(), [*components(), *_CLASSES], 1, 0.7)
    fix = f"write <{near[0]}>" if near else "see MJML's list of components"
    message = f"unknown tag <{tag.name}>: its content would be lost or shown raw"
    return Fault(tag.start, "unknown-tag", message, fix)


def _html(tag: Token, holder: Component | None) -> Iterator[Fault]:
    known = tag.name.lower() in html_elements() or ":" in tag.name
    if holder and holder.content != "html":
        near = [] if known else difflib.get_close_matches(tag.name.lower(), holder.children, 1, 0.7)
        fix = f"write <{near[0]}>" if near else "put HTML into <mj-text> or <mj-raw>"
        if holder.content == "text":
            fix = "write bare text"
        yield Fault(tag.start, "wrong-place", f"<{tag.name}> has no place in <{holder.name}>", fix)
    elif not known:
        near = difflib.get_close_matches(tag.name.lower(), [*html_elements(), *components()], 1, 0.7)
        fix = f"write <{near[0]}>" if near else "write an element of HTML"
        yield Fault(tag.start, "unknown-tag", f"unknown tag <{tag.name}>", fix)


def _stray_text(text: str, piece: Token, holder: Component) -> Iterator[Fault]:
    source = text[piece.start : piece.end]
    # Braces that a template engine left over are told as such, not as text.
    words = BRACES.sub("", source.translate({ord(NOTHING): " ", ord(VALUE): " "})).strip()
    if words and not piece.faults:
        at = piece.start + source.index(words[0])
        fix = "put text into <mj-text>" if holder.content == "components" else "remove it"
        shown = words if len(words) <= 30 else words[:30].rstrip() + "…"
        message = f'stray text "{" ".join(shown.split())}" in <{holder.name}>'
        yield Fault(at, "stray-text", message, fix)


def _comment(piece: Token, holder: Component | None, *, outermost: bool) -> Iterator[Fault]:
    where = f"in <{holder.name}>" if holder else "outside <mjml>"
    if piece.kind == "condition" and (outermost or (holder and holder.comments != "all")):
        message = f"conditional comment {where}: the renderer refuses it there"
        yield Fault(piece.start, "comment-place", message, "put it into <mj-raw> or <mj-text>")
    elif piece.kind == "comment" and holder and holder.comments == "none":
        message = f"comment {where}: the renderer refuses it there"
        yield Fault(piece.start, "comment-place", message, "move it before the tag")
