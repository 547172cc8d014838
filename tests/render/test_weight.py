"""Bytes per story: they are all of the story's bytes, and no one else's."""

from __future__ import annotations

from digest.render.seal import seal
from digest.render.themes import Theme
from digest.render.weight import story_bytes
from tests.render.samples import LETTERHEAD, STORIES, edition


def cell(headline: str, inside: str = "") -> str:
    return f"<tr><td><h2>{headline}</h2>{inside}</td></tr>"


def test_each_story_is_measured_to_where_the_next_begins() -> None:
    first, second = cell("One &amp; all"), cell("Two", "<table><tr><td>nested é</td></tr></table>")
    html = f"<body><table>{first}{second}</table>footer"

    found = story_bytes(html, ["One & all", "Two"])

    # From <td to the next <td; the last one ends with its own cell.
    assert found == (len(first), len(second.encode()) - len("<tr>") - len("></tr>"))


def test_a_headline_that_is_not_printed_gives_no_sizes() -> None:
    assert story_bytes(f"<body>{cell('One')}", ["One", "Two"]) is None


def test_no_stories_weigh_nothing() -> None:
    assert story_bytes("<body></body>", []) == ()


def test_the_stories_of_a_real_edition_fit_into_its_html(theme: Theme) -> None:
    issue = edition(*STORIES)
    html = seal(issue, LETTERHEAD, theme).html

    found = story_bytes(html, [story.headline for story in issue.stories])

    assert found is not None
    assert len(found) == len(STORIES)
    assert all(size > 500 for size in found)
    assert sum(found) < len(html.encode())
