"""One article, one name: links that differ in what follows readers about are the same, and DOIs are seen in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.gather.canonical import canonical_url, doi_of_url, plain_doi, safe_link, without_tracking


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.org/a", "http://www.e.org/a/"),
        ("https://e.org/a?id=1&b=2", "https://e.org/a?b=2&id=1&utm_campaign=x&fbclid=y"),
        ("https://e.org/a", "https://e.org/a?at_medium=RSS&at_campaign=rss"),
        ("https://e.org/a", "https://e.org/a#xtor=RSS-1"),
        ("https://e.org/caf%C3%A9", "https://e.org/café"),
        ("https://e.org/a", "https://e.org:443/a?source=rss"),
    ],
)
def test_the_same_page(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.org/a", "https://e.org/b"),
        ("https://e.org/?p=1", "https://e.org/?p=2"),
        ("https://e.org/a#x", "https://e.org/a#y"),
        ("https://e.org/a", "https://sub.e.org/a"),
        ("https://e.org/?source=abc", "https://e.org/"),
        ("https://e.org:8443/", "https://e.org/"),
    ],
)
def test_another_page(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_readers_get_links_that_do_not_follow_them() -> None:
    assert without_tracking("https://e.org/a?id=a+b&utm_source=rss&x=%2F") == "https://e.org/a?id=a+b&x=/"
    assert without_tracking("https://e.org/a?q=%C3%A9&x=1+2") == "https://e.org/a?q=%C3%A9&x=1+2"


@given(st.text(max_size=60))
def test_a_link_is_safe_or_none(text: str) -> None:
    link = safe_link(f"https://e.org/{text}")

    assert link is None or (link.startswith("https://e.org") and link.isascii() and " " not in link)
    if link is not None:
        assert canonical_url(link) == canonical_url(without_tracking(link))


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://doi.org/10.1000/ABC", "10.1000/abc"),
        ("https://onlinelibrary.wiley.com/doi/abs/10.1002/ejp.2100?af=R", "10.1002/ejp.2100"),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/ejp.2100", "10.1002/ejp.2100"),
        ("https://journals.sagepub.com/doi/10.1177/0333102426.1", "10.1177/0333102426.1"),
        ("https://www.medrxiv.org/content/10.1101/2026.11.01.26330001v2", "10.1101/2026.11.01.26330001"),
        ("https://www.medrxiv.org/content/10.1101/2026.11.01.26330001v1.full", "10.1101/2026.11.01.26330001"),
        ("https://link.springer.com/article/10.1007/s00125-026-1", "10.1007/s00125-026-1"),
        ("https://academic.oup.com/brain/article/149/1/1/7000000", None),
        ("https://e.org/10.html", None),
        ("https://e.org/?doi=10.1000/x", None),
    ],
)
def test_publishers_write_the_doi_into_the_address(url: str, doi: str | None) -> None:
    assert doi_of_url(url) == doi


def test_a_doi_has_one_spelling() -> None:
    assert {plain_doi(text) for text in ("10.1000/AbC", "doi:10.1000/abc", "https://doi.org/10.1000%2FABC")} == {
        "10.1000/abc"
    }
    assert plain_doi("no doi") is None
