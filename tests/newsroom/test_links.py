"""Links lead where they seem to lead, or are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.newsroom.links import article_url


@pytest.mark.parametrize(
    ("given_link", "kept"),
    [
        ("https://news.example/a?b=1&c=2#d", "https://news.example/a?b=1&c=2#d"),
        (" http://news.example ", "http://news.example"),
        ("https://News.Example:8443/Path", "https://news.example:8443/Path"),
        ("https://news.example/schmerz-für-alle?q=ä", "https://news.example/schmerz-f%C3%BCr-alle?q=%C3%A4"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://news.example/100%25", "https://news.example/100%25"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
    ],
)
def test_honest_links_are_kept(given_link: str, kept: str) -> None:
    assert article_url(given_link) == kept
    assert article_url(kept) == kept


@pytest.mark.parametrize(
    "link",
    [
        "",
        "news.example/a",
        "/a",
        "//news.example/a",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://x.example",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "ftp://news.example/",
        "mailto:a@news.example",
        "https://",
        "https:///path",
        "https:news.example",
        "https://user@news.example/",
        "https://news.example@evil.example/",
        "https://user:pw@news.example/",
        "https://news.example/a b",
        "https://news.example/a\tb",
        "https://news.example/a\r\nBcc: x",
        "https://news.example\\@evil.example/",
        'https://news.example/"onmouseover="x',
        "https://news.example/<script>",
        "https://news.example:99999/",
        "https://news.example:x/",
        "https://a..b/",
        "https://-/",
        "https://news.example/\u202egpj.exe",
        "https://news.example/\u00a0x",
        "https://[::1/",
        "https://[zz]/",
        "https://news.example/" + "x" * 2000,
    ],
)
def test_links_that_mislead_or_lead_nowhere_are_refused(link: str) -> None:
    with pytest.raises(ValueError, match="link"):
        article_url(link)


@given(st.text(max_size=40))
def test_whatever_is_kept_is_plain_ascii(text: str) -> None:
    try:
        kept = article_url(f"https://{text}")
    except ValueError:
        return
    assert kept.isascii()
    assert kept.isprintable()
    assert "@" not in kept.split("/")[2]
    assert article_url(kept) == kept
