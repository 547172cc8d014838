"""Assembling: the stories of a week become the sealed edition of a slot, once. Hall."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from digest.errors import EditionError, TemplateError, UsageError
from digest.gather.folder import StoryFile
from digest.model import Edition, EditionState, SealedEdition, Slot, Story
from digest.newsroom.compose import Chosen, Selection, compose
from digest.render.findings import RENDERED
from digest.render.intro import intro_line
from digest.render.lint import lint_theme
from digest.render.seal import one_line, seal
from digest.render.words import languages, words_for
from digest.store import editions, gathered, retractions
from digest.store.editions import EditionRow
from digest.verbs import stories as storydesk
from digest.verbs.newsdesk import Desk
from digest.verbs.parts import Parts
from digest.verbs.selecting import faulty, lay_out, select

_ORDERED = "ordered"  # the event that says: an editor chose the order
EDITABLE = (EditionState.DRAFT, EditionState.SEALED, EditionState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """What came of it. `row` is None when there was no story and so no edition; `selection` is None when an edition
    that was there already was left as it is."""

    row: EditionRow | None
    created: bool = False
    changed: bool = False
    voided_approval: bool = False
    selection: Selection | None = None
    faulty: tuple[StoryFile, ...] = ()
    unread: int = 0  # gathered articles in stories of so little promise that they were not told in full


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition that nobody has sealed, what it is made of, and the story files that cannot be read."""

    edition: Edition
    selection: Selection
    faulty: tuple[StoryFile, ...]


def assemble(parts: Parts, slot: Slot, *, refresh: bool = False, keep_empty: bool = True) -> Assembled:
    """The edition of `slot`, put together from the stories of its week unless it exists.

    `refresh` takes new and changed stories into an edition that is not yet on its way, keeping the editor's own
    subject, preheader, intro and order; a change voids the approval. `keep_empty=False` makes no edition of no
    stories. Safe to call from many places at once.
    """
    with parts.store.read() as db:
        there = editions.by_slot(db, parts.newsletter, slot.key)
    files = storydesk.listing(parts)
    if there is not None and not refresh:
        return Assembled(row=there, faulty=faulty(files))
    if there is not None:
        _refuse_if_under_way(there)
    table = lay_out(parts, slot, files, ask=True)
    with parts.store.write() as db:
        row = editions.by_slot(db, parts.newsletter, slot.key)
        if row is not None and not refresh:
            return Assembled(row=row, faulty=table.faulty)
        if row is not None:
            _refuse_if_under_way(row)
        selection = select(parts, db, table, slot)
        so_far = Assembled(row=row, selection=selection, faulty=table.faulty, unread=table.desk.unread)
        if row is None and not selection.chosen and not keep_empty:
            return so_far
        edition = _composed(parts, db, selection, slot, row)
        return _sealed(parts, db, edition, so_far, table.desk)


def _refuse_if_under_way(row: EditionRow) -> None:
    if row.state not in EDITABLE:
        raise EditionError(f"{row.edition.id}: is {row.state}: too late to take new stories in")


def seal_edition(parts: Parts, edition: Edition) -> SealedEdition:
    """Seal an edition. A fault of a template is told with that template's file and line, wherever it showed up."""
    try:
        return seal(edition, parts.letterhead, parts.theme)
    except TemplateError as fault:
        causes = lint_theme(parts.theme) if fault.file == RENDERED else []
        cause = next((finding for finding in causes if finding.severity == "error"), None)
        if cause is None:
            raise
        raise TemplateError(f"{cause.message}; {cause.fix}", file=cause.file, line=cause.line) from fault


def draft(parts: Parts, slot: Slot, row: EditionRow | None, *, embargoed: bool) -> Draft:
    """The edition of `slot` as `assemble --refresh` would make it now, nothing of it kept; `row` is what there is.

    `embargoed` takes stories in whose embargo still holds: an editor may look at them.
    """
    table = lay_out(parts, slot, storydesk.listing(parts), ask=False)
    with parts.store.write() as db:
        selection = select(parts, db, table, slot, preview=embargoed)
        edition = _composed(parts, db, selection, slot, row)
    return Draft(edition, selection, table.faulty)


def _sealed(
    parts: Parts,
    db: Connection,
    edition: Edition,
    so_far: Assembled,
    desk: Desk | None = None,
) -> Assembled:
    """Keep the edition and its sealed bytes, unless they are what `so_far` has already. Articles on the `desk` that are
    behind its stories count as told."""
    row = so_far.row
    names = [story.id for story in edition.stories]
    now = parts.clock()
    # Once more: an edit may come days after its stories were selected.
    edition = replace(edition, stories=tuple(retractions.marked(db, parts.newsletter, edition.stories)))
    sealed = seal_edition(parts, edition)
    if row is None:
        editions.insert_draft(db, edition, now)
    gathered.note_told(db, edition.id, desk.members(names) if desk else {}, names)
    if row is not None and row.edition == edition and row.hash == sealed.hash:
        return so_far
    editions.save_sealed(db, edition, sealed, now, "refreshed" if row else "assembled")
    return replace(
        so_far,
        row=editions.get(db, edition.id),
        created=row is None,
        changed=True,
        voided_approval=row is not None and row.state is EditionState.APPROVED,
    )


def edit(
    parts: Parts,
    row: EditionRow,
    *,
    subject: str | None = None,
    preheader: str | None = None,
    intro: str | None = None,
    order: list[str] | None = None,
) -> Assembled:
    """Change an edition's words or the order of its stories (ids or parts of them; others follow as they were).

    Re-seals it, which voids the approval. Raises EditionError once it is on its way, UsageError for unknown stories.
    """
    if row.state not in EDITABLE:
        raise EditionError(f"{row.edition.id}: is {row.state}: it can be edited no more; correct it in the next one")
    old = row.edition
    edition = replace(
        old,
        subject=one_line(subject) if subject is not None else old.subject,
        preheader=one_line(preheader) if preheader is not None else old.preheader,
        intro=one_line(intro) if intro is not None else old.intro,
        stories=_ordered(old, order) if order else old.stories,
    )
    if not edition.subject.strip():
        raise UsageError("--subject: an edition needs a subject; write one")
    with parts.store.write() as db:
        done = _sealed(parts, db, edition, Assembled(row=editions.get(db, old.id)))
        if order and done.changed:
            first = " ".join(story.id for story in edition.stories)
            editions.record_event(db, old.id, _ORDERED, first, parts.clock())
        return done


def _is_automatic(edition: Edition) -> bool:
    """Whether nobody wrote its intro: the newsletter may have spoken another language when it was assembled."""
    return edition.intro in (intro_line(words_for(language), len(edition.stories)) for language in languages())


def _ordered(edition: Edition, order: list[str]) -> tuple[Story, ...]:
    by_id = {story.id: story for story in edition.stories}
    named = list(dict.fromkeys(_named(edition, part, list(by_id)) for part in order))
    return tuple(by_id[story_id] for story_id in [*named, *(i for i in by_id if i not in named)])


def _named(edition: Edition, part: str, ids: list[str]) -> str:
    """The story that is meant: its id, or a part of it that fits no other."""
    near = [part] if part in ids else [story_id for story_id in ids if part.casefold() in story_id.casefold()]
    if len(near) > 1:
        raise UsageError(f"--order: {part}: fits {', '.join(near)}; write more of the one that is meant")
    if not near:
        raise UsageError(f"--order: {part}: not in {edition.id}, which has {', '.join(ids)}")
    return near[0]


def _composed(parts: Parts, db: Connection, selection: Selection, slot: Slot, row: EditionRow | None) -> Edition:
    number = row.edition.number if row else editions.next_number(db, parts.newsletter)
    fresh = _automatic(parts, selection, slot, number)
    if row is None:
        return fresh
    ordered = any(event.kind == _ORDERED for event in editions.events(db, row.edition.id))
    again = Selection(tuple(Chosen(story, 0.0, ()) for story in row.edition.stories))
    return _with_edits(row.edition, fresh, _automatic(parts, again, slot, number), ordered=ordered)


def _automatic(parts: Parts, selection: Selection, slot: Slot, number: int) -> Edition:
    """The edition with nobody's own words in it."""
    subject = None if selection.chosen else parts.letterhead.name  # a week without stories has no headline to take
    intro = intro_line(words_for(parts.letterhead.language), len(selection.chosen))
    return compose(selection, newsletter_id=parts.newsletter, slot=slot, number=number, subject=subject, intro=intro)


def _with_edits(old: Edition, fresh: Edition, automatic: Edition, *, ordered: bool) -> Edition:
    """The fresh edition with what an editor had changed by hand in the old one: words that differ from the automatic
    ones, and the order of the stories that stay (new ones follow)."""
    kept = [story.id for story in old.stories if any(story.id == s.id for s in fresh.stories)]
    return replace(
        fresh,
        subject=fresh.subject if old.subject == automatic.subject else old.subject,
        preheader=fresh.preheader if old.preheader == automatic.preheader else old.preheader,
        intro=fresh.intro if old.intro == automatic.intro or _is_automatic(old) else old.intro,
        stories=_ordered(fresh, kept) if ordered else fresh.stories,
    )
