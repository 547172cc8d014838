"""Checks of what became of a story's papers since: retracted, doubted, corrected, reinstated. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from digest.model import Edition, Story
from digest.newsroom.retractions import Found, Standing, standings
from digest.render.findings import Finding


def retraction_findings(edition: Edition, found: Found) -> Iterator[Finding]:
    """Findings by story. A retraction that the sealed story does not tell yet is an error; all else is for editors."""
    for story in edition.stories:
        for what in standings(story, found):
            yield _unlabelled(edition, story, what) if is_untold(story, what) else _known(story, what)


def is_untold(story: Story, what: Standing) -> bool:
    """Whether readers would take a retracted paper for a good one."""
    return what.status == "retracted" and not story.evidence.retracted


def _unlabelled(edition: Edition, story: Story, what: Standing) -> Finding:
    fix = f"`digest assemble --slot {edition.slot.key} --refresh` labels it Retracted; or drop the story"
    return Finding(
        rule="retraction", severity="error", message=f"{what.told}, and the story does not say so", fix=fix,
        story=story.id,
    )  # fmt: skip


def _known(story: Story, what: Standing) -> Finding:
    if what.status == "retracted":
        message, fix = f"{what.told}: it is labelled Retracted", "tell it as news of the retraction, or drop it"
    elif what.status == "reinstated":
        labelled = " and the story calls it retracted" if story.evidence.retracted else ""
        message, fix = f"{what.told}{labelled}", "see that the story says what holds now"
    else:
        message, fix = what.told, "see that the story says what holds now; readers are shown no label for this"
    return Finding(rule="retraction", severity="warning", message=message, fix=fix, story=story.id)
