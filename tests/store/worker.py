"""A sending process for the tests, run as `python -m tests.store.worker URL EDITION`: claims, "sends", settles.

To send is to say the subscriber's number: what the parent has read left this process, whatever became of it.
"""

from __future__ import annotations

import sys

from digest.model import RecipientState
from digest.store import Store, ledger, open_store, senders
from tests.store.samples import LEASE, NOW, settlement

GROUP = 4


def work(store: Store, edition: str) -> None:
    """Recover what the dead have left, then send until nothing is left to claim."""
    me = senders.register(store, NOW)
    gone = senders.dead(store)
    with store.write() as db:
        ledger.recover(db, edition, gone, NOW, resend_once=False)
    say("ready")
    sys.stdin.readline()  # the start signal, so that several begin together
    while True:
        with store.write() as db:
            claims = ledger.claim(db, edition, sender=me.id, limit=GROUP, now=NOW, lease=LEASE)
        if not claims:
            break
        for claim in claims:
            say(str(claim.subscriber))
        with store.write() as db:
            ledger.settle(db, [settlement(claim, RecipientState.SENT) for claim in claims], NOW)
    me.finish(NOW)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    url, edition_id = sys.argv[1:]
    with open_store(url) as opened:
        work(opened, edition_id)
