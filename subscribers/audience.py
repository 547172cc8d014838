"""Who may be written to: one SQL expression, used for planning and asked again for every claim.

No Python decides about a single person here: planning is one INSERT … SELECT in the database, however many there are.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, String, case, exists, literal, null, or_, select, type_coerce

from subscribers.tables import subscriber, suppression


def unreachable_reason() -> ColumnElement[str | None]:
    """Why a row of `subscriber` must not be written to now; NULL when it may.

    Strongest first: "bounced", "complained", "erased" (never among candidates), "unsubscribed" (also for anybody who is
    not active), "suppressed" (the address, on this list or on all, whatever the row says).
    """
    suppressed = (
        exists()
        .where(
            suppression.c.hash == subscriber.c.suppression_hash,
            or_(suppression.c.newsletter.is_(None), suppression.c.newsletter == subscriber.c.newsletter),
        )
        .correlate(subscriber)
    )
    return type_coerce(
        case(
            (subscriber.c.state.in_(("bounced", "complained", "erased")), subscriber.c.state),
            (subscriber.c.state != "active", literal("unsubscribed", literal_execute=True)),
            (suppressed, literal("suppressed", literal_execute=True)),
            else_=null(),
        ),
        String(),
    )


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
