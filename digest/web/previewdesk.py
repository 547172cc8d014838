"""The preview's desk: what is shown, worked out anew when a file or an edition has changed. Door; shared by threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, get_args
from urllib.parse import urlencode

from digest.errors import DigestError
from digest.newsroom.stress import STRESSES
from digest.render.schemes import SCHEMES, Scheme
from digest.verbs import faults, preview, watch
from digest.verbs.faults import Fault
from digest.verbs.parts import Parts
from digest.verbs.preview import Look

View = Literal["email", "text", "html", "mjml", "headers", "raw", "changes"]
Width = Literal["both", "600", "375", "free"]
_Name = TypeVar("_Name", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the person at the browser has chosen; every part of it stands in the page's address."""

    edition: str | None = None
    view: View = "email"
    width: Width = "both"
    scheme: Scheme = "light"
    images: bool = True
    reader: str = "sample"
    data: str = ""
    embargo: bool = True
    line: int = 0

    def href(self, **changes: object) -> str:
        """The address of the page with these changes; what is as usual is left out."""
        changed, usual = replace(self, **changes), Choice()  # type: ignore[arg-type]
        pairs = {
            name: _written(getattr(changed, name))
            for name in self.__slots__
            if getattr(changed, name) != getattr(usual, name)
        }
        return "?" + urlencode(pairs)


def _written(value: object) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def read_choice(query: Mapping[str, str]) -> Choice:
    """The choice that an address stands for; what is unknown is as usual."""
    usual = Choice()
    line = query.get("line", "")
    return Choice(
        edition=query.get("edition") or None,
        view=_one_of(query.get("view"), get_args(View), usual.view),
        width=_one_of(query.get("width"), get_args(Width), usual.width),
        scheme=_one_of(query.get("scheme"), SCHEMES, usual.scheme),
        images=query.get("images") != "off",
        reader=_one_of(query.get("reader"), tuple(preview.READERS), usual.reader),
        data=_one_of(query.get("data"), tuple(STRESSES), usual.data),
        embargo=query.get("embargo") != "off",
        line=int(line) if line.isascii() and line.isdecimal() and len(line) < 7 else 0,
    )


def _one_of(text: str | None, known: tuple[_Name, ...], usual: _Name) -> _Name:
    return next((name for name in known if name == text), usual)


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is to see: a look (None when nothing could be printed), and what stands in the way."""

    stamp: str
    parts: Parts
    look: Look | None
    faults: tuple[Fault, ...]
    editions: tuple[str, ...]


class Desk:
    """Looks, kept until something changes.

    `reopen` reads settings, templates and ratings again and returns the parts with them; it raises DigestError for
    a fault in one of these, and the preview goes on with what it had.
    """

    def __init__(self, parts: Parts, reopen: Callable[[], Parts], edition: str | None) -> None:
        self._parts = parts
        self._reopen = reopen
        self._edition = edition
        self._lock = threading.Lock()
        self._kept: dict[Choice, Sight] = {}
        self._stamp = ""
        self._unopened: DigestError | None = None

    def files_stamp(self) -> str:
        return watch.files_stamp(self._parts)

    def stamp(self) -> str:
        """Changes when the page would: files and books."""
        return f"{self.files_stamp()}-{self._books_stamp()}"

    def _books_stamp(self) -> str:
        try:
            return watch.books_stamp(self._parts)
        except DigestError:
            return "unread"

    def sight(self, choice: Choice) -> Sight:
        """What to show. Never raises DigestError: a fault is something to see."""
        made_of = Choice(edition=choice.edition, reader=choice.reader, data=choice.data, embargo=choice.embargo)
        with self._lock:
            stamp = self.stamp()  # before looking: a change meanwhile is seen by the next round
            if stamp != self._stamp:
                self._kept.clear()
                self._open_again()
                self._stamp = stamp
            if made_of not in self._kept:
                self._kept[made_of] = self._look(made_of, stamp)
            return self._kept[made_of]

    def _open_again(self) -> None:
        try:
            self._parts, self._unopened = self._reopen(), None
        except DigestError as fault:
            self._unopened = fault

    def _look(self, choice: Choice, stamp: str) -> Sight:
        parts = self._parts
        found: list[Fault] = [faults.explain(parts, self._unopened)] if self._unopened else []
        shown: Look | None = None
        known: tuple[str, ...] = ()
        try:
            known = tuple(row.edition.id for row in preview.known(parts))
            what = preview.find(parts, choice.edition or self._edition)
            shown = preview.look(
                parts, what, reader=choice.reader, stress=choice.data or None, embargoed=choice.embargo
            )
            found += [faults.explain(parts, file.error) for file in shown.faulty if file.error]
        except DigestError as fault:
            found.append(faults.explain(parts, fault))
        return Sight(stamp, parts, shown, tuple(found), known)
