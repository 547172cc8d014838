"""Words: the fixed words of emails and pages in the reader's language, and dates and numbers. Edge: reads catalogues.

The catalogues are Babel's (`digest/locale/<language>/LC_MESSAGES/digest.po`), read as they are: nothing to compile.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from digest.errors import SettingsError

CATALOGUES = Path(__file__).resolve().parents[1] / "locale"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; made by `words_for`."""

    language: str
    locale: Locale
    translations: Translations

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    def say(self, text: str, /, **values: object) -> str:
        """The translation of `text` with its `%(name)s` filled in."""
        said: str = self.translations.gettext(text)
        return said % values if values else said

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The form that `n` asks for; `%(n)s` is the number as people write it, unless given."""
        said: str = self.translations.ngettext(one, many, n)
        return said % ({"n": self.number(n)} | values)

    def day(self, day: date) -> str:
        return format_date(day, "full", locale=self.locale)

    def short_day(self, day: date) -> str:
        """Day and month: "16 November"."""
        return format_skeleton("MMMMd", day, locale=self.locale)

    def number(self, n: int) -> str:
        return format_decimal(n, locale=self.locale)

    def percent(self, per_cent: int) -> str:
        return format_percent(per_cent / 100, locale=self.locale)


def languages() -> tuple[str, ...]:
    """The languages that have a catalogue, in alphabetical order."""
    return tuple(sorted(path.parts[-3] for path in CATALOGUES.glob("*/LC_MESSAGES/digest.po")))


@functools.cache
def words_for(language: str) -> Words:
    """The words of a language tag: "de", or "en-GB" (words of "en", dates as in Britain).

    Raises SettingsError for a language without a catalogue.
    """
    try:
        locale = Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise _unknown(language) from error
    path = CATALOGUES / locale.language / "LC_MESSAGES" / "digest.po"
    if not path.is_file():
        raise _unknown(language)
    return Words(language, locale, _translations(path))


def _translations(path: Path) -> Translations:
    with path.open("rb") as po:
        catalogue = read_po(po, locale=path.parts[-3], abort_invalid=True)
    mo = io.BytesIO()
    write_mo(mo, catalogue)
    mo.seek(0)
    return Translations(fp=mo)


def _unknown(language: str) -> SettingsError:
    known = ", ".join(languages())
    return SettingsError(f'[newsletter] language = "{language}": no words for it; use one of {known}')
