"""digest serve, schedule, mailbox: the commands that stay. Door."""

from __future__ import annotations

from pathlib import Path

import click

from digest import schedule
from digest.cli.app import FOLDER, Door, pass_door
from digest.cli.output import bold, log_to_stderr, say
from digest.cli.stopping import stop_on_signals
from digest.deliver.mailbox import Mailbox
from digest.newsroom.slots import next_slot
from digest.verbs.parts import Parts


@click.command("serve")
@click.option("--bind", metavar="HOST:PORT", help="Where to listen [default: [web] bind].")
@click.option("--no-send", is_flag=True, help="Web pages only: no scheduler, no sender.")
@pass_door
def serve_command(door: Door, bind: str | None, no_send: bool) -> None:
    """Web pages (unsubscribe, archive), scheduler and sender in one process.

    \b
    Example:  digest --config /srv/news serve
    """
    from digest.web.server import serve

    log_to_stderr(door.verbosity)
    loaded = door.loaded()
    parts = door.parts()
    serve(parts, bind or loaded.settings.web.bind, send=not no_send, announce=lambda url: _announce(parts, url))


def _announce(parts: Parts, url: str | None) -> None:
    at = next_slot(parts.calendar.schedule, parts.calendar.timezone, parts.clock())
    if url:
        say(f"{bold(parts.letterhead.name)} at {url}")
    say(f"next edition: {at.instant.astimezone(parts.calendar.timezone):%a %d %b %Y %H:%M %Z}; stop with Ctrl-C")


@click.command("schedule")
@pass_door
def schedule_command(door: Door) -> None:
    """The scheduler alone: assembles and sends on time, until stopped.

    \b
    Example:  digest --config /srv/news schedule
    """
    log_to_stderr(door.verbosity)
    parts = door.parts()
    _announce(parts, None)
    schedule.run(parts, stop_on_signals())


@click.command("mailbox")
@click.option("--port", default=1025, show_default=True, type=click.IntRange(0, 65535), help="SMTP port; 0 picks one.")
@click.option("--dir", "folder", type=FOLDER, default=Path("mailbox"), show_default=True, help="Where .eml files go.")
@click.option(
    "--web-port", default=1080, show_default=True, type=click.IntRange(0, 65535), help="Port of the web page."
)
def mailbox_command(port: int, folder: Path, web_port: int) -> None:
    """A local SMTP server that keeps every mail it gets, to try things out. Nothing leaves this machine.

    \b
    Example:  digest mailbox --port 1025 --dir mailbox
    """
    from digest.web.mailbox import serve_mailbox

    stop = stop_on_signals()
    with Mailbox(folder, port=port) as box, serve_mailbox(box, web_port) as url:
        say(f"SMTP on 127.0.0.1:{box.port}, mails in {bold(str(folder))}, shown at {url}; stop with Ctrl-C")
        stop.wait()
