"""The same work in fewer calls: what a group of units asks of an engine, inserts of one kind together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chatwarden.storage.model import Statement, Value


class Batch(NamedTuple):
    """One SQL text and the rows to run it with. With an ``expect`` there is one row."""

    sql: str
    rows: list[Sequence[Value]]
    expect: int | None


def batches(units: list[list[Statement]]) -> list[Batch]:
    """Plain inserts that follow each other are run together by SQL. Anything else keeps its place, and no insert moves
    across it.
    """
    found: list[Batch] = []
    inserts: dict[str, list[Sequence[Value]]] = {}
    for unit in units:
        for statement in unit:
            sql = statement.sql
            rows = inserts.get(sql)
            if rows is not None and statement.expect is None:
                rows.append(statement.params)
                continue
            rows = [statement.params]
            found.append(Batch(sql, rows, statement.expect))
            if statement.expect is None and is_plain_insert(sql):
                inserts[sql] = rows
            else:
                inserts.clear()
    return found


def is_plain_insert(sql: str) -> bool:
    """Whether it adds one row of parameters and does nothing else."""
    return sql.startswith("INSERT INTO") and "SELECT" not in sql and "ON CONFLICT" not in sql
