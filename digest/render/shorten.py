"""Shortening: a text in at most so many characters, honestly marked where it was cut. Pure."""

from __future__ import annotations


def shorten(text: str, most: int) -> str:
    """At most `most` characters, cut after a sentence where one ends late enough, else between words with "…"."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    head = text[: most - 1]
    sentence = max(head.rfind(end) for end in (". ", "? ", "! ")) + 1
    if sentence > most // 2:
        return head[:sentence]
    return (head[: head.rfind(" ")] if " " in head else head).rstrip(" ,;:–—-") + "…"
