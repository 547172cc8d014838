"""An editor finds the week's stories gathered, overrules what is wrong with a word, and sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.gather.hostile import HostileServer, answer
from tests.journeys.stage import Workspace, copy
from tests.verbs.newsroom import NASAL_SPRAY, SALT, News, feed_of


@dataclass
class Desk:
    workspace: Workspace
    server: HostileServer

    def run(self, *words: str, code: int = 0) -> str:
        return self.workspace.run(*words, code=code).out

    def publishes(self, outlet: str, *items: News) -> None:
        feed = feed_of(outlet, items, datetime.now(UTC))
        self.server.routes[f"/{outlet.replace(' ', '')}"] = answer(200, feed)

    def story(self, word: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.workspace.run("story", "show", word, "--json").json
        return shown


@pytest.fixture
def desk(initialised: Workspace, tmp_path: Path) -> Iterator[Desk]:
    workspace = copy(initialised, tmp_path / "w")
    for story in (workspace.folder / "stories").iterdir():
        story.unlink()
    with HostileServer() as server:
        desk = Desk(workspace, server)
        sources = "".join(
            f'[[source]]\nname = "{outlet}"\noutlet = "{outlet}"\nurl = "{server.url("/" + outlet.replace(" ", ""))}"\n'
            for outlet in ("Quay Post", "Inland Times", "Valley News")
        )
        with (workspace.folder / "digest.toml").open("a") as file:
            file.write(f'[gather]\nallow_hosts = ["127.0.0.1:{server.port}"]\n{sources}')
        desk.publishes("Quay Post", NASAL_SPRAY[0], SALT)
        desk.publishes("Inland Times", NASAL_SPRAY[1])
        desk.publishes("Valley News")
        desk.run("fetch")
        yield desk


def test_stories_are_found_gathered_with_what_speaks_for_them(desk: Desk) -> None:
    listed = desk.run("story", "list")
    shown = desk.run("story", "show", "croup")

    assert "2 outlets" in listed
    assert "1 outlet" in listed
    assert "randomised trial" in shown
    assert "score" in shown
    assert "2 unrated" in shown
    assert desk.story("croup")["elsewhere"] is None


def test_an_editors_words_reach_the_edition_and_outlive_a_fetch(desk: Desk) -> None:
    desk.run("story", "edit", "croup", "--headline", "A croup spray at home", "--evidence", "trials=3")
    desk.run("story", "edit", "croup", "--point", "1=Half as many came back.", "--source", "2")
    desk.run("story", "pin", "salt")
    desk.publishes("Valley News", (NASAL_SPRAY[0][0] + ", doctors say", NASAL_SPRAY[1][1]))
    desk.run("fetch")

    made = desk.workspace.run("assemble", "--json").json
    shown = desk.run("edition", "show")

    assert made["stories"][0].startswith("salt-substitute")
    assert "A croup spray at home" in shown
    croup = desk.story("croup")
    assert len(croup["story"]["articles"]) == 3
    assert croup["story"]["evidence"]["trials"] == 3
    assert "Half as many came back." in [point["text"] for point in croup["story"]["key_points"]]
    assert all(choice["reasons"] for choice in made["chosen"])


def test_changes_are_taken_back_one_by_one(desk: Desk) -> None:
    name = desk.story("croup")["id"]
    desk.run("story", "edit", "croup", "--headline", "A croup spray at home")
    desk.run("story", "merge", name, "salt")
    assert len(desk.story(name)["story"]["articles"]) == 3

    first = desk.run("story", "undo", name)
    second = desk.run("story", "undo", name)
    none = desk.workspace.run("story", "undo", name, code=2)

    assert "merge" in first
    assert "A croup spray at home" in second
    assert "no change to undo" in none.err
    assert desk.story(name)["story"]["headline"] in (NASAL_SPRAY[0][0], NASAL_SPRAY[1][0])
    assert desk.run("story", "history", name).count("taken back by") == 2
    assert [row["undone_by"] is None for row in desk.workspace.run("story", "history", name, "--json").json] == [
        False
    ] * 2


def test_a_story_is_split_in_two(desk: Desk) -> None:
    name = desk.story("croup")["id"]

    said = desk.run("story", "split", name, "2")

    assert "split off as" in said
    assert len(desk.story(name)["story"]["articles"]) == 1
    assert len(desk.workspace.run("story", "list", "--json").json) == 3


REFUSED = {
    ("show", "ketamine"): "no such story",
    ("split", "croup", "7"): "lists 2 articles",
    ("merge", "croup", "croup"): "two different stories",
    ("edit", "croup", "--point", "Half"): "2=What was found.",
    ("edit", "croup", "--point", "9=Half"): "key points",
    ("edit", "croup", "--evidence", "study_type=gossip"): "study_type",
    ("edit", "croup", "--evidence", "size=3"): "size",
    ("edit", "croup", "--headline", ""): "needs one",
    ("edit", "croup", "--source", "1"): "--point",
}


def test_what_cannot_be_is_refused_in_words(desk: Desk) -> None:
    before = desk.story("croup")

    for words, wish in REFUSED.items():
        said = desk.workspace.run("story", *words, code=None)
        assert said.code in (1, 2)
        assert wish in said.err

    assert desk.story("croup") == before
