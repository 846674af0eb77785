"""The SQL of grants."""

from __future__ import annotations

from chatwarden.bots.broker.model import Grant
from chatwarden.classes import DataClass
from chatwarden.config.model import Rate
from chatwarden.storage.model import Database, Row, Transaction

_COLUMNS = (
    "id, bot, application, origin, needs, methods, paths, classes, person_right, step_up, rate_interval, rate_burst"
)
_INSERT = f"INSERT INTO grants ({_COLUMNS}) VALUES ({', '.join('?' * 12)})"  # noqa: S608  constants


async def all_grants(database: Database) -> list[Grant]:
    """Every grant, oldest first."""
    return [_grant(row) for row in await database.fetch(f"SELECT {_COLUMNS} FROM grants ORDER BY no")]  # noqa: S608


def insert(tx: Transaction, grant: Grant) -> None:
    """Adds one."""
    rate = grant.rate or Rate(0, 0)
    tx.add(
        _INSERT,
        (
            grant.id, grant.bot, grant.application, grant.origin, grant.right, " ".join(grant.methods),
            " ".join(grant.paths), " ".join(sorted(grant.classes)), grant.person_right, grant.step_up, rate.interval,
            rate.burst,
        ),
    )  # fmt: skip


def delete(tx: Transaction, grant_id: str) -> None:
    """Takes one away, if it is still there."""
    tx.add("DELETE FROM grants WHERE id = ?", (grant_id,), expect=1)


def delete_of(tx: Transaction, application: str) -> None:
    """Takes away those of one application."""
    tx.add("DELETE FROM grants WHERE application = ?", (application,))


def _grant(row: Row) -> Grant:
    name, bot, application, origin, right, methods, paths, classes, person_right = map(str, row[:9])
    step_up, interval, burst = (value for value in row[9:] if isinstance(value, int))
    return Grant(
        name, bot, application, origin, right, tuple(methods.split()), tuple(paths.split()),
        frozenset(map(DataClass, classes.split())), person_right, step_up, Rate(interval, burst) if burst else None,
    )  # fmt: skip
