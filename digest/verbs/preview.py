"""Looking: an edition as it would be sealed now, in every form that readers get. Looking never seals. Hall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from digest.deliver.message import compile_message
from digest.errors import InputError, UsageError
from digest.gather.folder import StoryFile
from digest.marks import fill
from digest.model import Addressee, Edition, EditionState, SealedEdition, Slot
from digest.newsroom.compose import LeftOut
from digest.newsroom.slots import slot_on
from digest.newsroom.stress import STRESSES, stressed
from digest.newsroom.telling.findings import Finding as Noticed
from digest.render.findings import Finding
from digest.render.seal import Letterhead
from digest.render.weight import story_bytes
from digest.store import editions
from digest.store.editions import EditionRow
from digest.verbs import due
from digest.verbs.approve import inspect
from digest.verbs.assemble import EDITABLE, draft, seal_edition
from digest.verbs.parts import Parts
from digest.verbs.rereading import reread

Label = Literal["draft", "sealed", "approved", "sent", "stress"]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to address the preview to; `called` is how the choice is named."""

    called: str
    name: str
    address: str


READERS = {
    "sample": Reader("Sample Reader", "Sample Reader", "reader@example.org"),
    "nameless": Reader("no name", "", "reader@example.org"),
    "long": Reader(
        "a long name",
        "Prof. Dr. Maximiliane-Alexandra von Habsburg-Lothringen y Fernández de Córdoba de la Santísima Trinidad",
        "maximiliane-alexandra.von-habsburg-lothringen@students.a-very-long-university-name.example.org",
    ),
    "rtl": Reader("a right-to-left name", "ليلى عبد الرحمن الخوارزمي", "layla@example.org"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at an edition. `label` is "draft" where these bytes are not those that are sealed; `note` says more.

    `html` and `text` have a reader's values in place of the marks; `message` is a whole unsigned mail.
    `story_bytes` has one number for each story, or is None where the template hides them. `kept` is what is sealed.
    `noticed` has what the newsroom noticed, by the story's id; `findings` has it too.
    """

    edition: Edition
    sealed: SealedEdition
    kept: SealedEdition | None
    label: Label
    note: str
    html: str
    text: str
    message: bytes
    findings: tuple[Finding, ...] = ()
    noticed: Mapping[str, tuple[Noticed, ...]] = field(default_factory=dict)
    story_bytes: tuple[int, ...] | None = None
    left_out: tuple[LeftOut, ...] = ()
    faulty: tuple[StoryFile, ...] = ()
    embargoed: int = 0


def find(parts: Parts, edition: str | None) -> EditionRow | Slot:
    """What to look at: the edition named by id or day, else the one under way, else the next slot, which has none yet.

    Raises UsageError for a name that is neither an edition nor a planned day.
    """
    if edition is None:
        with parts.store.read() as db:
            rows = editions.unfinished(db, parts.newsletter)
            slot = due.slot_to_assemble(parts)
            return rows[0] if rows else editions.by_slot(db, parts.newsletter, slot.key) or slot
    try:
        return due.find(parts, edition)
    except UsageError:
        planned = _planned(parts, edition)
        if planned is None:
            raise
        return planned


def known(parts: Parts) -> list[EditionRow]:
    """The latest editions, to choose from."""
    with parts.store.read() as db:
        return editions.listing(db, parts.newsletter, limit=12)


def _planned(parts: Parts, text: str) -> Slot | None:
    try:
        day = date.fromisoformat(text.removeprefix(f"{parts.newsletter}-"))
    except ValueError:
        return None
    return slot_on(parts.calendar.schedule, parts.calendar.timezone, day)


def look(
    parts: Parts, what: EditionRow | Slot, *, reader: str = "sample", stress: str | None = None, embargoed: bool = True
) -> Look:
    """The edition as it is, once it is on its way; else as it would be sealed now, from the stories as they are now.

    `reader` is one of READERS, `stress` one of STRESSES; KeyError for others. `embargoed` shows stories that are
    still under embargo. Raises what sealing raises.
    """
    row = what if isinstance(what, EditionRow) else None
    kept = _kept(parts, row)
    if row and kept and row.state not in EDITABLE and not stress:
        label: Label = "sent" if row.audience_frozen else "approved" if row.approved_hash == row.hash else "sealed"
        return _shown(parts, _Fixed(row.edition, kept, kept, label, _state_note(parts, row)), reader)
    slot = row.edition.slot if row else what
    assert isinstance(slot, Slot)
    drafted = draft(parts, slot, row, embargoed=embargoed)
    edition = stressed(drafted.edition, stress) if stress else drafted.edition
    if stress == "right-to-left":
        parts = replace(parts, letterhead=replace(parts.letterhead, language="ar", direction="rtl"))
    sealed = seal_edition(parts, edition)
    label, note = _standing(parts, row, sealed)
    if stress:
        label, note = "stress", f"invented: {STRESSES[stress][0]}; no reader gets this"
    held = _under_embargo(drafted.edition, parts.clock())
    shown = _shown(parts, _Fixed(edition, sealed, kept, label, note), reader)
    return replace(shown, left_out=drafted.selection.left_out, faulty=drafted.faulty, embargoed=held)


def _kept(parts: Parts, row: EditionRow | None) -> SealedEdition | None:
    if row is None:
        return None
    with parts.store.read() as db:
        return editions.sealed(db, row.edition.id)


def _standing(parts: Parts, row: EditionRow | None, sealed: SealedEdition) -> tuple[Label, str]:
    """How bytes that would be sealed now stand to those that are."""
    if row is None:
        return "draft", "not assembled yet; `digest assemble` seals it"
    if row.hash is None:
        return "draft", "not sealed yet; `digest assemble --refresh` seals it"
    approved = row.approved_hash == row.hash
    if sealed.hash != row.hash and approved:
        return (
            "draft",
            "differs from what is approved; `digest assemble --refresh` takes this in, which voids that",
        )
    if sealed.hash != row.hash:
        return "draft", "differs from what is sealed; `digest assemble --refresh` takes this in"
    if approved:
        by = f" by {row.approved_by}" if row.approved_by else ""
        return "approved", f"approved{by}: exactly these bytes go out {_when(parts, row.edition.slot.instant)}"
    return "sealed", f"waits for `digest approve {row.edition.id} --hash {sealed.hash.removeprefix('sha256:')[:8]}`"


def _state_note(parts: Parts, row: EditionRow) -> str:
    if row.state is EditionState.SENT and row.finished_at:
        return f"these bytes went out, finished {_when(parts, row.finished_at)}"
    if row.state in (EditionState.SENDING, EditionState.PAUSED):
        return f"{row.state}: these bytes are on their way"
    return f"{row.state}: `digest status {row.edition.id}` says why"


def _when(parts: Parts, instant: datetime) -> str:
    return f"{instant.astimezone(parts.calendar.timezone):%a %d %b %Y %H:%M %Z}"


def _under_embargo(edition: Edition, now: datetime) -> int:
    return sum(story.not_before is not None and story.not_before > now for story in edition.stories)


@dataclass(frozen=True, slots=True)
class _Fixed:
    edition: Edition
    sealed: SealedEdition
    kept: SealedEdition | None
    label: Label
    note: str


def _shown(parts: Parts, fixed: _Fixed, reader_name: str) -> Look:
    edition, sealed = fixed.edition, fixed.sealed
    reader = _addressee(parts.letterhead, edition, READERS[reader_name])
    values = {
        "name": reader.name,
        "address": reader.address,
        "unsubscribe_url": reader.unsubscribe_url,
        "preferences_url": reader.preferences_url,
    }
    html = fill(sealed.html, sealed.nonce, values)
    behind = reread(parts, edition)
    return Look(
        edition=edition,
        sealed=sealed,
        kept=fixed.kept,
        label=fixed.label,
        note=fixed.note,
        html=html,
        text=fill(sealed.text, sealed.nonce, values),
        message=compile_message(sealed).build(reader, date=edition.slot.instant),
        findings=tuple(inspect(parts, edition, sealed, behind)),
        noticed=behind.findings,
        story_bytes=story_bytes(html, [story.headline for story in edition.stories]),
    )


def _addressee(letterhead: Letterhead, edition: Edition, reader: Reader) -> Addressee:
    return Addressee(
        address=reader.address,
        name=reader.name,
        unsubscribe_url=f"{letterhead.base_url}/u/sample",
        preferences_url=f"{letterhead.base_url}/preferences",
        message_id=f"<{edition.id}.sample@{letterhead.from_address.partition('@')[2]}>",
    )


def contents(found: Look) -> dict[str, bytes]:
    """The files that a look is made of, by name: edition.html, .txt, .mjml, .eml (a sample reader's)."""
    return {
        "edition.html": found.html.encode(),
        "edition.txt": found.text.encode(),
        "edition.mjml": found.sealed.mjml.encode(),
        "edition.eml": found.message,
    }


def write_out(parts: Parts, what: EditionRow | Slot, folder: Path) -> list[Path]:
    """Write what a look shows into `folder`, made if need be. Returns the files."""
    files = contents(look(parts, what))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as fault:
        raise InputError(f"cannot be written: {fault.strerror}", file=str(folder)) from None
    return [folder / name for name in files]
