"""The template linter: every fault that the renderer would pass over, with the template's file and line. Pure.

`lint_template` reads a template as its author wrote it, Jinja and all, `lint_theme` all of a theme's; `lint` reads
MJML that is ready to render.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.errors import TemplateError
from digest.render.attributes import attribute_faults, values
from digest.render.components import components
from digest.render.findings import Finding
from digest.render.markup import BRACES, NOTHING, VALUE, Fault, Token, tokens
from digest.render.nesting import nesting_faults, placed
from digest.render.structure import structure_faults, unsupported
from digest.render.variants import Template, read_template

if TYPE_CHECKING:
    from digest.render.themes import Theme

LineMap = Callable[[int], tuple[str, int | None]]
"""From a line of rendered MJML to the template's file and line, where somebody knows."""

_PAGE = frozenset(["html", "head", "body"])
_CSS_SILENT = re.compile(r"/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)


def lint(mjml: str, *, file: str, origin: LineMap | None = None) -> list[Finding]:
    """The faults of a complete MJML document, by line. `file` is told as the place, unless `origin` knows better."""
    mjml = _plain_lines(mjml)
    faults = _faults(mjml, fragment=False, complete=True)
    return _findings(mjml, faults, origin or (lambda line: (file, line)))


def lint_template(text: str, name: str) -> list[Finding]:
    """The faults of one template file, by line.

    `name` is told as the place, and decides how to read it: a `.j2` is Jinja, anything else is MJML as it stands
    (where braces are leftovers). A template without <mjml> that is included, or holds macros, is a part.
    """
    text = _plain_lines(text)
    if not name.endswith(".j2"):
        part = name.rsplit("/", 1)[-1].startswith("_")
        return _findings(text, _faults(text, fragment=part, complete=not part), lambda line: (name, line))
    try:
        template = read_template(text, name)
    except TemplateError as fault:
        what, _, fix = fault.message.rpartition("; ")
        return [Finding(rule="jinja", severity="error", file=name, line=fault.line, message=what, fix=fix)]
    return _findings(text, _template_faults(text, template), lambda line: (name, line))


def lint_theme(theme: Theme) -> list[Finding]:
    """The faults of all MJML templates of a theme, each at its own file and line."""
    templates = [(name, file) for name, file in sorted(theme.files.items()) if ".mjml" in name]
    return [replace(finding, file=file.shown) for name, file in templates for finding in lint_template(file.text, name)]


def _plain_lines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _template_faults(text: str, template: Template) -> list[Fault]:
    part = "<mjml" not in text and (template.extends or not _is_page(text, template))
    complete = not (part or template.includes or template.extends)
    faults: list[Fault] = []
    for variant in template.variants:
        if variant.whole and part and not variant.text.strip(" \n" + NOTHING):
            continue  # nothing but macros, or nothing in this branch
        faults += _faults(variant.text, fragment=part or not variant.whole, complete=complete and variant.whole)
    return faults


def _is_page(text: str, template: Template) -> bool:
    """Whether a template without <mjml> was meant to be a whole one: empty, bare text, or a page of HTML."""
    tags = [piece.name for variant in template.variants for piece in tokens(variant.text) if piece.name]
    doctype = re.match(r"\s*<!doctype", text, re.IGNORECASE)
    return bool(doctype) or (not tags and template.plain) or bool(tags and tags[0].lower() in _PAGE)


def _faults(text: str, *, fragment: bool, complete: bool) -> list[Fault]:
    pieces = list(tokens(text))
    faults = structure_faults(text, pieces, fragment=fragment)
    if any(fault.rule in {"too-deep", "empty", "not-mjml"} for fault in faults):
        return faults  # the rest would only repeat it, a thousand times
    faults += unsupported(pieces) + nesting_faults(text, pieces, fragment=fragment) + attribute_faults(pieces)
    faults += [*_leftovers(text, pieces), *_styles(text, pieces)]
    if not fragment:
        faults += _document(pieces, complete=complete)
    return faults


def _leftovers(text: str, pieces: Sequence[Token]) -> Iterator[Fault]:
    """Braces of a template engine that would be printed as they are. A style sheet may end in }} by itself."""
    for piece, around in placed(pieces):
        style = bool(around) and around[-1].name in {"mj-style", "style"}
        if piece.kind in {"comment", "condition", "declaration"}:
            continue
        for braces in BRACES.finditer(text, piece.start, piece.end):
            if style and piece.kind == "text" and braces.group() in {"}}", "%}"}:
                continue
            message = f"{_short(braces.group())} is left over, and would be printed"
            yield Fault(braces.start(), "leftover", message, "complete the expression, or remove the braces")


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _styles(text: str, pieces: Sequence[Token]) -> Iterator[Fault]:
    for piece, around in placed(pieces):
        if piece.kind != "text" or not around or around[-1].name not in {"mj-style", "style"}:
            continue
        source = text[piece.start : piece.end]
        for sign in re.finditer(r"(?:[\u0800-\U0010ffff]|[\u0080-\U0010ffff][\x00-\x7f])>", source):
            message = "`>` right after a character beyond ASCII stops the renderer"
            yield Fault(piece.start + sign.start(), "style-sign", message, "put two blanks before it")
        css = _CSS_SILENT.sub("", source)
        if VALUE not in source and css.count("{") != css.count("}"):
            message = f"{css.count('{')} opening and {css.count('}')} closing braces in a style sheet"
            yield Fault(around[-1].start, "style-braces", message, "pair them; rules after the odd one are lost")


def _document(pieces: Sequence[Token], *, complete: bool) -> Iterator[Fault]:
    """What a whole document must have. `complete`: no other template adds to it."""
    tags = [piece for piece in pieces if piece.kind in {"open", "empty"}]
    for name in ("mj-head", "mj-body"):
        found = [tag for tag in tags if tag.name == name]
        for tag in found[1:]:
            yield Fault(tag.start, "wrong-place", f"a second <{name}>: one of them is lost", "keep one")
        if not found and complete and name == "mj-body":
            yield Fault(tags[0].start, "no-body", "no <mj-body>: nothing would be shown", "write <mj-body>…</mj-body>")
    if complete and not any(tag.name == "mj-title" and tag.kind == "open" for tag in tags):
        fix = "write <mj-title>…</mj-title> into <mj-head>: screen readers tell it first"
        yield Fault(tags[0].start, "no-title", "no <mj-title>", fix, "warning")
    if complete:
        yield from _classes(tags)


def _classes(tags: Sequence[Token]) -> Iterator[Fault]:
    defined = {values(tag).get("name") for tag in tags if tag.name == "mj-class"}
    for tag in tags:
        used = values(tag).get("mj-class", "") if tag.name in components() else ""
        for name in [] if VALUE in used else used.split():
            if name not in defined:
                message = f'mj-class "{name}" is not defined'
                fix = f'define <mj-class name="{name}" … /> in <mj-attributes>'
                yield Fault(tag.start, "unknown-class", message, fix, "warning")


def _findings(text: str, faults: Sequence[Fault], origin: LineMap) -> list[Finding]:
    """In the order of the text; what several variants of a template share is told once."""
    distinct = dict.fromkeys(sorted(faults, key=lambda fault: (fault.at, fault.rule)))
    line_ends = [found.start() for found in re.finditer("\n", text)]
    found: dict[Finding, None] = {}
    for fault in distinct:
        file, line = origin(bisect.bisect_left(line_ends, fault.at) + 1)
        message = fault.message.replace(VALUE, "").replace(NOTHING, "")
        finding = Finding(
            rule=fault.rule, severity=fault.severity, file=file, line=line, message=message, fix=fault.fix
        )
        found[finding] = None
    return list(found)
