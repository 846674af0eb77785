"""From a name to a session: what is told to whom, how often, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.world.people import HERE, RP, Office, code, office

from chatwarden.audit.service import AuditLog
from chatwarden.challenge import Challenge
from chatwarden.clock import MINUTE, SECOND, ManualClock
from chatwarden.config.model import Rate
from chatwarden.edge.gcra import MemoryThrottle
from chatwarden.errors import InvalidCredentials, InvalidRequest, NotFound, SecondFactorRequired, TooManyAttempts
from chatwarden.identity.company.model import Arrived
from chatwarden.identity.identities import Identities
from chatwarden.identity.logins import WITHIN, Logins, Passed, checker
from chatwarden.identity.model import User
from chatwarden.principal import Role
from chatwarden.storage.model import Database

RIGHT = "a long and quiet afternoon"


@dataclass
class Door:
    """Logins with what stands behind them."""

    office: Office
    logins: Logins
    clock: ManualClock

    async def person(self, name: str = "anna") -> User:
        return await self.office.identity.add(name, Role.CUSTOMER, self.clock.now(), actor="control", password=RIGHT)

    async def with_codes(self, user: User) -> str:
        begun = await self.office.factors.begin_totp(user, "", "Test", self.clock.now())
        await self.office.factors.confirm(
            user, begun["id"], code(begun["secret"], self.clock.now()), RP, self.clock.now()
        )
        self.clock.advance(MINUTE)
        return begun["secret"]

    async def password(self, name: str = "anna", password: str = RIGHT) -> Passed:
        return await self.logins.password(name, password, HERE, self.clock.now())

    async def asked(self, name: str = "anna") -> Challenge:
        with pytest.raises(SecondFactorRequired) as refused:
            await self.password(name)
        challenge = refused.value.extra["challenge"]
        assert isinstance(challenge, Challenge)
        return challenge

    async def answer(self, challenge: Challenge, given: str, kind: str = "") -> Passed:
        return await self.logins.answer(challenge.id, kind, given, RP, self.clock.now())


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = office(database)
    throttle = MemoryThrottle()
    logins = Logins(
        made.identity, made.factors, database, AuditLog(database),
        lambda key, now: throttle.take(key, Rate(3 * MINUTE, 8), now), throttle.forgive,
    )  # fmt: skip
    yield Door(made, logins, ManualClock())
    made.close()


async def test_a_password_is_enough_for_who_has_nothing_else(door: Door) -> None:
    anna = await door.person()
    assert await door.password() == Passed(anna, ("password",), ("password",))


@pytest.mark.asvs("6.3.3")
async def test_who_has_a_second_factor_needs_it(door: Door) -> None:
    anna = await door.person()
    secret = await door.with_codes(anna)
    challenge = await door.asked()
    assert (challenge.kinds, challenge.attempts_left) == (("totp",), 5)
    assert challenge.expires_at == door.clock.now() + WITHIN
    passed = await door.answer(challenge, code(secret, door.clock.now()))
    assert passed == Passed(anna, ("password", "totp"), ("totp", "password"))
    with pytest.raises(NotFound):
        await door.answer(challenge, code(secret, door.clock.now()))


async def test_a_recovery_code_stands_in_for_the_second_factor(door: Door) -> None:
    anna = await door.person()
    await door.with_codes(anna)
    codes = await door.office.factors.renew_recovery(anna, door.clock.now())
    challenge = await door.asked()
    assert challenge.kinds == ("totp", "recovery")
    assert (await door.answer(challenge, codes[0], "recovery")).factors == ("password", "recovery")


@pytest.mark.asvs("6.3.1", "6.6.3")
async def test_wrong_codes_cost_time_and_attempts_and_then_the_login_is_over(door: Door) -> None:
    await door.with_codes(await door.person())
    challenge = await door.asked()
    left = []
    for _ in range(4):
        with pytest.raises(SecondFactorRequired) as refused:
            await door.answer(challenge, "000000")
        told = refused.value.extra["challenge"]
        assert isinstance(told, Challenge)
        left.append((told.attempts_left, told.expires_at - door.clock.now()))
    assert left == [(4, 60 * SECOND), (3, 30 * SECOND), (2, 15 * SECOND), (1, 7_500_000)]
    with pytest.raises(InvalidCredentials):
        await door.answer(challenge, "000000")
    with pytest.raises(NotFound):
        await door.answer(challenge, "000000")


@pytest.mark.asvs("6.3.1", "6.6.3")
async def test_the_account_remembers_wrong_codes_over_many_logins(door: Door) -> None:
    secret = await door.with_codes(await door.person())
    outcomes = []
    for _ in range(3):
        challenge = await door.asked()
        for _ in range(4):
            outcome = await asyncio.gather(door.answer(challenge, "000000"), return_exceptions=True)
            outcomes.append(type(outcome[0]))
    assert outcomes == [SecondFactorRequired] * 8 + [TooManyAttempts] * 4
    with pytest.raises(TooManyAttempts):
        await door.answer(await door.asked(), code(secret, door.clock.now()))
    door.clock.advance(3 * MINUTE)
    assert (await door.answer(await door.asked(), code(secret, door.clock.now()))).factors == ("password", "totp")


@pytest.mark.asvs("6.5.5")
async def test_an_answer_that_comes_too_late_is_none(door: Door) -> None:
    secret = await door.with_codes(await door.person())
    challenge = await door.asked()
    door.clock.advance(WITHIN)
    with pytest.raises(NotFound):
        await door.answer(challenge, code(secret, door.clock.now()))


async def test_of_two_hundred_right_codes_at_once_one_wins(door: Door) -> None:
    secret = await door.with_codes(await door.person())
    challenge = await door.asked()
    right = code(secret, door.clock.now())
    outcomes = await asyncio.gather(*(door.answer(challenge, right) for _ in range(200)), return_exceptions=True)
    assert sum(isinstance(one, Passed) for one in outcomes) == 1
    assert sum(isinstance(one, NotFound) for one in outcomes) == 199


@pytest.mark.asvs("6.6.2")
async def test_a_code_for_one_login_opens_no_other(door: Door) -> None:
    secret = await door.with_codes(await door.person())
    await door.with_codes(await door.person("bert"))
    anna, bert = await door.asked(), await door.asked("bert")
    with pytest.raises(SecondFactorRequired):
        await door.answer(bert, code(secret, door.clock.now()))
    with pytest.raises(InvalidRequest):
        await door.answer(anna, RIGHT, "password")


async def test_who_was_disabled_while_a_code_was_typed_is_not_let_in(door: Door) -> None:
    secret = await door.with_codes(await door.person())
    challenge = await door.asked()
    await door.office.identity.set_enabled("anna", door.clock.now(), enabled=False, actor="control")
    with pytest.raises(InvalidCredentials):
        await door.answer(challenge, code(secret, door.clock.now()))


@pytest.mark.asvs("6.3.8")
async def test_a_login_by_passkey_says_nothing_about_anybody(door: Door) -> None:
    challenge = door.logins.passkey(door.clock.now())
    assert challenge.kinds == ("passkey",)
    with pytest.raises(InvalidCredentials):
        await door.answer(challenge, "not a passkey")


async def test_in_the_middle_of_a_session_password_and_codes_are_checked(door: Door) -> None:
    anna = await door.person()
    secret = await door.with_codes(anna)
    check = checker(door.office.identity, door.office.factors, lambda: RP)
    challenge = door.logins.passkey(door.clock.now())
    now = door.clock.now()
    assert await check(anna.principal, challenge, "password", RIGHT, now) == "password"
    assert await check(anna.principal, challenge, "password", "wrong", now) == ""
    assert await check(anna.principal, challenge, "totp", code(secret, now), now) == "totp"
    assert await check(anna.principal, challenge, "totp", code(secret, now), now) == ""
    assert await check(anna.principal, challenge, "password", {"a": 1}, now) == ""


async def came(door: Door, *factors: str) -> Arrived:
    """Somebody comes from a company."""
    identities = Identities(door.office.database, AuditLog(door.office.database))
    user = await identities.account(
        "https://acme.example", "1", prefix="acme", role=Role.CUSTOMER, now=door.clock.now(), actor="company:acme"
    )
    return Arrived(user, ("a",), factors, "acme", "https://acme.example", "1", "s", door.clock.now())


async def test_a_companys_word_is_enough_for_who_has_nothing_else_here(door: Door) -> None:
    arrived = await came(door, "company")
    passed = await door.logins.company(arrived, door.clock.now())
    assert passed == Passed(arrived.user, ("company",), (), arrived)


async def test_a_second_factor_here_is_asked_for_unless_the_company_saw_two(door: Door) -> None:
    arrived = await came(door, "company")
    secret = await door.with_codes(arrived.user)
    with pytest.raises(SecondFactorRequired) as refused:
        await door.logins.company(arrived, door.clock.now())
    challenge = refused.value.extra["challenge"]
    assert isinstance(challenge, Challenge)
    passed = await door.answer(challenge, code(secret, door.clock.now()))
    assert passed == Passed(arrived.user, ("company", "totp"), ("totp",), arrived)
    strong = await came(door, "company", "mfa")
    passed = await door.logins.company(strong, door.clock.now())
    assert passed == Passed(arrived.user, ("company", "mfa"), ("totp",), strong)
