"""Pages: the small web pages that a newsletter's links lead to. Pure; called by the web door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from digest.render.seal import Letterhead
from digest.render.themes import Theme
from digest.render.typeset import typeset
from digest.render.words import words_for


def unsubscribe_page(letterhead: Letterhead, theme: Theme) -> str:
    """One button that posts to the page's own address; nothing has changed yet."""
    return _page("unsubscribe", letterhead, theme)


def unsubscribed_page(letterhead: Letterhead, theme: Theme) -> str:
    """The answer to the button, however often it is pressed."""
    return _page("unsubscribed", letterhead, theme)


def invalid_link_page(letterhead: Letterhead, theme: Theme) -> str:
    """The same words for every token that is not one of ours."""
    return _page("invalid", letterhead, theme)


def preferences_page(letterhead: Letterhead, theme: Theme) -> str:
    """How to change what we know of a reader."""
    return _page("preferences", letterhead, theme)


def archive_page(letterhead: Letterhead, theme: Theme, editions: Sequence[tuple[str, date, str]]) -> str:
    """All public editions, newest first, each given as (id, day, subject)."""
    words = words_for(letterhead.language)
    rows = [{"id": edition, "day": words.day(day), "subject": subject} for edition, day, subject in editions]
    return _page("archive", letterhead, theme, editions=rows)


def _page(name: str, letterhead: Letterhead, theme: Theme, **values: object) -> str:
    words = words_for(letterhead.language)
    return typeset(theme, f"web/{name}.html.j2", words=words, values={"letterhead": letterhead, **values})
