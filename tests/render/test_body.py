"""Bodies: an editor's Markdown is calm, safe HTML, and plain text with numbered links."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InputError
from digest.model import Identifiers
from digest.render.body import DEEPEST_BODY, LONGEST_BODY, Block, body_html, body_text
from digest.render.links import identifier_links, safe_url
from tests.render.reading import read


def test_markdown_becomes_a_few_calm_tags() -> None:
    page = read(body_html("# Big\n\nSome *soft* and **loud** words.\n\n> said\n\n1. one\n2. two\n"))

    assert page.tags == ["h3", "p", "em", "strong", "blockquote", "p", "ol", "li", "li"]
    assert page.words == "Big Some soft and loud words. said one two"


def test_links_keep_their_place_when_they_are_safe() -> None:
    page = read(body_html("[good](https://a.example/x?y=1&z=2) and [bad](javascript:alert(1)) and [rel](/path)"))

    assert page.links == [("good", "https://a.example/x?y=1&z=2")]
    assert "bad" in page.words
    assert "rel" in page.words


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://tracker.example/p.gif)",
        "[x](data:text/html;base64,AAAA)",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](//evil.example)",
        "[x](https://user:word@evil.example)",
        "<style>p{display:none}</style>",
        "<iframe src=https://a.example></iframe>",
        "</mj-text></mj-column><mj-raw><b onclick=alert(1)>",
    ],
)
def test_nothing_that_runs_loads_or_lies_comes_through(attack: str) -> None:
    page = read(body_html(attack))

    assert set(page.tags) <= {"p"}
    assert page.links == []


def test_no_body_is_nothing() -> None:
    assert body_html(None) == ""
    assert body_text(None) == ((), ())


def test_text_has_bullets_and_numbered_links() -> None:
    blocks, notes = body_text("See [the paper](https://a.example/p).\n\n- one\n- two\n  more\n\n> said\n\n1. first", 4)

    assert blocks == (
        Block("", "", "See the paper [4]."),
        Block("* ", "  ", "one"),
        Block("* ", "  ", "two more"),
        Block("> ", "> ", "said"),
        Block("1. ", "   ", "first"),
    )
    assert notes == ("https://a.example/p",)


def test_a_body_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="at most 100000"):
        body_html("x" * (LONGEST_BODY + 1))


@pytest.mark.parametrize("deep", ["> " * 60 + "x", "- " * 60 + "x", ">" * 50_000])
def test_a_body_nested_too_deeply_is_refused(deep: str) -> None:
    with pytest.raises(InputError, match=f"deeper than {DEEPEST_BODY}"):
        body_html(deep)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>[]()*_`>-#! \n&\"':/abjavscript1.", max_size=120))
def test_whatever_is_written_only_calm_tags_come_out(markdown: str) -> None:
    try:
        page = read(body_html(markdown))
    except InputError:
        return

    calm = {"p", "ul", "ol", "li", "em", "strong", "a", "blockquote", "h3", "br", "code", "hr"}
    assert set(page.tags) <= calm
    assert all(safe_url(url) for _, url in page.links)


@pytest.mark.parametrize("url", ["https://a.example/x", "http://a.example:8080/?q=1&r=2#s", " https://a.example/ "])
def test_honest_addresses_are_safe(url: str) -> None:
    assert safe_url(url) == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "#",
        "/path",
        "//a.example",
        "javascript:alert(1)",
        "\u00a0javascript:alert(1)",
        "https://",
        "https:///x",
        "https://u@a.example/",
        "https://a.example/ x",
        "https://a.example/\u202egpj",
        'https://a.example/"onclick="x',
        "https://a.example:port/",
        "https://[bad/",
        "ftp://a.example/",
        "https://a.example/" + "x" * 2000,
    ],
)
def test_other_addresses_are_not(url: str | None) -> None:
    assert safe_url(url) is None


def test_well_known_identifiers_lead_somewhere() -> None:
    links = identifier_links(Identifiers(doi="10.5555/a b".replace(" ", "<"), pmid="12345", trial="NCT01234567"))

    assert [url for _, url in links] == [
        "https://doi.org/10.5555/a%3Cb",
        "https://pubmed.ncbi.nlm.nih.gov/12345/",
        "https://clinicaltrials.gov/study/NCT01234567",
    ]


def test_odd_identifiers_lead_nowhere() -> None:
    assert identifier_links(Identifiers(doi="see paper", pmid="PMC1", trial="ISRCTN1")) == ()
