"""The list of sources, in and out: OPML for feed readers, tables for digest.toml. Hall."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from digest.errors import InputError, UsageError
from digest.gather.opml import LARGEST, read_opml
from digest.gather.source import Source
from digest.verbs.stories import write_atomically


def read_list(file: Path, known: Sequence[Source]) -> tuple[list[Source], list[str]]:
    """The feeds of an OPML file that are not among the known ones, and what was left out. Raises InputError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as fault:
        raise InputError(f"cannot be read: {fault.strerror}", file=str(file)) from None
    found, notices = read_opml(data, file.name)
    urls, names = {source.url for source in known}, {source.name for source in known}
    new = [source for source in found if source.url not in urls]
    for source in new:
        if source.name in names:
            notices.append(f"{source.name}: a source has that name already; left out")
    return [source for source in new if source.name not in names], notices


def as_settings(sources: Sequence[Source]) -> str:
    """The sources as `[[source]]` tables of digest.toml."""
    return "\n".join(_table(source) for source in sources)


def append(settings_file: Path, sources: Sequence[Source], check: Callable[[Path], object]) -> None:
    """Write the sources at the end of the settings, all of them or none.

    `check` reads a settings file and raises what is wrong with it; nothing is written when it does.
    """
    try:
        before = settings_file.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise UsageError(f"{settings_file}: cannot be read: {fault.strerror}") from None
    text = f"{before.rstrip()}\n\n{as_settings(sources)}"
    trial = settings_file.with_name(f".{settings_file.name}.trial")
    mode = settings_file.stat().st_mode & 0o777
    try:
        trial.touch(mode=mode)
        trial.write_text(text, encoding="utf-8")
        check(trial)
    except OSError as fault:
        raise UsageError(f"{trial}: cannot be written: {fault.strerror}") from None
    finally:
        trial.unlink(missing_ok=True)
    write_atomically(settings_file, text)


def _table(source: Source) -> str:
    values: dict[str, object] = {"name": source.name, "url": source.url}
    values |= {"kind": source.kind} if source.kind != "feed" else {}
    values |= {"outlet": source.outlet} if source.outlet else {}
    values |= {"topic": source.topic} if source.topic else {}
    values |= {"require": True} if source.require else {}
    values |= {"pages": True} if source.pages else {}
    # TOML's basic strings and JSON's are written alike.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "\n".join(["[[source]]", *lines, ""])
