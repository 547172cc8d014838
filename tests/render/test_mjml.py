"""The edge around the renderer: its HTML, and one clear error for whatever it refuses, mangles or dies of."""

from __future__ import annotations

import threading

import pytest

from digest.errors import TemplateError
from digest.render.findings import RENDERED
from digest.render.mjml import compile_mjml


def page(content: str) -> str:
    return f"<mjml>\n<mj-body>\n<mj-section>\n<mj-column>\n{content}\n</mj-column>\n</mj-section>\n</mj-body>\n</mjml>"


def english(mjml: str) -> str:
    return compile_mjml(mjml, language="en", direction="ltr")


def test_language_and_direction_are_written_whatever_the_template_says() -> None:
    plain = compile_mjml("<mjml><mj-body></mj-body></mjml>", language="ar", direction="rtl")
    other = compile_mjml('<mjml lang="de" dir="ltr"><mj-body></mj-body></mjml>', language="ar", direction="rtl")

    assert '<html lang="ar" dir="rtl"' in plain
    assert other == plain


@pytest.mark.parametrize(("language", "direction"), [("", "ltr"), ('en" x="', "ltr"), ("en", "up")])
def test_a_language_that_is_none_is_refused(language: str, direction: str) -> None:
    with pytest.raises(TemplateError, match="want a tag such as"):
        compile_mjml(page(""), language=language, direction=direction)


def test_the_same_document_gives_the_same_bytes() -> None:
    mjml = page("<mj-text><p>Hello</p></mj-text>")

    assert english(mjml) == english(mjml)


FAULTS = {
    "a bare less-than": ("<mj-text>\np < 0.05</mj-text>", 6, "`<` that begins no tag"),
    "an unquoted attribute": ("<mj-text\ncolor=red>x</mj-text>", 6, "no quotes"),
    "dashes in a comment": ("<mj-text>\n\n<!-- a -- b -->x</mj-text>", 7, "`--` inside a comment"),
    "a doctype": ("<!DOCTYPE mjml>", 5, "no place in MJML"),
    "cdata": ("<mj-text>\n<![CDATA[x]]></mj-text>", 6, "no place in MJML"),
    "swapped closing tags": ("<mj-text>\n<b><i>x</b></i></mj-text>", 6, "swap the closing tags"),
    "swapped components": ("<mj-text>\nx</mj-column></mj-text><mj-column>", 6, "swap the closing tags"),
    "a mistyped closing tag": ("<mj-text>x\n</mj-txt>", 6, "write </mj-text>"),
    "a tag left open": ("<mj-text>\n<p>x</mj-text>", 6, "<p> is never closed"),
    "a quote left open": ('<mj-text>\n<a href="https://a.example>x</a> <a href="b">y</a></mj-text>', 6, "never closed"),
    "inline styles": ("<mj-style inline='inline'>.a{}</mj-style>", 5, "not inlined"),
    "an include": ("<mj-include path='/etc/passwd' />", 5, "switched off"),
    "html attributes": ("<mj-html-attributes></mj-html-attributes>", 5, "refused by the renderer"),
    "a control character": ("<mj-text>\n\x01</mj-text>", 6, "U+0001"),
    "a lone surrogate": ("<mj-text>\n\ud800</mj-text>", 6, "U+D800"),
}


@pytest.mark.parametrize(("content", "line", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_with_its_line(content: str, line: int, words: str) -> None:
    with pytest.raises(TemplateError) as told:
        english(page(content))

    assert (told.value.file, told.value.line) == (RENDERED, line)
    assert words in told.value.message
    assert "\n" not in str(told.value)


WHOLE = {
    "nothing": ("", "empty"),
    "blanks": (" \n\ufeff", "empty"),
    "plain words": ("hello", "not MJML"),
    "a web page": ("<html><body>x</body></html>", "not MJML"),
    "an XML declaration": ('<?xml version="1.0"?><mjml></mjml>', "no place in MJML"),
    "words after it": ("<mjml><mj-body></mj-body></mjml>more", "outside <mjml>"),
    "two of them": ("<mjml></mjml>\n<mjml></mjml>", "outside <mjml>"),
}


@pytest.mark.parametrize(("mjml", "words"), WHOLE.values(), ids=WHOLE.keys())
def test_what_is_no_mjml_document_is_refused(mjml: str, words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        english(mjml)


def test_twenty_thousand_nested_tags_are_an_error_and_no_crash() -> None:
    with pytest.raises(TemplateError, match="deep"):
        english(page("<mj-text>" + "<b>" * 20_000 + "</b>" * 20_000 + "</mj-text>"))


def test_the_deepest_document_allowed_fits_on_a_small_stack() -> None:
    deep = page("<mj-text>" + "<b>" * 190 + "x" + "</b>" * 190 + "</mj-text>")
    made: list[str] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: made.append(english(deep)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)

    assert made[0].count("<b>") == 190


def test_what_only_the_renderer_refuses_is_one_line_too() -> None:
    with pytest.raises(TemplateError) as told:
        english("<mjml>\n<mj-head>\nstray</mj-head><mj-body></mj-body></mjml>")

    assert told.value.file == RENDERED
    assert "digest check --template" in told.value.message
