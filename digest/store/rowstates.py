"""A recipient's states as SQL literals. Edge.

The ledger's indexes hold only the rows in one state (see tables.py). A database uses such an index only when the query
spells the state; behind a parameter it cannot know.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column

from digest.model import RecipientState


def _literal(state: RecipientState) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'")


PENDING = _literal(RecipientState.PENDING)
CLAIMED = _literal(RecipientState.CLAIMED)
DEFERRED = _literal(RecipientState.DEFERRED)
UNCERTAIN = _literal(RecipientState.UNCERTAIN)
