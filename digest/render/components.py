"""What MJML's components may hold and be told, from a table (mjml_tables.json) and what this renderer does. Pure."""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

EVERYWHERE = frozenset(["css-class", "mj-class"])
"""Attributes that every component of the body understands."""

_COLOUR_WORDS = frozenset(["transparent", "inherit", "initial", "unset", "currentcolor", "none"])
_COLOUR = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|(?:rgb|hsl)a?\([^()]*\)|var\([^()]*\)", re.IGNORECASE)
_UNIT_TYPE = re.compile(r"unit(WithNegative)?\(([^)]*)\)(?:\{(\d),(\d)\})?")


@dataclass(frozen=True, slots=True)
class Component:
    """One MJML tag. `attributes` maps names to types as MJML writes them: "color", "unit(px,%){1,4}", "enum(a,b)".

    `content` says what may stand inside: other components (`children`; "*" means all), HTML, bare text or nothing.
    `ignored` are attributes of MJML's that this renderer does not print. `comments`: "all" kinds, only "plain"
    ones (not Outlook's conditional ones), or "none".
    """

    name: str
    content: Literal["components", "html", "text", "nothing"]
    attributes: Mapping[str, str]
    children: frozenset[str]
    ignored: frozenset[str]
    comments: Literal["all", "plain", "none"]


@functools.cache
def components() -> Mapping[str, Component]:
    """All components by name."""
    return {
        name: Component(
            name=name,
            content=entry["content"],
            attributes=entry["attributes"],
            children=frozenset(entry.get("children", [])),
            ignored=frozenset(entry.get("ignored", [])),
            comments=entry["comments"],
        )
        for name, entry in _table()["components"].items()
    }


def wrong_value(kind: str, value: str) -> str | None:
    """What a value of type `kind` has to be, or None when `value` is one. Empty values count as not written."""
    value = " ".join(value.split())
    if not value or kind == "string":
        return None
    if kind == "color":
        known = value.lower() in _COLOUR_WORDS or value.lower() in _colours() or _COLOUR.fullmatch(value)
        return None if known else "a colour such as #1a2b3c"
    if kind == "boolean":
        return None if value in {"true", "false"} else "true or false"
    if kind == "integer":
        return None if value.isdecimal() else "a whole number"
    if kind.startswith("enum("):
        words = [word for word in kind[5:-1].split(",") if word]
        return None if value in words else "one of " + ", ".join(words)
    return _wrong_length(kind, value)


def _wrong_length(kind: str, value: str) -> str | None:
    found = _UNIT_TYPE.fullmatch(kind)
    if found is None:
        return None
    units = found.group(2).split(",")
    least, most = int(found.group(3) or 1), int(found.group(4) or 1)
    sign = "-?" if found.group(1) else ""
    number = rf"{sign}(?:\d+(?:\.\d*)?|\.\d+)(?:{'|'.join(re.escape(unit) for unit in units if unit != 'auto')})"
    one = rf"(?:{number}|0{'|auto' if 'auto' in units else ''})"
    if re.fullmatch(rf"{one}(?: {one}){{{least - 1},{most - 1}}}", value):
        return None
    shown = " or ".join("a plain number" if not unit else unit if unit == "auto" else f"10{unit}" for unit in units)
    return f"{least} to {most} lengths such as {shown}" if most > 1 else f"a length such as {shown}"


@functools.cache
def html_elements() -> frozenset[str]:
    """The names of HTML's elements, old ones that emails still use among them."""
    return frozenset(_table()["html"])


@functools.cache
def _colours() -> frozenset[str]:
    return frozenset(_table()["colours"])


@functools.cache
def _table() -> Any:  # JSON: the components shaped as Component above
    text = importlib.resources.files("digest.render").joinpath("mjml_tables.json").read_text(encoding="utf-8")
    return json.loads(text)
