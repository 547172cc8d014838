"""Sending processes and the locks that tell whether they live. Edge: the operating system's or PostgreSQL's locks.

Each process that sends takes a number and holds a lock for as long as it lives. The system frees the lock however the
process ends, `kill -9` included; so a number without a finish and with a free lock belongs to a dead process, and what
it had claimed can be recovered at once, without waiting for a lease.
SQLite: a file lock (flock) on <database>.senders/<number>.lock. PostgreSQL: a session lock on a connection of its own.
"""

from __future__ import annotations

import fcntl
import os
import socket
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import insert, select, text, update

from digest.errors import StoreError
from digest.store import tables as t
from digest.store.known import Known, read_known, write_known
from digest.store.store import Store

_LOCK_CLASS = 0x44494753
"""The first half of our PostgreSQL session locks' keys; the second is the sender's number."""


class Lock(Protocol):
    def held(self) -> bool: ...

    def release(self) -> None: ...


class Sender:
    """This process as a sender: its number `id`, for claims. Call `finish` when it leaves in good order."""

    def __init__(self, store: Store, sender_id: int, lock: Lock) -> None:
        self.id = sender_id
        self._store = store
        self._lock = lock

    def held(self) -> bool:
        """Whether the lock is still ours. Ask with each group of claims: when it is lost (the server restarted), others
        take this process for dead, so it must stop claiming, finish, and register anew."""
        return self._lock.held()

    def finish(self, now: datetime) -> None:
        """Say good-bye: nothing is claimed any more. Rows that still are will count as a dead process's."""
        try:
            with self._store.write() as db:
                db.execute(update(t.sender).where(t.sender.c.id == self.id).values(finished_at=now))
        finally:
            self._lock.release()

    def abandon(self) -> None:
        """Leave without a word, as a process that dies would: whoever comes next finds out what became of its rows."""
        self._lock.release()


def register(store: Store, now: datetime) -> Sender:
    """Take a number and its lock; nobody sees the number before the lock is held. Raises StoreError."""
    lock: Lock | None = None
    try:
        with store.write() as db:
            row = {"host": socket.gethostname(), "pid": os.getpid(), "started_at": now}
            sender_id: int = db.execute(insert(t.sender).values(row).returning(t.sender.c.id)).scalar_one()
            lock = _FileLock(_lock_path(store, sender_id)) if store.senders else _SessionLock(store, sender_id)
    except BaseException:
        if lock:
            lock.release()
        raise
    if store.senders:
        _remember(store, store.senders, sender_id)
    return Sender(store, sender_id, lock)


def dead(store: Store) -> set[int]:
    """The numbers of processes that ended without a good-bye. Raises StoreError."""
    with store.read() as db:
        if store.senders is None:
            return set(db.scalars(_DEAD_SESSIONS, {"lock_class": _LOCK_CLASS}))
        unfinished = list(db.scalars(select(t.sender.c.id).where(t.sender.c.finished_at.is_(None))))
    return {sender_id for sender_id in unfinished if _is_free(_lock_path(store, sender_id))}


# ── SQLite: locks on files ───────────────────────────────────────────────────────────────────────


class _FileLock:
    """An exclusive flock, held until released or until the process is gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise StoreError(f"{path}: cannot be locked ({fault.strerror}): a local disk is wanted") from fault

    def held(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except OSError:
            return False

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def _lock_path(store: Store, sender_id: int) -> Path:
    assert store.senders
    return store.senders / f"{sender_id}.lock"


def _is_free(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        # Shared: two processes that look at the same time must not take each other for the owner.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def _remember(store: Store, folder: Path, sender_id: int) -> None:
    known = read_known(folder)
    if known is None or known.sender < sender_id:
        write_known(folder, Known(store.instance_id, sender_id))


# ── PostgreSQL: session locks ────────────────────────────────────────────────────────────────────

_DEAD_SESSIONS = text(
    """
    SELECT id FROM sender WHERE finished_at IS NULL AND id NOT IN (
        SELECT objid::bigint FROM pg_locks
        WHERE locktype = 'advisory' AND classid = :lock_class AND objsubid = 2 AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    """
)


class _SessionLock:
    """A session advisory lock on a connection that does nothing else."""

    def __init__(self, store: Store, sender_id: int) -> None:
        import psycopg  # late: who stays with SQLite need not wait for it to load

        self._lost = psycopg.Error
        arguments, named = store.engine.dialect.create_connect_args(store.engine.url)
        self._connection = psycopg.connect(*arguments, autocommit=True, **{"connect_timeout": 10, **named})
        # A machine that vanishes says no good-bye: let the server notice within a minute, not after two hours.
        for setting, value in _NOTICE_SOON.items():
            self._connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
        key = (_LOCK_CLASS, sender_id)
        if self._connection.execute("SELECT pg_try_advisory_lock(%s, %s)", key).fetchone() != (True,):
            self._connection.close()
            raise StoreError(
                f"{store.url_shown}: sender {sender_id}: another program holds its lock: use a database alone"
            )

    def held(self) -> bool:
        # The lock lives as long as this session: if it still answers, the lock is ours.
        try:
            return self._connection.execute("SELECT 1").fetchone() == (1,)
        except self._lost:
            return False

    def release(self) -> None:
        self._connection.close()


_NOTICE_SOON = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "idle_session_timeout": "0",
}
