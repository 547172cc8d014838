"""A log written through memory: what it holds while it is open, after a kill, and when the disk is full."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from digest.deliver.mapped import ROOM_BYTES, MappedLog

RECORD = b"+123 4\n"

KILLED = """
import os, signal, sys
from pathlib import Path
from digest.deliver.mapped import MappedLog
log = MappedLog(Path(sys.argv[1]))
for _ in range(1000):
    log.append(b"+123 4\\n")
os.kill(os.getpid(), signal.SIGKILL)
"""

FULL = """
import resource, sys
from pathlib import Path
from digest.deliver.mapped import ROOM_BYTES, MappedLog
resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES + 4096,) * 2)  # no file may grow further, as on a full disk
log = MappedLog(Path(sys.argv[1]))
written = 0
try:
    while True:
        log.append(b"+123 4\\n")
        written += 1
except OSError:
    log.close()
    print(written)
"""


def run(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_record_is_in_the_file_when_the_call_returns(tmp_path: Path) -> None:
    log = MappedLog(tmp_path / "log")
    log.append(RECORD)

    seen = (tmp_path / "log").read_bytes()
    log.close()

    assert seen.rstrip(b"\0") == RECORD
    assert (tmp_path / "log").read_bytes() == RECORD


def test_records_go_on_where_the_room_ends(tmp_path: Path) -> None:
    records = [b"-%d %b\n" % (number, b"x" * (number % 301)) for number in range(20_000)]
    log = MappedLog(tmp_path / "log")
    for record in records:
        log.append(record)
    seen = (tmp_path / "log").read_bytes()
    log.close()

    assert sum(map(len, records)) > 2 * ROOM_BYTES
    assert seen.rstrip(b"\0") == (tmp_path / "log").read_bytes() == b"".join(records)


def test_what_was_appended_outlives_a_killed_process(tmp_path: Path) -> None:
    done = run(KILLED, tmp_path / "log")

    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "log").read_bytes().rstrip(b"\0") == RECORD * 1000


def test_on_a_full_disk_it_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    done = run(FULL, tmp_path / "log")

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= ROOM_BYTES // len(RECORD) - 1
    assert (tmp_path / "log").read_bytes() == RECORD * int(done.stdout)


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"mine")

    with pytest.raises(FileExistsError):
        MappedLog(tmp_path / "log")
    assert (tmp_path / "log").read_bytes() == b"mine"
