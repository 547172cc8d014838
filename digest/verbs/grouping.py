"""Items that tell the same news, brought together, with sentence embeddings where they are to be had. Hall."""

from __future__ import annotations

from collections.abc import Sequence

from digest.newsroom.group import group
from digest.newsroom.meaning import Embed, wording
from digest.newsroom.profile import Item


def bring_together(items: Sequence[Item], embed: Embed | None) -> dict[str, str]:
    """Item id → story id, as `newsroom.group.group`. Raises InputError too when the model's files are damaged."""
    return group(items, None if embed is None else embed([wording(item) for item in items]))


def grouped_by(embed: Embed | None) -> str:
    """One word on how: for people, in a line that tells what was done."""
    return "by words alone" if embed is None else "by words and sentence embeddings"
