"""Errors about the people we write to: one tree of their own, since this room knows no other. Pure.

    SubscriberError
    ├── AddressError      not an address that mail can reach; `reason` says why, for the person who typed it
    ├── KeyRingError      the key file is missing a part or malformed
    └── ImportProblem     a CSV file that cannot be imported at all (single bad rows are counted, not raised)

Each message is one line for people: what: value: what is wanted; what to do.
"""

from __future__ import annotations


class SubscriberError(Exception):
    """Something about subscribers is wrong that a person can act on."""


class AddressError(SubscriberError):
    """Not an address that we could write to."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class KeyRingError(SubscriberError):
    """The key file cannot be used. Never contains key material."""


class ImportProblem(SubscriberError):  # noqa: N818 (the file is the problem, no code of ours erred)
    """A file that cannot be imported as a whole: wrong encoding, unknown column, no address column."""
