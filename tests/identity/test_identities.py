"""People whom others name, on each engine: found by issuer and subject, and by nothing else."""

from __future__ import annotations

import asyncio

import pytest

from chatwarden.audit.service import AuditLog
from chatwarden.clock import ManualClock
from chatwarden.identity.identities import Identities
from chatwarden.identity.model import User
from chatwarden.principal import Role
from chatwarden.storage.model import Database, Transaction

NOW = ManualClock().now()
A, B = "https://a.example", "https://b.example"


@pytest.fixture
def identities(database: Database) -> Identities:
    return Identities(database, AuditLog(database))


async def arrive(identities: Identities, subject: str, issuer: str = A, prefix: str = "shop") -> User:
    return await identities.account(
        issuer, subject, prefix=prefix, role=Role.CUSTOMER, now=NOW, actor=f"site:{prefix}"
    )  # fmt: skip


async def test_a_person_is_the_same_each_time_and_has_no_password(identities: Identities, database: Database) -> None:
    first = await arrive(identities, "c-1")
    assert (first.name, first.role, first.enabled, first.password) == ("shop+c-1", Role.CUSTOMER, True, None)
    assert await arrive(identities, "c-1") == first
    assert await identities.issuers_of(first.id) == [A]
    log = [entry async for _, entry in AuditLog(database).read()]
    assert [(e.event, e.actor, e.object, e.reason) for e in log] == [("user:added", "site:shop", first.id, "customer")]


@pytest.mark.asvs("6.8.1")
async def test_the_same_subject_of_another_issuer_is_another_person(identities: Identities) -> None:
    people = [await arrive(identities, "c-1"), await arrive(identities, "c-1", B), await arrive(identities, "c-2")]
    assert len({user.id for user in people}) == 3
    assert people[1].name.startswith("shop+")


@pytest.mark.parametrize("subject", ["anna@example.org", "with space", "ä", "x" * 60, "a/b", "'; DROP TABLE users"])
async def test_a_subject_that_is_no_name_is_kept_out_of_the_name(identities: Identities, subject: str) -> None:
    user = await arrive(identities, subject)
    assert subject not in user.name
    assert len(user.name) == len("shop+") + 16
    assert await arrive(identities, subject) == user


async def test_of_many_at_once_one_account_comes(identities: Identities, database: Database) -> None:
    people = await asyncio.gather(*(arrive(identities, "c-1") for _ in range(20)))
    assert len({user.id for user in people}) == 1
    assert await database.fetch("SELECT COUNT(*) FROM users") == [(1,)]


async def test_a_name_that_is_taken_is_left_to_its_owner(identities: Identities, database: Database) -> None:
    tx = Transaction()
    tx.add(
        "INSERT INTO users (id, name, role, state, created_at) VALUES (?, ?, ?, ?, ?)",
        ("usr_1", "shop+c-1", "customer", "enabled", NOW),
    )
    await database.commit(tx)
    user = await arrive(identities, "c-1")
    assert (user.id == "usr_1", user.name == "shop+c-1") == (False, False)
    assert await arrive(identities, "c-1") == user


async def test_a_disabled_person_is_found_disabled(identities: Identities, database: Database) -> None:
    user = await arrive(identities, "c-1")
    tx = Transaction()
    tx.add("UPDATE users SET state = 'disabled' WHERE id = ?", (user.id,), expect=1)
    await database.commit(tx)
    assert not (await arrive(identities, "c-1")).enabled
