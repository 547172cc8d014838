"""A thousand rows as one SQL parameter: a JSON array that the database takes apart, on SQLite and PostgreSQL alike.

Binding a value costs more than writing it: a statement with 14,000 parameters spends most of its time in being built.
Texts must be free of NUL and lone surrogates, which PostgreSQL refuses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Select, Text, cast, column, func, literal, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine


def texts(db: Connection, values: Iterable[str]) -> Select[Any]:
    """The values as a query of one column, to be used with `in_`."""
    return rows(db, [[value] for value in values], {"value": Text()})


def found_by(db: Connection, wanted: Select[Any], key: ColumnElement[str], values: Iterable[str]) -> Select[Any]:
    """`wanted`, of the rows whose `key` is one of the values; of each value at most one row.

    Always through the index of the key: inside one long transaction PostgreSQL's statistics are out of date, and it
    would rather read the whole table again for every batch.
    """
    if db.dialect.name == "sqlite":
        return wanted.where(key.in_(texts(db, values)))
    given = texts(db, values).subquery()
    # LIMIT is what keeps the planner from making a join of it.
    each = wanted.where(key == given.c.value).limit(1).lateral()
    return select(each).select_from(given.join(each, true()))


def rows(db: Connection, values: Sequence[Sequence[object]], fields: Mapping[str, TypeEngine[Any]]) -> Select[Any]:
    """The rows as a query with these columns, in this order.

    Values are text, numbers, None, aware instants, or (for a JSON field) what json.dumps takes.
    """
    on_sqlite = db.dialect.name == "sqlite"
    text = json.dumps(values, separators=(",", ":"), default=_bare_instant if on_sqlite else _instant)
    if on_sqlite:
        each = func.json_each(literal(text)).table_valued("value")
        columns = [_on_sqlite(each.c.value, place) for place in range(len(fields))]
    else:
        # jsonb is taken apart once; json would be read again for every field.
        each = func.jsonb_array_elements(cast(literal(text, Text()), JSONB)).table_valued(column("value", JSONB))
        columns = [_on_postgresql(each.c.value, place, type_) for place, type_ in enumerate(fields.values())]
    # Without a WHERE, SQLite takes the ON of a following ON CONFLICT for one of a join.
    return select(*(value.label(name) for name, value in zip(fields, columns, strict=True))).where(true())


def _on_sqlite(row: ColumnElement[Any], place: int) -> ColumnElement[Any]:
    return func.json_extract(row, f"$[{place}]")


def _on_postgresql(row: ColumnElement[Any], place: int, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    if isinstance(type_, JSON):
        return cast(row.op("->")(place), type_)
    text = row.op("->>")(place)
    return text if isinstance(type_, Text) else cast(text, type_)


@lru_cache(maxsize=1024)
def _bare_instant(value: object) -> str:
    """As SQLAlchemy writes an instant on SQLite: UTC, without a zone. Nearly all of a batch are one and the same."""
    assert isinstance(value, datetime), value
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _instant(value: object) -> str:
    assert isinstance(value, datetime), value
    return value.isoformat()
