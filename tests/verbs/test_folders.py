"""A folder of story files as a source: its stories are stories like those of the workspace, from fetch to edition."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from digest.gather.source import Source
from digest.verbs import fetch, sourcehealth, stories, watch
from digest.verbs.parts import Gathering
from tests.verbs.conftest import Newsletter

WIRE = Source(name="City Wire", url="wire", kind="folder", outlet="City Wire Service", topic="sleep")
BARE = "---\nheadline: {0}\ndate: 2026-11-18\narticles: [{{title: About it}}]\n---\n"


@pytest.fixture
def wire(newsletter: Newsletter) -> Path:
    """The folder, which is a source."""
    newsletter.parts = replace(newsletter.parts, gathering=Gathering(sources=(WIRE,)))
    folder = newsletter.parts.workspace / "wire"
    folder.mkdir()
    return folder


def test_its_stories_come_into_the_edition(newsletter: Newsletter, wire: Path) -> None:
    newsletter.story("Sleep is good")
    (wire / "lamps.md").write_text(BARE.format("Dimmer lamps"))

    edition = newsletter.assembled().edition

    told = {story.id: story for story in edition.stories}
    assert set(told) == {"sleep-is-good", "city-wire-lamps"}
    lamps = told["city-wire-lamps"]
    assert (lamps.topic, lamps.articles[0].outlet) == ("sleep", "City Wire Service")
    assert lamps.coverage.counts is not None
    assert lamps.coverage.counts.unrated == 1


def test_what_a_file_says_itself_stands(newsletter: Newsletter, wire: Path) -> None:
    text = "---\nheadline: Lamps\ntopic: light\narticles: [{title: A, outlet: Ledger}]\n---\n"
    (wire / "lamps.md").write_text(text)

    (file,) = stories.listing(newsletter.parts)

    assert file.parsed is not None
    assert (file.parsed.story.topic, file.parsed.story.articles[0].outlet) == ("light", "Ledger")


def test_files_of_one_name_in_two_folders_are_two_stories(newsletter: Newsletter, wire: Path) -> None:
    own = newsletter.story("Sleep is good")
    (wire / own.name).write_text(BARE.format("Another sleep"))

    found = [stories.find(newsletter.parts, name).path for name in ("sleep-is-good", "city-wire-sleep-is-good")]

    assert found == [own, wire / own.name]


def test_editors_work_on_the_files_where_they_lie(newsletter: Newsletter, wire: Path) -> None:
    (wire / "lamps.md").write_text(BARE.format("Dimmer lamps"))

    stories.pin(newsletter.parts, "lamps")

    assert "pinned: true" in (wire / "lamps.md").read_text()
    assert newsletter.assembled().edition.stories[0].pinned


def test_a_file_with_a_fault_is_told_and_stops_no_other(newsletter: Newsletter, wire: Path) -> None:
    (wire / "bad.md").write_text("---\nheadline: [\n---\n")
    (wire / "out.md").symlink_to("/etc/passwd")
    (wire / "lamps.md").write_text(BARE.format("Dimmer lamps"))

    (report,) = fetch.fetch(newsletter.parts)
    files = stories.listing(newsletter.parts)

    assert (report.state, report.new) == ("new", 1)
    assert report.reason.startswith("2 cannot be read: ")
    assert sorted(file.path.name for file in files if file.error) == ["bad.md", "out.md"]
    assert [story.id for story in newsletter.assembled().edition.stories] == ["city-wire-lamps"]


def test_a_folder_that_is_gone_fails_and_its_stories_with_it(newsletter: Newsletter, wire: Path) -> None:
    wire.rmdir()

    (report,) = fetch.fetch(newsletter.parts)

    assert (report.state, report.reason) == ("failed", f"{wire}: no such folder")
    assert stories.listing(newsletter.parts) == []


def test_a_required_folder_holds_the_edition(newsletter: Newsletter, wire: Path) -> None:
    wire.rmdir()
    newsletter.parts = replace(newsletter.parts, gathering=Gathering(sources=(replace(WIRE, require=True),)))
    fetch.fetch(newsletter.parts)

    (missing,) = sourcehealth.blocking(newsletter.parts)
    assert str(missing) == f"City Wire: nothing so far ({wire}: no such folder)"


def test_the_stories_folder_named_as_a_source_is_read_once(newsletter: Newsletter) -> None:
    own = replace(WIRE, url="./stories")
    newsletter.parts = replace(newsletter.parts, gathering=Gathering(sources=(own,)))
    newsletter.story("Sleep is good")

    assert [file.path.name for file in stories.listing(newsletter.parts)] == ["sleep-is-good.md"]


def test_a_preview_follows_the_folder(newsletter: Newsletter, wire: Path) -> None:
    before = watch.files_stamp(newsletter.parts)

    (wire / "lamps.md").write_text(BARE.format("Dimmer lamps"))

    assert watch.files_stamp(newsletter.parts) != before
