"""Faults in the skeleton of MJML: what cannot be read, tags that do not pair, the wrong root, too deep. Pure.

The renderer is silent about most of them, or names a byte far from the mistake; each fault here is at the place
where a person has to change something.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from digest.render.markup import NOTHING, VALUE, VOID_ELEMENTS, Fault, Token, line_of

DEEPEST = 200
"""Nested tags. The renderer recurses: some ten thousand crash the process, fewer on a thread's smaller stack."""

MOST = 50
"""Faults of pairing told at once."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def structure_faults(text: str, pieces: Sequence[Token], *, fragment: bool = False) -> list[Fault]:
    """Every fault of the skeleton, in the order of the text. `fragment`: part of a template, which needs no root."""
    deep = _too_deep(pieces)
    if deep:
        return deep  # whatever else is wrong there, nobody wrote it by hand
    faults = [fault for piece in pieces for fault in piece.faults]
    faults += _declarations(text, pieces) + _controls(text) + _pairs(text, pieces) + _conditions(text, pieces)
    if not fragment:
        faults += _root(text, pieces)
    return sorted(faults, key=lambda fault: fault.at)


def unsupported(pieces: Sequence[Token]) -> list[Fault]:
    """MJML that is right but that this renderer refuses or, worse, ignores in silence."""
    faults = []
    for tag in pieces:
        if tag.kind not in {"open", "empty"}:
            continue
        if tag.name == "mj-style" and any(one.name == "inline" for one in tag.attributes):
            fix = 'write style="…" at the elements themselves, or remove the attribute inline'
            faults.append(Fault(tag.start, "inline-style", "<mj-style inline> is not inlined by the renderer", fix))
        if tag.name == "mj-include":
            fix = "use Jinja's {% include %}"
            faults.append(Fault(tag.start, "include", "<mj-include> is switched off", fix))
        if tag.name in {"mj-html-attributes", "mj-selector", "mj-html-attribute"}:
            message = f"<{tag.name}> is refused by the renderer"
            faults.append(Fault(tag.start, "unsupported-tag", message, "write the attributes where they belong"))
    return faults


def _declarations(text: str, pieces: Sequence[Token]) -> list[Fault]:
    faults = []
    for piece in pieces:
        if piece.kind == "declaration":
            word = re.split(r"[\s>]", text[piece.start : piece.start + 20], maxsplit=1)[0]
            message = f"{word}… has no place in MJML"
            faults.append(Fault(piece.start, "declaration", message, "remove it; MJML begins with <mjml>"))
    return faults


def _conditions(text: str, pieces: Sequence[Token]) -> list[Fault]:
    """Conditional comments that are not ended, and ends of none."""
    faults = []
    begun: Token | None = None
    for piece in pieces:
        if piece.kind != "condition":
            continue
        begins = "[if" in text[piece.start : piece.end]
        if begins and begun:
            faults.append(_never_ended(begun))
        if not begins and begun is None:
            faults.append(Fault(piece.start, "condition", "<![endif]--> without <!--[if …]> before it", "remove it"))
        begun = piece if begins else None
    return faults + ([_never_ended(begun)] if begun else [])


def _never_ended(condition: Token) -> Fault:
    return Fault(condition.start, "condition", "conditional comment that never ends", "end it with <![endif]-->")


def _controls(text: str) -> list[Fault]:
    return [
        Fault(found.start(), "control-character", f"control character U+{ord(found.group()):04X}", "remove it")
        for found in _CONTROLS.finditer(text)
    ][:20]


def _pairs(text: str, pieces: Sequence[Token]) -> list[Fault]:
    """Faults of pairing: tags never closed, closed in the wrong order, closing tags that close nothing."""
    pairing = _Pairing(text)
    for piece in pieces:
        if piece.opens:
            pairing.open.append(piece)
        elif piece.kind == "close":
            pairing.close(piece)
        if len(pairing.faults) + len(pairing.unclosed) > MOST:
            break  # each fault costs a look through all that is open
    pairing.give_up(pairing.open)
    return [*pairing.faults, *pairing.unclosed.values()]


class _Pairing:
    """Tags that are open, and what was wrong so far. `unclosed` holds tags that an outer one closed over."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[Token] = []
        self.faults: list[Fault] = []
        self.unclosed: dict[Token, Fault] = {}

    def close(self, tag: Token) -> None:
        if self.open and _same(self.open[-1].name, tag.name):
            self.open.pop()
        elif tag.name.lower() in VOID_ELEMENTS:
            self._complain(tag, f"</{tag.name}> closes nothing: <{tag.name}> never has content", "remove it")
        elif any(_same(opened.name, tag.name) for opened in self.open):
            self._close_over(tag)
        elif not self._crossed(tag):
            self._unmatched(tag)

    def give_up(self, tags: Sequence[Token]) -> None:
        for tag in tags:
            message = f"<{tag.name}> is never closed"
            self.unclosed[tag] = Fault(tag.start, "unclosed-tag", message, f"write </{tag.name}> where it ends")

    def _close_over(self, tag: Token) -> None:
        at = max(place for place, opened in enumerate(self.open) if _same(opened.name, tag.name))
        self.give_up(self.open[at + 1 :])
        del self.open[at:]

    def _crossed(self, tag: Token) -> bool:
        """Whether this closes a tag that was given up just before: then the two closing tags are swapped."""
        for opened in reversed(self.unclosed):
            if _same(opened.name, tag.name):
                del self.unclosed[opened]
                message = f"</{tag.name}> is too late: what is around <{tag.name}> of line {self._line(opened)} ended"
                self.faults.append(Fault(tag.start, "crossed-tags", message, "swap the closing tags"))
                return True
        return False

    def _unmatched(self, tag: Token) -> None:
        opened = self.open[-1] if self.open else None
        if opened and difflib.SequenceMatcher(None, opened.name, tag.name).ratio() >= 0.6:
            message = f"</{tag.name}> does not close <{opened.name}> of line {self._line(opened)}"
            self._complain(tag, message, f"write </{opened.name}>")
            self.open.pop()
        else:
            self._complain(tag, f"</{tag.name}> closes nothing", f"remove it, or open <{tag.name}> before")

    def _complain(self, tag: Token, message: str, fix: str) -> None:
        self.faults.append(Fault(tag.start, "unmatched-tag", message, fix))

    def _line(self, tag: Token) -> int:
        return line_of(self.text, tag.start)


def _same(one: str, other: str) -> bool:
    return one == other or (one.lower() == other.lower() and not one.lower().startswith("mj"))


def _too_deep(pieces: Sequence[Token]) -> list[Fault]:
    """The first tag nested too deep; counted as the renderer does, which never looks at a closing tag's name."""
    depth = 0
    for piece in pieces:
        if piece.opens:
            depth += 1
            if depth > DEEPEST:
                message = f"tags are nested more than {DEEPEST} deep"
                return [Fault(piece.start, "too-deep", message, "close tags before opening more")]
        elif piece.kind == "close":
            depth = max(0, depth - 1)
    return []


def _root(text: str, pieces: Sequence[Token]) -> list[Fault]:
    """The document must be one <mjml> element, with nothing but comments around it."""
    tags = [piece for piece in pieces if piece.kind in {"open", "empty"}]
    if not text.strip(" \t\r\n\ufeff" + NOTHING):
        return [Fault(0, "empty", "the template is empty", "write <mjml><mj-body>…</mj-body></mjml>")]
    if not tags or tags[0].name != "mjml":
        at = tags[0].start if tags else 0
        what = f"the first tag is <{tags[0].name}>" if tags else "there is no tag"
        return [Fault(at, "not-mjml", f"this is not MJML: {what}", "begin with <mjml>")]
    return _around(text, pieces)


def _around(text: str, pieces: Sequence[Token]) -> list[Fault]:
    depth = 0
    for piece in pieces:
        outside = depth == 0 and not (piece.opens and piece.name == "mjml" and piece.start == _first(pieces))
        blank = piece.kind == "text" and not text[piece.start : piece.end].strip(" \t\r\n\ufeff" + NOTHING + VALUE)
        if outside and not blank and not piece.faults and piece.kind in {"text", "open", "empty"}:
            at = piece.end - len(text[piece.start : piece.end].lstrip())
            return [Fault(at, "outside-root", "content outside <mjml>…</mjml>", "move it inside, or remove it")]
        depth += 1 if piece.opens else -1 if piece.kind == "close" and depth else 0
    return []


def _first(pieces: Sequence[Token]) -> int:
    return next((piece.start for piece in pieces if piece.kind in {"open", "empty"}), -1)
