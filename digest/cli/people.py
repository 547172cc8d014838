"""digest subscribers: the audience. Door."""

from __future__ import annotations

import io
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from digest.cli.app import FILE, Door, pass_door
from digest.cli.output import bold, counted, dim, progress, say, say_json, table, warn
from digest.errors import UsageError
from digest.verbs import people
from subscribers.importing import ImportReport
from subscribers.people import Added, Subscriber, SubscriberState

_STATE = click.Choice([state.value for state in SubscriberState])


@click.group("subscribers")
def subscribers_command() -> None:
    """The audience: who gets the newsletter, with consent on record."""


@subscribers_command.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Which column holds what, e.g. address=Mail."
)
@click.option("--encoding", help="The file's encoding, when it is not told by the file itself.")
@click.option("--confirmed/--pending", default=True, show_default=True, help="Did they agree to the newsletter before?")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def import_subscribers(
    door: Door, file: Path, maps: tuple[str, ...], encoding: str | None, confirmed: bool, dry_run: bool, as_json: bool
) -> int:
    """Take in a CSV file. Who unsubscribed or is suppressed stays so. Exit code 1 when rows were refused.

    \b
    Example:  digest subscribers import readers.csv --map address="E-Mail" --dry-run
    """
    mapping = dict(_pair(text) for text in maps)
    with progress("rows") as show:
        report = people.import_file(
            door.parts(), file, mapping=mapping, encoding=encoding, confirmed=confirmed, dry_run=dry_run, progress=show
        )
    if as_json:
        say_json(asdict(report))
    else:
        _tell_import(report, file)
    return 1 if report.rejected else 0


def _pair(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals:
        raise UsageError(f"--map {text}: write FIELD=COLUMN, for example address=Mail")
    return field.strip(), column.strip()


def _tell_import(report: ImportReport, file: Path) -> None:
    for notice in report.notices:
        say(dim(f"{file.name}: {notice}"))
    for error in report.errors:
        warn(f"{file.name}:{error.row}: {error.message}")
    if report.rejected > len(report.errors):
        warn(f"… and {report.rejected - len(report.errors):,} more")
    say(
        f"{counted(report.rows, 'row')}{' (dry run, nothing written)' if report.dry_run else ''}: "
        + ", ".join(
            f"{word} {getattr(report, word):,}"
            for word in ("added", "updated", "unchanged", "kept", "suppressed", "duplicates", "rejected")
        )
    )


@subscribers_command.command("export", short_help="Everybody as CSV.")
@click.option("--out", type=FILE, help="Write to this file [default: standard output].")
@click.option("--state", type=_STATE, help="Only these.")
@pass_door
def export_subscribers(door: Door, out: Path | None, state: str | None) -> None:
    """Everybody as CSV that a spreadsheet opens safely and `import` takes back exactly.

    \b
    Example:  digest subscribers export --out everybody.csv
    """
    parts = door.parts()
    chosen = SubscriberState(state) if state else None
    if out is None:
        stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
        people.export(parts, stream, chosen)
        stream.detach()
        return
    try:
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            count = people.export(parts, file, chosen)
    except OSError as fault:
        raise UsageError(f"{out}: cannot be written: {fault.strerror}") from None
    say(f"{counted(count, 'subscriber')} written to {out}")


@subscribers_command.command("add")
@click.argument("address")
@click.option("--name", default="", help="How to greet them.")
@click.option("--topic", "topics", multiple=True, help="A topic they want; may be given again.")
@click.option("--proof", help="How and when they asked, for the record.")
@pass_door
def add_subscriber(door: Door, address: str, name: str, topics: tuple[str, ...], proof: str | None) -> int:
    """Put somebody in who asked for it.

    \b
    Example:  digest subscribers add ada@example.org --name "Ada" --proof "asked by phone on 2 Nov"
    """
    result = people.add(door.parts(), address, name=name, topics=topics, proof=proof)
    words = {
        Added.ADDED: "is subscribed",
        Added.UPDATED: "is brought up to date",
        Added.UNCHANGED: "was subscribed already",
        Added.KEPT: f"stays {result.subscriber.state if result.subscriber else 'out'}; only their own wish changes it",
        Added.SUPPRESSED: "is suppressed and must not be written to",
    }
    say(f"{bold(address)} {words[result.outcome]}")
    return 1 if result.outcome in (Added.KEPT, Added.SUPPRESSED) else 0


@subscribers_command.command("remove")
@click.argument("who", metavar="ADDRESS|ID")
@pass_door
def remove_subscriber(door: Door, who: str) -> None:
    """Unsubscribe somebody.

    \b
    Example:  digest subscribers remove ada@example.com
    """
    done = people.remove(door.parts(), who)
    say(f"{bold(who)} {'is unsubscribed' if done else 'was not subscribed'}")


@subscribers_command.command("erase", short_help="Forget somebody, for good.")
@click.argument("who", metavar="ADDRESS|ID")
@click.confirmation_option(prompt="Everything about this person will be gone. Go on?")
@pass_door
def erase_subscriber(door: Door, who: str) -> None:
    """Forget somebody: a keyed hash stays, so that no import brings them back.

    \b
    Example:  digest subscribers erase ada@example.com
    """
    people.erase(door.parts(), who)
    say("erased")


@subscribers_command.command("suppress")
@click.argument("address")
@click.option("--everywhere", is_flag=True, help="For all newsletters.")
@pass_door
def suppress_subscriber(door: Door, address: str, everywhere: bool) -> None:
    """Never write to this address, whatever an import says.

    \b
    Example:  digest subscribers suppress ada@example.com
    """
    done = people.suppress(door.parts(), address, everywhere=everywhere, reason="operator")
    say(f"{bold(address)} {'is suppressed' if done else 'was suppressed already'}")


@subscribers_command.command("list")
@click.option("--state", type=_STATE, help="Only these.")
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@pass_door
def list_subscribers(door: Door, state: str | None, as_json: bool) -> None:
    """Everybody, in order of number.

    \b
    Example:  digest subscribers list
    """
    for person in people.listing(door.parts(), SubscriberState(state) if state else None):
        if as_json:
            say_json(_json(person), indent=None)
        else:
            say(f"{person.id:>8}  {person.state:<12}  {person.address or '(erased)'}  {dim(person.name)}")


@subscribers_command.command("show")
@click.argument("who", metavar="ADDRESS|ID")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def show_subscriber(door: Door, who: str, as_json: bool) -> None:
    """One person, with the consent log: when, how, proof.

    \b
    Example:  digest subscribers show ada@example.com
    """
    parts = door.parts()
    person = people.find(parts, who)
    events = people.history(parts, person)
    suppressed = people.is_suppressed(parts, person)
    if as_json:
        say_json({**_json(person), "suppressed": suppressed, "history": [asdict(event) for event in events]})
        return
    state = f"{person.state}, but suppressed: nothing is sent" if suppressed else person.state
    say(f"{bold(person.address or '(erased)')}  {person.name}  {state}")
    say(
        f"  number {person.id}, language {person.language or '–'}, time zone {person.timezone or '–'}, "
        f"topics {', '.join(person.topics) or '–'}"
    )
    for event in events:
        say(
            f"  {event.at:%Y-%m-%d %H:%M} UTC  {event.kind}  {event.how}"
            + (f"  ({event.proof})" if event.proof else "")
        )


def _json(person: Subscriber) -> dict[str, Any]:
    return asdict(person)


@subscribers_command.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def show_stats(door: Door, as_json: bool) -> None:
    """How many in each state, how many can be written to.

    \b
    Example:  digest subscribers stats
    """
    found = people.stats(door.parts())
    counts = {
        **{state.value: count for state, count in found.states.items()},
        "reachable": found.reachable,
        "suppressions": found.suppressions,
    }
    if as_json:
        say_json(counts)
    else:
        table([(name, f"{count:,}") for name, count in counts.items()])
