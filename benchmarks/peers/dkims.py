"""DKIM, judged by others: dkimpy, and OpenDKIM with a name server of our own that knows nothing but our keys."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dkim

from digest.config import Loaded
from digest.deliver.dkim import dns_record

_TXT, _IN = 16, 1


@dataclass(frozen=True)
class Keys:
    """The TXT records that would stand in DNS, by name."""

    records: dict[str, bytes]

    @classmethod
    def of(cls, loaded: Loaded, workspace: Path) -> Keys:
        return cls(
            {
                f"{entry.selector}._domainkey.{entry.domain}".lower(): _unquoted(
                    dns_record((workspace / entry.key_file).read_bytes())
                )
                for entry in loaded.settings.dkim
            }
        )

    def find(self, name: bytes | str, timeout: int = 5) -> bytes | None:
        text = name.decode() if isinstance(name, bytes) else name
        return self.records.get(text.rstrip(".").lower())


def _unquoted(record: str) -> bytes:
    return record.replace('" "', "").strip('"').encode()


def verified_by_dkimpy(mails: list[bytes], keys: Keys) -> list[str]:
    signatures, bad = 0, 0
    for mail in mails:
        judged = dkim.DKIM(mail)
        for at in range(len(keys.records)):
            signatures += 1
            bad += not judged.verify(at, dnsfunc=keys.find)
    print(f"dkimpy       {signatures:,} signatures of {len(mails):,} mails, {bad} do not verify")
    return [f"dkimpy: {bad} of {signatures} signatures do not verify"] if bad else []


def verified_by_opendkim(mails: list[bytes], keys: Keys) -> list[str]:
    """opendkim-testmsg asks DNS: so it runs where /etc/resolv.conf names our server. Silence is its praise."""
    missing = next((name for name in ("opendkim-testmsg", "unshare") if shutil.which(name) is None), None)
    if missing or os.geteuid() != 0:
        print(f"opendkim     {missing or 'root'} is wanted: left out")
        return []
    with tempfile.TemporaryDirectory() as folder, _name_server(keys) as asked:
        resolver = Path(folder, "resolv.conf")
        resolver.write_text("nameserver 127.0.0.53\noptions timeout:2 attempts:1\n")
        script = f"mount --bind {resolver} /etc/resolv.conf && exec opendkim-testmsg"
        complaints = [said for mail in mails if (said := _in_own_world(script, mail))]
        on_forged = _in_own_world(script, mails[0] + b"one line more\r\n")
    print(f"opendkim     {len(mails):,} mails, {len(complaints)} complaints, {len(asked)} keys looked up; "
          f"one with a line added: {on_forged or 'no complaint'}")  # fmt: skip
    faults = [f"opendkim: {complaints[0]}"] if complaints else []
    return faults if asked and on_forged else [*faults, "opendkim: it verified nothing"]


def _in_own_world(script: str, mail: bytes) -> str:
    """What it complains about; "" for nothing."""
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], input=mail, capture_output=True, timeout=60)
    return (done.stdout + done.stderr).decode().strip() or (f"exit code {done.returncode}" if done.returncode else "")


@contextmanager
def _name_server(keys: Keys) -> Iterator[list[str]]:
    """Answers TXT questions on 127.0.0.53:53; yields the names that it had an answer for."""
    answered: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.53", 53))
        server.settimeout(0.1)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    question, whom = server.recvfrom(4096)
                except TimeoutError:
                    continue
                server.sendto(_answer(question, keys, answered), whom)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield answered
        finally:
            stop.set()
            thread.join()


def _answer(question: bytes, keys: Keys, answered: list[str]) -> bytes:
    """RFC 1035: the question again, and one TXT record, or "no such name"."""
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode())
        at += 1 + question[at]
    asked, name = question[12 : at + 5], ".".join(labels)
    record = keys.find(name)
    if record is None:
        return question[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + asked
    answered.append(name)
    strings = b"".join(bytes([len(piece)]) + piece for piece in _pieces(record))
    head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
    return head + asked + struct.pack(">HHHIH", 0xC00C, _TXT, _IN, 60, len(strings)) + strings


def _pieces(record: bytes) -> list[bytes]:
    return [record[at : at + 255] for at in range(0, len(record), 255)]
