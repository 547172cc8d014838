"""digest init, config, completion, db. Door."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import click
from click.shell_completion import get_completion_class

from digest.cli.app import FILE, FOLDER, Door, group, pass_door
from digest.cli.output import bold, counted, dim, say, say_json, table
from digest.config import load
from digest.config.show import mask_url, rows
from digest.errors import UsageError
from digest.store import create, open_any_version, open_store, upgrade
from digest.store.editions import hold_all
from digest.store.upkeep import backup, check
from digest.verbs import due
from digest.verbs.workspace import init
from digest.wiring import assemble_parts, new_key_ring, now, store_url


@click.command("init")
@click.argument("folder", metavar="DIR", type=FOLDER)
def init_command(folder: Path) -> None:
    """Make a workspace that works at once: settings with comments, keys, a sample story, a database.

    \b
    Example:  digest init my-newsletter
    """
    made = init(folder, new_key_ring=new_key_ring)
    assemble_parts(load(str(folder), {}), create=True).store.close()
    say(f"{bold(str(folder))} is ready:")
    for path in made.files:
        say(f"  {path.relative_to(folder)}")
    say()
    say("Try it (the first line keeps running; use two terminals):")
    say(f"  cd {shlex.quote(str(folder))}")
    say("  digest mailbox                                       # a mail server that keeps what it gets")
    say("  digest subscribers import samples/subscribers.csv")
    say("  digest assemble && digest preview                    # look")
    say("  digest approve && digest send weekly-DATE            # the id that assemble printed")
    say()
    say("Before real readers: set from, postal_address, base_url and [smtp], then publish the DKIM keys:")
    for name, value in made.records:
        say(f"  {name}  TXT  {dim(value)}")


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def config_command(door: Door, as_json: bool) -> None:
    """Every setting in force, and where it came from; secrets are masked.

    \b
    Example:  digest config
    """
    found = list(rows(door.loaded()))
    if as_json:
        say_json({path: {"value": value, "origin": origin} for path, value, origin in found})
    else:
        table(
            [(path, origin, _shown(value)) for path, value, origin in found],
            ("setting", "from", "value"),
        )


def _shown(value: Any) -> str:
    """As it would be written into the environment: words plainly, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print shell completion.

    \b
    Example:  digest completion bash > /etc/bash_completion.d/digest
    """
    completer = get_completion_class(shell)
    if completer is None:
        raise UsageError(f"{shell}: no completion for this shell")
    click.echo(completer(group, {}, "digest", "_DIGEST_COMPLETE").source())


@click.group("db")
def db_command() -> None:
    """The database: make it, check it, upgrade it, accept a restored backup."""


@db_command.command("create", short_help="Make a new one where [store] url says.")
@pass_door
def create_db(door: Door) -> None:
    """Make a new, empty database where [store] url says: on PostgreSQL, or for settings that came without theirs.

    Never where traces of an older database lie: an empty ledger beside an old one would send everything again.

    \b
    Example:  DIGEST_STORE__URL=postgresql+psycopg://news@db/news digest db create
    """
    loaded = door.loaded()
    url = store_url(loaded.settings, loaded.workspace)
    create(url)
    say(f"{mask_url(url)}: made")


@db_command.command("check", short_help="Integrity, schema version, every edition's books.")
@pass_door
def check_db(door: Door) -> int:
    """Integrity, schema version, and whether every edition's books add up.

    \b
    Example:  digest db check
    """
    loaded = door.loaded()
    url = store_url(loaded.settings, loaded.workspace)
    with open_store(url) as store:
        problems = check(store)
    for problem in problems:
        say(f"{click.style('error', fg='red')}  {problem}")
    say(
        f"{mask_url(url)}: "
        + (f"{counted(len(problems), 'problem')}; restore the last backup" if problems else "sound")
    )
    return 1 if problems else 0


@db_command.command("upgrade", short_help="Bring it to this version's schema.")
@pass_door
def upgrade_db(door: Door) -> None:
    """Bring the database to this version's schema, all of it or nothing. Make a copy first.

    \b
    Example:  digest backup before.db && digest db upgrade
    """
    loaded = door.loaded()
    url = store_url(loaded.settings, loaded.workspace)
    before, after = upgrade(url)
    say(f"{mask_url(url)}: " + (f"schema {before} → {after}" if before != after else f"schema {after} already"))


@db_command.command("accept")
@pass_door
def accept_db(door: Door) -> None:
    """Go on with a database that was restored from a backup. What was being sent is paused, approvals are void, and
    what is due by now goes out only by `digest send EDITION --late`, also where no approval is asked for.

    Mails sent since that backup are not in its books: look before you resume, approve or send anything.

    \b
    Example:  digest db accept && digest edition list
    """
    loaded = door.loaded()
    why = "the database was restored from a backup: mail of this edition may be out already"
    with open_store(store_url(loaded.settings, loaded.workspace), accept_restored=True) as store, store.write() as db:
        held = hold_all(db, now(), why)
    parts = assemble_parts(loaded)
    with parts.store:
        held += len(due.hold_back(parts, why))
        say(f"{parts.store.url_shown}: accepted; {counted(held, 'edition')} held; see `digest edition list`")


@click.command("backup")
@click.argument("file", type=FILE)
@pass_door
def backup_command(door: Door, file: Path) -> None:
    """A safe copy of the database while it is in use (SQLite; PostgreSQL has pg_dump).

    \b
    Example:  digest backup /srv/backup/digest-monday.db
    """
    loaded = door.loaded()
    with open_any_version(store_url(loaded.settings, loaded.workspace)) as store:
        backup(store, file)
    say(f"{file}: {counted(file.stat().st_size, 'byte')}")
