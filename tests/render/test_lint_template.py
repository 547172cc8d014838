"""Templates are linted as written: Jinja is painted over, and findings are at the template's own lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.render.lint import lint_template, lint_theme
from digest.render.themes import load_theme, shipped_templates

GOOD = sorted(Path(__file__).with_name("good").iterdir())
SHIPPED = sorted(shipped_templates().rglob("*.mjml.j2"))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_good_template_has_no_finding(path: Path) -> None:
    assert lint_template(path.read_text("utf-8"), path.name) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_templates_have_no_finding(path: Path) -> None:
    assert lint_template(path.read_text("utf-8"), path.as_posix()) == []


def whole(content: str) -> str:
    """A whole template; the content begins on line 3."""
    return f"<mjml><mj-head><mj-title>T</mj-title></mj-head>\n<mj-body><mj-section><mj-column>\n{content}\n</mj-column></mj-section></mj-body></mjml>"  # noqa: E501


def told(template: str, name: str = "a.mjml.j2") -> list[tuple[str, int | None]]:
    return [(finding.rule, finding.line) for finding in lint_template(template, name)]


FAULTY = {
    "an open expression": ("<mj-text>\n{{ name </mj-text>", "jinja", 4),
    "an open statement": ("<mj-text>\n{% if name <b>x</b></mj-text>", "jinja", 4),
    "an if without end": ("{% if a %}\n<mj-text>x</mj-text>", "jinja", 3),
    "an end without beginning": ("<mj-text>x</mj-text>\n{% endfor %}", "jinja", 4),
    "an unknown statement": ("<mj-text>x</mj-text>\n{% fi x %}", "jinja", 4),
    "braces too many": ("<mj-text>\n{{ name }}}}</mj-text>", "leftover", 4),
    "a fault after a long expression": ("<mj-text>{{ a\n ~ b }}</mj-text>\n<mj-txet>x</mj-txet>", "unknown-tag", 5),
    "a fault after a comment": ("{# one\n two #}\n<mj-txet>x</mj-txet>", "unknown-tag", 5),
    "a fault after trimmed blanks": ("{%- set a = 1 -%}\n\n<mj-txet>x</mj-txet>", "unknown-tag", 5),
    "a fault in the else": ("{% if a %}\n<mj-text>x</mj-text>\n{% else %}\n<p>x</p>\n{% endif %}", "wrong-place", 6),
    "a fault in an elif": ("{% if a %}{% elif b %}\n<p>x</p>\n{% else %}{% endif %}", "wrong-place", 4),
    "a fault in a loop": ("{% for a in b %}\n<mj-text colour='red'>x</mj-text>\n{% endfor %}", "unknown-attribute", 4),
    "a fault in a loop's else": ("{% for a in b %}{% else %}\n<p>x</p>{% endfor %}", "wrong-place", 4),
    "a fault in a macro": ("{% macro a() %}\n<p>x</b>{% endmacro %}", "unmatched-tag", 4),
    "a tag open in one branch": ("<mj-text>\n{% if a %}<b>{% endif %}x</mj-text>", "unclosed-tag", 4),
    "a value beside an expression": ("\n<mj-text color='{{ a }}' align='middle'>x</mj-text>", "wrong-value", 4),
    "an empty link in a branch": ("<mj-text>\n<a {% if a %}href=''{% endif %}>x</a></mj-text>", "empty-link", 4),
}


@pytest.mark.parametrize(("content", "rule", "line"), FAULTY.values(), ids=FAULTY.keys())
def test_a_fault_is_told_at_its_line_of_the_template(content: str, rule: str, line: int) -> None:
    assert (rule, line) in told(whole(content))


def text(content: str) -> str:
    return f"<mj-text>{content}</mj-text>"


FINE = {
    "a tag per branch": "{% if a %}<mj-text>{% else %}<mj-text color='red'>{% endif %}x</mj-text>",
    "a tag opened and closed under one condition": text("{% if a %}<b>{% endif %}x{% if a %}</b>{% endif %}"),
    "opposite conditions": text("{% if a %}<b>{% else %}<i>{% endif %}{% if not a %}</i>{% else %}</b>{% endif %}"),
    "an expression in an attribute": "<mj-text color='{{ c }}' padding='0 {{ n }}px'>x</mj-text>",
    "a condition in an attribute": "<mj-text align='{% if r %}right{% else %}left{% endif %}'>x</mj-text>",
    "an attribute under a condition": "<mj-text {% if a %}color='red'{% endif %} {{ more }}>x</mj-text>",
    "quotes in an expression": text("<a href=\"{{ mine(\"unsubscribe_url\", '>') }}\">x</a>"),
    "signs in an expression": text("{% if a < b and c > d %}x{% endif %}{{ '<b>' if a < 1 else '--' }}"),
    "a rendered part": "{{ stories }}",
    "an include": "{% include 'a.mjml.j2' %}",
    "a translation": text("{% trans n=n %}{{ n }} trial{% pluralize %}{{ n }} <b>trials</b>{% endtrans %}"),
    "a set block": "{% set note %}<p>x</p>{% endset %}<mj-text>{{ note }}</mj-text>",
    "a set statement": "{% set a = {'b': 1} %}<mj-text>{{ a }}</mj-text>",
    "a set of a filter": "{% set a | upper %}<p>x</p>{% endset %}<mj-text>{{ a }}</mj-text>",
    "a call": "{% macro box() %}<p>{{ caller() }}</p>{% endmacro %}" + text("{% call box() %}<b>x</b>{% endcall %}"),
    "a dynamic tag": text("<h{{ n }}>x</h{{ n }}>"),
    "a comment with tags": "{# <mj-txet> {% if %} #}<mj-text>x</mj-text>",
    "raw": text("{% raw %}<p>x</p>{% endraw %}"),
}  # fmt: skip


@pytest.mark.parametrize("content", FINE.values(), ids=FINE.keys())
def test_jinja_is_no_false_alarm(content: str) -> None:
    assert told(whole(content)) == []


PARTS = {
    "macros": "{% macro a(x) %}\n<p>{{ x }}</p>\n{% endmacro %}\n",
    "attributes": "<mj-attributes>\n<mj-all color='red' />\n</mj-attributes>",
    "a child": "{% extends 'base.mjml.j2' %}{% block body %}<mj-section></mj-section>{% endblock %}",
    "an include only": "{% include 'weekly.mjml.j2' %}",
    "a paragraph": "<p>{{ words }}</p>",
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
def test_a_part_needs_no_root(part: str) -> None:
    assert told(part) == []


@pytest.mark.parametrize(("template", "rule"), [("", "empty"), ("Hello", "not-mjml"), ("<html></html>", "not-mjml")])
def test_a_template_that_is_neither_whole_nor_a_part_is_told(template: str, rule: str) -> None:
    assert told(template) == [(rule, 1)]


def test_plain_mjml_is_no_jinja_so_its_braces_are_leftovers() -> None:
    assert told(whole("<mj-text>\n{{ name }}</mj-text>"), "a.mjml") == [("leftover", 4)]


def test_a_theme_is_linted_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "weekly").mkdir()
    (tmp_path / "weekly" / "styles.mjml.j2").write_text("{# own #}\n<mj-attributes><mj-txet /></mj-attributes>")

    found = lint_theme(load_theme(tmp_path))

    assert [(one.file, one.line) for one in found] == [(f"{tmp_path.name}/weekly/styles.mjml.j2", 2)]
    assert lint_theme(load_theme()) == []


def test_nesting_without_end_in_jinja_is_a_finding() -> None:
    assert told("{{ " + "(" * 5000 + ")" * 5000 + " }}")[0][0] == "jinja"
