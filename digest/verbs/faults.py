"""Faults: an error in a story or a template, with the lines around it, for a person to mend. Hall; reads files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from digest.errors import DigestError, InputError
from digest.verbs.parts import Parts

_AROUND = 3
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceLine:
    number: int
    text: str
    at_fault: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where (file and line as far as known), and the lines around it."""

    message: str
    file: str | None = None
    line: int | None = None
    lines: tuple[SourceLine, ...] = ()


def explain(parts: Parts, error: DigestError) -> Fault:
    """The error with the lines of the file that it names, when that is a file of the workspace or of the theme."""
    if not isinstance(error, InputError):
        return Fault(str(error))
    path = _file(parts, error.file) if error.file else None
    shown = str(path.relative_to(parts.workspace.resolve())) if path else error.file
    text = _text(parts, path, error.file)
    return Fault(error.message, shown, error.line, _excerpt(text, error.line) if text and error.line else ())


def _excerpt(text: str, at: int) -> tuple[SourceLine, ...]:
    lines = text.splitlines()
    first, last = max(1, at - _AROUND), min(len(lines), at + _AROUND)
    return tuple(SourceLine(number, lines[number - 1], number == at) for number in range(first, last + 1))


def _file(parts: Parts, name: str) -> Path | None:
    home = parts.workspace.resolve()
    for path in (Path(name), home / name, parts.stories_folder / name):
        # Only what lies in the workspace: an error's file name is no permission to read any file.
        if path.is_file() and path.resolve().is_relative_to(home):
            return path.resolve()
    return None


def _text(parts: Parts, path: Path | None, name: str | None) -> str | None:
    if path is None:
        return next((file.text for file in parts.theme.files.values() if file.shown == name), None)
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size <= _LARGEST else None
    except OSError:
        return None
