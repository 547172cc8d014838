"""The markup that a Jinja template can become, without running it: same length, same lines. Pure; for lint.py.

A linter that reads a rendered document cannot name the template's file and line, and one that reads the template
must not stumble over Jinja. So everything of Jinja's is painted over (`VALUE` where something will be printed,
`NOTHING` where not), and of `{% if %} … {% else %} …` one branch at a time is left standing: a template may open a
tag in each branch and close it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from digest.errors import TemplateError
from digest.render.markup import NOTHING, VALUE

_ENVIRONMENT = SandboxedEnvironment(
    autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]
)
_BRANCHES = {"elif": "if", "else": "", "pluralize": "trans"}
_BLOCKS = frozenset(["if", "for", "macro", "call", "filter", "with", "block", "autoescape", "trans"])
_APART = frozenset(["macro", "call", "set"])
_MOST_VARIANTS = 12


@dataclass(frozen=True, slots=True)
class Variant:
    """`text` has the length and the lines of the template. `whole`: it is the template itself, not a macro's body."""

    text: str
    whole: bool


@dataclass(slots=True)
class _Piece:
    """Characters [start, end) of the template: plain "data", a printed "value", or a "silent" statement or comment."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class _Block:
    """A statement with an end: its branches in order, each with what it holds."""

    word: str
    condition: str
    branches: list[list[_Piece | _Block]] = field(default_factory=lambda: [[]])
    has_else: bool = False


@dataclass(slots=True)
class Template:
    """What reading the Jinja of a template told: its variants, and the other templates that it names."""

    variants: list[Variant]
    includes: bool
    extends: bool
    plain: bool  # no Jinja in it at all


def read_template(text: str, name: str) -> Template:
    """Read a template whose lines end in "\\n". Raises TemplateError with the line of a fault in its Jinja."""
    try:
        _ENVIRONMENT.parse(text, name)
        pieces = list(_pieces(text))
    except TemplateSyntaxError as fault:
        message = f"Jinja: {(fault.message or 'syntax error').rstrip('.')}; correct the braces or the statement"
        raise TemplateError(message, file=name, line=fault.lineno) from None
    except RecursionError:
        raise TemplateError("Jinja: nested too deep; take it apart", file=name) from None
    tree, apart, words = _tree(text, pieces)
    count = min(_MOST_VARIANTS, max([2, *(len(block.branches) + 1 for block in _blocks([*tree, *apart]))]))
    variants = [Variant(_painted(text, tree, number), True) for number in range(count)]
    for block in apart:
        variants += [Variant(_painted(text, block.branches[0], number), False) for number in range(count)]
    distinct = list(dict.fromkeys(variants))
    silent = all(piece.kind == "data" for piece in pieces)
    return Template(distinct, bool(words & {"include", "import", "from"}), "extends" in words, silent)


def _pieces(text: str) -> Iterator[_Piece]:
    """The template cut along Jinja's own tokens. The lexer swallows blanks beside `{%-`: they count as silent."""
    at = start = 0
    kind = "data"
    for _, part, value in _ENVIRONMENT.lexer.tokeniter(text, None):
        found = text.index(value, at)
        at = found + len(value)
        if part == "data":
            yield _Piece("data", found, at)
        elif part.endswith("_begin") or part == "raw_end":
            kind, start = "value" if part == "variable_begin" else "silent", found
        if part.endswith("_end") or part in {"raw_begin", "comment"}:
            yield _Piece(kind, start, at)
            start = at


def _tree(text: str, pieces: Sequence[_Piece]) -> tuple[list[_Piece | _Block], list[_Block], set[str]]:
    """Pieces by block; the blocks whose content is printed elsewhere (macros); the statements' first words."""
    root = _Block("", "")
    open_blocks = [root]
    apart: list[_Block] = []
    words: set[str] = set()
    for piece in pieces:
        inner = open_blocks[-1]
        word, rest = _statement(text[piece.start : piece.end]) if piece.kind == "silent" else ("", "")
        words.add(word)
        inner.branches[-1].append(piece)
        if word in _BRANCHES and len(open_blocks) > 1:
            inner.branches.append([])
            inner.has_else = inner.has_else or word != "elif"
        elif word in _BLOCKS or (word == "set" and not re.match(r"[^|(]*=", rest)):
            block = _Block(word, rest)
            if word in _APART:
                apart.append(block)
            else:
                inner.branches[-1].append(block)
            open_blocks.append(block)
        elif word.startswith("end") and len(open_blocks) > 1:
            open_blocks.pop()
    return root.branches[0], apart, words


def _statement(source: str) -> tuple[str, str]:
    found = re.match(r"\{%[-+]?\s*(\w+)\s*(.*?)\s*[-+]?%\}\s*\Z", source, re.DOTALL)
    return (found.group(1), found.group(2)) if found else ("", "")


def _blocks(nodes: Sequence[_Piece | _Block]) -> Iterator[_Block]:
    for node in nodes:
        if isinstance(node, _Block):
            yield node
            for branch in node.branches:
                yield from _blocks(branch)


def _painted(text: str, nodes: Sequence[_Piece | _Block], number: int) -> str:
    """The template with only what variant `number` takes left standing."""
    painted = [character if character == "\n" else NOTHING for character in text]
    for piece in _taken(nodes, number):
        for at in range(piece.start, piece.end):
            if piece.kind == "data":
                painted[at] = text[at]
            elif painted[at] != "\n" and piece.kind == "value":
                painted[at] = VALUE
    return "".join(painted)


def _taken(nodes: Sequence[_Piece | _Block], number: int) -> Iterator[_Piece]:
    for node in nodes:
        if isinstance(node, _Piece):
            yield node
        else:
            yield from _taken(_branch(node, number), number)


def _branch(block: _Block, number: int) -> Sequence[_Piece | _Block]:
    """Loops print their body or, in the last variant, their else; conditions take turns, `not` the other way round."""
    options: list[list[_Piece | _Block]] = list(block.branches)
    if block.word == "if" and not block.has_else:
        options.append([])
    if block.word == "if" and re.match(r"not\b", block.condition) and len(options) == 2:
        options.reverse()
    return options[min(number, len(options) - 1)]
