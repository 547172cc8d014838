"""What a person reads on the screen: plain words, no lies, and programs get ISO 8601 and JSON."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from digest.cli.app import group
from tests.journeys.stage import COMMAND, LONGEST_S, REPOSITORY, Workspace, copy, environment
from tests.smtpd import SmtpServer


@pytest.fixture
def mine(initialised: Workspace, tmp_path: Path) -> Workspace:
    return copy(initialised, tmp_path / "w")


def test_every_command_shows_how_it_is_used() -> None:
    def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
        if not isinstance(command, click.Group):
            yield name, command
            return
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from commands(found, f"{name} {each}")

    helps = {name: command.help or "" for name, command in commands(group, "digest")}

    assert len(helps) > 40
    assert [
        name for name, text in helps.items() if "Example" not in text or name.removeprefix("digest ") not in text
    ] == []


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_errors_on_a_terminal_are_coloured_unless_somebody_minds(
    mine: Workspace, env: dict[str, str], coloured: bool
) -> None:
    ours, theirs = os.openpty()

    subprocess.run(
        [COMMAND, "status", "nothing"],
        cwd=mine.folder,
        env={name: value for name, value in environment(env).items() if name != "NO_COLOR" or env},
        stderr=theirs,
        timeout=LONGEST_S,
    )

    os.close(theirs)
    said = os.read(ours, 10_000)
    os.close(ours)
    assert b"no such edition" in said
    assert (b"\x1b[" in said) is coloured


def test_the_story_file_of_the_readme_can_be_added(mine: Workspace, tmp_path: Path) -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("    ---")
    end = lines.index("    Free text in Markdown, if you like.")
    file = tmp_path / "readme.md"
    file.write_text("\n".join(line[4:] for line in lines[start : end + 1]), encoding="utf-8")

    added = mine.run("story", "add", file).out

    assert "2 key points, 11 articles (1 listed), evidence: randomised trial, over 180 participants" in added
    assert "was there already" in mine.run("story", "add", file).out


def test_the_ratings_of_the_readme_can_be_used(mine: Workspace) -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("    [[outlet]]")
    end = next(at for at in range(start, len(lines)) if not lines[at])
    (mine.folder / "outlets.toml").write_text("\n".join(line[4:] for line in lines[start:end]), encoding="utf-8")

    shown = mine.run("story", "show", "a-sample").out

    assert "left 2, center 0, right 0" in shown  # as rated here; the shipped table has it on the right
    assert "high 2" in shown


def test_a_story_is_shown_in_words(mine: Workspace) -> None:
    shown = mine.run("story", "show", "a-sample").out

    evidence = "randomised trial, peer-reviewed, 184 participants, dimmed evenings or evenings as before"
    assert f"  evidence    {evidence}\n  funding     the Lantern Fund for Sleep\n  conflicts   One of" in shown
    assert "machine" not in shown
    assert "{" not in shown


def test_a_story_in_a_machines_words_is_marked_as_such(mine: Workspace) -> None:
    story = next((mine.folder / "stories").glob("a-sample*"))
    story.write_text(story.read_text().replace("---\n", "---\nmachine_written: true\n", 1))

    assert "has words of a machine" in mine.run("story", "show", "a-sample").out


def test_settings_are_shown_as_they_are_written(mine: Workspace) -> None:
    shown = mine.run("config").out

    assert "'" not in shown
    assert "False" not in shown
    assert '[{"domain": "example.org"' in shown


def test_a_person_who_is_suppressed_is_shown_so(mine: Workspace) -> None:
    mine.run("subscribers", "add", "ada@example.org")
    mine.run("subscribers", "suppress", "ada@example.org")

    assert "active, but suppressed" in mine.run("subscribers", "show", "ada@example.org").out
    told = mine.run("subscribers", "show", "ada@example.org", "--json").json
    assert told["suppressed"] is True
    assert "T" in told["created_at"]
    assert datetime.fromisoformat(told["created_at"]).tzinfo


def test_a_file_that_cannot_be_imported_is_named(mine: Workspace, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()

    assert "empty.csv: empty file" in mine.run("subscribers", "import", tmp_path / "empty.csv", code=1).err
    assert "nowhere.csv: cannot be read" in mine.run("subscribers", "import", "nowhere.csv", code=2).err


def test_an_editor_that_is_not_there_is_told_in_one_line(mine: Workspace) -> None:
    said = mine.run("story", "edit", "a-sample", env={"EDITOR": "/nowhere/editor", "VISUAL": ""}, code=2)

    assert said.err.startswith("error: $EDITOR: ")
    assert said.err.count("\n") == 1


def test_a_dry_run_promises_nothing_for_an_edition_that_was_sent(workspace: Workspace, relay: SmtpServer) -> None:
    workspace.run("subscribers", "add", "ada@example.org")
    edition = workspace.run("assemble", "--json").json["edition"]
    workspace.run("approve", edition)
    assert "would be sent" in workspace.run("send", edition, "--dry-run").out

    workspace.run("send", edition)

    assert "would be sent" not in workspace.run("send", edition, "--dry-run").out


@pytest.mark.parametrize(
    ("late_after", "says"), [("1h", "it goes out by the next `digest send`"), ("0", "too late for its slot")]
)
def test_an_approval_after_the_hour_says_what_happens_now(mine: Workspace, late_after: str, says: str) -> None:
    just_now = datetime.now(UTC) - timedelta(seconds=70)
    mine.env |= {
        "DIGEST_NEWSLETTER__SCHEDULE": f"{just_now:%a %H:%M}".lower(),
        "DIGEST_NEWSLETTER__TIMEZONE": "UTC",
    }
    mine.run("assemble", "--slot", f"{just_now:%Y-%m-%d}")

    said = mine.run("approve", env={"DIGEST_NEWSLETTER__LATE_AFTER": late_after}).out

    assert says in said


def test_any_real_story_leads_before_the_sample(mine: Workspace) -> None:
    (mine.folder / "stories" / "mine.md").write_text("---\nheadline: A few words and nothing else\n---\n")

    assembled = mine.run("assemble", "--json").json

    assert assembled["stories"] == ["mine", "a-sample-story"]


def test_nobody_to_tell_asks_no_relay(mine: Workspace) -> None:
    edition = mine.run("assemble", "--json").json["edition"]

    said = mine.run("send", edition, code=4, env={"DIGEST_SMTP__PORT": "9"})

    assert "could not mail" not in said.err
