"""A process that sends and can be killed: `python sender.py PORT JOURNAL COUNT CONNECTIONS WINDOW`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from digest.deliver.engine import deliver
from digest.deliver.journal import FileJournal, boot_id
from digest.deliver.relay import Relay
from tests.deliver.lists import PATIENT, ListDesk, many


def main() -> None:
    port, journal_file, count, connections, window = sys.argv[1:]
    relay = Relay(host="127.0.0.1", port=int(port), security="none", timeouts=PATIENT, local_hostname="a.example.com")
    journal = FileJournal(Path(journal_file), edition="weekly-2026-11-23", sender=1, boot=boot_id())
    deliver(
        ListDesk(many(int(count))),
        relay,
        connections=int(connections),
        stop=threading.Event(),
        journal=journal,
        window=int(window),
    )


if __name__ == "__main__":
    main()
