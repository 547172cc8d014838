"""Assembling: the same slot again gives the same edition; what an editor wrote stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import EditionError, InputError, TemplateError, UsageError
from digest.model import EditionState
from digest.verbs import approve, due, preview, stories
from digest.verbs.assemble import assemble, edit
from digest.verbs.send import Order, send_edition
from tests.verbs.conftest import MONDAY_7, Newsletter


def test_the_same_slot_again_gives_the_same_edition(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    first = newsletter.assembled()
    newsletter.story("Walking helps")

    again = assemble(newsletter.parts, first.edition.slot)

    assert (again.created, again.changed) == (False, False)
    assert again.row is not None
    assert again.row.hash == first.hash
    assert [story.headline for story in again.row.edition.stories] == ["Sleep is good"]


def test_refresh_takes_new_stories_in_and_voids_an_approval(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    row = approve.approve(newsletter.parts, newsletter.assembled(), hash_prefix=None, by="editor")
    newsletter.story("Walking helps")

    done = assemble(newsletter.parts, row.edition.slot, refresh=True)

    assert done.row is not None
    assert done.voided_approval
    assert done.row.state is EditionState.SEALED
    assert {story.headline for story in done.row.edition.stories} == {"Sleep is good", "Walking helps"}
    assert done.row.edition.number == row.edition.number


def test_refresh_without_news_leaves_the_approval(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    row = approve.approve(newsletter.parts, newsletter.assembled(), hash_prefix=None, by="editor")

    done = assemble(newsletter.parts, row.edition.slot, refresh=True)

    assert (done.changed, done.voided_approval) == (False, False)
    assert due.find(newsletter.parts, row.edition.id).state is EditionState.APPROVED


def test_an_editors_words_and_order_survive_a_refresh(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good", day="2026-11-20")
    newsletter.story("Walking helps", day="2026-11-17")
    row = newsletter.assembled()
    assert [story.id for story in row.edition.stories] == ["sleep-is-good", "walking-helps"]
    edit(newsletter.parts, row, subject="My own words", order=["walking-helps"])
    newsletter.story("Tea is fine", day="2026-11-18")

    done = assemble(newsletter.parts, row.edition.slot, refresh=True).row

    assert done is not None
    assert done.edition.subject == "My own words"
    assert done.edition.intro.startswith("3 stories")
    assert [story.id for story in done.edition.stories] == ["walking-helps", "sleep-is-good", "tea-is-fine"]


def test_a_refresh_in_another_language_changes_the_words_that_nobody_wrote(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good", day="2026-11-20")
    row = newsletter.assembled()
    german = replace(newsletter.parts, letterhead=replace(newsletter.parts.letterhead, language="de"))

    done = assemble(german, row.edition.slot, refresh=True).row

    assert done is not None
    assert (row.edition.intro, done.edition.intro) == ("1 story this week.", "1 Meldung in dieser Woche.")


def test_pinned_first_and_dropped_never(newsletter: Newsletter) -> None:
    for headline in ("Sleep is good", "Walking helps", "Tea is fine"):
        newsletter.story(headline)
    stories.pin(newsletter.parts, "walking")
    stories.drop(newsletter.parts, "tea")

    row = newsletter.assembled()

    assert [story.id for story in row.edition.stories] == ["walking-helps", "sleep-is-good"]
    assert row.edition.subject == "Walking helps"


def test_a_story_is_not_told_twice(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good", day="2026-11-19")
    row = approve.approve(newsletter.parts, newsletter.assembled(), hash_prefix=None, by="editor")
    send_edition(newsletter.parts, row.edition.id, Order(wait=timedelta(0)))
    newsletter.clock.set(MONDAY_7 + timedelta(days=2))
    newsletter.story("Walking helps", day="2026-11-25")

    done = assemble(newsletter.parts, due.slot_to_assemble(newsletter.parts))

    assert done.row is not None
    assert done.selection is not None
    assert [story.id for story in done.row.edition.stories] == ["walking-helps"]
    assert ("already ran in weekly-2026-11-23") in [left.reason for left in done.selection.left_out]


def test_an_undated_story_counts_from_the_day_it_came_in(newsletter: Newsletter) -> None:
    path = newsletter.story("Sleep is good")
    path.write_text(path.read_text(encoding="utf-8").replace("date: 2026-11-18\n", ""), encoding="utf-8")
    assert len(newsletter.assembled().edition.stories) == 1

    newsletter.clock.advance(timedelta(days=10))
    later = assemble(newsletter.parts, due.slot_to_assemble(newsletter.parts), keep_empty=False)

    assert later.row is None


def test_an_embargo_holds_but_a_preview_shows_it(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    newsletter.story("Secret until Sunday", extra="not_before: 2026-11-22T12:00:00+00:00")

    row = newsletter.assembled()

    assert [story.id for story in row.edition.stories] == ["sleep-is-good"]
    look = preview.look(newsletter.parts, row)
    assert look.label == "draft"
    assert "Secret until Sunday" in look.html
    newsletter.clock.set(MONDAY_7)
    done = assemble(newsletter.parts, row.edition.slot, refresh=True).row
    assert done is not None
    assert len(done.edition.stories) == 2


def test_one_bad_story_file_never_stops_the_others(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    (newsletter.parts.stories_folder / "bad.md").write_text("---\nheadline: [\n---\n", encoding="utf-8")

    done = assemble(newsletter.parts, due.slot_to_assemble(newsletter.parts))

    assert done.row is not None
    assert len(done.row.edition.stories) == 1
    assert [file.path.name for file in done.faulty] == ["bad.md"]


def test_what_is_on_its_way_cannot_change(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    newsletter.readers("ada")
    row = approve.approve(newsletter.parts, newsletter.assembled(), hash_prefix=None, by="editor")
    send_edition(newsletter.parts, row.edition.id, Order(wait=timedelta(0)))

    with pytest.raises(EditionError, match="too late"):
        assemble(newsletter.parts, row.edition.slot, refresh=True)
    with pytest.raises(EditionError, match="edited no more"):
        edit(newsletter.parts, due.find(newsletter.parts, row.edition.id), subject="Too late")


def test_an_order_names_stories_that_are_there(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")

    with pytest.raises(UsageError, match="tea: not in weekly-2026-11-23"):
        edit(newsletter.parts, newsletter.assembled(), order=["tea"])


def test_an_order_takes_parts_of_names_that_fit_one_story(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good", day="2026-11-20")
    newsletter.story("Walking is good", day="2026-11-17")
    row = newsletter.assembled()

    done = edit(newsletter.parts, row, order=["walking", "sleep"])

    assert done.row is not None
    assert [story.id for story in done.row.edition.stories] == ["walking-is-good", "sleep-is-good"]
    with pytest.raises(UsageError, match=r"good: fits .*sleep-is-good.*; write more"):
        edit(newsletter.parts, done.row, order=["good"])


def test_a_part_of_a_name_that_fits_several_stories_says_so(newsletter: Newsletter) -> None:
    newsletter.story("Sleep is good")
    newsletter.story("Walking is good")

    with pytest.raises(UsageError, match="good: fits sleep-is-good, walking-is-good; write more"):
        stories.find(newsletter.parts, "good")


def test_a_template_fault_names_the_template_and_its_line(newsletter: Newsletter, tmp_path: Path) -> None:
    from digest.render.themes import load_theme, shipped_templates

    mine = tmp_path / "templates" / "weekly" / "weekly.mjml.j2"
    mine.parent.mkdir(parents=True)
    text = (shipped_templates() / "weekly" / "weekly.mjml.j2").read_text(encoding="utf-8")
    mine.write_text(text.replace("</mj-body>", "</mj-bodi>"), encoding="utf-8")
    parts = replace(newsletter.parts, theme=load_theme(tmp_path / "templates"))
    newsletter.story("Sleep is good")

    with pytest.raises(TemplateError, match=r"weekly\.mjml\.j2:\d+: "):
        assemble(parts, due.slot_to_assemble(parts))


def test_a_text_with_a_fault_is_kept_beside_the_story(newsletter: Newsletter) -> None:
    path = newsletter.story("Sleep is good")
    before = path.read_text(encoding="utf-8")

    with pytest.raises(InputError, match="your text is kept in"):
        stories.edit(newsletter.parts, "sleep", lambda text: text.replace("headline:", "hedline:"))

    assert path.read_text(encoding="utf-8") == before
    assert "hedline:" in path.with_name("sleep-is-good.md.rejected").read_text(encoding="utf-8")


def test_a_second_text_with_a_fault_leaves_the_first_alone(newsletter: Newsletter) -> None:
    path = newsletter.story("Sleep is good")

    for wrong in ("hedline:", "headlin:"):
        with pytest.raises(InputError, match="your text is kept in"):
            stories.edit(newsletter.parts, "sleep", lambda text, wrong=wrong: text.replace("headline:", wrong))  # type: ignore[misc]

    assert "hedline:" in path.with_name("sleep-is-good.md.rejected").read_text(encoding="utf-8")
    assert "headlin:" in path.with_name("sleep-is-good.md.rejected-2").read_text(encoding="utf-8")


def test_the_same_page_is_not_added_twice(newsletter: Newsletter, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(
        "A headline of a page\nA summary of it.\n- A point.\n- Another.\n1 Article\nA title\n", encoding="utf-8"
    )

    first, second = stories.add(newsletter.parts, page), stories.add(newsletter.parts, page)

    assert first.path == second.path
    assert (first.again, second.again) == (False, True)
