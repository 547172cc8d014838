"""Sources: where articles come from, as an editor names them. Pure (gather)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["feed", "journal", "folder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place to look for articles.

    `url` is a feed's address, a journal query (see journals.py) or a folder's path. `outlet` stands for every article
    whose own outlet is not told; `topic` too. `require`: an edition waits while this source fails.
    `pages`: the page of each new article is read too, for the whole text.
    """

    name: str
    url: str
    kind: Kind = "feed"
    outlet: str | None = None
    topic: str | None = None
    require: bool = False
    pages: bool = False
