"""Attributes reach the renderer on one line, in double quotes, in printable ASCII."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mjml import mjml2html

from digest.render.normalise import attribute_value, normalise


def page(content: str) -> str:
    return f"<mjml><mj-body><mj-section><mj-column>{content}</mj-column></mj-section></mj-body></mjml>"


def alt_of(mjml: str) -> str:
    found = re.search(r'<img alt="([^"]*)"', mjml2html(mjml))
    assert found is not None
    return found.group(1)


HARMED = {
    "line end": "\n",
    "tab": "\t",
    "backslash": "\\",
    "no-break space": "\u00a0",
    "soft hyphen": "\u00ad",
    "zero-width joiner": "\u200d",
    "right-to-left mark": "\u200f",
    "combining accent": "e\u0301",
}


@pytest.mark.parametrize("character", HARMED.values(), ids=HARMED.keys())
def test_the_renderer_harms_a_character_in_an_attribute_and_the_normaliser_saves_it(character: str) -> None:
    mjml = page(f'<mj-image src="a.png" alt="one{character}two" />')

    assert "\\" in alt_of(mjml)
    shown = html.unescape(alt_of(normalise(mjml)))
    assert shown == f"one{character}two".replace("\n", " ").replace("\t", " ")


def test_a_quote_inside_single_quotes_cannot_break_out_of_the_attribute() -> None:
    mjml = page("""<mj-text><p title='x" onclick="evil()'>hi</p></mj-text>""")

    assert 'onclick=\\"evil' in mjml2html(mjml)
    assert 'title="x&quot; onclick=&quot;evil()"' in mjml2html(normalise(mjml))


def test_a_padding_of_zero_without_unit_gets_one_since_widths_are_computed_from_it() -> None:
    column = '<mj-column><mj-image src="a" alt="" /></mj-column>'
    mjml = f'<mjml><mj-body><mj-section padding="0 200px">{column}</mj-section></mj-body></mjml>'

    assert 'width="550"' in mjml2html(mjml)
    assert 'padding="0px 200px"' in normalise(mjml)
    assert 'width="150"' in mjml2html(normalise(mjml))


@pytest.mark.parametrize("kept", ['padding="10px 20.0px"', 'line-height="0"', 'color="#000"', 'padding="0.5px 100px"'])
def test_other_zeros_stay_as_they_are(kept: str) -> None:
    assert kept in normalise(page(f"<mj-text {kept}>x</mj-text>"))


def test_a_style_over_several_lines_survives_on_one() -> None:
    mjml = page('<mj-text><p style="\n    margin: 0;\n    color: red\n  ">x</p></mj-text>')

    assert '<p style="margin: 0; color: red">' in mjml2html(normalise(mjml))


def test_a_sign_after_a_curly_quote_does_not_make_the_renderer_panic() -> None:
    mjml = page("<mj-text><p>“a”> b and c -> d</p></mj-text>")

    assert "“a”&gt; b and c -&gt; d" in mjml2html(normalise(mjml))


def test_style_sheets_keep_their_signs() -> None:
    style = "<mj-style>.a > .b { content: '\u00ad' }</mj-style>"

    assert style in normalise(f"<mjml><mj-head>{style}</mj-head></mjml>")


def test_markup_inside_outlooks_comments_is_normalised_too() -> None:
    mjml = page("<mj-text><!--[if mso]><p title='a\n\"b'>x</p><![endif]--></mj-text>")

    assert '<!--[if mso]><p title="a &quot;b">x</p><![endif]-->' in mjml2html(normalise(mjml))


def test_a_font_address_keeps_its_ampersands_since_it_is_printed_into_a_style_sheet() -> None:
    font = '<mj-font name="A" href="https://fonts.example/css?family=A&amp;display=swap" />'

    assert "?family=A&display=swap" in normalise(font)


def test_references_are_kept_and_bare_ampersands_written_out() -> None:
    assert attribute_value("a &amp; b & c &#160; &copy; &nosuch") == "a &amp; b &amp; c &#160; &copy; &amp;nosuch"


def test_what_cannot_be_read_is_left_for_the_linter_to_see() -> None:
    broken = page("<mj-text color=red>p < 0.05 <!-- a -- b --></mj-text>")

    assert normalise(broken) == broken


def test_characters_that_nobody_can_see_are_left_out() -> None:
    assert attribute_value("a\x1b\x85\x00\ud800\uffffb") == "ab"


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Cs"]), max_size=40))
def test_any_text_in_an_attribute_arrives_as_it_was_but_for_its_line_ends(text: str) -> None:
    mjml = page(f'<mj-image src="a" alt="{html.escape(text)}" />')

    once = normalise(mjml)

    assert normalise(once) == once
    written = re.search(r'alt="([^"]*)"', once)
    assert written is not None
    assert written.group(1).isascii()
    assert html.unescape(written.group(1)).split() == html.unescape(html.escape(text)).split()
