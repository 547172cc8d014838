"""Themes and typesetting: a workspace's files win one by one, and a fault names its file and line."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from digest.errors import TemplateError
from digest.render.themes import LARGEST_TEMPLATE_BYTES, Theme, ThemeFile, load_theme
from digest.render.typeset import typeset
from digest.render.words import words_for

ENGLISH = words_for("en")


def _print(text: str, name: str = "t.html.j2", **values: object) -> str:
    theme = Theme(MappingProxyType({name: ThemeFile(f"templates/{name}", text)}))
    return typeset(theme, name, words=ENGLISH, values=values)


def test_shipped_templates_are_found() -> None:
    files = load_theme().files

    assert {"weekly/weekly.mjml.j2", "weekly/weekly.txt.j2", "web/unsubscribe.html.j2"} <= set(files)


def test_a_missing_folder_of_overrides_changes_nothing(tmp_path: Path) -> None:
    assert load_theme(tmp_path / "templates") == load_theme()


def test_overrides_win_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "weekly").mkdir()
    (tmp_path / "weekly" / "weekly.txt.j2").write_text("Mine", encoding="utf-8")

    theme = load_theme(tmp_path)

    assert theme.files["weekly/weekly.txt.j2"].text == "Mine"
    assert theme.files["weekly/weekly.mjml.j2"] == load_theme().files["weekly/weekly.mjml.j2"]


def test_a_template_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.j2").write_bytes(b"x" * (LARGEST_TEMPLATE_BYTES + 1))

    with pytest.raises(TemplateError, match="at most 512 KB"):
        load_theme(tmp_path)


def test_a_template_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "odd.j2").write_bytes(b"one\ntwo \xe9\n")

    with pytest.raises(TemplateError, match=r"odd\.j2:2: not UTF-8"):
        load_theme(tmp_path)


@pytest.mark.parametrize("name", ["t.mjml.j2", "t.html.j2", "t.mjml", "t.html"])
def test_values_are_escaped_in_markup(name: str) -> None:
    assert _print("{{ a }}", name, a="<b>&\"'") == "&lt;b&gt;&amp;&#34;&#39;"


def test_values_are_left_alone_in_text() -> None:
    assert _print("{{ a }}", "t.txt.j2", a="<b>&") == "<b>&"


def test_content_is_never_a_template() -> None:
    assert _print("{{ a }}", "t.txt.j2", a="{{ 7*7 }}{% raw %}") == "{{ 7*7 }}{% raw %}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("one\n{{ a.b }}", r"templates/t\.html\.j2:2: .*has no attribute 'b'"),
        ("one\n\n{{ nobody }}", r"templates/t\.html\.j2:3: 'nobody' is undefined"),
        ("{% for x in %}", r"templates/t\.html\.j2:1: Expected an expression"),
        ("\n{% if a %}", r"templates/t\.html\.j2:2: Unexpected end of template"),
        ("{% include 'gone.j2' %}", r"no such template: gone\.j2"),
        ("\n{{ nothing }}", r"templates/t\.html\.j2:2: a value that is not there \(None\)"),
        ("{{ 1 // 0 }}", r"templates/t\.html\.j2:1: ZeroDivisionError"),
        ("{{ a.__class__.__mro__ }}", r"templates/t\.html\.j2:1: access to attribute '__class__'"),
        ("{% for x in range(99999) %}{% for y in range(9) %}{% endfor %}{% endfor %}", "rounds of loops"),
        ("{% for x in range(99999) %}{{ 'x' * 900 }}{% endfor %}", "prints more than 2000000 characters"),
        ("{{ 'x' * 999999999 }}", r"\* would make something very large"),
        ("{{ 9 ** 999999 }}", r"\*\* would make something very large"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError"),
    ],
)
def test_a_fault_is_one_line_with_file_and_line(text: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint) as caught:
        _print(text, a="word", nothing=None)

    assert "\n" not in str(caught.value)


def test_no_setting_and_no_secret_is_in_reach() -> None:
    for name in ("env", "environ", "config", "settings", "cycler", "lipsum", "dict"):
        with pytest.raises(TemplateError, match="undefined"):
            _print("{{ " + name + " }}")


def test_controls_never_reach_a_reader() -> None:
    assert _print("{{ a }}", a="a\x00b\x1bc\x9d\ud800d\te\n") == "abcd\te\n"
