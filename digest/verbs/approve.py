"""Approval: an editor's word, or the settings', for exactly these bytes. Hall."""

from __future__ import annotations

import functools
from pathlib import Path

from digest.errors import EditionError, HeldError, InputError
from digest.model import Edition, EditionState, SealedEdition
from digest.newsroom.retractions import papers_of, standings
from digest.render.checks import check_sealed
from digest.render.checks_retractions import is_untold, retraction_findings
from digest.render.findings import Finding
from digest.render.lint import lint_theme
from digest.render.themes import LARGEST_TEMPLATE_BYTES, Theme, ThemeFile
from digest.store import editions, retractions
from digest.store.editions import EditionRow
from digest.verbs import sourcehealth
from digest.verbs.notify import tell
from digest.verbs.parts import Parts
from digest.verbs.rereading import Reread, reread


def read_template(path: Path) -> str:
    """The text of a template file to check. Raises InputError."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(f"cannot be read: {fault.strerror}", file=str(path)) from None
    if len(data) > LARGEST_TEMPLATE_BYTES:
        raise InputError(f"{len(data)} bytes: a template has at most {LARGEST_TEMPLATE_BYTES}", file=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text; save it as UTF-8", file=str(path)) from None


def check(parts: Parts, row: EditionRow) -> list[Finding]:
    """Everything that is worth a word before these bytes go out; errors stop them."""
    with parts.store.read() as db:
        sealed = editions.sealed(db, row.edition.id)
    if sealed is None:
        raise EditionError(f"{row.edition.id}: not sealed yet; run `digest assemble --slot {row.edition.slot.key}`")
    return inspect(parts, row.edition, sealed)


def inspect(parts: Parts, edition: Edition, sealed: SealedEdition, behind: Reread | None = None) -> list[Finding]:
    """The same about bytes that nobody may have kept yet; errors first. `behind` where it was reread already."""
    behind = behind or reread(parts, edition)
    with parts.store.read() as db:
        ran = editions.sent_story_ids(db, parts.newsletter, edition.slot.key)
        papers = retractions.found(db, parts.newsletter, (p for story in edition.stories for p in papers_of(story)))
    domains = [signer.domain for signer in parts.signers]
    found = check_sealed(
        edition,
        sealed,
        parts.letterhead,
        already_sent=ran,
        findings=behind.findings,
        texts=behind.texts,
        dkim_domains=domains,
    )
    of_theme = _theme_findings(frozenset(parts.theme.files.items()))
    return sorted(
        [*found, *retraction_findings(edition, papers), *sourcehealth.findings(parts), *of_theme],
        key=lambda finding: finding.severity != "error",
    )


@functools.lru_cache(maxsize=4)  # a preview asks again at every change of a story, and this takes longer than sealing
def _theme_findings(files: frozenset[tuple[str, ThemeFile]]) -> tuple[Finding, ...]:
    return tuple(lint_theme(Theme(dict(files))))


def approve(parts: Parts, row: EditionRow, *, hash_prefix: str | None, by: str) -> EditionRow:
    """Approve the sealed bytes. Refused with HeldError when a check finds an error, with EditionError when the hash
    given is not theirs: what was looked at is not what would be sent."""
    if row.state not in (EditionState.SEALED, EditionState.APPROVED, EditionState.MISSED) or row.hash is None:
        raise EditionError(f"{row.edition.id}: is {row.state}: only a sealed edition can be approved")
    wanted = hash_prefix.removeprefix("sha256:").lower() if hash_prefix else ""
    if hash_prefix and (len(wanted) < 8 or not row.hash.removeprefix("sha256:").startswith(wanted)):
        raise EditionError(
            f"{row.edition.id}: --hash {hash_prefix}: these are not the bytes sealed now ({row.hash[:19]}…); "
            "look again with `digest preview`"
        )
    errors = [finding for finding in check(parts, row) if finding.severity == "error"]
    if errors:
        raise HeldError(
            f"{row.edition.id}: not approved: {errors[0].message}"
            + (f" (and {len(errors) - 1} more)" if len(errors) > 1 else "")
            + "; `digest check` lists the errors"
        )
    with parts.store.write() as db:
        editions.approve(db, row.edition.id, row.hash, by, parts.clock())
        after = editions.get(db, row.edition.id)
    assert after is not None
    return after


def ensure(parts: Parts, row: EditionRow) -> str | None:
    """Make sure that an edition about to be sent is approved; else why it is held, told to the editors once."""
    if row.state is EditionState.APPROVED:
        reason = _retracted_since(parts, row)
        if reason is None:
            return None
    elif parts.approval == "required":
        reason = f"approval is missing: look with `digest preview`, then `digest approve {row.edition.id}`"
    else:
        try:
            approve(parts, row, hash_prefix=None, by="auto")
            return None
        except HeldError as fault:
            reason = str(fault)
        except EditionError:
            # Another process was quicker: it approved the same bytes, and may be sending them by now.
            with parts.store.read() as db:
                current = editions.get(db, row.edition.id)
            if current is None or current.approved_hash != row.hash:
                raise
            return None
    tell(parts, "held", row, reason)
    return reason


def _retracted_since(parts: Parts, row: EditionRow) -> str | None:
    """A paper may be retracted between the approval and the slot: its story must not go out as if nothing had been."""
    stories = row.edition.stories
    with parts.store.read() as db:
        papers = retractions.found(db, parts.newsletter, (paper for story in stories for paper in papers_of(story)))
    for story in stories:
        for what in standings(story, papers):
            if is_untold(story, what):
                return (
                    f"{what.told}, and {story.id} does not say so: take it in with `digest assemble --slot "
                    f"{row.edition.slot.key} --refresh`, look again, then `digest approve {row.edition.id}`"
                )
    return None
