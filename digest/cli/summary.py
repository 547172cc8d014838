"""The summary of a run: what was sent, to how many, why not to others, in words that can be forwarded. Door."""

from __future__ import annotations

import sys

import click

from digest.cli.output import bold, counted, lasting, say
from digest.verbs import due
from digest.verbs import status as books
from digest.verbs.parts import Parts
from digest.verbs.report import Run

_MOST_REASONS = 10
_NOTHING_SENT = ("held", "missed", "empty", "failed")


def tell_runs(parts: Parts, runs: list[Run], notices: list[str]) -> None:
    """One block for each edition. It names no reader: servers' words are kept without addresses. `notices` are what was
    told meanwhile."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    if not runs and sys.stdout.isatty():
        say("Nothing to do.")  # cron would mail it, every five minutes
    for run in runs:
        say(f"{bold(run.edition)}: {_words(run)}")
        if run.what not in _NOTHING_SENT or run.totals.planned:
            _tell_books(run)
            if run.what != "planned":
                _tell_reasons(parts, run)
    if any(run.accepted for run in runs):
        _tell_stand_in(parts, notices)


def _tell_books(run: Run) -> None:
    totals = run.totals
    ends = ("sent", "failed", "deferred", "pending", "uncertain", "cancelled")
    if totals.excluded:
        left_out = "".join(f" + {reason} {count:,}" for reason, count in sorted(totals.excluded.items()))
        say(f"  candidates {totals.candidates:,} = planned {totals.planned:,}{left_out}")
    say(f"  planned {totals.planned:,} = " + " + ".join(f"{end} {getattr(totals, end):,}" for end in ends))


def _tell_reasons(parts: Parts, run: Run) -> None:
    row = due.find(parts, run.edition)
    found = books.status(parts, row)
    for reason, count in list(found.reasons.items())[:_MOST_REASONS]:
        say(f"    {count:,} × {reason}")
    if found.next_due and run.totals.deferred:
        next_try = found.next_due.astimezone(parts.calendar.timezone)
        say(f"  the deferred are tried again from {next_try:%Y-%m-%d %H:%M %Z} on, by the next `digest send`")
    if run.totals.uncertain:
        say(
            f"  {counted(run.totals.uncertain, 'recipient')} may or may not have got it; see "
            f"`digest status {run.edition} --recipients --state uncertain`, then `digest resolve`"
        )
    if found.perhaps_twice:
        say(
            f"  {counted(found.perhaps_twice, 'recipient')} may have got it twice, sent again after an uncertain end: "
            f"`digest status {run.edition} --recipients --csv`, column resent"
        )
    if run.what == "sent" and row.started_at and row.finished_at:
        began, ended = (when.astimezone(parts.calendar.timezone) for when in (row.started_at, row.finished_at))
        say(f"  {row.edition.subject}")
        say(f"  begun {began:%Y-%m-%d %H:%M:%S}, done {ended:%Y-%m-%d %H:%M:%S %Z}; {row.hash}")


def _tell_stand_in(parts: Parts, notices: list[str]) -> None:
    """Which relays were given up, if only for a while, and which one got the mail in their place."""
    away = [relay for relay in parts.relays if any(line.startswith(f"mail relay {relay.shown}: ") for line in notices)]
    serving = next((relay for relay in parts.relays if relay not in away), None)
    if serving and parts.relay in away:
        say(f"  mail relay {serving.shown} stood in for {', '.join(relay.shown for relay in away)}")


def _words(run: Run) -> str:
    speed = f", {counted(run.accepted, 'message')} in {lasting(run.seconds)}" if run.accepted else ""
    words = {
        "sent": f"sent{speed}",
        "resumable": f"not finished{speed}; run `digest send` again",
        "elsewhere": f"another process sends the rest{speed}",
        "cancelled": "cancelled",
        "planned": f"would be sent ({run.reason})" if run.reason else "would be sent",
    }
    return words.get(run.what) or f"{run.what}: {run.reason}"
