"""digest send, pause, resume, cancel, resolve. Door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import click

from digest.cli.app import Door, pass_door, who
from digest.cli.crew import Helpers, one_of
from digest.cli.notices import told_to_people
from digest.cli.output import bold, counted, log_to_stderr, say, say_json
from digest.cli.progress import Reporter
from digest.cli.stopping import stop_on_signals, stop_with_caller
from digest.cli.summary import tell_runs
from digest.config.durations import format_duration, parse_duration
from digest.errors import UsageError
from digest.verbs import control, due
from digest.verbs.byclock import keep_time
from digest.verbs.parts import Parts
from digest.verbs.report import Run, exit_code
from digest.verbs.send import Order, plan, send_edition
from digest.verbs.testsend import test_send


@click.command("send")
@click.argument("edition", required=False)
@click.option("--due", "only_due", is_flag=True, help="What is due, the same as no EDITION.")
@click.option("--late", is_flag=True, help="With EDITION: send it though its slot was missed.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and to how many; send nothing.")
@click.option("--wait", default="15m", show_default=True, help="Wait at most so long for deferred recipients.")
@click.option("--processes", type=click.IntRange(1, 64), help="Send with so many [default: one per core, if it pays].")
@click.option(
    "--share-of", type=click.IntRange(1, 64), default=1, hidden=True, help="One of so many that work together."
)
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def send_command(
    door: Door,
    edition: str | None,
    only_due: bool,
    late: bool,
    dry_run: bool,
    wait: str,
    processes: int | None,
    share_of: int,
    as_json: bool,
) -> int:
    """Send what is due and approved, and resume what was interrupted; this is what cron calls. Sources are asked
    afterwards, when it is time, and the next edition is assembled of what they brought.

    With EDITION: send that one now, before its slot too, or resume it.

    \b
    Exit codes:  0 done, or nothing to do   3 finished, some recipients failed   4 held, waits for a person
                 75 run again               130 interrupted, resumable           1 error
    \b
    crontab:     */5 * * * * digest --config /srv/news send
    \b
    Examples:    digest send --dry-run
                 digest send weekly-2026-11-23 --wait 0
    """
    if edition and only_due:
        raise UsageError("--due and an EDITION exclude each other; give one of them")
    if late and not edition:
        raise UsageError("--late: name the EDITION to send late")
    try:
        waiting = parse_duration(wait)
    except ValueError as fault:
        raise UsageError(f"--wait {wait}: {fault}") from None
    if door.verbosity:
        log_to_stderr(door.verbosity)
    parts = door.parts()
    with told_to_people(logged=door.verbosity > 0) as notices:
        if dry_run:
            runs = plan(parts, edition)
        else:
            runs = _send(
                door, parts, edition, late=late, wait=waiting, processes=processes, share_of=share_of, quiet=as_json
            )
    if as_json:
        say_json([_run_json(run) for run in runs])
    else:
        tell_runs(parts, runs, notices.lines)
    return exit_code(runs)


def _send(
    door: Door,
    parts: Parts,
    edition: str | None,
    *,
    late: bool,
    wait: timedelta,
    processes: int | None,
    share_of: int,
    quiet: bool,
) -> list[Run]:
    """Send, with helpers or as one of them, and report how it goes."""
    helpers = Helpers()
    stop = stop_on_signals(helpers.kill)
    reporter = Reporter(parts, wait=wait, stop=stop, quiet=quiet)
    if share_of > 1:
        stop_with_caller(stop)
        crew = one_of(share_of)
    else:
        crew = reporter.beside(helpers.crew_of(door.config, processes, format_duration(wait), stop))
    order = Order(stop=stop, wait=wait, crew=crew, joins=share_of > 1)
    runs = [send_edition(parts, edition, order, late=late)] if edition else keep_time(parts, order)
    return [reporter.whole(run) for run in runs]


def _run_json(run: Run) -> dict[str, object]:
    totals = run.totals
    return {
        "edition": run.edition, "what": run.what, "reason": run.reason, "planned": totals.planned, **totals.ends,
        "excluded": totals.excluded, "seconds": round(run.seconds, 3),
    }  # fmt: skip


def _reins(name: str, text: str, act: Callable[..., object], done: str) -> click.Command:
    @click.command(name, help=f"{text}\n\n\b\nExample:  digest {name} weekly-2026-11-23", short_help=text)
    @click.argument("edition")
    @pass_door
    def command(door: Door, edition: str) -> None:
        parts = door.parts()
        row = due.find(parts, edition)
        act(parts, row, who())
        say(f"{bold(row.edition.id)} {done}")

    return command


pause_command = _reins(
    "pause", "Stop a running edition; what is in conversation is finished.", control.pause, "is paused"
)
resume_command = _reins(
    "resume", "Let a paused edition go on.", control.resume, "goes on with the next `digest send`, or by `digest serve`"
)
cancel_command = _reins("cancel", "End an edition for good; those who got it keep it.", control.cancel, "is cancelled")


@click.command("resolve")
@click.argument("edition")
@click.option("--resend", is_flag=True, help="Send to them once more, with the same Message-ID.")
@click.option("--mark-sent", is_flag=True, help="Take them as sent.")
@click.option("--subscriber", type=int, metavar="ID", help="Only this recipient.")
@pass_door
def resolve_command(door: Door, edition: str, resend: bool, mark_sent: bool, subscriber: int | None) -> None:
    """Decide about uncertain recipients: the mail was handed over, but no reply was read.

    \b
    Example:  digest resolve weekly-2026-11-23 --mark-sent
    """
    if resend == mark_sent:
        raise UsageError("give one of --resend and --mark-sent")
    parts = door.parts()
    row = due.find(parts, edition)
    count = control.resolve(parts, row, resend=resend, subscriber=subscriber)
    if not count:
        say(f"{bold(row.edition.id)}: nobody in it is uncertain")
        return
    what = "will be sent again by the next `digest send`" if resend else "taken as sent"
    say(f"{bold(row.edition.id)}: {counted(count, 'uncertain recipient')} {what}")


@click.command("test-send")
@click.argument("edition")
@click.option("--to", "to", multiple=True, required=True, metavar="ADDRESS", help="To whom; may be given again.")
@pass_door
def test_send_command(door: Door, edition: str, to: tuple[str, ...]) -> int:
    """One message of the sealed bytes, marked as a test, to addresses in [preview] test_recipients.

    \b
    Example:  digest test-send weekly-2026-11-23 --to editor@example.org
    """
    parts = door.parts()
    said = test_send(parts, due.find(parts, edition), to)
    for address, complaint in said.items():
        say(f"{address}: {complaint or 'sent'}")
    return 1 if any(said.values()) else 0
