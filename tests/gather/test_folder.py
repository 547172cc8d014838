"""The stories folder: every file is read or told about; none stops the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest.errors import InputError
from digest.gather.folder import free_path, read_stories, read_story_file

GOOD = "---\nheadline: Good news\n---\n"


def write(folder: Path, name: str, text: str = GOOD) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def ids(folder: Path) -> list[str | None]:
    return [file.parsed.story.id if file.parsed else None for file in read_stories(folder)]


def test_story_files_and_pages_are_read_in_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, "b.md")
    write(tmp_path, "a.txt", "A pasted headline\nIt was found that it is so.")

    files = read_stories(tmp_path)

    assert [file.path.name for file in files] == ["a.txt", "b.md"]
    assert [file.parsed.story.headline for file in files if file.parsed] == ["A pasted headline", "Good news"]


def test_a_storys_id_is_its_files_name(tmp_path: Path) -> None:
    write(tmp_path, "Leg Cramps.txt", "A pasted headline")

    assert ids(tmp_path) == ["leg-cramps"]


def test_two_files_of_one_name_have_two_ids(tmp_path: Path) -> None:
    for name in ("a.md", "a.txt", "A!.md"):
        write(tmp_path, name)

    assert sorted(filter(None, ids(tmp_path))) == ["a", "a-2", "a-3"]


def test_one_bad_file_never_stops_the_others(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\nsumary: x\n---\n")
    write(tmp_path, "b.md")
    (tmp_path / "c.md").mkdir()
    (tmp_path / "d.md").write_bytes(b"[" * 1_500_000)
    os.mkfifo(tmp_path / "e.md")

    files = read_stories(tmp_path)

    assert [file.parsed is not None for file in files] == [False, True, False, False, False]
    told = [str(file.error) for file in files if file.error]
    wishes = ("sumary", "not a file", "larger than 1 MB", "not a file")
    assert all(wish in text for wish, text in zip(wishes, told, strict=True))


def test_links_out_of_the_folder_are_refused_and_links_inside_are_not(tmp_path: Path) -> None:
    stories = tmp_path / "stories"
    stories.mkdir()
    secret = write(tmp_path, "secret.md")
    (stories / "out.md").symlink_to(secret)
    (stories / "in.md").symlink_to(write(stories, "real.md"))
    (stories / "loop.md").symlink_to(stories / "loop.md")
    (stories / "nowhere.md").symlink_to(stories / "gone.md")

    files = {file.path.name: file for file in read_stories(stories)}

    assert files["in.md"].parsed is not None
    assert "leads out of the stories folder" in str(files["out.md"].error)
    assert files["loop.md"].error is not None
    assert files["nowhere.md"].error is not None


@pytest.mark.parametrize("name", [".hidden.md", "a.md~", "#a.md#", "notes.pdf", "~a.md", "a.md.rejected"])
def test_what_is_no_story_is_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)

    assert read_stories(tmp_path) == []


def test_a_folder_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert read_stories(tmp_path / "stories") == []


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be listed"):
        read_stories(write(tmp_path, "stories"))


def test_files_past_the_thousandth_are_told_and_not_read(tmp_path: Path) -> None:
    for number in range(1001):
        (tmp_path / f"s{number:04}.md").touch()

    files = read_stories(tmp_path)

    assert len(files) == 1001
    assert "more than 1000 stories" in str(files[-1].error)


def test_a_file_that_a_person_names_may_lie_anywhere(tmp_path: Path) -> None:
    assert read_story_file(write(tmp_path, "a.md")).story.headline == "Good news"
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_story_file(tmp_path / "gone.md")


def test_a_new_story_gets_the_next_free_name(tmp_path: Path) -> None:
    assert free_path(tmp_path / "stories", "a") == tmp_path / "stories" / "a.md"
    write(tmp_path, "a.txt")
    write(tmp_path, "a-2.md")

    assert free_path(tmp_path, "a") == tmp_path / "a-3.md"
