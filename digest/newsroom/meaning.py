"""What grouping asks of sentence embeddings: how close two texts are in meaning. Pure; newsroom.

Who computes it, and with what, is none of this room's business: `digest/embedding/` does, where its extra is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from digest.newsroom.furniture import lead
from digest.newsroom.profile import Item

LEAD_CHARACTERS = 300
"""How much of a text is embedded beside its title: its first sentences. More costs time and says little more."""


class Meanings(Protocol):
    """The meanings of some texts, by their places."""

    def closeness(self, one: int, others: Sequence[int]) -> Sequence[float]:
        """How close text `one` is to each of `others`: cosines, -1 to 1, about 0 between strangers."""
        ...


Embed = Callable[[Sequence[str]], Meanings]
"""Turns texts into their meanings."""


def wording(item: Item) -> str:
    """What of an item tells its meaning."""
    return f"{item.title}. {lead(item.title, item.text)[:LEAD_CHARACTERS]}"
