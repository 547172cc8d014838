"""The look, in a real browser: every rule of axe-core in light and dark, and no page wider than a phone."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from datetime import date
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from digest.marks import fill
from digest.model import Article, BiasCounts, BiasPercent, Coverage, Evidence, KeyPoint, Story
from digest.render.pages import archive_page, invalid_link_page, unsubscribe_page
from digest.render.seal import archive_html, seal
from digest.render.themes import Theme
from tests.render.samples import LETTERHEAD, STORIES, edition

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READER = {
    "name": "",
    "address": "a.reader.with.a.long.address@subdomain.example.org",
    "unsubscribe_url": "https://news.example.org/u/" + "A" * 32,
    "preferences_url": "https://news.example.org/preferences",
}

ODD = Story(
    id="odd",
    headline="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft prüft " + "W" * 90,
    summary="https://example.org/" + "a-very-long-address-without-a-blank" * 4,
    key_points=(KeyPoint("x" * 200, 1),),
    articles=(
        Article(title="y" * 120, outlet="z" * 80, url="https://a.example/", copy_of="c" * 60),
        Article(title="no outlet"),
    ),
    articles_total=40,
    evidence=Evidence(study_type="other", comparison="v" * 90, funding="f" * 280, conflicts="g" * 280),
    update_of="o",
    update_from="weekly-2026-11-16",
    machine_written=True,
    coverage=Coverage(counts=BiasCounts(left=1, center=97, right=1, unrated=300)),
)
PARTLY = Story(id="partly", headline="Reported in part", coverage=Coverage(reported=BiasPercent(left=40)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: run `make browser`")
        pytest.skip("no Chromium on this machine: run `make browser` to see the email with a browser's eyes")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


def _faults(browser: Browser, html: str, scheme: Literal["light", "dark"], width: int) -> list[str]:
    """What axe-core objects to, and whether one has to scroll sideways."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.set_content(html)
    # `region` and `landmark-one-main` are for sites: a mail program gives a message its landmark.
    off = {"rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}}
    faults = [
        f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in Axe().run(page, options=off).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        faults.append("wider than the window")
    context.close()
    return faults


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("en", "light", 375), ("en", "dark", 375), ("en", "light", 600), ("ar", "dark", 375)],
)
def test_the_edition_is_faultless(
    browser: Browser, theme: Theme, language: str, scheme: Literal["light", "dark"], width: int
) -> None:
    direction: Literal["ltr", "rtl"] = "rtl" if language == "ar" else "ltr"
    letterhead = dataclasses.replace(LETTERHEAD, language=language, direction=direction)

    sealed = seal(edition(*STORIES, ODD, PARTLY), letterhead, theme)

    assert _faults(browser, fill(sealed.html, sealed.nonce, READER), scheme, width) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_faultless(browser: Browser, theme: Theme, scheme: Literal["light", "dark"]) -> None:
    assert _faults(browser, unsubscribe_page(LETTERHEAD, theme), scheme, 375) == []
    assert _faults(browser, invalid_link_page(LETTERHEAD, theme), scheme, 375) == []
    sent = [("weekly-2026-11-23", date(2026, 11, 23), ODD.headline)]
    assert _faults(browser, archive_page(LETTERHEAD, theme, sent), scheme, 375) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_archived_edition_is_faultless(browser: Browser, theme: Theme, scheme: Literal["light", "dark"]) -> None:
    assert _faults(browser, archive_html(seal(edition(*STORIES), LETTERHEAD, theme)), scheme, 1200) == []
