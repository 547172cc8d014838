"""digest check, approve: the looks before anything is sent. Door."""

from __future__ import annotations

from typing import Any

import click

from digest.cli.app import FILE, Door, pass_door, who
from digest.cli.output import bold, counted, dim, say, say_json
from digest.render.findings import Finding, to_json
from digest.render.lint import lint_template
from digest.verbs import approve as approval
from digest.verbs import due


@click.command("check")
@click.argument("edition", required=False)
@click.option("--template", type=FILE, help="Check one MJML template file instead of an edition.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def check_command(door: Door, edition: str | None, template: Any, as_json: bool) -> int:
    """Pre-send checks; exit code 1 when one finds an error.

    \b
    Examples:  digest check
               digest check weekly-2026-11-23 --json
               digest check --template templates/weekly/weekly.mjml.j2
    """
    if template is not None:
        findings = lint_template(approval.read_template(template), str(template))
    else:
        parts = door.parts()
        findings = approval.check(parts, due.current(parts, edition))
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        say_json(to_json(findings))
    else:
        _tell_findings(findings, errors)
    return 1 if errors else 0


def _tell_findings(findings: list[Finding], errors: int) -> None:
    for finding in sorted(findings, key=lambda f: f.severity != "error"):
        place = finding.file or finding.story or ""
        line = f":{finding.line}" if finding.line else ""
        colour = "red" if finding.severity == "error" else "yellow"
        say(f"{click.style(finding.severity, fg=colour)}  {place}{line}{': ' if place else ''}{finding.message}")
        say(f"         {dim(finding.fix)}")
    say(f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'warning')}")


@click.command("approve")
@click.argument("edition", required=False)
@click.option(
    "--hash", "wanted", metavar="HASH", help="Approve only if this is the hash of the sealed bytes (8 digits do)."
)
@pass_door
def approve_command(door: Door, edition: str | None, wanted: str | None) -> None:
    """Approve exactly these bytes. A later change voids it.

    \b
    Example:  digest approve weekly-2026-11-23 --hash 3f9a1c22
    """
    parts = door.parts()
    row = approval.approve(parts, due.current(parts, edition), hash_prefix=wanted, by=who())
    at = row.edition.slot.instant.astimezone(parts.calendar.timezone)
    say(f"{bold(row.edition.id)} approved: {row.approved_hash}")
    if due.is_late(parts, row):
        say(f"  too late for its slot ({at:%a %d %b %Y %H:%M %Z}); `digest send {row.edition.id} --late` sends it")
    elif row.edition.slot.instant <= parts.clock():
        say("  its hour has come: it goes out by the next `digest send`, or by `digest serve`")
    else:
        say(f"  goes out {at:%a %d %b %Y %H:%M %Z} by `digest send` or `digest serve`")
        say(f"  or now, with `digest send {row.edition.id}`")
