"""The linter says what the renderer passes over, at the line where it is, and keeps quiet about good templates."""

from __future__ import annotations

import pytest
from mjml import mjml2html

from digest.render.findings import Finding, in_words, to_json
from digest.render.lint import lint, lint_template


def page(content: str) -> str:
    """A whole document with a title; the content begins on line 6."""
    return (
        "<mjml>\n<mj-head><mj-title>T</mj-title></mj-head>\n<mj-body>\n<mj-section>\n<mj-column>\n"
        f"{content}\n</mj-column>\n</mj-section>\n</mj-body>\n</mjml>\n"
    )


def head(content: str) -> str:
    """A whole document; the content begins on line 3."""
    return f"<mjml>\n<mj-head><mj-title>T</mj-title>\n{content}\n</mj-head>\n<mj-body></mj-body>\n</mjml>"


def told(findings: list[Finding]) -> list[tuple[str, int | None]]:
    return [(finding.rule, finding.line) for finding in findings]


SILENT = {
    "an unknown tag": (page("\n<mj-txet>hi</mj-txet>"), "unknown-tag", 7, "write <mj-text>"),
    "a component in capitals": (page("\n<MJ-TEXT>hi</MJ-TEXT>"), "unknown-tag", 7, "write <mj-text>"),
    "an unknown tag of HTML": (page("<mj-text>\n<spam>hi</spam></mj-text>"), "unknown-tag", 7, "write <span>"),
    "an unknown attribute": (page("<mj-text\n  colour='red'>hi</mj-text>"), "unknown-attribute", 7, "write color"),
    "a colour that is none": (page("\n<mj-text color='reddish-blue'>hi</mj-text>"), "wrong-value", 7, "colour"),
    "a length without unit": (page("<mj-text\n font-size='16'>hi</mj-text>"), "wrong-value", 7, "10px"),
    "too many lengths": (page("\n<mj-text padding='1px 2px 3px 4px 5px'>hi</mj-text>"), "wrong-value", 7, "1 to 4"),
    "a word out of the list": (page("\n<mj-text align='middle'>hi</mj-text>"), "wrong-value", 7, "one of left"),
    "an attribute without value": (page("\n<mj-text align>hi</mj-text>"), "wrong-value", 7, 'align="…"'),
    "an attribute written twice": (page("<mj-text color='red'\ncolor='blue'>x</mj-text>"), "doubled-attribute", 7, ""),
    "an attribute left out": (page("\n<mj-table role='presentation'></mj-table>"), "ignored-attribute", 7, "leave it"),
    "text in a section": (page("</mj-column>\nmore<mj-column>"), "stray-text", 7, "<mj-text>"),
    "text in a column": (page("\nmore"), "stray-text", 7, "<mj-text>"),
    "HTML in a column": (page("\n<p>more</p>"), "wrong-place", 7, "<mj-text>"),
    "a section in a column": (page("\n<mj-section></mj-section>"), "wrong-place", 7, "<mj-body>"),
    "a text in a section": (page("</mj-column>\n<mj-text>a</mj-text><mj-column>"), "wrong-place", 7, "<mj-column>"),
    "a component in a text": (page("<mj-text>\n<mj-spacer /></mj-text>"), "wrong-place", 7, "<mj-column>"),
    "a component in HTML": (page("<mj-raw><div>\n<mj-text>a</mj-text></div></mj-raw>"), "wrong-place", 7, "close"),
    "left-over braces": (page("<mj-text>\nHi {{ name }</mj-text>"), "leftover", 7, "braces"),
    "a left-over statement": (page("\n{% if x %}<mj-text>a</mj-text>"), "leftover", 7, "braces"),
    "braces in an attribute": (page("<mj-text>\n<a href='{{ url }}'>x</a></mj-text>"), "leftover", 7, "braces"),
    "swapped closing tags": (page("<mj-text><b><i>x</b>\n</i></mj-text>"), "crossed-tags", 7, "swap"),
    "swapped components": (page("<mj-text>x</mj-column>\n</mj-text><mj-column>"), "crossed-tags", 7, "swap"),
    "a second body": (page("").replace("</mjml>", "<mj-body></mj-body></mjml>"), "wrong-place", 10, "keep one"),
    "a class that is not defined": (page("\n<mj-text mj-class='big'>x</mj-text>"), "unknown-class", 7, "define"),
    "a picture without alt": (page("\n<mj-image src='a.png' />"), "missing-alt", 7, "alt"),
    "a picture without address": (page("\n<mj-image alt='a' />"), "missing-attribute", 7, "src"),
    "a script link": (page("<mj-text>\n<a href='java&#10;script:x'>x</a></mj-text>"), "script-link", 7, "https"),
    "an empty link": (page("\n<mj-button href=''>x</mj-button>"), "empty-link", 7, "address"),
    "inlined styles": (head("<mj-style inline='inline'>.a { color: red }</mj-style>"), "inline-style", 3, "style="),
    "a style with a brace too few": (head("<mj-style>.a { color: red </mj-style>"), "style-braces", 3, "pair"),
    "an empty head": ("<mjml>\n<mj-body></mj-body></mjml>", "no-title", 1, "<mj-title>"),
    "no body": ("<mjml><mj-head><mj-title>T</mj-title></mj-head></mjml>", "no-body", 1, "<mj-body>"),
}  # fmt: skip


@pytest.mark.parametrize(("mjml", "rule", "line", "fix"), SILENT.values(), ids=SILENT.keys())
def test_what_the_renderer_passes_in_silence_is_told(mjml: str, rule: str, line: int, fix: str) -> None:
    mjml2html(mjml)

    found = lint(mjml, file="a.mjml")

    assert told(found) == [(rule, line)]
    assert fix in found[0].fix


REFUSED = {
    "a bare less-than": (page("<mj-text>\np < 0.05</mj-text>"), "bare-less-than", 7),
    "an unquoted attribute": (page("<mj-text\ncolor=red>x</mj-text>"), "unquoted-attribute", 7),
    "an open quote": (page("<mj-text\ncolor='red>x</mj-text>"), "open-quote", 7),
    "dashes in a comment": (page("<mj-text>\n<!-- a -- b --></mj-text>"), "comment-dashes", 7),
    "an open comment": (page("<mj-text>x</mj-text>\n<!-- a"), "open-comment", 7),
    "a doctype": ("<!DOCTYPE html>\n" + page(""), "declaration", 1),
    "an XML declaration": ('<?xml version="1.0"?>\n' + page(""), "declaration", 1),
    "cdata": (page("<mj-text>\n<![CDATA[x]]></mj-text>"), "declaration", 7),
    "an open tag": (page("<mj-text>\n<b>x</mj-text>"), "unclosed-tag", 7),
    "a closing tag too many": (page("<mj-text>x</mj-text>\n</div>"), "unmatched-tag", 7),
    "a comment in attributes": (head("<mj-attributes>\n<!-- all --></mj-attributes>"), "comment-place", 4),
    "a condition in a column": (page("\n<!--[if mso]> <![endif]-->"), "comment-place", 7),
    "an open condition": (page("<mj-text>\n<!--[if mso]>x</mj-text>"), "condition", 7),
    "a tag in the title": (head("<mj-preview>\n<b>T</b></mj-preview>"), "wrong-place", 4),
    "an include": (page("\n<mj-include path='a.mjml' />"), "include", 7),
    "html attributes": (head("<mj-html-attributes></mj-html-attributes>"), "unsupported-tag", 3),
    "a sign after a curly quote in a style": (head("<mj-style>/* “ */\n“a”>b{}</mj-style>"), "style-sign", 4),
    "nothing": ("", "empty", 1),
    "no MJML": ("<p>Hello</p>", "not-mjml", 1),
    "bare text": ("Hello", "not-mjml", 1),
    "something after it": (page("") + "\nmore", "outside-root", 12),
}  # fmt: skip


@pytest.mark.parametrize(("mjml", "rule", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_renderer_refuses_without_a_place_gets_one(mjml: str, rule: str, line: int) -> None:
    assert (rule, line) in told(lint(mjml, file="a.mjml"))


def test_twenty_thousand_nested_tags_are_one_finding() -> None:
    mjml = page("<mj-text>" + "<b>" * 20_000 + "</b>" * 20_000 + "</mj-text>")

    assert told(lint(mjml, file="a.mjml")) == [("too-deep", 6)]


def test_the_place_of_a_rendered_document_may_be_told_by_who_knows_it() -> None:
    found = lint(page("stray"), file="rendered", origin=lambda line: ("weekly.mjml.j2", line + 100))

    assert (found[0].file, found[0].line) == ("weekly.mjml.j2", 106)


def test_severities_are_errors_but_for_what_harms_nobody() -> None:
    warnings = {name for name, (mjml, *_) in SILENT.items() if lint(mjml, file="a")[0].severity == "warning"}

    assert warnings == {
        "an attribute left out", "a class that is not defined", "a picture without alt", "an empty head",
    }  # fmt: skip


def test_line_ends_of_other_machines_and_a_byte_order_mark_do_not_matter() -> None:
    mjml = page("\n<mj-txet>hi</mj-txet>")

    assert told(lint("\ufeff" + mjml.replace("\n", "\r\n"), file="a")) == [("unknown-tag", 7)]


def test_a_finding_reads_as_one_line_and_counts_in_json() -> None:
    found = lint_template(page("\n<mj-image src='a' />\n<mj-txet>hi</mj-txet>"), "weekly.mjml")

    assert in_words(found[0]).startswith("weekly.mjml:7: warning: <mj-image> has no alt; ")
    assert to_json(found) == {
        "errors": 1,
        "warnings": 1,
        "findings": [
            {"rule": one.rule, "severity": one.severity, "file": "weekly.mjml", "line": one.line, "story": None,
             "message": one.message, "fix": one.fix}
            for one in found
        ],
    }  # fmt: skip


def test_what_a_finding_quotes_stays_on_one_printable_line() -> None:
    found = lint(page("\n<mj-text color='a\n\x9b31m\u202eb'>x</mj-text>"), file="a")

    assert found[0].message == 'color="a \ufffd31m\ufffdb" of <mj-text>: not understood'
