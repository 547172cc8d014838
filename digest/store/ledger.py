"""The ledger: who gets an edition and what became of each; it always adds up. Edge; the names to call.

freeze_audience   approved edition → one pending row a person        freezing.py
claim … settle    a process takes rows, sends, writes the outcomes   claims.py
recover … give_up rows that no process is sending                    closing.py
totals …          reading the books                                  books.py
"""

from __future__ import annotations

from digest.store.books import (
    RecipientRow,
    in_conversation,
    is_owed_again,
    next_due,
    perhaps_twice,
    reasons,
    recipients,
    speed,
    totals,
)
from digest.store.claims import claim, recheck, renew
from digest.store.closing import cancel_open, claims_of, give_up, recover, resolve_uncertain
from digest.store.freezing import freeze_audience
from digest.store.settling import settle

__all__ = [
    "RecipientRow",
    "cancel_open",
    "claim",
    "claims_of",
    "freeze_audience",
    "give_up",
    "in_conversation",
    "is_owed_again",
    "next_due",
    "perhaps_twice",
    "reasons",
    "recheck",
    "recipients",
    "recover",
    "renew",
    "resolve_uncertain",
    "settle",
    "speed",
    "totals",
]
