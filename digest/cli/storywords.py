"""What is known of a story, in plain words for a screen. Door; pure."""

from __future__ import annotations

from digest.model import Story


def evidence_words(story: Story) -> str:
    """The evidence in words, as it was understood; what is not known is left out."""
    e = story.evidence
    words = [str(e.study_type)]
    if e.retracted:
        words.append("retracted")
    if e.preprint:
        words.append("preprint")
    if e.peer_reviewed:
        words.append("peer-reviewed")
    if e.trials:
        words.append(f"{e.trials} trials")
    if e.participants:
        words.append(f"{e.participants.qualifier or ''} {e.participants.value:,} participants".strip())
    if e.publisher:
        words.append(e.publisher)
    return ", ".join(words)


def coverage_words(story: Story) -> str:
    """Who covers it: the outlets we rated, else what a page reported."""
    c = story.coverage
    numbers, unit = (c.counts, "") if c.counts else (c.reported, "%")
    if numbers is None:
        return "not known"
    return f"left {numbers.left}{unit}, center {numbers.center}{unit}, right {numbers.right}{unit}"


def factuality_words(story: Story) -> str:
    """How factual those are who cover it: our own counts, else the word of a page."""
    counts = ", ".join(f"{word} {outlets}" for word, outlets in story.coverage.factuality_counts)
    return counts or story.coverage.factuality or "not known"
