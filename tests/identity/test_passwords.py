"""Argon2id as OWASP wants it, the same work for a name that nobody has."""

from __future__ import annotations

from collections.abc import Iterator

import argon2
import pytest

from chatwarden.identity.model import PASSWORD_MAX
from chatwarden.identity.passwords import Passwords

RIGHT = "a long and quiet afternoon"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(2)
    yield made
    made.close()


async def test_the_right_password_and_no_other(passwords: Passwords) -> None:
    stored = await passwords.hash(RIGHT)
    assert RIGHT not in stored
    assert await passwords.verify(stored, RIGHT)
    for wrong in (RIGHT + " ", RIGHT[:-1], RIGHT.upper(), ""):
        assert not await passwords.verify(stored, wrong)


async def test_the_parameters_are_owasps_and_every_salt_is_new(passwords: Passwords) -> None:
    one, other = await passwords.hash(RIGHT), await passwords.hash(RIGHT)
    assert one != other
    found = argon2.extract_parameters(one)
    assert (found.type, found.time_cost, found.memory_cost, found.parallelism) == (argon2.Type.ID, 2, 19_456, 1)


async def test_what_nobody_has_is_never_right_though_it_is_checked(passwords: Passwords) -> None:
    checked: list[str] = []
    check = passwords._check

    def counting(stored: str, password: str) -> bool:
        checked.append(stored)
        return check(stored, password)

    passwords._check = counting  # type: ignore[method-assign]
    assert not await passwords.verify(None, RIGHT)
    assert not await passwords.verify(None, "nobody has this password")
    assert len(checked) == 2  # the same work as for a name that somebody has


async def test_a_damaged_hash_and_an_endless_password_are_simply_wrong(passwords: Passwords) -> None:
    assert not await passwords.verify("$argon2id$damaged", RIGHT)
    stored = await passwords.hash(RIGHT)
    assert not await passwords.verify(stored, "x" * (PASSWORD_MAX + 1))
