"""Argon2id as OWASP wants it, the same work for a name that nobody has."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator

import argon2
import pytest

from chatwarden.identity.model import PASSWORD_MAX
from chatwarden.identity.passwords import Checked, Passwords

RIGHT = "a long and quiet afternoon"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(2, b"p" * 32)
    yield made
    made.close()


@pytest.mark.asvs("6.2.8")
async def test_the_right_password_and_no_other(passwords: Passwords) -> None:
    stored = await passwords.hash(RIGHT)
    assert RIGHT not in stored
    assert (await passwords.verify(stored, RIGHT)) == Checked(right=True)
    for wrong in (RIGHT + " ", RIGHT[:-1], RIGHT.upper(), ""):
        assert not (await passwords.verify(stored, wrong)).right


async def test_the_parameters_are_owasps_and_every_salt_is_new(passwords: Passwords) -> None:
    one, other = await passwords.hash(RIGHT), await passwords.hash(RIGHT)
    assert one != other
    found = argon2.extract_parameters(one.removeprefix("p1:"))
    assert (found.type, found.time_cost, found.memory_cost, found.parallelism) == (argon2.Type.ID, 2, 19_456, 1)


async def test_what_nobody_has_is_never_right_though_it_is_checked(passwords: Passwords) -> None:
    checked: list[str] = []
    check = passwords._check

    def counting(stored: str, password: str) -> Checked:
        checked.append(stored)
        return check(stored, password)

    passwords._check = counting  # type: ignore[method-assign]
    assert not (await passwords.verify(None, RIGHT)).right
    assert not (await passwords.verify(None, "nobody has this password")).right
    assert len(checked) == 2  # the same work as for a name that somebody has


async def test_a_damaged_hash_and_an_endless_password_are_simply_wrong(passwords: Passwords) -> None:
    assert not (await passwords.verify("$argon2id$damaged", RIGHT)).right
    stored = await passwords.hash(RIGHT)
    assert not (await passwords.verify(stored, "x" * (PASSWORD_MAX + 1))).right


async def test_a_hash_without_pepper_is_opened_and_made_anew(passwords: Passwords) -> None:
    earlier = argon2.PasswordHasher(2, 19_456, 1).hash(RIGHT)
    assert await passwords.verify(earlier, RIGHT) == Checked(right=True, outdated=True)
    assert not (await passwords.verify(earlier, RIGHT + "x")).right


async def test_a_hash_of_weaker_parameters_is_made_anew(passwords: Passwords) -> None:
    weak = "p1:" + argon2.PasswordHasher(1, 8_192, 1).hash(passwords._keyed(RIGHT))
    assert await passwords.verify(weak, RIGHT) == Checked(right=True, outdated=True)


async def test_what_is_hashed_is_the_keyed_hash_of_the_password(passwords: Passwords) -> None:
    """Told in other words than the source's: an operator who moves accounts elsewhere can rely on it."""
    password = "tülpen im april"
    stored = await passwords.hash(password)
    inner = base64.b64encode(hmac.new(b"p" * 32, password.encode(), hashlib.sha256).digest())
    assert stored.startswith("p1:$argon2id$")
    assert argon2.PasswordHasher().verify(stored.removeprefix("p1:"), inner)


@pytest.mark.asvs("6.2.8")
@pytest.mark.parametrize(
    ("one", "twin"),
    [("x" * 72 + "a", "x" * 72 + "b"), ("ends here", "ends here\0"), ("é", "e\u0301"), ("Straße", "Strasse")],
)
async def test_a_password_is_compared_exactly_as_typed(passwords: Passwords, one: str, twin: str) -> None:
    stored = await passwords.hash(one)
    assert (await passwords.verify(stored, one)).right
    assert not (await passwords.verify(stored, twin)).right


async def test_what_is_no_text_is_wrong_and_breaks_nothing(passwords: Passwords) -> None:
    stored = await passwords.hash(RIGHT)
    assert not (await passwords.verify(stored, "\ud800")).right


async def test_without_the_pepper_a_stolen_hash_cannot_be_guessed_at(passwords: Passwords) -> None:
    stored = await passwords.hash(RIGHT)
    thief = Passwords(1, b"q" * 32)
    assert not (await thief.verify(stored, RIGHT)).right
    thief.close()
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify(stored.removeprefix("p1:"), RIGHT)
