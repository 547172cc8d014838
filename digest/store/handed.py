"""Many rows or numbers handed to the database in one parameter: one statement for a whole group. Edge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    FromClause,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

Cell = str | int | None


def handed_table(columns: Sequence[Column[Any]]) -> FromClause:
    """A table `handed` with these columns (names and types), to join in a statement: PostgreSQL only. Its rows are
    the statement's parameter `handed`, made by `handed_rows`."""
    table = func.jsonb_to_recordset(cast(bindparam("handed", type_=Text), JSONB))
    return table.table_valued(*(column(c.name, _plain(c.type)) for c in columns)).render_derived("handed", True)


def handed_rows(columns: Sequence[Column[Any]], rows: Sequence[Sequence[Cell]]) -> str:
    """Rows as the parameter that `handed_table` reads."""
    names = [c.name for c in columns]
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows])


def is_among(dialect: str, number: Column[int], name: str) -> ColumnElement[bool]:
    """Whether a number is among those given as parameter `name`, made by `handed_ids`: one statement for any many."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return number.in_(select(each.c.value))
    return number == any_(bindparam(name, type_=ARRAY(BigInteger)))


def handed_ids(db: Connection, ids: Sequence[int]) -> object:
    """Numbers as the parameter that `is_among` reads."""
    return json.dumps(ids) if db.dialect.name == "sqlite" else list(ids)


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type without our own dressing."""
    return DateTime(timezone=True) if isinstance(kind, TypeDecorator) else kind
