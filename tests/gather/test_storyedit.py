"""Marks are set in a story file without disturbing a letter of the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digest.errors import InputError
from digest.gather.storyedit import drop, pin, release, set_front_matter
from digest.newsroom.storyfile import parse_story_file

FILE = """\
---
# my notes
headline: >-
  A long
  headline

key_points:   # three of them
- one
- two
summary: 'It is so'  # really
---
Body with pinned: true in it.
"""


def test_a_new_key_goes_to_the_end_of_the_front_matter() -> None:
    assert pin(FILE, "s.md") == FILE.replace("# really\n---", "# really\npinned: true\n---")


def test_marks_can_be_taken_back_to_the_letter() -> None:
    assert release(pin(FILE, "s.md"), "s.md") == FILE
    assert release(drop(FILE, "s.md"), "s.md") == FILE


def test_pinned_and_dropped_exclude_each_other() -> None:
    story = parse_story_file(drop(pin(FILE, "s.md"), "s.md"), "s.md").story

    assert (story.pinned, story.dropped) == (False, True)


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("headline", "New: one", "headline: >-\n  A long\n  headline\n\n", 'headline: "New: one"\n\n'),
        ("summary", None, "summary: 'It is so'  # really\n", ""),
        ("key_points", None, "key_points:   # three of them\n- one\n- two\n", ""),
    ],
)
def test_a_key_is_replaced_where_it_stands(key: str, value: str | None, before: str, after: str) -> None:
    assert set_front_matter(FILE, key, value) == FILE.replace(before, after)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("weight", -3),
        ("date", date(2026, 11, 18)),
        ("not_before", datetime(2026, 11, 18, 7, tzinfo=UTC)),
        ("topic", "no"),
    ],
)
def test_values_of_all_kinds_read_back(key: str, value: str | int | date) -> None:
    story = parse_story_file(set_front_matter(FILE, key, value), "s.md").story

    assert getattr(story, {"date": "day"}.get(key, key)) == value


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + FILE.replace("\n", "\r\n")

    pinned = pin(text, "s.md")

    assert pinned == text.replace("# really\r\n---", "# really\r\npinned: true\r\n---")
    assert release(pinned, "s.md") == text


def test_an_empty_front_matter_key_is_filled() -> None:
    text = "---\nheadline: x\npinned:\n---\n"

    assert set_front_matter(text, "pinned", True) == "---\nheadline: x\npinned: true\n---\n"


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        ("A pasted page\nIt is so.", "pinned", True, "s.md:1: a pasted page has no front matter"),
        (FILE, "pined", True, "not a key of a story file"),
        (FILE, "headline", None, "headline: missing"),
        (FILE, "weight", 5000, "a whole number from -100 to 100"),
        ("---\n{headline: x}\n---\n", "pinned", True, "keys on lines of their own"),
    ],
)
def test_what_would_break_the_file_is_refused(text: str, key: str, value: str | int | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        set_front_matter(text, key, value, "s.md")
