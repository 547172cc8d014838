"""Looking: the edition as it would be sealed now, in every form that readers get. Looking never seals. Hall."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from digest.deliver.message import compile_message
from digest.errors import InputError
from digest.marks import fill
from digest.model import Addressee, Edition, SealedEdition
from digest.render.seal import seal
from digest.store import editions
from digest.store.editions import EditionRow
from digest.verbs.assemble import EDITABLE, draft_of
from digest.verbs.parts import Parts

Label = Literal["draft", "sealed", "approved", "sent"]
SAMPLE_READER = "reader@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at an edition. `label` is "draft" where these bytes are not those that are sealed (or sent).

    `html` and `text` have a sample reader's values in place of the marks; `message` is a whole unsigned mail.
    """

    edition: Edition
    sealed: SealedEdition
    label: Label
    html: str
    text: str
    message: bytes


def look(parts: Parts, row: EditionRow) -> Look:
    """The edition as it is, when it is on its way; else as it would be sealed now, from the stories as they are now."""
    with parts.store.read() as db:
        kept = editions.sealed(db, row.edition.id)
    if row.state not in EDITABLE and kept is not None:
        return _look(parts, row.edition, kept, "sent")
    edition = draft_of(parts, row)
    sealed = seal(edition, parts.letterhead, parts.theme)
    if sealed.hash != row.hash:
        return _look(parts, edition, sealed, "draft")
    return _look(parts, edition, sealed, "approved" if row.approved_hash == row.hash else "sealed")


def _look(parts: Parts, edition: Edition, sealed: SealedEdition, label: Label) -> Look:
    base = parts.letterhead.base_url
    reader = Addressee(
        address=SAMPLE_READER,
        name="Sample Reader",
        unsubscribe_url=f"{base}/u/sample",
        preferences_url=f"{base}/preferences",
        message_id=f"<{edition.id}.sample@{parts.letterhead.from_address.partition('@')[2]}>",
    )
    values = {
        "name": reader.name,
        "address": reader.address,
        "unsubscribe_url": reader.unsubscribe_url,
        "preferences_url": reader.preferences_url,
    }
    return Look(
        edition=edition,
        sealed=sealed,
        label=label,
        html=fill(sealed.html, sealed.nonce, values),
        text=fill(sealed.text, sealed.nonce, values),
        message=compile_message(sealed).build(reader, date=edition.slot.instant),
    )


def write_out(parts: Parts, row: EditionRow, folder: Path) -> list[Path]:
    """Write what a look shows: edition.html, .txt, .mjml, .eml (a sample reader's). Returns the files."""
    found = look(parts, row)
    contents = {
        "edition.html": found.html.encode(),
        "edition.txt": found.text.encode(),
        "edition.mjml": found.sealed.mjml.encode(),
        "edition.eml": found.message,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            (folder / name).write_bytes(data)
    except OSError as fault:
        raise InputError(f"cannot be written: {fault.strerror}", file=str(folder)) from None
    return [folder / name for name in contents]
