"""How mail programs show an email: media queries about the scheme are answered, nothing else is touched."""

from __future__ import annotations

import pytest

from digest.render.schemes import SCHEMES, Scheme, as_shown

HTML = (
    "<html><head><style>@media (prefers-color-scheme: dark) { p { color: red } }</style>"
    '<style media="screen and (prefers-color-scheme:light)">p { color: blue }</style></head>'
    "<body><p>Write (prefers-color-scheme: dark) into your style.</p></body></html>"
)


@pytest.mark.parametrize(
    ("scheme", "dark", "light"),
    [
        ("light", "(max-width:0px)", "(min-width:0px)"),
        ("dark", "(min-width:0px)", "(max-width:0px)"),
        ("inverted", "(max-width:0px)", "(min-width:0px)"),
    ],
)
def test_queries_are_answered(scheme: Scheme, dark: str, light: str) -> None:
    shown = as_shown(HTML, scheme)

    assert f"@media {dark} {{" in shown
    assert f'media="screen and {light}"' in shown


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_a_story_says_stays(scheme: Scheme) -> None:
    assert "<p>Write (prefers-color-scheme: dark) into your style.</p>" in as_shown(HTML, scheme)


def test_only_inversion_turns_colours_round() -> None:
    assert [scheme for scheme in SCHEMES if "invert(1)" in as_shown(HTML, scheme)] == ["inverted"]


def test_html_without_a_head_is_shown_too() -> None:
    assert as_shown("<p>bare</p>", "dark").endswith("<p>bare</p>")
