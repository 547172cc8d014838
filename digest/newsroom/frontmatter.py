"""Front matter: the YAML head of a story file, read as plain words with their lines. Pure (newsroom).

YAML is used for its look only. Scalars are taken as they are written, so that `topic: no` is a word and
`date: 2026-11-18` is not yet a date; aliases, anchors, tags and deep nesting are refused before anything is built.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import yaml

from digest.errors import InputError
from digest.newsroom.text import tidy

_MAX_CHARACTERS = 60_000
_MAX_DEPTH = 6
_OPENING = re.compile(r"\s*^---[ \t]*\r?\n", re.MULTILINE)
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_NESTING = {
    yaml.BlockMappingStartToken: 1,
    yaml.BlockSequenceStartToken: 1,
    yaml.FlowMappingStartToken: 1,
    yaml.FlowSequenceStartToken: 1,
    yaml.BlockEndToken: -1,
    yaml.FlowMappingEndToken: -1,
    yaml.FlowSequenceEndToken: -1,
}
_TORN = 'not a known key; put quotation marks around a value that holds a comma, such as "over 2,300"'
_NULLS = ("", "~", "null", "Null", "NULL")
T = TypeVar("T")

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def has_front_matter(text: str) -> bool:
    """Whether the first line that is not empty is `---`."""
    return _OPENING.match(text) is not None


@dataclass(frozen=True, slots=True)
class Split:
    """A story file in two: `head` is the YAML between the two rulers, which begins on line `line`."""

    head: str
    body: str
    line: int
    body_line: int
    start: int  # where `head` begins, in characters of the whole


def split_front_matter(text: str, file: str) -> Split:
    """Cut a story file (line ends LF or CRLF) at its rulers; InputError when one is missing or the head is too long."""
    flat = text.replace("\r\n", " \n") if "\r" in text else text  # as long as before: offsets stay true
    opening = _OPENING.match(flat)
    if opening is None:
        raise InputError("front matter is missing: begin the file with a line --- and the headline", file=file, line=1)
    line = flat.count("\n", 0, opening.end()) + 1
    closing = _CLOSING.search(flat, opening.end())
    if closing is None:
        raise InputError("front matter does not end: close it with a line ---", file=file, line=line - 1)
    head = text[opening.end() : closing.start()]
    if len(head) > _MAX_CHARACTERS:
        raise InputError(f"front matter of {len(head)} characters: at most {_MAX_CHARACTERS} are read", file=file)
    body_line = line + head.count("\n") + 1
    return Split(head, text[closing.end() :].lstrip("\r").removeprefix("\n"), line, body_line, opening.end())


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the front matter; every refusal names its path, its file and its line."""

    node: yaml.Node
    path: str
    file: str
    offset: int  # the line of the file on which the front matter begins

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + self.offset

    @property
    def missing(self) -> bool:
        """Whether nothing is written here: empty, ~ or null."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.style is None and self.node.value in _NULLS

    def refuse(self, wish: str) -> InputError:
        shown = f": {_shown(self.node.value)}" if isinstance(self.node, yaml.ScalarNode) else ""
        return InputError(f"{self.path}{shown}: {wish}", file=self.file, line=self.line)

    def text(self, at_most: int) -> str | None:
        """One line of plain text, tidied; None when missing."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.refuse("a text is wanted; put quotation marks around text with [ ], { } or a colon")
        text = "" if self.missing else tidy(self.node.value)
        if len(text) > at_most:
            raise InputError(
                f"{self.path}: {len(text)} characters: at most {at_most} are wanted", file=self.file, line=self.line
            )
        return text or None

    def flag(self) -> bool | None:
        word = self.text(20)
        if word is None:
            return None
        if word.lower() not in _FLAGS:
            raise self.refuse("true or false is wanted")
        return _FLAGS[word.lower()]

    def whole(self, low: int, high: int) -> int | None:
        """A whole number; "1,234" is one too."""
        word = self.text(40)
        if word is None:
            return None
        digits = re.sub(r"(?<=\d)[, ](?=\d{3}\b)", "", word)
        if not re.fullmatch(r"[+-]?\d{1,12}", digits, re.ASCII) or not low <= int(digits) <= high:
            raise self.refuse(f"a whole number from {low} to {high} is wanted")
        return int(digits)

    def day(self) -> date | None:
        word = self.text(40)
        if word is None:
            return None
        try:
            return date.fromisoformat(word)
        except ValueError:
            raise self.refuse("a date such as 2026-11-18 is wanted") from None

    def instant(self) -> datetime | None:
        """An instant with its distance from UTC: without it, nobody knows when an embargo ends."""
        word = self.text(40)
        if word is None:
            return None
        wish = "a time with its zone is wanted, such as 2026-11-23T07:00+00:00"
        try:
            instant = datetime.fromisoformat(re.sub(r" (?=[+-]\d\d:?\d\d$|Z$)", "", word))
        except ValueError:
            raise self.refuse(wish) from None
        if instant.utcoffset() is None:
            raise self.refuse(wish)
        return instant

    def choice(self, read: Callable[[str], T | None], wish: str) -> T | None:
        """What `read` makes of the text; refused with `wish` when it makes nothing of it."""
        word = self.text(400)
        if word is None:
            return None
        found = read(word)
        if found is None:
            raise self.refuse(wish)
        return found

    def items(self) -> Iterator[Value]:
        """The members of a list; a missing value is an empty one."""
        if self.missing:
            return
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.refuse("a list is wanted, each member on a line of its own after a hyphen")
        for count, node in enumerate(self.node.value, 1):
            yield Value(node, f"{self.path} {count}", self.file, self.offset)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    def fields(self, known: Collection[str]) -> dict[str, Value]:
        """The keys and values of a mapping; keys that are unknown or written twice are refused."""
        if self.missing:
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.refuse(f"keys with values are wanted: {', '.join(known)}")
        found: dict[str, Value] = {}
        for key, node in self.node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "…"
            line = key.start_mark.line + self.offset
            if name not in known:
                torn = self.node.flow_style and isinstance(node, yaml.ScalarNode) and node.value == ""
                wish = _TORN if torn else _unknown(name, known)
                raise InputError(f"{self.path} {_shown(name)}: {wish}".strip(), file=self.file, line=line)
            if name in found:
                raise InputError(f"{name}: is written twice; keep one of them", file=self.file, line=line)
            found[name] = Value(node, f"{self.path} {name}".strip(), self.file, self.offset)
        return found


def read_yaml(head: str, file: str, line: int) -> Value:
    """The front matter `head`, which begins on that line of the file, as one value; InputError names the line."""
    try:
        _refuse_tricks(head, file, line)
        node = yaml.compose(head, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = line if mark is None else line + mark.line
        raise InputError(_plain_problem(error), file=file, line=place) from None
    except yaml.YAMLError as error:
        raise InputError(f"front matter cannot be read: {tidy(str(error))}", file=file, line=line) from None
    if node is None:
        raise InputError("front matter is empty: a headline is wanted", file=file, line=line)
    return Value(node, "", file, line)


def _refuse_tricks(head: str, file: str, line: int) -> None:
    """Look at the tokens alone, so that a bomb is refused before it is built (and before anything recurses)."""
    depth = 0
    for token in yaml.scan(head, Loader=yaml.SafeLoader):
        depth += _NESTING.get(type(token), 0)
        place = line + token.start_mark.line
        if depth > _MAX_DEPTH:
            raise InputError("front matter is nested too deeply", file=file, line=place)
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken | yaml.DirectiveToken):
            raise InputError(
                "front matter with an alias (*), an anchor (&), a tag (!) or a directive (%) is not read; "
                "put quotation marks around a text that begins with such a sign",
                file=file,
                line=place,
            )


def _plain_problem(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "cannot be read"
    hint = "put quotation marks around a text that holds a colon, a # or quotation marks"
    if "\\t" in problem:
        hint = "indent with spaces, not with tabs"
    return f"front matter cannot be read: {tidy(problem)}; {hint}"


def _unknown(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name.lower(), known, n=1)
    wish = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return f"not a known key; {wish}"


def _shown(value: str) -> str:
    line = tidy(value)
    return line if len(line) <= 60 else f"{line[:59]}…"
