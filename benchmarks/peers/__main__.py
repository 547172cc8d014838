"""Real peers: an edition goes through programs that others wrote, and what arrives is compared with what was sealed.

    python -m benchmarks.peers --readers 200        # or: make peers

Postfix (Debian's) as the relay, as the final store (Maildir) and as the hop before another server; smtp-sink in its
stricter moods; DKIM verified by dkimpy and by OpenDKIM; every mail parsed by the standard library; SpamAssassin's word.
What is not installed is named and left out. Exit code 1 when anything arrived otherwise than it was meant.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.peers.postfix import through_postfix
from benchmarks.peers.sink import through_sink


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--readers", type=int, default=200)
    readers = given.parse_args().readers
    folder = Path(tempfile.mkdtemp(prefix="digest-peers-"))
    folder.chmod(0o755)  # Postfix's own users must come this far
    try:
        faults = [*through_postfix(folder, readers), *through_sink(folder)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for fault in faults:
        print(f"FAULT        {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
