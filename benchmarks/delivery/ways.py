"""The ways of sending that are measured side by side, each as a command line. Benchmarks only."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.delivery.engines import ENGINES, Engine
from benchmarks.delivery.libraries import fixed_bytes
from benchmarks.delivery.newsletter import Newsletter, letter_template, make_newsletter
from benchmarks.delivery.sink import HERE, cache

SMTP_SOURCE = ("smtp-source", "/usr/sbin/smtp-source")
SIGNERS = (("none", "no DKIM", 20_000), ("ed25519", "Ed25519", 10_000), ("rsa", "RSA-2048", 3000))
_NPM_S = 120
_FAR_S = 4
_MOST_FAR = 5000


@dataclass(slots=True)
class Bench:
    """What all runs share: a folder that lasts as long as the benchmark, and what was found missing."""

    folder: Path
    audiences: dict[int, Newsletter] = field(default_factory=dict)
    runs: int = 0

    def audience(self, readers: int) -> Newsletter:
        """A newsletter of its own for one run, copied from one that was made once."""
        if readers not in self.audiences:
            self.audiences[readers] = make_newsletter(self.folder / f"readers-{readers}", readers)
        self.runs += 1
        return self.audiences[readers].copied(self.folder / f"run-{self.runs}")


Command = Callable[[Bench, int, int], list[str]]
"""bench, port, messages → command line."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of sending. `messages` is how many a full run takes without a delay: enough that the start of a run does
    not count. Over a slow line it takes as many as its `lanes`, with `round_trips` each, can bring through in some
    seconds.

    `why_not` says why it cannot be measured here; empty when it can. `tells` is False for programs that do not
    measure themselves: their whole process is measured.
    """

    name: str
    title: str
    command: Command
    messages: int
    connections: int = 10
    window: int = 1
    round_trips: float = 4
    chunking: bool = True
    tells: bool = True
    at_delays: bool = True
    why_not: Callable[[], str] = lambda: ""

    @cached_property
    def missing(self) -> str:
        return self.why_not()

    @property
    def lanes(self) -> int:
        """How many messages can be under way at once."""
        return self.connections * self.window

    def count(self, delay_us: int, share: float) -> int:
        """How many messages a run sends; `share` of the full number."""
        if not delay_us:
            return max(20, 3 * self.lanes, int(self.messages * share))
        seconds = _FAR_S if share >= 0.1 else _FAR_S / 4
        return min(max(3 * self.lanes, int(seconds * 1e6 * self.lanes / (self.round_trips * delay_us))), _MOST_FAR)


def _python(module: str, **order: Any) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.delivery.{module}", json.dumps(order)]


# ── ours ─────────────────────────────────────────────────────────────────────────────────────────


def _own(each: Engine) -> list[Way]:
    def shared(name: str, title: str, command: Command, messages: int, *, at_delays: bool = True) -> Way:
        return Way(
            name=f"{each.name}-{name}",
            title=f"digest, {each.title}: {title}",
            command=command,
            messages=messages if each.has_journal else 1000,
            connections=each.connections,
            window=each.window,
            round_trips=each.round_trips,
            chunking=each.chunking,
            at_delays=at_delays,
            why_not=lambda: "" if each.is_here else "this engine is not there yet",
        )

    def fixed(_bench: Bench, port: int, messages: int) -> list[str]:
        return _python("own", engine=each.name, port=port, messages=messages)

    def ledger(signers: str) -> Command:
        return lambda bench, port, messages: own_command(bench.audience(messages), port, each.name, signers)

    ways = [shared("fixed", "fixed bytes, no ledger", fixed, 10_000, at_delays=False)]
    for signers, words, messages in SIGNERS:
        at_delays = signers == "none"
        ways.append(shared(signers, words, ledger(signers), messages, at_delays=at_delays))
    return ways


def own_command(newsletter: Newsletter, port: int, engine: str, signers: str, **more: Any) -> list[str]:
    """One run of ours over a whole audience."""
    return _python(
        "own", engine=engine, port=port, workspace=str(newsletter.folder), edition=newsletter.edition,
        url=newsletter.url, signers=signers, **more,
    )  # fmt: skip


# ── others ───────────────────────────────────────────────────────────────────────────────────────


def _smtp_source(bench: Bench, port: int, messages: int) -> list[str]:
    letter = bench.folder / "letter.eml"
    # It adds line ends and dots itself.
    letter.write_bytes(fixed_bytes().replace(b"\r\n", b"\n"))
    line = f"-d -s 10 -m {messages} -f news@example.org -t reader@example.net -M sender.example.org -F {letter}"
    return [_smtp_source_path(), *line.split(), f"inet:127.0.0.1:{port}"]


def _smtp_source_path() -> str:
    return next((found for name in SMTP_SOURCE if (found := shutil.which(name))), "")


def _library(way: str, connections: int) -> Command:
    return lambda _bench, port, messages: _python(
        "libraries", way=way, port=port, messages=messages, connections=connections
    )


def _nodemailer(how: str) -> Command:
    def command(bench: Bench, port: int, messages: int) -> list[str]:
        letter, raw = bench.folder / "letter.json", bench.folder / "letter.raw"
        letter.write_text(json.dumps(letter_template()), encoding="utf-8")
        raw.write_bytes(fixed_bytes())
        order = {"module": str(_nodemailer_folder()), "port": port, "messages": messages, "connections": 10, "how": how}
        order |= {"letter": str(letter), "raw": str(raw)}
        if how == "signed":
            order["key"] = str(bench.audience(20).folder / "keys" / "dkim-rsa.pem")
        return ["node", str(HERE / "nodemailer.mjs"), json.dumps(order)]

    return command


def _nodemailer_folder() -> Path:
    return cache() / "nodemailer"


def _no_nodemailer() -> str:
    """Installs it when it is not there; why that failed."""
    folder = _nodemailer_folder()
    if shutil.which("node") is None:
        return "no node: install Node.js"
    if (folder / "node_modules" / "nodemailer").is_dir():
        return ""
    if shutil.which("npm") is None:
        return "no npm: install it"
    folder.mkdir(exist_ok=True)
    try:
        done = subprocess.run(
            ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--silent", "nodemailer"],
            capture_output=True, text=True, timeout=_NPM_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"npm install nodemailer took longer than {_NPM_S} s: is there a network?"
    said = (done.stderr or done.stdout).strip().splitlines()
    return f"npm install nodemailer failed: {said[0] if said else done.returncode}" if done.returncode else ""


OTHERS = (
    Way(
        name="smtp-source",
        title="smtp-source (C), fixed bytes, 10",
        command=_smtp_source,
        messages=20_000,
        tells=False,
        why_not=lambda: "" if _smtp_source_path() else "no smtp-source: apt-get install postfix",
    ),
    Way(
        name="nodemailer-fixed",
        title="nodemailer pool, fixed bytes, 10",
        command=_nodemailer("fixed"),
        messages=1000,
        why_not=_no_nodemailer,
    ),
    Way(
        name="nodemailer-built",
        title="nodemailer pool, built, 10",
        command=_nodemailer("built"),
        messages=400,
        at_delays=False,
        why_not=_no_nodemailer,
    ),
    Way(
        name="nodemailer-signed",
        title="nodemailer pool, built, RSA-2048, 10",
        command=_nodemailer("signed"),
        messages=300,
        at_delays=False,
        why_not=_no_nodemailer,
    ),
    Way(name="smtplib", title="smtplib, fixed bytes, 1", command=_library("smtplib", 1), messages=1000, connections=1),
    Way(
        name="aiosmtplib-reused",
        title="aiosmtplib reused, fixed bytes, 10",
        command=_library("aiosmtplib-reused", 10),
        messages=500,
    ),
    Way(
        name="aiosmtplib-send",
        title="aiosmtplib.send(EmailMessage), 10",
        command=_library("aiosmtplib-send", 10),
        messages=200,
        round_trips=7,
    ),
)

WAYS = (*OTHERS[:1], *(way for each in ENGINES for way in _own(each)), *OTHERS[1:])
