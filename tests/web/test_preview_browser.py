"""The preview as an editor sees it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.web.conftest import Newsletter

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    # The server goes before the page does, and is asked once more.
    assert [fault for fault in faults if "net::ERR_" not in fault] == []


def email(page: Page, width: str) -> FrameLocator:
    return page.frame_locator(f'[data-frame="{width}"] iframe:not(.coming)')


def scrolled(page: Page, width: str) -> float:
    frame = page.query_selector(f'[data-frame="{width}"] iframe:not(.coming)')
    inside = frame.content_frame() if frame else None
    assert inside is not None
    return float(inside.evaluate("window.scrollY"))


def scroll(page: Page, width: str, to: int) -> None:
    # Through the page that holds the frame, since a frame without scripts has none of its own to run.
    page.evaluate(f"document.querySelector('[data-frame=\"{width}\"] iframe').contentWindow.scrollTo(0, {to})")


def with_three_stories(newsletter: Newsletter) -> None:
    for name in ("one", "two", "three"):
        newsletter.story(name, f"Headline {name}", body="A paragraph that fills the page.\n\n" * 12)


def test_a_saved_story_appears_in_both_widths_and_the_scroll_is_kept(newsletter: Newsletter, page: Page) -> None:
    with_three_stories(newsletter)
    with newsletter.preview() as url:
        page.goto(url)
        expect(email(page, "600").get_by_text("Headline three")).to_be_attached()
        scroll(page, "600", 700)
        scroll(page, "375", 500)

        newsletter.story("three", "Another headline", body="A paragraph that fills the page.\n\n" * 12)

        expect(email(page, "600").get_by_text("Another headline")).to_be_attached()
        expect(email(page, "375").get_by_text("Another headline")).to_be_attached()
        assert (scrolled(page, "600"), scrolled(page, "375")) == (700, 500)


def test_a_fault_comes_and_goes_and_the_scroll_is_kept(newsletter: Newsletter, page: Page) -> None:
    with_three_stories(newsletter)
    template = newsletter.folder / "templates" / "weekly" / "weekly.txt.j2"
    template.parent.mkdir(parents=True)
    with newsletter.preview() as url:
        page.goto(url)
        expect(email(page, "600").get_by_text("Headline three")).to_be_attached()
        scroll(page, "600", 700)

        template.write_text("{{ nothing_of_this_name }}\n")
        expect(page.locator(".fault")).to_contain_text("line 1")
        template.unlink()

        expect(page.locator(".fault")).to_have_count(0)
        expect(email(page, "600").get_by_text("Headline three")).to_be_attached()
        assert scrolled(page, "600") == 700


def test_choices_change_the_frames_without_losing_the_place(newsletter: Newsletter, page: Page) -> None:
    with_three_stories(newsletter)
    with newsletter.preview() as url:
        page.goto(url)
        expect(email(page, "600").get_by_text("Headline three")).to_be_attached()
        scroll(page, "600", 700)

        page.get_by_role("link", name="Dark").click()

        expect(page.locator('[data-frame="600"] figcaption')).to_contain_text("dark, as authored")
        expect(page.locator('[data-frame="600"] iframe[src*="scheme=dark"]:not(.coming)')).to_be_attached()
        background = email(page, "600").locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        assert background == "rgb(16, 17, 18)"
        assert scrolled(page, "600") == 700
        assert "scheme=dark" in page.url


def test_what_a_story_rests_on_stays_open_while_files_change(newsletter: Newsletter, page: Page) -> None:
    with_three_stories(newsletter)
    with newsletter.preview() as url:
        page.goto(url)
        expect(page.locator("#pulse")).to_have_text("following changes")
        page.get_by_text("What it rests on").first.click()

        newsletter.story("four", "Headline four")

        expect(page.locator("#aside").get_by_text("Headline four").first).to_be_visible()
        assert page.locator(".behind details[open]").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_itself_is_faultless(
    newsletter: Newsletter, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    with_three_stories(newsletter)
    (newsletter.folder / "stories" / "broken.md").write_text("---\nsumary: x\n---\n")
    context = browser.new_context(viewport={"width": 1400, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    found = {}
    with newsletter.preview() as url:
        for view in ("email", "text", "headers"):
            page.goto(f"{url}?view={view}")
            answer = Axe().run(page, options={"iframes": False}).response
            found[view] = [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in answer["violations"]]
    context.close()

    assert found == {"email": [], "text": [], "headers": []}


def test_when_the_server_has_gone_it_says_so(newsletter: Newsletter, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    with newsletter.preview() as url:
        page.goto(url)
        expect(page.locator("#pulse")).to_have_text("following changes")

    expect(page.locator("#pulse")).to_contain_text("stopped")
    context.close()
