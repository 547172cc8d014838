"""digest assemble, edition. Door."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from digest.cli.app import Door, pass_door
from digest.cli.output import bold, counted, dim, say, say_json, table, warn
from digest.errors import UsageError
from digest.newsroom.slots import slot_on
from digest.store.editions import EditionRow
from digest.verbs import due, required, sourcehealth
from digest.verbs.assemble import Assembled, edit
from digest.verbs.newsdesk import why_empty
from digest.verbs.parts import Parts

_LEFT_OUT_SHOWN = 30


@click.command("assemble")
@click.option("--slot", metavar="DATE", help="The edition's day, such as 2026-11-23 [default: the next one].")
@click.option("--refresh", is_flag=True, help="Take new and changed stories in; voids an approval.")
@click.option("--anyway", is_flag=True, help="Though a source with require = true is down; it is put on record.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def assemble_command(door: Door, slot: str | None, refresh: bool, anyway: bool, as_json: bool) -> None:
    """Stories become the sealed edition of a slot; the same slot again gives the same edition.

    Exit code 4, and nothing done, while a source with require = true is down.

    \b
    Examples:  digest assemble
               digest assemble --slot 2026-11-23 --refresh
               digest assemble --anyway
    """
    parts = door.parts()
    plan = parts.calendar
    if slot is None:
        chosen = due.slot_to_assemble(parts)
    else:
        found = slot_on(plan.schedule, plan.timezone, _day(slot))
        if found is None:
            raise UsageError(f"--slot {slot}: no edition is planned for that day; the schedule is another")
        chosen = found
    done = required.assemble_by_hand(parts, chosen, refresh=refresh, anyway=anyway)
    down = [str(one) for one in sourcehealth.down(parts)]
    if as_json:
        say_json(_as_json(done) | {"down": down})
        return
    for line in down:
        warn(line)
    _tell(parts, done, refresh)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--slot {text}: not a date; write for example 2026-11-23") from None


def _tell(parts: Parts, done: Assembled, refresh: bool) -> None:
    for file in done.faulty:
        warn(f"{file.error}")
    if done.row is None:
        say("No story of this week, so no edition. Use `digest story add FILE`, or `digest fetch` to ask your sources.")
        if why := why_empty(parts):
            say(dim(why))
    else:
        _tell_edition(parts, done.row, done, refresh)
    if done.selection:
        for choice in done.selection.chosen:
            say(f"  {bold('in ')} {choice.story.headline}  {dim('; '.join(choice.reasons))}")
        # Editors' own stories first: of the gathered ones there may be hundreds.
        out = sorted(done.selection.left_out, key=lambda left: left.story.origin is None)
        for left in out[:_LEFT_OUT_SHOWN]:
            say(f"  {dim('out')} {left.story.headline}  {dim(left.reason)}")
        if len(out) > _LEFT_OUT_SHOWN:
            more = counted(len(out) - _LEFT_OUT_SHOWN, "more story", "more stories")
            say(dim(f"  and {more} left out; --json has the reason for each"))
    if done.unread:
        say(dim(f"  {counted(done.unread, 'gathered article')} of little promise, not read closely"))


def _tell_edition(parts: Parts, row: EditionRow, done: Assembled, refresh: bool, changed: str = "refreshed") -> None:
    at = row.edition.slot.instant.astimezone(parts.calendar.timezone)
    word = "assembled" if done.created else changed if done.changed else "unchanged" if refresh else "is there already"
    size = counted(len(row.edition.stories), "story", "stories")
    say(f"{bold(row.edition.id)} {word}: {size} for {at:%a %d %b %Y %H:%M %Z}, {row.state}")
    if done.voided_approval:
        warn("its approval is void: the bytes are others now; look again and approve them")
    say(f"  subject  {row.edition.subject}")
    say(f"  hash     {row.hash}")


def _as_json(done: Assembled) -> dict[str, Any]:
    chosen = done.selection.chosen if done.selection else ()
    left = done.selection.left_out if done.selection else ()
    return {
        "edition": done.row.edition.id if done.row else None,
        "state": done.row.state if done.row else None,
        "subject": done.row.edition.subject if done.row else None,
        "hash": done.row.hash if done.row else None,
        "created": done.created,
        "changed": done.changed,
        "voided_approval": done.voided_approval,
        "stories": [story.id for story in done.row.edition.stories] if done.row else [],
        "chosen": [{"story": c.story.id, "score": c.score, "reasons": list(c.reasons)} for c in chosen],
        "left_out": [{"story": c.story.id, "reason": c.reason} for c in left],
        "faulty": [str(file.error) for file in done.faulty],
        "unread": done.unread,
    }


@click.group("edition")
def edition_command() -> None:
    """Editions: list, show, edit."""


@edition_command.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def list_editions(door: Door, limit: int, as_json: bool) -> None:
    """The newest editions first.

    \b
    Example:  digest edition list
    """
    rows = due.listing(door.parts(), limit)
    if as_json:
        say_json([_row_json(row) for row in rows])
    elif not rows:
        say("No edition yet; `digest assemble` makes one.")
    else:
        table(
            [(row.edition.id, f"no. {row.edition.number}", row.state, row.edition.subject) for row in rows],
            ("edition", "number", "state", "subject"),
        )


def _row_json(row: EditionRow) -> dict[str, Any]:
    edition = row.edition
    return {
        "edition": edition.id,
        "slot": edition.slot.instant.isoformat(),
        "number": edition.number,
        "state": row.state,
        "subject": edition.subject,
        "preheader": edition.preheader,
        "intro": edition.intro,
        "reading_minutes": edition.reading_minutes,
        "hash": row.hash,
        "approved_hash": row.approved_hash,
        "approved_by": row.approved_by,
        "stories": [{"id": story.id, "headline": story.headline} for story in edition.stories],
    }


@edition_command.command("show")
@click.argument("edition", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@pass_door
def show_edition(door: Door, edition: str | None, as_json: bool) -> None:
    """One edition: its words, its stories, its state and history.

    \b
    Example:  digest edition show weekly-2026-11-23
    """
    parts = door.parts()
    row = due.current(parts, edition)
    events = due.history(parts, row)
    if as_json:
        say_json({**_row_json(row), "events": [{"at": e.at, "kind": e.kind, "why": e.why} for e in events]})
        return
    say(f"{bold(row.edition.id)}  no. {row.edition.number}  {row.state}")
    say(f"  slot       {row.edition.slot.instant.astimezone(parts.calendar.timezone):%A %d %B %Y %H:%M %Z}")
    say(f"  subject    {row.edition.subject}")
    say(f"  preheader  {row.edition.preheader}")
    say(f"  intro      {row.edition.intro}")
    say(f"  hash       {row.hash}")
    say(f"  approved   {row.approved_hash or 'no'}{f' by {row.approved_by}' if row.approved_by else ''}")
    for place, story in enumerate(row.edition.stories, 1):
        say(f"  {place:2}. {story.id}  {dim(story.headline)}")
    for event in events:
        say(dim(f"  {event.at.astimezone(parts.calendar.timezone):%Y-%m-%d %H:%M}  {event.kind}  {event.why}"))


@edition_command.command("edit")
@click.argument("edition", required=False)
@click.option("--subject", help="The subject line.")
@click.option("--preheader", help="What an inbox shows after the subject.")
@click.option("--intro", help="The line above the first story.")
@click.option(
    "--order", metavar="STORY,STORY,…", help="Stories in the order wanted, part of the name will do; others follow."
)
@pass_door
def edit_edition(
    door: Door, edition: str | None, subject: str | None, preheader: str | None, intro: str | None, order: str | None
) -> None:
    """Change the words or the order; seals anew and voids an approval.

    \b
    Examples:  digest edition edit --subject "Ketamine and chronic pain: what 67 trials say"
               digest edition edit weekly-2026-11-23 --order ketamine,sleep
    """
    if subject is preheader is intro is order is None:
        raise UsageError("nothing to change; give --subject, --preheader, --intro or --order")
    parts = door.parts()
    ids = [part.strip() for part in order.split(",") if part.strip()] if order else None
    done = edit(parts, due.current(parts, edition), subject=subject, preheader=preheader, intro=intro, order=ids)
    assert done.row is not None
    _tell_edition(parts, done.row, done, refresh=True, changed="changed")
