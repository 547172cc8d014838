"""The intro line of an edition that nobody wrote one for, in the newsletter's language. Pure."""

from __future__ import annotations

from digest.render.words import Words


def intro_line(words: Words, stories: int) -> str:
    """How many stories there are; the masthead tells how long they take."""
    if not stories:
        return words.say("No stories this week.")
    return words.count("%(n)s story this week.", "%(n)s stories this week.", stories)
