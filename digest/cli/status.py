"""digest status: the books. Door."""

from __future__ import annotations

import csv
import sys
from typing import Any

import click

from digest.cli.app import Door, pass_door
from digest.cli.output import bold, counted, dim, lasting, printable, say, say_json
from digest.model import EditionState, RecipientState
from digest.store.ledger import RecipientRow
from digest.verbs import due
from digest.verbs import status as books
from subscribers.cells import guard

_STATES = [state.value for state in RecipientState]


@click.command("status")
@click.argument("edition", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@click.option("--recipients", is_flag=True, help="One line per recipient.")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="With --recipients: only these.")
@click.option("--csv", "as_csv", is_flag=True, help="With --recipients: as CSV.")
@pass_door
def status_command(
    door: Door, edition: str | None, as_json: bool, recipients: bool, states: tuple[str, ...], as_csv: bool
) -> None:
    """The ledger of an edition: who got it, who did not and why. The totals always add up.

    \b
    Examples:  digest status
               digest status weekly-2026-11-23 --json
               digest status --recipients --state failed --csv
    """
    parts = door.parts()
    row = due.latest_begun(parts) if edition is None else due.find(parts, edition)
    if recipients or states or as_csv:
        _recipients(books.recipients(parts, row, [RecipientState(s) for s in states] or None), as_json, as_csv)
        return
    found = books.status(parts, row)
    if as_json:
        say_json(books.as_json(found))
    else:
        _tell(found)


def _tell(found: books.Status) -> None:
    for edition, reason in found.waiting.items():
        say(f"{bold(edition)}  waits: {reason}")
    row, totals = found.row, found.totals
    say(f"{bold(row.edition.id)}  {row.state}" + (f": {row.paused_reason}" if row.paused_reason else ""))
    say(f"  subject     {row.edition.subject}")
    say(f"  hash        {row.hash}")
    if not row.audience_frozen:
        say("  sending has not begun")
        return
    say(
        f"  candidates  {totals.candidates:,} = planned {totals.planned:,}"
        + "".join(f" + {reason} {count:,}" for reason, count in sorted(totals.excluded.items()))
    )
    say(f"  planned     {totals.planned:,} = " + " + ".join(f"{end} {count:,}" for end, count in totals.ends.items()))
    for reason, count in sorted(found.reasons.items(), key=lambda item: -item[1]):
        say(dim(f"              {count:,} × {reason}"))
    if found.perhaps_twice:
        say(f"  {counted(found.perhaps_twice, 'recipient')} may have got it twice: sent again after an uncertain end")
    if found.next_due:
        say(f"  next try    {found.next_due:%Y-%m-%d %H:%M} UTC, for the first of {totals.deferred:,} deferred")
    _tell_speed(found)


def _tell_speed(found: books.Status) -> None:
    """Of what was sent, or is being sent. Where it stands still, whoever may have stopped it, there is none."""
    is_going = found.row.state is EditionState.SENDING and found.in_conversation > 0
    if found.messages_per_second and (is_going or found.row.state is EditionState.SENT):
        speed = found.messages_per_second
        to_go = f", about {lasting(round(found.totals.pending / speed))} to go" if is_going else ""
        say(f"  speed       {speed:,.1f} messages per second{to_go}")


def _recipients(rows: Any, as_json: bool, as_csv: bool) -> None:
    columns = (
        "subscriber",
        "address",
        "state",
        "reason",
        "attempts",
        "code",
        "enhanced",
        "at",
        "next_at",
        "message_id",
        "resent",
    )
    writer = csv.writer(sys.stdout) if as_csv else None
    if writer:
        writer.writerow(columns)
    for row in rows:
        values = _values(row)
        if writer:
            writer.writerow([_safe(value) for value in values])
        elif as_json:
            say_json(dict(zip(columns, values, strict=True)), indent=None)
        else:
            subscriber, address, state, reason, attempts, code, *_ = values
            why = " ".join(str(word) for word in (code, reason) if word)
            say(
                f"{subscriber:>8}  {state:<9}  {printable(address)}"
                + (f"  {why}" if why else "")
                + (dim(f"  attempt {attempts}") if attempts > 1 else "")
                + (dim(f"  next try {row.next_at:%d %b %H:%M} UTC") if _waits(row) else "")
                + (dim("  sent again") if row.resent else "")
            )


def _waits(row: RecipientRow) -> bool:
    return row.state is RecipientState.DEFERRED and row.next_at is not None


def _values(row: RecipientRow) -> tuple[Any, ...]:
    said = row.outcome
    at, next_at = (when and when.isoformat() for when in (row.updated_at, row.next_at))
    return (
        row.subscriber, row.address or "(erased)", row.state.value, row.reason, row.attempt, said and said.code,
        said and said.enhanced, at, next_at, row.message_id, row.resent,
    )  # fmt: skip


def _safe(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return guard("" if value is None else str(value))
