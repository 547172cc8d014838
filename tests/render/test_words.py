"""Words: every fixed word in every language, numbers and dates as people there write them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from digest.errors import SettingsError
from digest.render import bias, evidence
from digest.render.themes import shipped_templates
from digest.render.words import CATALOGUES, languages, words_for

Message = str | tuple[str, str]


def _catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "digest.po").open("rb") as po:
        return read_po(po, locale=language, abort_invalid=True)


def _in_templates() -> Iterator[Message]:
    for path in shipped_templates().rglob("*.j2"):
        with path.open("rb") as template:
            options = {"trim_blocks": "true", "lstrip_blocks": "true"}
            found = extract("jinja2.ext:babel_extract", template, {"_": None, "ngettext": (1, 2)}, options=options)
            for _, message, _, _ in found:
                yield message if isinstance(message, str) else (message[0], message[1])


def _in_code() -> Iterator[Message]:
    for path in Path(bias.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"words.say", "words.count"}:
                words = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                if ast.unparse(node.func) == "words.say" and words:
                    yield words[0]
                if ast.unparse(node.func) == "words.count" and len(words) == 2:
                    yield words[0], words[1]
    yield from evidence.NAMES.values()
    yield from evidence.LEGENDS.values()
    yield from evidence.QUALIFIED.values()
    yield from bias.SIDES.values()
    yield from bias.FACTUALITY


USED = sorted({*_in_templates(), *_in_code()}, key=str)


def test_there_are_words_in_five_languages_at_least() -> None:
    assert {"ar", "de", "en", "es", "fr"} <= set(languages())


@pytest.mark.parametrize("language", languages())
def test_a_catalogue_has_every_word_that_is_used_and_no_other(language: str) -> None:
    messages = {message.id if isinstance(message.id, str) else tuple(message.id) for message in _catalogue(language)}

    assert messages - {""} == set(USED)


@pytest.mark.parametrize("language", languages())
def test_every_translation_is_there_and_keeps_its_blanks_to_fill(language: str) -> None:
    catalogue = _catalogue(language)

    for message in catalogue:
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        source = message.id if isinstance(message.id, str) else message.id[1]
        assert all(forms), message.id
        assert len(forms) == (1 if isinstance(message.id, str) else catalogue.num_plurals)
        for form in forms if message.id else []:
            # "one article" may do without its number, nothing else may go missing or be made up
            assert set(re.findall(r"%\(\w+\)s", form)) | {"%(n)s"} == set(re.findall(r"%\(\w+\)s", source)) | {"%(n)s"}


def test_numbers_and_dates_are_written_as_people_there_write_them() -> None:
    day = date(2026, 11, 23)

    assert words_for("en").number(2300) == "2,300"
    assert words_for("de").number(2300) == "2.300"
    assert words_for("de").percent(36) == "36\N{NO-BREAK SPACE}%"
    assert words_for("en-GB").day(day) == "Monday, 23 November 2026"
    assert words_for("en").day(day) == "Monday, November 23, 2026"
    assert words_for("fr").day(day) == "lundi 23 novembre 2026"


def test_arabic_counts_in_its_own_forms_and_runs_from_the_right() -> None:
    arabic = words_for("ar")

    forms = {arabic.count("%(n)s article", "%(n)s articles", n) for n in (1, 2, 3, 11)}

    assert len(forms) == 4
    assert arabic.direction == "rtl"
    assert words_for("de").direction == "ltr"


@pytest.mark.parametrize("language", ["xx", "it", "not a language", ""])
def test_a_language_without_words_is_refused_with_those_that_have_some(language: str) -> None:
    with pytest.raises(SettingsError, match=r"use one of ar, de, en, es, fr"):
        words_for(language)
