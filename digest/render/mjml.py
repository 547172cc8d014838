"""MJML → HTML: the edge around the renderer (mjml-python, which wraps mrml). Called by seal.py.

Everything that the renderer does badly or silently is taken care of on the way: see normalise.py, structure.py.
"""

from __future__ import annotations

import re

from mjml import mjml2html

from digest.errors import TemplateError
from digest.render.findings import RENDERED
from digest.render.markup import Fault, Token, line_of, tokens
from digest.render.normalise import normalise
from digest.render.structure import structure_faults, unsupported

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def compile_mjml(mjml: str, *, language: str, direction: str) -> str:
    """The HTML of a complete MJML document: one long line, the same every time.

    `language` is a BCP 47 tag, `direction` "ltr" or "rtl"; both win over what <mjml> says.
    Raises TemplateError with the line of `mjml` for whatever the renderer refuses, and for what it would let
    pass in silence: unpaired tags, depth that crashes it, `<mj-style inline>` (which it does not inline).
    """
    if not _LANGUAGE.fullmatch(language) or direction not in {"ltr", "rtl"}:
        raise TemplateError(f'language "{language}", direction "{direction}": want a tag such as "en" and ltr or rtl')
    pieces = list(tokens(mjml))
    for fault in structure_faults(mjml, pieces) or unsupported(pieces):
        raise _error(mjml, fault)
    return _render(normalise(_with_language(mjml, pieces, language, direction)))


def _with_language(mjml: str, pieces: list[Token], language: str, direction: str) -> str:
    root = next(piece for piece in pieces if piece.kind in {"open", "empty"})
    kept = [mjml[one.start : one.end] for one in root.attributes if one.name not in {"lang", "dir"}]
    attributes = " ".join([f'lang="{language}"', f'dir="{direction}"', *kept])
    return f"{mjml[: root.start]}<mjml {attributes}{'/>' if root.kind == 'empty' else '>'}{mjml[root.end :]}"


def _render(mjml: str) -> str:
    try:
        return mjml2html(mjml)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as refusal:  # a panic in Rust is no Exception
        raise _refusal(mjml, refusal) from None


def _refusal(mjml: str, refusal: BaseException) -> TemplateError:
    """The renderer's own words, with the line of the first byte that it names, if any."""
    text = str(refusal)
    place = re.search(r"at position (\d+):\d+", text)
    line = mjml.encode(errors="replace").count(b"\n", 0, int(place.group(1))) + 1 if place else None
    what = re.sub(r" in root template.*", "", text) or type(refusal).__name__
    return TemplateError(
        f"the MJML renderer refuses this: {what}; run digest check --template", file=RENDERED, line=line
    )


def _error(mjml: str, fault: Fault) -> TemplateError:
    return TemplateError(f"{fault.message}; {fault.fix}", file=RENDERED, line=line_of(mjml, fault.at))
