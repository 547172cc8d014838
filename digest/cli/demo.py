"""digest demo: the main job on sample input, in a minute. Door."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from digest.cli.app import FOLDER
from digest.cli.output import bold, dim, say
from digest.config import load
from digest.deliver.mailbox import Mailbox
from digest.verbs import demo
from digest.verbs import status as books
from digest.verbs.report import exit_code
from digest.verbs.workspace import init
from digest.wiring import assemble_parts, new_key_ring


@click.command("demo")
@click.option("--dir", "folder", type=FOLDER, default=Path("demo"), show_default=True, help="Where to work; made anew.")
def demo_command(folder: Path) -> int:
    """See it work: a sample week is assembled, checked, approved and sent over SMTP to a local mailbox.

    Nothing leaves this machine. A second run starts afresh.

    \b
    Example:  digest demo --dir look
    """
    workspace = demo.clear(folder)
    init(workspace, new_key_ring=new_key_ring, with_story=False)
    out = folder / "out"
    with Mailbox(out, port=0) as box:
        # The mailbox takes any free port; all else is as `digest init` wrote it.
        parts = assemble_parts(load(str(workspace), {"DIGEST_SMTP__PORT": str(box.port)}), create=True)
        with parts.store:
            done = demo.play(parts, out, lambda line: say(dim(line)))
            found = books.status(parts, done.row)
            rows = list(books.recipients(parts, done.row, None))
    for row in rows:
        say(f"  {row.state.value:<9}  {row.address}")
    totals = found.totals
    say(
        f"{bold('ledger')}     planned {totals.planned} = sent {totals.sent} + failed {totals.failed} + deferred "
        f"{totals.deferred} + pending {totals.pending} + uncertain {totals.uncertain} + cancelled {totals.cancelled}"
    )
    say(f"{bold('look at')}    {out / 'edition.html'}  (and .txt, .mjml; one .eml per reader beside them)")
    say(f"{bold('go on')}      {sys.argv[0]} --config {workspace} preview")
    return exit_code([done.run]) or (0 if totals.sent == done.readers else 1)
