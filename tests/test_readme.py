"""README documents every command and every setting, and names no command that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import click

from digest.cli.app import group
from digest.config import Settings
from digest.config.show import flat

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def _commands() -> dict[str, click.Command]:
    context = click.Context(group)
    return {name: found for name in group.list_commands(context) if (found := group.get_command(context, name))}


def test_every_command_is_documented() -> None:
    for name, command in _commands().items():
        assert f"`digest {name}" in README, name
        for part in command.commands if isinstance(command, click.Group) else ():
            assert f"digest {name} {part}" in README or re.search(rf"`digest {name}` \| .*`{part}`", README), (
                name,
                part,
            )


def test_every_command_named_exists() -> None:
    named = set(re.findall(r"\bdigest ([a-z][a-z-]+)\b(?=[^.]*)", "\n".join(re.findall(r"`(digest [^`]+)`", README))))

    assert named <= set(_commands())


def test_every_command_says_what_it_does() -> None:
    for name, command in _commands().items():
        assert command.help, name


def test_every_setting_is_documented() -> None:
    table = README.partition("| setting |")[2]
    for path, _ in flat(Settings().model_dump(by_alias=True, mode="json")):
        short = ".".join(path.split(".")[:2])
        assert f"`{short}`" in table, path
