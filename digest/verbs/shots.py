"""Pictures of what a preview shows, for those who want to see it without a browser of their own. Hall."""

from __future__ import annotations

from pathlib import Path

from digest.errors import InputError
from digest.model import Slot
from digest.render import camera
from digest.store.editions import EditionRow
from digest.verbs.parts import Parts
from digest.verbs.preview import look


def take(parts: Parts, what: EditionRow | Slot, folder: Path) -> list[Path]:
    """Take them into `folder`, made if need be. Returns the files. Raises InputError, and what a look raises."""
    html = look(parts, what).html
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputError(f"cannot be made: {fault.strerror}", file=str(folder)) from None
    return camera.take(html, folder)
