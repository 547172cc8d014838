"""Every table of the newsroom, one after the other: `make bench-newsroom DATA=FOLDER`.

    python -m benchmarks.newsroom.run FOLDER [--only grouping,evidence]

FOLDER holds the labelled collections: clusters/general.jsonl, clusters/health.jsonl, clusters/health_pairs.jsonl
(grouping), studies/medline.txt (study types, the guard), feeds/ (gathering). Each part runs in a process of its own, so
that the memory of one does not count for the next, and tells what it measures and which bars it is held to.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GENERAL, HEALTH, PAIRS = "clusters/general.jsonl", "clusters/health.jsonl", "clusters/health_pairs.jsonl"
MEDLINE, FEEDS = "studies/medline.txt", "feeds"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    title: str
    module: str
    needs: tuple[str, ...]


PARTS = (
    Part("grouping", "Grouping: the shipped scales, and how the work grows", "group_bench", (GENERAL, HEALTH, PAIRS)),
    Part("unseen", "Grouping on stories not seen before: cross-validation", "calibrate", (GENERAL, HEALTH, PAIRS)),
    Part("evidence", "Study types from title and abstract", "evidence_bench", (MEDLINE,)),
    Part("telling", "Telling: summaries and key points", "telling_bench", (HEALTH, MEDLINE)),
    Part("guard", "The guard over machine writing: lies found, honest texts refused", "guard_bench", (MEDLINE,)),
    Part("gathering", "Gathering: 10,000 articles from 200 feeds", "gather_bench", (FEEDS,)),
)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", help="the folder with the labelled collections")
    arguments.add_argument("--only", default="", help="parts, comma-separated: " + ", ".join(p.name for p in PARTS))
    options = arguments.parse_args()
    wanted = [name for name in options.only.split(",") if name]
    fault = refused(options.data, wanted)
    if fault:
        print(fault, file=sys.stderr)
        return 2
    folder = Path(options.data)
    failed = [part.name for part in PARTS if (not wanted or part.name in wanted) and not _ran(part, folder)]
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def refused(data: str, wanted: Sequence[str]) -> str | None:
    """Why nothing can be measured, or None."""
    known = [part.name for part in PARTS]
    stranger = next((name for name in wanted if name not in known), None)
    if stranger:
        return f"--only: {stranger}: no such part; there are {', '.join(known)}"
    needed = [need for part in PARTS if not wanted or part.name in wanted for need in part.needs]
    lacking = [need for need in dict.fromkeys(needed) if not data or not (Path(data) / need).exists()]
    if lacking:
        return f"DATA: {data or 'not given'}: {', '.join(lacking)} wanted in it; run make bench-newsroom DATA=FOLDER"
    return None


def _ran(part: Part, folder: Path) -> bool:
    print(f"\n━━ {part.title}\n", flush=True)
    command = [sys.executable, "-m", f"benchmarks.newsroom.{part.module}", *(str(folder / need) for need in part.needs)]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
