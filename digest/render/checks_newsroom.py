"""What the newsroom noticed about a story, as findings of a check: warnings always, and nothing for readers. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from digest.model import Story
from digest.newsroom.telling.findings import Finding as Noticed
from digest.newsroom.telling.risks import absolute, relative
from digest.render.findings import Finding

FIXES = {
    "numbers": "see which number is right, and say whose it is",
    "relative risk": "look for the absolute numbers, and tell them first",
    "costs": "say what it costs, or that nobody says",
    "harms": "say what harm was seen, or that none was looked for",
    "alternatives": "say what else there is",
    "independent view": "look for somebody who had no part in it",
    "conflicts": "look up who paid, and write it into evidence: funding, conflicts",
    "funding": "see that the evidence names it",
    "conflicts told": "see that the evidence names it",
    "press-release wording": "say it in plain words",
    "disease-mongering": "say how many people it concerns",
    "press release": "label it: evidence: {study_type: press release}",
    "not in people": "say in the headline that it was animals or cells",
    "cause": "say in the headline that it goes together, not that it causes",
}
"""What to do about each rule of the newsroom."""

_OF_MACHINES = "compare the words with the articles they are from"
_OTHERS = "see whether readers should know"


def risk_findings(story: Story) -> Iterator[Finding]:
    """A story that tells readers how much less, and not how many of how many; an editor's own story too."""
    told = [story.headline, story.summary or "", *(point.text for point in story.key_points), story.body or ""]
    found = next((words for text in told for words in relative(text)), None)
    if found and not any(map(absolute, told)):
        message = f"“{found}”: only the relative risk is told"
        yield Finding(
            rule="relative risk", severity="warning", message=message, fix=FIXES["relative risk"], story=story.id
        )


def noticed(story: Story, finding: Noticed) -> Finding:
    """The finding with the story's id, under its own rule."""
    return Finding(
        rule=finding.rule,
        severity="warning",
        message=finding.message,
        fix=FIXES.get(finding.rule) or (_OF_MACHINES if finding.rule.startswith("machine") else _OTHERS),
        story=story.id,
    )
