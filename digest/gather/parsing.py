"""Parsing: what sources sent becomes candidates, in a confined child. Edge: processes."""

from __future__ import annotations

from dataclasses import dataclass

from digest.gather.candidate import Feed, from_json
from digest.gather.confined import Confined


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Bodies to read. `form` is "feed" or one of the journals; `url` is what links are relative to."""

    form: str
    bodies: tuple[bytes, ...]
    url: str = ""
    content_type: str = ""


class Parser(Confined):
    """Reads feeds and journals' records."""

    program = "digest.gather.child"

    def read(self, work: Work) -> Feed:
        """The candidates in what a source sent. Raises SourceError when it cannot be read, or not within the limits."""
        job = {"form": work.form, "url": work.url, "content_type": work.content_type[:200]}
        answer = self.ask(job, work.bodies)
        items = tuple(from_json(item) for item in answer["items"])
        return Feed(title=answer["title"], notice=answer["notice"], items=items)
