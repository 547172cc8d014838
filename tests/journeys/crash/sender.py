"""Sending processes that can be killed: one process with the modules loaded forks for each run it is asked for.

Each run is a process of its own that calls the sending verb with a clock as it is told; the clock is what the command
does not let one set. Reads one JSON request a line; answers with the exit code. While a run goes on, a line "kill"
kills it with SIGKILL, "stop" and "go on" send SIGSTOP and SIGCONT, "end" SIGTERM. "stop" is answered with "stopped",
once none of its threads runs any more.
"""

from __future__ import annotations

import json
import os
import select
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Any

from digest import failpoints
from digest.cli.stopping import stop_on_signals
from digest.config import load
from digest.deliver.relay import Timeouts
from digest.errors import DigestError
from digest.verbs.send import Order, send_edition
from digest.wiring import assemble_parts

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "go on": signal.SIGCONT, "end": signal.SIGTERM}
_LOOK_S = 0.002


def serve() -> None:
    requests = FileIO(0)  # unbuffered: a word that has arrived is seen by `select`
    while line := requests.readline():
        if line.decode().strip() in _SIGNALS:
            continue  # too late: that run has ended
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        os.write(1, f"{_attend(child, requests)}\n".encode())


def _attend(child: int, requests: FileIO) -> int:
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if select.select([requests], [], [], _LOOK_S)[0]:
            word = requests.readline().decode().strip()
            os.kill(child, _SIGNALS[word])
            if word == "stop":
                _, status = os.waitpid(child, os.WUNTRACED)
                if not os.WIFSTOPPED(status):
                    return os.waitstatus_to_exitcode(status)
                os.write(1, b"stopped\n")


def _become(request: dict[str, Any]) -> None:
    """Send as requested; does not return."""
    code, told = 1, {}
    try:
        told = _send(**request)
        code = 0
    except DigestError as fault:
        told = {"what": "fault", "reason": str(fault)}
    except BaseException as fault:
        told = {"what": "crash", "reason": repr(fault)}
    Path(request["folder"], "run.json").write_text(json.dumps(told))
    os._exit(code)


def _send(
    *,
    folder: str,
    env: dict[str, str],
    edition: str,
    ahead_s: float,
    lease_s: float,
    failpoint: str | None,
    timeouts: dict[str, float],
) -> dict[str, Any]:
    failpoints.arm(failpoint)
    parts = assemble_parts(load(folder, env))
    ahead = timedelta(seconds=ahead_s)
    relay = replace(parts.relay, timeouts=Timeouts(**timeouts), reconnect_waits=(0.05, 0.1, 0.2))
    delivery = replace(parts.delivery, lease=timedelta(seconds=lease_s))
    parts = replace(parts, clock=lambda: datetime.now(UTC) + ahead, relay=relay, delivery=delivery)
    stop = stop_on_signals() if threading.current_thread() is threading.main_thread() else threading.Event()
    with parts.store:
        run = send_edition(parts, edition, Order(stop=stop, wait=timedelta(0)))
    return {"what": run.what, "reason": run.reason}


if __name__ == "__main__":
    serve()
