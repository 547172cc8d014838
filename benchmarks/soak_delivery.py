"""The promise under kills and faults together: 200 weathers, 500 readers each, 30 % of all messages disturbed.

    python -m benchmarks.soak_delivery --seeds 200 --readers 500 --kills 4

In each weather the sending process is killed with SIGKILL again and again, at random numbers of accepted messages and
at random named fail-points, while the server refuses, drops, resets and garbles. Then the edition is sent to its end,
and the ledger is compared with what the server accepted. Exit code 1 when anybody was lost, written to twice without
being listed as uncertain, or the books do not add up.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.journeys.crash.laboratory import CONNECTIONS, Books, Laboratory, counted
from tests.journeys.crash.weather import Weather


def main() -> None:
    given = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="digest-soak-", dir=given.folder))
    laboratory = Laboratory(folder, given.readers)
    try:
        sys.exit(1 if _soak(laboratory, given) else 0)
    finally:
        laboratory.close()
        shutil.rmtree(folder, ignore_errors=True)


def _soak(laboratory: Laboratory, given: argparse.Namespace) -> int:
    """Run all weathers; returns in how many the promise was broken."""
    began, broken = time.monotonic(), 0
    kills, faults, books = 0, Counter[str](), list[Books]()
    for seed in range(given.first, given.first + given.seeds):
        weather = Weather(seed, share=given.faults)
        found = weather.passed_through(laboratory, kills=given.kills)
        kills += found.kills
        faults += found.faults
        books.append(found.books)
        for line in found.broken:
            broken += 1
            print(f"seed {seed}: BROKEN: {line}")
        if given.verbose or found.broken:
            print(f"seed {seed}: {weather.shown}: {found.kills} kills, {sum(found.faults.values())} faults", flush=True)
    _report(counted(books), kills, faults, given, time.monotonic() - began)
    return broken


def _report(figures: Counter[str], kills: int, faults: Counter[str], given: argparse.Namespace, seconds: float) -> None:
    print(f"seeds        {given.seeds} from {given.first}, {given.readers} readers, {CONNECTIONS} connections")
    print(f"kills        {kills:,}; faults {sum(faults.values()):,} of {len(faults)} kinds; {seconds:,.0f} s")
    print(f"planned      {figures['planned']:,} = sent {figures['sent']:,} + failed {figures['failed']:,} "
          f"+ uncertain {figures['uncertain']:,} + cancelled 0")  # fmt: skip
    print(f"losses       {figures['lost']:,}")
    print(f"duplicates   {figures['twice']:,}, all among the {figures['resent']:,} that were uncertain and sent again")
    listed = figures["uncertain"] + figures["resent"]
    print(
        f"uncertain    {listed:,} in all ({listed / max(kills, 1):.2f} a kill, those by faults of the server included)"
    )


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--seeds", type=int, default=200)
    given.add_argument("--first", type=int, default=1, help="the first seed")
    given.add_argument("--readers", type=int, default=500)
    given.add_argument("--kills", type=int, default=4, help="kills tried in each weather")
    given.add_argument("--faults", type=float, default=0.3, help="share of messages that meet a fault of the server")
    given.add_argument("--folder", help="where the databases lie (a RAM disk is quicker)")
    given.add_argument("--verbose", action="store_true", help="a line for each seed")
    return given.parse_args()


if __name__ == "__main__":
    main()
