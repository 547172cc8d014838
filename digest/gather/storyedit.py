"""Story files changed in one place: keys of the front matter set or taken out, the rest untouched. Pure text."""

from __future__ import annotations

import re
from datetime import date, datetime

import yaml

from digest.errors import InputError
from digest.newsroom.frontmatter import has_front_matter, read_yaml, split_front_matter
from digest.newsroom.storyfile import KEYS, parse_story_file

Scalar = str | int | bool | date | datetime | None


def set_front_matter(text: str, key: str, value: Scalar, name: str = "story file") -> str:
    """The story file with `key` set to `value`; None takes the key out. Everything else stays to the letter.

    Raises InputError when the file is not a story file, or would not be one afterwards.
    """
    if key not in KEYS:
        raise InputError(f"{key}: not a key of a story file; known are {', '.join(KEYS)}", file=name)
    if not has_front_matter(text.removeprefix("\ufeff")):
        wish = "a pasted page has no front matter; take it in with `digest story add` first"
        raise InputError(wish, file=name, line=1)
    offset = len(text) - len(text.removeprefix("\ufeff"))
    split = split_front_matter(text[offset:], name)
    start = offset + split.start
    head = _with_key(split.head, key, value, name, split.line)
    changed = text[:start] + head + text[start + len(split.head) :]
    parse_story_file(changed, name)
    return changed


def pin(text: str, name: str) -> str:
    """The story file, pinned: first in its edition; no longer dropped."""
    return set_front_matter(set_front_matter(text, "dropped", None, name), "pinned", True, name)


def drop(text: str, name: str) -> str:
    """The story file, dropped: in no edition; no longer pinned."""
    return set_front_matter(set_front_matter(text, "pinned", None, name), "dropped", True, name)


def release(text: str, name: str) -> str:
    """The story file, neither pinned nor dropped."""
    return set_front_matter(set_front_matter(text, "pinned", None, name), "dropped", None, name)


def _with_key(head: str, key: str, value: Scalar, name: str, line: int) -> str:
    top = read_yaml(head, name, line).node
    if not isinstance(top, yaml.MappingNode) or top.flow_style:
        raise InputError("keys on lines of their own are wanted in the front matter", file=name, line=line)
    newline = "\r\n" if "\r\n" in head else "\n"
    row = "" if value is None else f"{key}: {_written(value)}{newline}"
    places = [(name_node, node) for name_node, node in top.value if name_node.value == key]
    if not places:
        return head + row
    name_node, node = places[0]
    begin = name_node.start_mark.index
    return head[:begin] + row + head[_end(head, node) :]


def _end(head: str, node: yaml.Node) -> int:
    """Where the lines of a value end: after its own last line, without the empty lines and comments that follow."""
    end = int(node.end_mark.index)
    begin = int(node.start_mark.index)
    end = begin + len(head[begin:end].rstrip())
    rest = re.compile(r"[^\n]*(?:\n|$)").match(head, end)
    return end if rest is None else rest.end()


def _written(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | int):
        return str(value)
    return yaml.safe_dump(value, allow_unicode=True, width=1_000_000, default_style='"').strip()
