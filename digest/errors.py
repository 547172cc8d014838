"""Our errors: one tree, so that a door can turn each into one line and an exit code. Pure.

    DigestError                     something is wrong that a person can act on
    ├── UsageError          exit 2  the command line asks for what cannot be
    ├── SettingsError       exit 2  digest.toml, the environment or a key file
    ├── InputError          exit 1  a story file, page, CSV or template that cannot be used; knows file and line
    │   └── TemplateError           a template fault, with template file and line
    ├── StoreError          exit 1  the database cannot be opened, is foreign, corrupt, newer, full or busy
    ├── EditionError        exit 1  an edition is not in the state that this asks for
    │   └── HeldError       exit 4  it waits for a person: approval, too late, uncertain rows
    └── RelayError          exit 1  the mail relay refuses us, not a recipient (log-in, TLS, reputation, greeting)

A refused recipient is never an exception: it is an `Outcome` (see model.py).
"""

from __future__ import annotations


class DigestError(Exception):
    """One line for people: `what: value: what is wanted; what to do`."""

    exit_code = 1


class UsageError(DigestError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class SettingsError(DigestError):
    """A setting is missing, unknown, malformed or unsafe."""

    exit_code = 2


class InputError(DigestError):
    """Input that cannot be used; `file` and `line` (from 1) say where, when known."""

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None) -> None:
        self.message = message
        self.file = file
        self.line = line
        place = "" if file is None else f"{file}:{line}: " if line is not None else f"{file}: "
        super().__init__(f"{place}{message}")


class TemplateError(InputError):
    """A fault in a template, or in what it produced."""


class StoreError(DigestError):
    """The database cannot serve us; the message says what to do.

    `kind` lets a run decide what to do next: "busy" and "connection" may pass by themselves, "full" needs space,
    the others need a person. One of: busy full read-only corrupt connection missing foreign newer older other.
    """

    def __init__(self, message: str, *, kind: str = "other") -> None:
        self.kind = kind
        super().__init__(message)


class EditionError(DigestError):
    """The edition is not in a state in which this can be done."""


class HeldError(EditionError):
    """The edition waits for a person."""

    exit_code = 4


class RelayError(DigestError):
    """The mail relay refuses us as a whole; no recipient is to blame.

    `lasting` is True when trying again cannot help before a person acts (bad password, bad certificate).
    """

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        self.lasting = lasting
        super().__init__(message)
