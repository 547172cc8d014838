"""The small web pages: one message each, nothing from elsewhere, and a button that a mail program's POST equals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from digest.render.pages import invalid_link_page, unsubscribe_page, unsubscribed_page
from digest.render.seal import Letterhead
from digest.render.themes import Theme
from tests.render.reading import read
from tests.render.samples import LETTERHEAD

PAGES = [unsubscribe_page, unsubscribed_page, invalid_link_page]


def test_the_unsubscribe_page_has_one_button_that_posts_to_its_own_address(theme: Theme) -> None:
    html = unsubscribe_page(LETTERHEAD, theme)

    assert html.count("<form") == html.count("<button") == 1
    assert '<form method="post"><button type="submit" name="List-Unsubscribe" value="One-Click">' in html
    assert "So far nothing has changed." in read(html).words


def test_the_answer_names_the_newsletter(theme: Theme) -> None:
    words = read(unsubscribed_page(LETTERHEAD, theme)).words

    assert "You are unsubscribed" in words
    assert "The Weekly Health Digest is not sent to you any more." in words


@pytest.mark.parametrize("page", PAGES)
def test_pages_load_nothing_and_tell_nobody_their_address(
    page: Callable[[Letterhead, Theme], str], theme: Theme
) -> None:
    html = page(LETTERHEAD, theme)

    assert '<meta name="referrer" content="no-referrer">' in html
    assert not {"script", "img", "link", "iframe"} & set(read(html).tags)
    assert "http" not in html


@pytest.mark.parametrize("page", PAGES)
def test_pages_escape_the_newsletters_name(page: Callable[[Letterhead, Theme], str], theme: Theme) -> None:
    html = page(dataclasses.replace(LETTERHEAD, name="<b>R&D</b>"), theme)

    assert "<b>" not in html
    assert "&lt;b&gt;R&amp;D" in html


def test_pages_speak_the_newsletters_language(theme: Theme) -> None:
    html = invalid_link_page(dataclasses.replace(LETTERHEAD, language="ar", direction="rtl"), theme)

    assert '<html lang="ar" dir="rtl">' in html
    assert "هذا الرابط لا يعمل" in html
