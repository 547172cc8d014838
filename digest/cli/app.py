"""The command `digest`: its group, its common options, and how an error becomes one line and an exit code. Door."""

from __future__ import annotations

import difflib
import getpass
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest import __version__, failpoints
from digest.cli.output import say_error
from digest.errors import DigestError
from subscribers.errors import SubscriberError

if TYPE_CHECKING:
    from digest.config import Loaded
    from digest.verbs.parts import Parts

# Each command's module, and its line in `digest --help`, which must not have to import them all.
_COMMANDS = {
    "approve": ("approving", "approve exactly these bytes"),
    "assemble": ("editions", "stories become the sealed edition of a slot"),
    "backup": ("house", "a safe copy of the database while it is in use"),
    "cancel": ("sending", "end an edition for good"),
    "check": ("approving", "pre-send checks of an edition, or of one template"),
    "completion": ("house", "print shell completion"),
    "config": ("house", "every setting in force, and where it came from"),
    "db": ("house", "check, upgrade or accept the database"),
    "demo": ("demo", "see it work, on a sample week"),
    "edition": ("editions", "list, show or edit editions"),
    "fetch": ("gathering", "ask the sources for new articles"),
    "init": ("house", "make a workspace that works at once"),
    "mailbox": ("serving", "a local mail server, to try things out"),
    "outlets": ("outlets", "ratings of outlets: take a rater's table in, look one up"),
    "pause": ("sending", "stop a running edition"),
    "preview": ("preview", "look at an edition in the browser"),
    "resolve": ("sending", "decide about uncertain recipients"),
    "resume": ("sending", "let a paused edition go on"),
    "retractions": ("retractions", "retracted papers: import a list, look into it"),
    "schedule": ("serving", "the scheduler alone"),
    "send": ("sending", "send what is due; what cron calls"),
    "serve": ("serving", "web pages, scheduler and sender in one"),
    "source": ("gathering", "sources: their health, lists of feeds in and out"),
    "status": ("status", "who got an edition, who did not and why"),
    "story": ("stories", "add, list, show, edit, pin or drop stories"),
    "subscribers": ("people", "the audience: import, export, add, remove …"),
    "test-send": ("sending", "mail the sealed bytes to yourself, marked as a test"),
}


@dataclass(slots=True)
class Door:
    """What every command shares: where the settings are, and how much to say."""

    config: str | None
    verbosity: int

    def loaded(self) -> Loaded:
        from digest.config import load

        return load(self.config, os.environ)

    def parts(self) -> Parts:
        """Open the workspace: settings, keys, database."""
        from digest.wiring import assemble_parts

        return assemble_parts(self.loaded())


class _Commands(click.Group):
    """Commands live in modules that are imported when asked for, so that `digest --help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"digest.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(_COMMANDS.items())])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as fault:
            near = difflib.get_close_matches(args[0], list(_COMMANDS), n=1)
            hint = f"Did you mean `digest {near[0]}`?" if near else "`digest --help` lists the commands."
            raise click.UsageError(f"{fault.message} {hint}", ctx) from None


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--config", metavar="PATH", help="Settings file or workspace directory [default: ./digest.toml].")
@click.option("-v", "--verbose", count=True, help="Say more; -vv shows where an error came from.")
@click.version_option(__version__, prog_name="digest")
@click.pass_context
def group(ctx: click.Context, config: str | None, verbose: int) -> None:
    """A week of health news as one trustworthy email, to everyone who asked for it, exactly once.

    \b
    Begin with:   digest demo                 see it work
                  digest init my-newsletter   make your own
    """
    ctx.obj = Door(config, verbose)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and leave with an exit code of contract.md."""
    arguments = list(sys.argv[1:] if args is None else args)
    try:
        failpoints.arm(os.environ.get("DIGEST_FAILPOINT"))
        code = group.main(arguments, prog_name="digest", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.exceptions.NoArgsIsHelpError as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except click.ClickException as fault:
        _say_wrong_usage(fault)
        sys.exit(fault.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except (DigestError, SubscriberError) as fault:
        _report(fault, arguments)
        sys.exit(fault.exit_code if isinstance(fault, DigestError) else 1)
    except Exception as fault:
        if _wants_traceback(arguments):
            raise
        sys.exit(_say_unexpected(fault, arguments))


def _say_unexpected(fault: Exception, arguments: Sequence[str]) -> int:
    """What no part of ours foresaw is one line too, with how to see more. Returns the exit code."""
    if isinstance(fault, UnicodeEncodeError) and not all(map(_is_text, arguments)):
        say_error(f"{fault.object}: not UTF-8 text: what was typed cannot be read; type it again")
        return 2
    if isinstance(fault, OSError) and fault.filename is not None:
        say_error(f"{fault.filename}: {fault.strerror}; check the path, its owner and the space on its disk")
        return 1
    say_error(f"unexpected {type(fault).__name__}: {fault}; run again with -vv and report it")
    return 1


def _report(fault: Exception, arguments: Sequence[str]) -> None:
    if _wants_traceback(arguments):
        traceback.print_exc()
    for line in str(fault).split("\n"):
        say_error(line)


def _say_wrong_usage(fault: click.ClickException) -> None:
    """On one line as all errors: what is wrong, and where to read how it is meant."""
    said = fault.format_message().rstrip(".")
    if isinstance(fault, click.NoSuchOption) and fault.option_name in ("--config", "--verbose", "-v", "-vv"):
        said += "; it goes before the command: digest --config PATH COMMAND"
    elif isinstance(fault, click.UsageError) and fault.ctx and "`digest " not in said:
        said += f"; see `{fault.ctx.command_path} --help`"
    say_error(said)


def _is_text(word: str) -> bool:
    """Bytes on the command line that are no UTF-8 arrive as halves of characters."""
    return not any("\ud800" <= c <= "\udfff" for c in word)


def _wants_traceback(arguments: Sequence[str]) -> bool:
    return any(a.startswith("-vv") for a in arguments) or arguments.count("-v") + arguments.count("--verbose") > 1


def who() -> str:
    """Who is at the keyboard, for the books. A container's user may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.geteuid()}"


def pass_door(function: Any) -> Any:
    """Hand the Door to a command as its first argument."""
    return click.make_pass_decorator(Door)(function)


FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
