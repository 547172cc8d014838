"""digest story rewrite: a story in a machine's words, asked anew. Door."""

from __future__ import annotations

import click

from digest.cli.app import Door, pass_door
from digest.cli.output import dim, say
from digest.cli.storywords import tell_story
from digest.verbs import overruling, rereading


@click.command("rewrite", short_help="Ask the machine anew about a gathered story.")
@click.argument("story_id", metavar="STORY")
@pass_door
def rewrite_story(door: Door, story_id: str) -> None:
    """Ask the machine that [llm] names anew about a gathered story, and show what may be printed of its answer.

    What the articles do not bear out is refused, and their own sentences stand instead. Your changes stay over it.

    \b
    Example:  digest story rewrite ketamine
    """
    parts = door.parts()
    told = rereading.asked_anew(parts, overruling.find_gathered(parts, story_id).story.id)
    tell_story(told.story)
    for finding in told.findings:
        if finding.rule.startswith("machine"):
            say(f"  {finding.rule}: {finding.message}")
    say(dim("  kept; `digest assemble --refresh` takes it up"))
