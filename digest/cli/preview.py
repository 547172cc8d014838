"""digest preview: look at an edition in the browser while it is being written, or write it into files. Door."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from digest import wiring
from digest.cli.app import FOLDER, Door, pass_door
from digest.cli.output import bold, dim, say
from digest.cli.stopping import stop_on_signals
from digest.config import Settings
from digest.render.themes import load_theme
from digest.verbs import preview
from digest.verbs.parts import Parts
from digest.verbs.shots import take


@click.command("preview")
@click.argument("edition", required=False)
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port of the page [default: any free one].")
@click.option("--out", type=FOLDER, help="Write edition.html, .txt, .mjml and .eml into this directory instead.")
@click.option(
    "--shots", type=FOLDER, help="Take pictures into this directory instead: 600 and 375 px; light, dark, inverted."
)
@pass_door
def preview_command(door: Door, edition: str | None, port: int, out: Path | None, shots: Path | None) -> None:
    """Look at an edition as it would be sealed now; the page follows every change of a story or template.

    EDITION is an id or a day; without it, the edition under way, else the next one, assembled or not. Only this
    machine can see the page. Looking changes nothing.

    \b
    Examples:  digest preview
               digest preview weekly-2026-11-23 --port 8010
               digest preview --out /tmp/look --shots /tmp/look
    """
    parts = door.parts()
    with parts.store:
        what = preview.find(parts, edition)
        written = preview.write_out(parts, what, out) if out is not None else []
        written += take(parts, what, shots) if shots is not None else []
        for file in written:
            say(str(file))
        if out is None and shots is None:
            _serve(door, parts, edition, port)


def _serve(door: Door, parts: Parts, edition: str | None, port: int) -> None:
    from digest.web.preview import serve_preview
    from digest.web.previewdesk import Desk

    stop = stop_on_signals()
    with serve_preview(Desk(parts, lambda: reopened(door.loaded().settings, parts), edition), port) as url:
        say(f"{bold('preview')}  {url}")
        say(dim("follows stories/, templates/, outlets.toml and digest.toml; stop with Ctrl-C"))
        stop.wait()


def reopened(settings: Settings, parts: Parts) -> Parts:
    """The parts with what settings, templates and ratings say now; the database and the keys stay."""
    return replace(
        parts,
        letterhead=wiring.letterhead(settings),
        theme=load_theme(parts.workspace / "templates"),
        ratings=wiring.ratings(parts.workspace),
        calendar=wiring.calendar(settings),
        max_stories=settings.newsletter.max_stories,
    )
