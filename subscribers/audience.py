"""Who may be written to: one SQL expression, used for planning and asked again for every claim.

No Python decides about a single person here: planning is one INSERT … SELECT in the database, however many there are.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, String, case, exists, literal_column, null, select, type_coerce

from subscribers.tables import subscriber, suppression

# Spelt out, not parameters: the statement then is the same text every time, and is made only once.
_LASTING: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in ("bounced", "complained", "erased")]


def unreachable_reason() -> ColumnElement[str | None]:
    """Why a row of `subscriber` must not be written to now; NULL when it may.

    Most are active, so that is asked first, and then for "suppressed" (the address, on this list or on all). Of the
    others "bounced", "complained" and "erased" (never among candidates) say so; whoever else is not active is
    "unsubscribed". Whatever the suppressions say, the person's own state is the stronger reason.
    """
    return type_coerce(
        case(
            (subscriber.c.state == literal_column("'active'"), _suppressed_reason()),
            (subscriber.c.state.in_(_LASTING), subscriber.c.state),
            (subscriber.c.state != literal_column("'active'"), literal_column("'unsubscribed'")),
            else_=null(),  # no such row, where it was joined
        ),
        String(),
    )


def _suppressed_reason() -> ColumnElement[str | None]:
    # Two questions, each answered by its own index; with OR in one of them PostgreSQL asks anew for every person.
    same = exists().where(suppression.c.hash == subscriber.c.suppression_hash)
    here = same.where(suppression.c.newsletter == subscriber.c.newsletter).correlate(subscriber)
    everywhere = same.where(suppression.c.newsletter.is_(None)).correlate(subscriber)
    reason: ColumnElement[str] = literal_column("'suppressed'")
    return case((everywhere, reason), (here, reason), else_=null())


def may_be_unreachable() -> ColumnElement[bool]:
    """Whether `unreachable_reason` of a row is worth asking for: not active, or suppressed on some list.

    For a statement about a whole audience on SQLite, which looks the suppressed up in one list that it makes once.
    PostgreSQL would walk a list that is longer than its working memory for every person.
    """
    suppressed = subscriber.c.suppression_hash.in_(select(suppression.c.hash))
    return (subscriber.c.state != literal_column("'active'")) | suppressed


def candidates(newsletter: str) -> Select[tuple[int, str, str, str, str | None]]:
    """Everybody who ever confirmed this newsletter, erased people apart: columns id, address, domain, name, reason.

    `reason` is NULL for those to be planned, else why they are excluded. Ordered by id.
    """
    return (
        select(
            subscriber.c.id,
            subscriber.c.address,
            subscriber.c.domain,
            subscriber.c.name,
            unreachable_reason().label("reason"),
        )
        .where(
            subscriber.c.newsletter == newsletter,
            subscriber.c.confirmed_at.is_not(None),
            subscriber.c.state != "erased",
        )
        .order_by(subscriber.c.id)
    )
