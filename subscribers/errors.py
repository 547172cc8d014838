"""Errors about the people we write to: one tree of their own, since this room knows no other. Pure.

    SubscriberError
    ├── AddressError      not an address that mail can reach; `reason` says why, for the person who typed it
    ├── DetailError       a name, language, time zone or topic that cannot be used; `reason` says why
    ├── KeyRingError      the key file is missing a part or malformed
    └── ImportProblem     a CSV file that cannot be imported at all (single bad rows are counted, not raised)

Each message is one line for people: what: value: what is wanted; what to do.
"""

from __future__ import annotations


class SubscriberError(Exception):
    """Something about subscribers is wrong that a person can act on."""


class AddressError(SubscriberError):
    """Not an address that we could write to."""

    def __init__(self, reason: str, text: str = "") -> None:
        self.reason = reason
        # An address can be megabytes of anything: only a short, printable piece of it may come back in a message.
        super().__init__(f"address: {shorten(text)!r}: {reason}" if text else f"address: {reason}")


class DetailError(SubscriberError):
    """What a subscriber said about themselves cannot be used."""

    def __init__(self, field: str, text: str, reason: str) -> None:
        self.reason = f"{field} {shorten(text)!r}: {reason}"
        super().__init__(self.reason)


class KeyRingError(SubscriberError):
    """The key file cannot be used. Never contains key material."""


class ImportProblem(SubscriberError):  # noqa: N818 (the file is the problem, no code of ours erred)
    """A file that cannot be imported as a whole: wrong encoding, unknown column, no address column."""


def shorten(text: str, limit: int = 80) -> str:
    """At most `limit` characters of what somebody typed, for a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
