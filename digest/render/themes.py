"""Themes: template files, the workspace's over the shipped ones, file by file. Edge: reads those files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from digest.errors import TemplateError

LARGEST_TEMPLATE_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """One template: its text, and its path as people are to read it in an error."""

    shown: str
    text: str


@dataclass(frozen=True, slots=True)
class Theme:
    """All templates by name ("weekly/weekly.mjml.j2"), read once, so that rendering needs no files."""

    files: Mapping[str, ThemeFile]


def load_theme(overrides: Path | None = None) -> Theme:
    """Read the shipped templates and those in `overrides` (a workspace's `templates/`; it may be missing).

    A file in `overrides` replaces the shipped one of the same name; further files may be included by it.
    Raises TemplateError for one that is too large or not UTF-8.
    """
    files = _read(shipped_templates(), shown_from="templates")
    if overrides is not None and overrides.is_dir():
        files |= _read(overrides, shown_from=overrides.name)
    return Theme(MappingProxyType(files))


def shipped_templates() -> Path:
    """The folder of the shipped templates: inside the package when installed, beside it in a source tree."""
    package = Path(__file__).resolve().parents[1]
    # An editable install does not see what the wheel carries along (hatch's force-include).
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def _read(folder: Path, *, shown_from: str) -> dict[str, ThemeFile]:
    files = {}
    for path in sorted(folder.rglob("*.j2")):
        name = path.relative_to(folder).as_posix()
        shown = f"{shown_from}/{name}"
        files[name] = ThemeFile(shown, _text(path, shown))
    return files


def _text(path: Path, shown: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}; check the file and its mode", file=shown) from error
    if len(data) > LARGEST_TEMPLATE_BYTES:
        limit = LARGEST_TEMPLATE_BYTES // 1024
        raise TemplateError(f"{len(data)} bytes: at most {limit} KB for a template; shorten it", file=shown)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TemplateError("not UTF-8: save the template as UTF-8", file=shown, line=line) from error
