"""Mapped logs: records appended to a file through memory. Edge; used by `journal`.

A record stored in a mapped page belongs to the file at once: it outlives this process, killed in whatever way, as one
written by a system call does, and costs a tenth. Room is made ahead, so that a full disk is told before a record is
owed. Behind the records the file is filled up with NUL until it is closed.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from pathlib import Path

ROOM_BYTES = 1024 * 1024
"""What is made ready at once: enough for some ten thousand messages. No record may be as long as half of it."""


class MappedLog:
    """A new file of this process's own, locked for as long as it is open. Raises OSError, also when it exists."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)  # free at once: the file is new
        self._base = 0
        self._at = 0  # where the next record goes, from `_base`
        try:
            self._room = self._mapped(0)
        except BaseException:
            os.close(self._fd)
            raise

    def append(self, record: bytes) -> None:
        """`record` is in the file when this returns. Raises OSError when there is no room for it, and stores nothing.

        Its first byte is stored last: whoever dies in between leaves NUL there, and so no record.
        """
        at, end = self._at, self._at + len(record)
        if end > ROOM_BYTES:
            at, end = self._make_room(len(record))
        room = self._room
        room[at + 1 : end] = record[1:]
        room[at] = record[0]
        self._at = end

    def close(self) -> None:
        self._room.close()
        os.ftruncate(self._fd, self._base + self._at)
        os.close(self._fd)

    def _make_room(self, wanted: int) -> tuple[int, int]:
        """Map the next part of the file, from the page that is being filled; returns where a record begins and ends."""
        skipped = self._at // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
        room = self._mapped(self._base + skipped)
        self._room.close()
        self._room, self._base, self._at = room, self._base + skipped, self._at - skipped
        return self._at, self._at + wanted

    def _mapped(self, base: int) -> mmap.mmap:
        size = os.fstat(self._fd).st_size
        missing = bytes(base + ROOM_BYTES - size)
        # Written, not only stretched: a page without a place on the disk would kill us when it is stored to.
        if os.pwrite(self._fd, missing, size) != len(missing):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return mmap.mmap(self._fd, ROOM_BYTES, offset=base)
