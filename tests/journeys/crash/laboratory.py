"""Where sending is killed on purpose, and its books are compared with what the server really accepted."""

from __future__ import annotations

import json
import re
import select
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select as rows_where

from digest.model import EditionState, RecipientState, Totals
from digest.store import ledger
from digest.store import tables as t
from digest.verbs import control, due, people
from subscribers.tables import subscriber
from tests.journeys.stage import LONGEST_S, REPOSITORY, Workspace, copy, environment, run, until
from tests.smtpd import SmtpServer

CONNECTIONS = 4
TIMEOUTS = dict.fromkeys(("connect", "greeting", "ehlo", "mail", "rcpt", "data", "body", "dot", "reset"), 5.0)
RETRY_S = 4 * 3600 + 60  # the longest wait before a next attempt, and a little
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Forks:
    """Runs of the sending verb as processes, quickly made: see sender.py."""

    def __init__(self) -> None:
        self.is_busy = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.crash.sender"],
            cwd=REPOSITORY,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def start(self, **request: Any) -> None:
        self.is_busy = True
        self.say(json.dumps(request))

    def say(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word.encode() + b"\n")

    def ended(self, within_s: float = LONGEST_S) -> int | None:
        """The exit code, as soon as there is one; None when there is none within that time."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], within_s)[0]:
            return None
        self.is_busy = False
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """Have the run stand still; a signal alone is not felt at once by all its threads."""
        self.say("stop")
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"stopped\n", "the run has ended"

    def end(self) -> None:
        """Kill the run that a failed test left behind."""
        if self.is_busy:
            self.say("kill")
            self.ended()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@dataclass
class Trial:
    """One edition on its way to its readers, through kills and faults."""

    workspace: Workspace
    forks: Forks
    server: SmtpServer
    edition: str
    env: dict[str, str]
    ahead_s: float = 0
    kills: int = 0
    lease_s: float = 1200
    timeouts: dict[str, float] = field(default_factory=lambda: dict(TIMEOUTS))

    def start(self, failpoint: str | None = None) -> None:
        self.forks.start(
            folder=str(self.workspace.folder),
            env=self.env,
            edition=self.edition,
            ahead_s=self.ahead_s,
            lease_s=self.lease_s,
            failpoint=failpoint,
            timeouts=self.timeouts,
        )

    def said(self) -> dict[str, Any]:
        """What the last run that came to its end said."""
        told: dict[str, Any] = json.loads((self.workspace.folder / "run.json").read_text())
        return told

    def tell(self, word: str) -> None:
        """A signal to the run that is under way: kill, end, go on."""
        self.forks.say(word)

    def run(self, failpoint: str | None = None) -> int:
        """Send until the process ends; -9 when it was killed at the fail-point."""
        self.start(failpoint)
        code = self.forks.ended()
        assert code is not None, "a run that does not end"
        self.kills += code == -9
        assert code == -9 or self.said()["what"] != "crash", self.said()
        return code

    def run_and_kill(self, accepted: int) -> bool:
        """Send, and kill as soon as so many more messages are accepted. False when the run ended before."""
        goal = len(self.server.accepted) + accepted
        self.start()
        codes: list[int | None] = []

        def has_come() -> bool:
            codes.append(self.forks.ended(within_s=0.001))
            return codes[-1] is not None or len(self.server.accepted) >= goal

        until(has_come, f"{goal} accepted messages")
        code = codes[-1]
        if code is None:
            self.tell("kill")
            code = self.forks.ended()
        self.kills += code == -9
        return code == -9

    def finish(self, rounds: int = 60) -> int:
        """Send again and again, each time later, until the edition is closed; returns how often."""
        for number in range(1, rounds + 1):
            self.run()
            if self.resume_if_paused() is EditionState.SENT:
                return number
            self.ahead_s += RETRY_S
        raise AssertionError(f"not closed after {rounds} rounds: {self.said()}")

    def resume_if_paused(self) -> EditionState:
        """What a person would do after a look; returns the state before."""
        with self.workspace.parts() as parts:
            row = due.find(parts, self.edition)
            if row.state is EditionState.PAUSED:
                control.resume(parts, row, "test")
            return row.state

    def books(self) -> Books:
        with self.workspace.parts() as parts, parts.store.read() as db:
            r, s = t.recipient.c, subscriber.c
            found = rows_where(s.address, r.state, r.resent, r.attempt).join_from(
                t.recipient, subscriber, r.subscriber == s.id
            )
            rows = {row.address: Row(row.state, row.resent, row.attempt) for row in db.execute(found)}
            return Books(ledger.totals(db, self.edition), rows, _names(self.server), _strange(self.server))


@dataclass(frozen=True)
class Row:
    state: str
    resent: int
    attempt: int

    @property
    def is_listed(self) -> bool:
        """A person is told that this one may have got none, or two."""
        return self.state == RecipientState.UNCERTAIN or self.resent > 0


@dataclass(frozen=True)
class Books:
    """The ledger beside the truth: for each address the Message-IDs that the server accepted. `strange`: who got
    anything but a whole message made out to him."""

    totals: Totals
    rows: dict[str, Row]
    got: dict[str, list[str]]
    strange: list[str]

    @property
    def lost(self) -> list[str]:
        """Called sent, and never accepted."""
        return [who for who, row in self.rows.items() if row.state == RecipientState.SENT and who not in self.got]

    @property
    def twice(self) -> list[str]:
        return [who for who, names in self.got.items() if len(names) > 1]

    @property
    def listed(self) -> list[str]:
        return [who for who, row in self.rows.items() if row.is_listed]

    def broken(self, *, readers: int, policy: str, in_doubt: int) -> list[str]:
        """How the promise was broken; nothing, as a rule. `in_doubt` messages at most may be listed."""
        faults = []
        if self.lost:
            faults.append(f"lost: {self.lost[:5]}")
        if unlisted := set(self.twice) - set(self.listed):
            faults.append(f"twice and not listed: {sorted(unlisted)[:5]}")
        if policy == "hold" and self.twice:
            faults.append(f"twice, though held: {self.twice[:5]}")
        if any(len(names) > 2 for names in self.got.values()):
            faults.append("somebody got three")
        if changed := [who for who, names in self.got.items() if len(set(names)) > 1]:
            faults.append(f"two Message-IDs: {changed[:5]}")
        if self.strange:
            faults.append(f"not a whole message of their own: {self.strange[:5]}")
        if secret := [who for who in self.got if not self._may_have(who)]:
            faults.append(f"accepted, though the ledger says no: {secret[:5]}")
        if len(self.listed) > in_doubt:
            faults.append(f"{len(self.listed)} listed, more than the {in_doubt} that were in doubt")
        if self.totals.planned != readers or not self.totals.adds_up or len(self.rows) != readers:
            faults.append(f"the books do not add up: {self.totals}")
        if self.totals.pending or self.totals.deferred:
            faults.append(f"not closed: {self.totals}")
        return faults

    def _may_have(self, who: str) -> bool:
        row = self.rows.get(who)
        return row is not None and (row.state == RecipientState.SENT or row.is_listed)


def _subscribe(workspace: Workspace, readers: int) -> None:
    """Each at a provider of his own: one who is asked to come later must not slow the others down."""
    file = workspace.folder / "people.csv"
    names = [f"reader{number:04}@mail{number}.example.com" for number in range(readers)]
    file.write_text("email,name\n" + "".join(f"{name},Reader\n" for name in names))
    with workspace.parts() as parts:
        people.import_file(
            parts, file, mapping={}, encoding=None, confirmed=True, dry_run=False, progress=lambda rows: None
        )


def _names(server: SmtpServer) -> dict[str, list[str]]:
    got: dict[str, list[str]] = {}
    for message in server.accepted:
        found = _MESSAGE_ID.search(message.data)
        for who in message.rcpt_to:
            got.setdefault(who, []).append(found[1].decode() if found else "")
    return got


def _strange(server: SmtpServer) -> list[str]:
    return [who for message in server.accepted for who in message.rcpt_to if not _is_own(message.data, who)]


def _is_own(data: bytes, who: str) -> bool:
    head, _, body = data.partition(b"\r\n\r\n")
    to = f"\r\nTo: Reader <{who}>\r\n".encode()
    return head.startswith(b"From: ") and to in head and body.startswith(b"--=_") and body.endswith(b"--\r\n")


class Laboratory:
    """A workspace with an approved edition, copied for each trial."""

    def __init__(self, folder: Path, readers: int, *, initialised: Workspace | None = None) -> None:
        self.readers = readers
        self._folder = folder
        self._numbers = iter(range(1, 1_000_000))
        if initialised is None:
            run("init", "w", cwd=folder)
            initialised = Workspace(folder / "w")
        self._template = copy(initialised, folder / "template")
        self._template.env = {"DIGEST_DKIM": "[]", "DIGEST_NOTIFY__TO": "[]"}
        _subscribe(self._template, readers)
        self._edition = self._template.approved()
        self._forks = Forks()

    @contextmanager
    def trial(
        self,
        server: SmtpServer,
        *,
        policy: str,
        window: int = 1,
        store_url: str | None = None,
        prepare: Callable[[Workspace], None] = lambda workspace: None,
    ) -> Iterator[Trial]:
        """A fresh copy. With `store_url`, an empty database of ours elsewhere, filled in the same way."""
        folder = self._folder / f"trial{next(self._numbers)}"
        mine = copy(self._template, folder)
        mine.env = {
            **self._template.env,
            "DIGEST_DELIVERY__UNCERTAIN": policy,
            "DIGEST_SMTP__PORT": str(server.port),
            "DIGEST_SMTP__CONNECTIONS": str(CONNECTIONS),
            "DIGEST_SMTP__WINDOW": str(window),
            **({"DIGEST_STORE__URL": store_url} if store_url else {}),
        }
        edition = self._edition
        if store_url:
            _subscribe(mine, self.readers)
            edition = mine.approved()
        prepare(mine)
        try:
            yield Trial(mine, self._forks, server, edition, dict(mine.env))
        finally:
            self._forks.end()
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        self._forks.close()


def counted(trials: list[Books]) -> Counter[str]:
    """Figures over many trials."""
    found: Counter[str] = Counter()
    for books in trials:
        found["planned"] += books.totals.planned
        found["sent"] += books.totals.sent
        found["failed"] += books.totals.failed
        found["uncertain"] += books.totals.uncertain
        found["resent"] += sum(row.resent > 0 for row in books.rows.values())
        found["twice"] += len(books.twice)
        found["lost"] += len(books.lost)
    return found
