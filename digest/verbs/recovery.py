"""Recovery: what processes that died had claimed is found out from their hand-over journals. Hall.

A journal knows which claimed messages were on the wire, and what the relay said to those that the ledger has not heard
of. So only what was begun and not answered is uncertain; a row that was claimed and not begun is surely unsent. Where a
journal is gone, damaged or from before the machine was started, every claim without an answer is uncertain.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from digest.deliver.journal import Replay, boot_id, is_being_written, read_heading, read_journal
from digest.errors import StoreError
from digest.failpoints import reach
from digest.model import Claim, Outcome, Phase, RecipientState, Settlement
from digest.store import editions, ledger, senders
from digest.verbs.addressing import Addressing, sender_domain
from digest.verbs.desk import Judge, write_down
from digest.verbs.parts import Parts

_NOT_BEGUN = Outcome(phase=Phase.CONNECT, text="the process ended before this message was begun")


def recover(parts: Parts, edition: str) -> int:
    """Take back what dead processes had claimed of this edition; returns how many rows became uncertain or pending."""
    # A database server that was restarted has freed the locks of senders that live on; their journals' locks are held.
    dead = {sender for sender in senders.dead(parts.store) if not is_being_written(journal_of(parts, sender))}
    for sender in dead:
        replay_journal(parts, sender)
        reach("during_recovery")
    again, named = parts.delivery.uncertain == "resend-once", _names(parts, edition)
    with parts.store.write() as db:
        lost = ledger.recover(db, edition, dead, parts.clock(), resend_once=again, message_id=named)
    for sender in dead:
        reach("after_recovery")
        journal_of(parts, sender).unlink(missing_ok=True)
    return lost


def journal_of(parts: Parts, sender: int) -> Path:
    """Where a sending process keeps its journal: beside the locks of a SQLite database, else in the workspace."""
    folder = parts.store.senders or parts.workspace / "digest.senders"
    return folder / f"{sender}.journal"


def replay_journal(parts: Parts, sender: int) -> None:
    """Bring into the ledger what this sender's journal knows. Rows that it leaves in doubt stay claimed."""
    try:
        about = read_heading(journal_of(parts, sender))
        if about.edition is None:
            return
        with parts.store.read() as db:
            row = editions.get(db, about.edition)
            claims = ledger.claims_of(db, about.edition, sender)
        if row is None or not claims:
            return  # all that it says is in the ledger already
        found = read_journal(journal_of(parts, sender), wanted={(c.subscriber, c.fence) for c in claims})
    except FileNotFoundError:
        return
    except OSError as fault:
        raise StoreError(
            f"{journal_of(parts, sender)}: cannot be read: {fault.strerror}; its rows stay claimed"
        ) from None
    named = _names(parts, about.edition)
    claims = [claim._replace(message_id=claim.message_id or named(claim.subscriber)) for claim in claims]
    judge = Judge(parts, row)
    write_down(parts, [s for claim in claims if (s := _settlement(judge, claim, found))])


def _names(parts: Parts, edition: str) -> Callable[[int], str]:
    """The Message-IDs of this edition, as they were sent."""
    with parts.store.read() as db:
        sealed = editions.sealed(db, edition)
    # A draft can be cancelled: it has no sealed bytes, and nobody to be named.
    return Addressing(parts, edition, sender_domain(sealed) if sealed else "").message_id


def _settlement(judge: Judge, claim: Claim, found: Replay) -> Settlement | None:
    key = (claim.subscriber, claim.fence)
    if key in found.ended:
        return judge.judged(claim, found.ended[key])[0]
    if key in found.begun or not found.is_whole or found.boot != boot_id():
        return None
    return Settlement(claim=claim, state=RecipientState.PENDING, reason=None, outcome=_NOT_BEGUN)
