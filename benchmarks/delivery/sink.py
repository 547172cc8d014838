"""The sink from Python: compiled when needed, started, read, stopped. Benchmarks only.

    with Sink(SinkOptions(delay_us=5_000), cpus={1}) as sink:
        ...                            # mail to 127.0.0.1:sink.port
        print(sink.counters().messages)

It is `sink.c`; where there is no C compiler, or TLS is wanted, the same in Python (`sink_asyncio.py`), which is slower.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Literal, Self

HERE = Path(__file__).parent
Kind = Literal["c", "asyncio"]

_DELAY = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s)?")
_US = {None: 1_000, "ms": 1_000, "us": 1, "µs": 1, "s": 1_000_000}
_START_S = 15
_STOP_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkOptions:
    """What the sink offers and how far away it seems to be. `delay_us`: one round trip, in microseconds.
    `clock_from`: the message with which `first_message_ns` is taken.

    `log` gets "recipient<TAB>octets" for each message accepted; `certificate` is a PEM file with chain and key,
    for TLS from the first byte.
    """

    delay_us: int = 0
    size_limit: int = 50 << 20
    clock_from: int = 1
    pipelining: bool = True
    chunking: bool = True
    eight_bit: bool = True
    smtputf8: bool = True
    log: Path | None = None
    certificate: Path | None = None

    def arguments(self) -> list[str]:
        """The command line, the same for both sinks."""
        line = ["-d", str(self.delay_us), "-z", str(self.size_limit), "-w", str(self.clock_from)]
        line += [f"-{flag}" for flag, is_offered in zip("PC8U", self._offered, strict=True) if not is_offered]
        if self.log is not None:
            line += ["-l", str(self.log)]
        if self.certificate is not None:
            line += ["-t", str(self.certificate)]
        return line

    @property
    def _offered(self) -> tuple[bool, bool, bool, bool]:
        return self.pipelining, self.chunking, self.eight_bit, self.smtputf8


@dataclass(frozen=True, slots=True)
class Counters:
    """What the sink has seen. Instants are nanoseconds of the monotonic clock, 0: not yet."""

    messages: int = 0
    octets: int = 0
    connections: int = 0
    refused: int = 0
    dropped: int = 0
    commands: int = 0
    first_connection_ns: int = 0
    first_message_ns: int = 0
    last_message_ns: int = 0

    @property
    def seconds(self) -> float:
        """From the first connection to the last message accepted."""
        return (self.last_message_ns - self.first_connection_ns) / 1e9

    def packed(self) -> bytes:
        return _LAYOUT.pack(*astuple(self))


_LAYOUT = struct.Struct("=9Q")


class Sink:
    """A running sink. `kind` says which one it is; None takes the fastest there is."""

    def __init__(
        self, options: SinkOptions | None = None, *, kind: Kind | None = None, cpus: set[int] | None = None
    ) -> None:
        self.options = options or SinkOptions()
        self._cpus = cpus
        self._folder = Path(tempfile.mkdtemp(prefix="digest-sink-"))
        compiled = None if kind == "asyncio" or self.options.certificate else compiled_sink()
        if kind == "c" and compiled is None:
            raise RuntimeError("sink.c: no C compiler (cc): install one, or use the asyncio sink")
        self.kind: Kind = "asyncio" if compiled is None else "c"
        self._command = (
            [sys.executable, str(HERE / "sink_asyncio.py")] if compiled is None else [str(compiled)]
        ) + self.options.arguments()
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns once it listens, counters at zero."""
        command = [*self._command, "-s", str(self._counters_file)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self._cpus:
            os.sched_setaffinity(self._process.pid, self._cpus)
        assert self._process.stdout is not None
        said = self._process.stdout.readline().split()
        if len(said) != 2 or said[0] != "port":
            self.stop()
            raise RuntimeError(f"{' '.join(command)}: did not start")
        self.port = int(said[1])

    def stop(self) -> None:
        """The log is complete afterwards."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def counters(self) -> Counters:
        """As they stand. Only while it runs."""
        with self._counters_file.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
            return Counters(*_LAYOUT.unpack(view[: _LAYOUT.size]))

    def await_messages(self, count: int, seconds: float) -> Counters:
        """The counters once `count` messages were accepted. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while (seen := self.counters()).messages < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"sink: {seen.messages} messages after {seconds:g} s: {count} are wanted")
            time.sleep(0.002)
        return seen

    @property
    def _counters_file(self) -> Path:
        return self._folder / "counters"


def parse_delay(text: str) -> int:
    """ "5", "5ms", "500us", "0.05s" → microseconds; a bare number is milliseconds. Raises ValueError."""
    found = _DELAY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"delay: {text!r}: a time is wanted; write for example 5ms")
    return round(float(found[1]) * _US[found[2]])


def cache() -> Path:
    """Where compiled and downloaded tools of benchmarks are kept, outside of the repository."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "health-digest-benchmarks"
    base.mkdir(parents=True, exist_ok=True)
    return base


def compiled_sink() -> Path | None:
    """The sink's binary, compiled anew when its source has changed; None without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source = HERE / "sink.c"
    binary = cache() / f"sink-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
    if not binary.exists():
        # Under another name first: somebody else may be starting it at this moment.
        fresh = binary.with_name(f"{binary.name}.{os.getpid()}")
        subprocess.run([compiler, "-O2", "-std=gnu11", "-o", fresh, source], check=True)
        fresh.replace(binary)
    return binary
