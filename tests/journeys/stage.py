"""What every journey stands on: a workspace in a folder and the real command, run as a process of its own.

What a journey is about goes through the command. What it merely needs beforehand (readers, an approved edition) is
put there by the verbs themselves, which is quicker.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from digest.config import load
from digest.verbs import approve, due, people
from digest.verbs.assemble import assemble
from digest.verbs.parts import Parts
from digest.wiring import assemble_parts

COMMAND = Path(sys.executable).with_name("digest")
REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_S = 60.0  # no wait below is longer; each ends as soon as what it waits for is there

_ENDS = ("sent", "failed", "deferred", "pending", "uncertain", "cancelled")


@dataclass(frozen=True)
class Said:
    """What a finished command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*words: str | Path, cwd: Path, env: dict[str, str] | None = None, code: int | None = 0) -> Said:
    """Run `digest` to its end. Whatever happens it must not show a traceback; `code` None takes any exit code."""
    done = subprocess.run(
        [COMMAND, *map(str, words)],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LONGEST_S,
    )
    return _checked(Said(done.returncode, done.stdout.decode(), done.stderr.decode()), code)


def _checked(said: Said, code: int | None) -> Said:
    assert "Traceback" not in said.err, said.err
    assert code is None or said.code == code, f"exit {said.code}, not {code}\n{said.out}\n{said.err}"
    return said


class Preloaded:
    """`run`, quicker: see preloaded.py."""

    def __init__(self, folder: Path) -> None:
        self.out, self.err = folder / "out", folder / "err"
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("preloaded.py")],
            cwd=REPOSITORY,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def __call__(self, *words: str | Path, cwd: Path, env: dict[str, str] | None = None, code: int | None = 0) -> Said:
        request = {"words": [*map(str, words)], "cwd": str(cwd), "env": environment(env)}
        files = {"out": str(self.out), "err": str(self.err)}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request | files).encode() + b"\n")
        assert select.select([self.process.stdout], [], [], LONGEST_S)[0], f"{words}: not done in {LONGEST_S} s"
        answer = int(self.process.stdout.readline())
        return _checked(Said(answer, self.out.read_text(), self.err.read_text()), code)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without any setting of ours, and with `more`.

    Bytecode may be kept, whoever started the tests: compiling all modules anew takes longer than most commands.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | (more or {})


def until(found: Callable[[], Any], what: str, longest_s: float = LONGEST_S) -> Any:
    """Look again and again until `found` finds something; return it."""
    last = time.monotonic() + longest_s
    while time.monotonic() < last:
        if value := found():
            return value
        time.sleep(0.005)
    raise AssertionError(f"not within {longest_s} s: {what}")


@dataclass
class Workspace:
    """A workspace and the settings it is run with, given through the environment as an operator would."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    runner: Callable[..., Said] = run

    def run(self, *words: str | Path, code: int | None = 0, env: dict[str, str] | None = None) -> Said:
        return self.runner(*words, cwd=self.folder, env=self.env | (env or {}), code=code)

    @contextmanager
    def running(self, *words: str | Path, name: str = "") -> Iterator[subprocess.Popen[str]]:
        """The command, running; killed at the end when it still does. It writes to `{name}.out` and `{name}.err`."""
        out, err = self.folder / f"{name or words[0]}.out", self.folder / f"{name or words[0]}.err"
        with out.open("w") as out_file, err.open("w") as err_file:
            process = subprocess.Popen(
                [COMMAND, *map(str, words)],
                cwd=self.folder,
                env=environment(self.env),
                stdin=subprocess.DEVNULL,
                stdout=out_file,
                stderr=err_file,
                text=True,
                process_group=0,  # as a shell starts a command: what is said to the group is not said to the tests
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    def status(self, edition: str | None = None) -> dict[str, Any]:
        """What `digest status --json` says; the books must add up, always."""
        status: dict[str, Any] = self.run("status", *([edition] if edition else []), "--json").json
        assert status["candidates"] == status["planned"] + sum(status["excluded"].values()), status
        assert status["planned"] == sum(status[end] for end in _ENDS), status
        return status

    def recipients(self) -> dict[str, dict[str, Any]]:
        """The ledger's rows by address."""
        lines = self.run("status", "--recipients", "--json").out.splitlines()
        return {row["address"]: row for row in map(json.loads, lines)}

    @contextmanager
    def parts(self, *, earlier: timedelta = timedelta(0)) -> Iterator[Parts]:
        """The parts behind the command, with a clock that is behind by `earlier`."""
        parts = assemble_parts(load(str(self.folder), self.env))
        with parts.store:
            yield replace(parts, clock=lambda: datetime.now(UTC) - earlier)

    def readers(self, count: int, *, since: timedelta = timedelta(0)) -> list[str]:
        """Bring in so many readers, who have been subscribed for so long; returns their addresses."""
        names = [f"reader{number:04}@example.com" for number in range(count)]
        file = self.folder / "readers.csv"
        file.write_text("email,name\n" + "".join(f"{name},Reader\n" for name in names))
        with self.parts(earlier=since) as parts:
            report = people.import_file(
                parts, file, mapping={}, encoding=None, confirmed=True, dry_run=False, progress=lambda rows: None
            )
        assert report.added == count
        return names

    def due_since(self, ago: timedelta) -> None:
        """A newsletter that needs nobody, whose slot was so long ago; it was to be assembled two hours before that."""
        slot = datetime.now(UTC) - ago
        self.env |= {
            "DIGEST_NEWSLETTER__SCHEDULE": f"{slot:%a %H:%M}".lower(),
            "DIGEST_NEWSLETTER__ASSEMBLE": f"{slot - timedelta(hours=2):%a %H:%M}".lower(),
            "DIGEST_NEWSLETTER__TIMEZONE": "UTC",
            "DIGEST_NEWSLETTER__APPROVAL": "auto",
        }

    def approved(self) -> str:
        """Assemble and approve the next edition; returns its id."""
        with self.parts() as parts:
            row = assemble(parts, due.slot_to_assemble(parts)).row
            assert row is not None
            return approve.approve(parts, row, hash_prefix=None, by="test").edition.id


def copy(workspace: Workspace, to: Path) -> Workspace:
    shutil.copytree(workspace.folder, to)
    return replace(workspace, folder=to, env=dict(workspace.env))


def journal(file: Path) -> list[dict[str, Any]]:
    """The whole lines of an SMTP server's journal: what it really accepted."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]
