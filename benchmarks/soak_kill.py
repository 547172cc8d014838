"""Kill `digest send` with kill -9, again and again, and compare its ledger with what the relay really accepted.

    python -m benchmarks.soak_kill --readers 1000 --kills 20 --connections 4 --seed 1 --uncertain hold

Exit code 1 when anybody was lost, written to twice without being listed, or the books do not add up.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.journeys.crash.killing import Soak, killed, relay_process
from tests.journeys.stage import Workspace, journal, run


def main() -> None:
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="digest-soak-") as folder:
        run("init", "w", cwd=Path(folder))
        workspace = Workspace(Path(folder) / "w")
        workspace.env = {
            "DIGEST_SMTP__CONNECTIONS": str(given.connections),
            "DIGEST_DELIVERY__UNCERTAIN": given.uncertain,
            **({} if given.signed else {"DIGEST_DKIM": "[]"}),
        }
        workspace.readers(given.readers)
        soak = Soak(workspace, workspace.approved(), Path(folder) / "journal.jsonl")
        began = time.monotonic()
        kills = _kill_until_done(soak, given)
        faults = _compare(soak, given, kills, time.monotonic() - began)
    for fault in faults:
        print(f"FAULT        {fault}")
    sys.exit(1 if faults else 0)


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--readers", type=int, default=1000)
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--connections", type=int, default=4)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--uncertain", choices=["hold", "resend-once"], default="hold")
    given.add_argument("--signed", action="store_true", help="with DKIM signatures, as `digest init` sets them up")
    return given.parse_args()


def _kill_until_done(soak: Soak, given: argparse.Namespace) -> int:
    chance = random.Random(given.seed)
    with relay_process(soak.journal) as port:
        soak.workspace.env["DIGEST_SMTP__PORT"] = str(port)
        # On average the kills are spread over two thirds of the list, so that all of them find somebody left.
        most = max(2, given.readers * 4 // (given.kills * 3))
        kills = sum(killed(soak, chance, most) for _ in range(given.kills))
        soak.workspace.run("send", soak.edition, "--wait", "0s", code=None)
    return kills


def _compare(soak: Soak, given: argparse.Namespace, kills: int, seconds: float) -> list[str]:
    status, rows = soak.workspace.status(soak.edition), soak.workspace.recipients()
    got = Counter(address for record in journal(soak.journal) for address in record["rcpt_to"])
    listed = {address for address, row in rows.items() if row["state"] == "uncertain" or row["attempts"] > 1}
    lost = [address for address, row in rows.items() if address not in got and address not in listed]
    twice = [address for address, count in got.items() if count > 1]
    print(f"kills        {kills} in {seconds:.0f} s, {given.connections} connections, seed {given.seed}")
    print(f"relay        {sum(got.values()):,} accepted, for {len(got):,} readers")
    print(
        f"ledger       planned {status['planned']:,} = sent {status['sent']:,} + uncertain {status['uncertain']:,} "
        f"+ pending {status['pending']:,} + others {status['failed'] + status['deferred'] + status['cancelled']:,}"
    )
    print(f"listed       {len(listed):,} as uncertain or resent, {len(listed) / max(kills, 1):.2f} a kill")
    print(f"             of these, {sum(address in got for address in listed):,} had been accepted by the relay")
    print(f"twice        {len(twice):,}; lost {len(lost):,}")
    faults = []
    if lost:
        faults.append(f"lost: {', '.join(lost[:5])}")
    if set(twice) - listed:
        faults.append(f"twice and not listed: {', '.join(sorted(set(twice) - listed)[:5])}")
    if len(listed) > given.connections * kills:
        faults.append(f"{len(listed)} listed: more than connections x kills = {given.connections * kills}")
    if status["planned"] != given.readers or status["pending"]:
        faults.append(f"the books are not closed: {status}")
    return faults


if __name__ == "__main__":
    main()
