"""The hand-over journal: which claimed messages were on the wire, one short record each, beside the ledger.

The ledger is written in groups; between two groups only this file knows. A record is written before the last byte of a
body leaves, and one after its reply: after a `kill -9` the journal and the claims together tell exactly which messages
may have been accepted. The page cache outlives a process but not the machine; so the header names the boot, and a
journal of another boot is believed where it says "ended", not where it says nothing.

    digest-journal 1 <edition> <sender> <boot>
    +<subscriber> <fence>                        the last byte is about to leave
    -<subscriber> <fence> <phase> <code> <enhanced> <text>     what became of it ("-" for None, text escaped)
    =<subscriber> <fence>                        surely refused unread: as if never begun

`replay_lines` is pure; `FileJournal` is the edge.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from digest.deliver.mapped import MappedLog
from digest.errors import StoreError
from digest.model import Claim, Outcome, Phase

Key = tuple[int, int]
"""Subscriber and fence: one claim of one recipient."""

_HEADER = re.compile(r"digest-journal 1 (\S+) (\d+) (\S+)")
_LONGEST_RECORD = 65536
_RECORD = re.compile(r"([+=])(\d+) (\d+)|-(\d+) (\d+) (\w+) (\d{3}|-) ([\d.]+|-) (.*)")


class Journal(Protocol):
    """What the engine tells while it sends. Each call is on record when it returns; raises StoreError."""

    def began(self, claim: Claim) -> None: ...

    def ended(self, claim: Claim, outcome: Outcome) -> None: ...

    def returned(self, claim: Claim) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a journal tells. `begun`: handed over, perhaps, with no reply on record: uncertain.

    `ended`: replies that may not have reached the ledger. `is_whole`: nothing in it is damaged, so that a claim it
    does not mention was surely not begun, provided that the machine has not been restarted since (`boot`).
    """

    edition: str | None = None
    sender: int | None = None
    boot: str | None = None
    begun: frozenset[Key] = frozenset()
    ended: dict[Key, Outcome] = field(default_factory=dict)
    is_whole: bool = False


def replay_lines(lines: Iterable[bytes], wanted: Container[Key] | None = None) -> Replay:
    """Read a journal line by line, of which it has two for each message of a run; about `wanted` claims, or about all.

    Raises nothing of its own: damage ends the reading, and is told by `is_whole`.
    A last line without its end was cut off in mid-write: the process died before that call returned, so the byte that
    it announces never left. It counts all the same where it can be read as a beginning: better held than sent twice.
    """
    records = (line.decode("utf-8", "replace").removesuffix("\n") for line in lines)
    header = _HEADER.fullmatch(next(records, ""))
    if header is None:
        return Replay()
    begun: set[Key] = set()
    ended: dict[Key, Outcome] = {}
    is_whole = True
    for line in records:
        if line.startswith("\0"):
            break  # room for records that were never written
        if line and not _note(line, begun, ended, wanted):
            is_whole = False
            break
    edition, sender, boot = header.groups()
    return Replay(
        edition=edition, sender=int(sender), boot=boot, begun=frozenset(begun), ended=ended, is_whole=is_whole
    )


def _note(line: str, begun: set[Key], ended: dict[Key, Outcome], wanted: Container[Key] | None) -> bool:
    """Take one record in; False when it is none."""
    found = _RECORD.fullmatch(line)
    if found is None:
        return False
    sign, subscriber, fence, *rest = found.groups()
    if sign is not None:
        key = (int(subscriber), int(fence))
        begun.discard(key)
        ended.pop(key, None)
        if sign == "+" and (wanted is None or key in wanted):
            begun.add(key)
        return True
    key, outcome = (int(rest[0]), int(rest[1])), _outcome(*rest[2:])
    if outcome is None:
        return False
    begun.discard(key)
    if wanted is None or key in wanted:
        ended[key] = outcome
    return True


def _outcome(phase: str, code: str, enhanced: str, text: str) -> Outcome | None:
    try:
        words = text.encode("ascii").decode("unicode_escape")
        return Outcome(
            phase=Phase(phase),
            code=None if code == "-" else int(code),
            enhanced=None if enhanced == "-" else enhanced,
            text=words,
        )
    except ValueError:
        return None


def header_record(edition: str, sender: int, boot: str) -> bytes:
    return f"digest-journal 1 {edition} {sender} {boot}\n".encode()


def began_record(claim: Claim) -> bytes:
    return b"+%d %d\n" % (claim.subscriber, claim.fence)


def returned_record(claim: Claim) -> bytes:
    return b"=%d %d\n" % (claim.subscriber, claim.fence)


def ended_record(claim: Claim, outcome: Outcome) -> bytes:
    phase, code, enhanced, text = outcome
    if not (text.isascii() and text.isprintable() and "\\" not in text):
        text = text.encode("unicode_escape").decode("ascii")
    said = "-" if code is None else code
    return f"-{claim.subscriber} {claim.fence} {phase} {said} {enhanced or '-'} {text}\n".encode()


class FileJournal:
    """A journal in a file of this process's own. `boot` is the machine's boot id.

    Raises StoreError when the disk is full or the file exists already: a journal is never written over.
    """

    def __init__(self, path: Path, *, edition: str, sender: int, boot: str) -> None:
        self._path = path
        try:
            self._log = MappedLog(path)
        except OSError as fault:
            raise StoreError(f"{path}: hand-over journal: {fault.strerror}; nothing was sent") from fault
        self._write(header_record(edition, sender, boot))

    def began(self, claim: Claim) -> None:
        self._write(began_record(claim))

    def ended(self, claim: Claim, outcome: Outcome) -> None:
        self._write(ended_record(claim, outcome))

    def returned(self, claim: Claim) -> None:
        self._write(returned_record(claim))

    def close(self, *, remove: bool) -> None:
        """`remove` once every outcome is in the ledger."""
        self._log.close()
        if remove:
            self._path.unlink(missing_ok=True)

    def _write(self, record: bytes) -> None:
        try:
            self._log.append(record)
        except OSError as fault:
            raise StoreError(f"{self._path}: hand-over journal: {fault.strerror}; free some space") from fault


def read_heading(path: Path) -> Replay:
    """Whose journal this file is, and no more. Raises OSError."""
    with path.open("rb") as file:
        return replay_lines([file.readline(_LONGEST_RECORD)])


def read_journal(path: Path, wanted: Container[Key]) -> Replay:
    """What the journal in this file tells about the wanted claims. Raises OSError."""
    with path.open("rb") as file:
        return replay_lines(iter(partial(file.readline, _LONGEST_RECORD), b""), wanted)


def is_being_written(path: Path) -> bool:
    """Whether the process that writes this journal lives: it must not be replayed then."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def boot_id() -> str:
    """What differs after every start of this machine; "unknown" where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
