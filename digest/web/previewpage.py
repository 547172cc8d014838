"""The preview's page: a sight and a choice → HTML. Door; the page's own template never comes from a workspace."""

from __future__ import annotations

import email
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from importlib import resources

from digest.newsroom.stress import STRESSES
from digest.render.checks import CLIPPED
from digest.render.difference import difference
from digest.render.findings import RENDERED, Finding
from digest.render.themes import Theme, ThemeFile
from digest.render.typeset import typeset
from digest.render.words import words_for
from digest.verbs.preview import READERS, Look
from digest.web.previewdesk import Choice, Sight
from digest.web.previewstories import behind

_TEMPLATE = "preview.html.j2"
_LONGEST_PANE = 400_000  # characters; more than forty stories have

VIEWS = {"email": "Email", "text": "Text", "html": "HTML", "mjml": "MJML", "headers": "Headers", "raw": "Raw"}
_WIDTHS = {"both": "600 + 375", "600": "600", "375": "375", "free": "Free"}
_SCHEMES = {"light": "Light", "dark": "Dark", "inverted": "Inverted"}
_CAPTIONS = {"light": "light", "dark": "dark, as authored", "inverted": "forced inversion, roughly"}


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A frame of the email; `width` in CSS pixels, 0 for one that can be dragged."""

    key: str
    width: int
    caption: str
    src: str


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    marked: bool


def asset(name: str) -> str:
    """A file of the page's own: its template, style or script."""
    return resources.files("digest.web").joinpath("assets", name).read_text(encoding="utf-8")


def page(sight: Sight, choice: Choice) -> str:
    look, paper = sight.look, sight.parts.letterhead
    values: dict[str, object] = {
        "name": paper.name,
        "sight": sight,
        "look": look,
        "choice": choice,
        "views": [Link(text, choice.href(view=key, line=0), key == choice.view) for key, text in _views(look).items()],
        "widths": [Link(text, choice.href(width=key), key == choice.width) for key, text in _WIDTHS.items()],
        "schemes": [Link(text, choice.href(scheme=key), key == choice.scheme) for key, text in _SCHEMES.items()],
        "images": Link("Images off", choice.href(images=not choice.images), not choice.images),
        "embargo": Link("Under embargo", choice.href(embargo=not choice.embargo), choice.embargo),
        "readers": {key: reader.called for key, reader in READERS.items()},
        "stresses": {"": "this edition"} | {key: called for key, (called, _) in STRESSES.items()},
    }
    if look:
        values |= _about(sight, look, choice)
    return typeset(_theme(), _TEMPLATE, words=words_for("en"), values=values)


@functools.cache
def _theme() -> Theme:
    return Theme({_TEMPLATE: ThemeFile(_TEMPLATE, asset(_TEMPLATE))})


def _views(look: Look | None) -> dict[str, str]:
    changed = look is not None and look.label == "draft" and look.kept is not None
    return VIEWS | ({"changes": "Changes"} if changed else {})


def _about(sight: Sight, look: Look, choice: Choice) -> dict[str, object]:
    size = len(look.html.encode())
    stories = [story.headline for story in look.edition.stories]
    headlines = {story.id: story.headline for story in look.edition.stories}
    sizes = look.story_bytes or ()
    beside = {(story, noticed.rule) for story, found in look.noticed.items() for noticed in found}
    checks = [finding for finding in look.findings if (finding.story, finding.rule) not in beside]
    slot = look.edition.slot.instant.astimezone(sight.parts.calendar.timezone)
    return {
        "slot": f"{slot:%a %d %b %Y, %H:%M %Z}",
        "day": f"{slot:%a %H:%M}",
        "sender": sight.parts.letterhead.from_name or sight.parts.letterhead.from_address,
        "devices": list(_devices(look, choice)),
        "lines": list(_lines(look, choice)),
        "headers": _headers(look) if choice.view == "headers" else [],
        "pieces": _pieces(look) if choice.view == "changes" else (),
        "findings": [(finding, *_place(finding, choice), headlines.get(finding.story or "", "")) for finding in checks],
        "errors": sum(finding.severity == "error" for finding in checks),
        "behind": behind(look),
        "noticed": sum(map(len, look.noticed.values())),
        "size": size,
        "clipped": CLIPPED,
        "per_cent": round(100 * size / CLIPPED),
        "weights": list(zip(stories, sizes, strict=True)) if sizes else [],
        "heaviest": max(sizes, default=1),
        "around": size - sum(sizes),
    }


def _devices(look: Look, choice: Choice) -> Iterator[Device]:
    src = f"frame{choice.href(view='email', width='both', line=0)}&v={look.sealed.hash[7:23]}"
    caption = _CAPTIONS[choice.scheme] + ("" if choice.images else ", images off")
    if choice.width in ("both", "600"):
        yield Device("600", 600, f"600 px · {caption}", src)
    if choice.width in ("both", "375"):
        yield Device("375", 375, f"375 px · {caption}", src)
    if choice.width == "free":
        yield Device("free", 0, caption, src)


def _lines(look: Look, choice: Choice) -> Iterator[Line]:
    text = {
        "text": look.text,
        # One line of 60 KB is nothing to read; the true bytes are in the raw mail and in the file.
        "html": re.sub(r"(?<=>)(?=<)", "\n", look.html),
        "mjml": look.sealed.mjml,
        "raw": look.message.decode("ascii", "replace").replace("\r\n", "\n"),
    }.get(choice.view, "")
    for number, line in enumerate(text[:_LONGEST_PANE].split("\n"), 1):
        yield Line(number, line, number == choice.line)


def _headers(look: Look) -> list[tuple[str, str]]:
    head = look.message.partition(b"\r\n\r\n")[0]
    message = email.message_from_bytes(head, policy=policy.default)
    return [(name, str(value)) for name, value in message.items()]


def _pieces(look: Look) -> tuple[object, ...]:
    if look.kept is None:
        return ()
    before, after = look.kept, look.sealed
    # With open marks on both sides: the reader is none of the difference, nor is the nonce.
    old = f"Subject: {before.subject}\nPreheader: {before.preheader}\n\n{before.text}".replace(before.nonce, "")
    new = f"Subject: {after.subject}\nPreheader: {after.preheader}\n\n{after.text}".replace(after.nonce, "")
    return difference(_without_marks(old), _without_marks(new))


def _without_marks(text: str) -> str:
    return re.sub(r"Qz[a-h][trp]zQ", "…", text)


def _place(finding: Finding, choice: Choice) -> tuple[str, str]:
    """Where a finding points, in words, and a link to that line where the page can show it."""
    if finding.file == RENDERED and finding.line:
        return f"MJML, line {finding.line}", choice.href(view="mjml", line=finding.line)
    if finding.file:
        return f"{finding.file}:{finding.line}" if finding.line else finding.file, ""
    return finding.story or "", ""
