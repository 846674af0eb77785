"""Factors on each engine: they count once they were shown to work, and each proof is used up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.world.people import RP, Office, code, office

from chatwarden.audit.service import AuditLog
from chatwarden.challenge import Challenge, Purpose, ask
from chatwarden.clock import MINUTE, SECOND, Instant, ManualClock
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.identity.factors import FAILURES_MAX, PENDING_FOR, Factors
from chatwarden.identity.model import User
from chatwarden.principal import Role
from chatwarden.storage.model import Database

NOW = ManualClock().now()
ASKED: Challenge = ask(Purpose.LOGIN, ("totp", "recovery"), NOW + MINUTE, 5, lambda size: b"r" * size)


@pytest.fixture
def made(database: Database) -> Iterator[Office]:
    opened = office(database)
    yield opened
    opened.close()


async def person(made: Office, name: str = "anna") -> User:
    return await made.identity.add(name, Role.CUSTOMER, NOW, actor="control")


async def with_codes(made: Office, user: User, now: Instant = NOW) -> str:
    begun = await made.factors.begin_totp(user, "Phone", "Test", now)
    await made.factors.confirm(user, begun["id"], code(begun["secret"], now), RP, now)
    return begun["secret"]


async def proved(made: Office, user: User, kind: str, given: str, now: Instant = NOW + MINUTE) -> str:
    return await made.factors.check(user.id, ASKED, kind, given, RP, now)


async def test_one_time_codes_count_once_they_were_shown_to_work(made: Office) -> None:
    anna = await person(made)
    begun = await made.factors.begin_totp(anna, "", "Test", NOW)
    assert await made.factors.means(anna.id) == ()
    with pytest.raises(InvalidRequest):
        await made.factors.confirm(anna, begun["id"], "000000", RP, NOW)
    factor = await made.factors.confirm(anna, begun["id"], code(begun["secret"], NOW), RP, NOW)
    assert await made.factors.means(anna.id) == ("totp",)
    assert [one.id for one in await made.factors.of(anna.id)] == [factor.id]
    assert ("factor-added", anna.id) in await made.told()


async def test_setting_up_is_for_its_person_and_ten_minutes_and_five_tries(made: Office) -> None:
    anna, bert = await person(made), await person(made, "bert")
    begun = await made.factors.begin_totp(anna, "", "Test", NOW)
    right = code(begun["secret"], NOW)
    with pytest.raises(NotFound):
        await made.factors.confirm(bert, begun["id"], right, RP, NOW)
    with pytest.raises(NotFound):
        await made.factors.confirm(anna, begun["id"], right, RP, NOW + PENDING_FOR)
    for _ in range(5):
        with pytest.raises(InvalidRequest):
            await made.factors.confirm(anna, begun["id"], "000000", RP, NOW)
    with pytest.raises(NotFound):
        await made.factors.confirm(anna, begun["id"], right, RP, NOW)


@pytest.mark.asvs("6.5.1")
async def test_a_code_is_taken_once_also_by_many_at_once(made: Office) -> None:
    anna = await person(made)
    secret = await with_codes(made, anna)
    assert await proved(made, anna, "totp", code(secret, NOW), NOW) == ""  # it set the factor up
    later = NOW + MINUTE
    outcomes = await asyncio.gather(*(proved(made, anna, "totp", code(secret, later)) for _ in range(20)))
    assert sorted(outcomes) == [""] * 19 + ["totp"]
    assert await proved(made, anna, "totp", code(secret, later), later + 35 * SECOND) == ""


async def test_a_code_is_its_persons_alone(made: Office) -> None:
    anna, bert = await person(made), await person(made, "bert")
    secret = await with_codes(made, anna)
    await with_codes(made, bert)
    assert await proved(made, bert, "totp", code(secret, NOW + MINUTE)) == ""


async def test_the_key_of_codes_lies_sealed(made: Office, database: Database) -> None:
    import base64

    anna = await person(made)
    secret = base64.b32decode(await with_codes(made, anna))
    rows = await database.fetch("SELECT secret FROM factors")
    assert all(secret not in bytes(row[0]) for row in rows if isinstance(row[0], bytes))
    text = repr([entry async for _, entry in AuditLog(database).read()])
    assert base64.b32encode(secret).decode() not in text


@pytest.mark.asvs("6.5.1")
async def test_a_recovery_code_works_once_and_new_ones_end_the_old(made: Office) -> None:
    anna = await person(made)
    old = await made.factors.renew_recovery(anna, NOW)
    codes = await made.factors.renew_recovery(anna, NOW)
    assert await proved(made, anna, "recovery", old[0]) == ""
    both = await asyncio.gather(*(proved(made, anna, "recovery", codes[0].lower()) for _ in range(10)))
    assert sorted(both) == [""] * 9 + ["recovery"]
    assert await made.factors.recovery_left(anna.id) == 9
    assert (await made.told()).count(("recovery-used", anna.id)) == 1


@pytest.mark.asvs("6.5.2")
async def test_no_recovery_code_is_stored(made: Office, database: Database) -> None:
    codes = await made.factors.renew_recovery(await person(made), NOW)
    stored = repr(await database.fetch("SELECT * FROM factors"))
    assert not [one for one in codes if one in stored or one.replace("-", "") in stored]


@pytest.mark.asvs("6.6.3")
async def test_a_hundred_failures_in_a_row_end_a_factor(made: Office) -> None:
    anna = await person(made)
    secret = await with_codes(made, anna)
    for _ in range(FAILURES_MAX):
        assert await proved(made, anna, "totp", "000000") == ""
    assert await proved(made, anna, "totp", code(secret, NOW + MINUTE)) == ""
    assert await made.factors.means(anna.id) == ()
    assert (await made.told()).count(("authenticator-disabled", anna.id)) == 1


async def test_a_right_code_forgives_the_wrong_ones(made: Office) -> None:
    anna = await person(made)
    secret = await with_codes(made, anna)
    for _ in range(FAILURES_MAX - 1):
        await proved(made, anna, "totp", "000000")
    assert await proved(made, anna, "totp", code(secret, NOW + MINUTE)) == "totp"
    await proved(made, anna, "totp", "000000")
    assert await proved(made, anna, "totp", code(secret, NOW + 2 * MINUTE), NOW + 2 * MINUTE) == "totp"


@pytest.mark.asvs("6.5.6")
async def test_a_factor_is_renamed_and_removed_by_its_person_only(made: Office) -> None:
    anna, bert = await person(made), await person(made, "bert")
    secret = await with_codes(made, anna)
    (factor,) = await made.factors.of(anna.id)
    with pytest.raises(NotFound):
        await made.factors.rename(bert, factor.id, "mine", NOW)
    with pytest.raises(NotFound):
        await made.factors.remove(bert, factor.id, NOW)
    for name in ("", "x" * 65, "a\nb"):
        with pytest.raises(InvalidRequest):
            await made.factors.rename(anna, factor.id, name, NOW)
    assert (await made.factors.rename(anna, factor.id, "Old phone", NOW)).name == "Old phone"
    await made.factors.remove(anna, factor.id, NOW)
    assert await proved(made, anna, "totp", code(secret, NOW + MINUTE)) == ""
    with pytest.raises(NotFound):
        await made.factors.remove(anna, factor.id, NOW)


async def test_another_home_opens_no_key(made: Office, database: Database) -> None:
    from chatwarden.crypto import Tampered

    anna = await person(made)
    secret = await with_codes(made, anna)
    thief = Factors(database, AuditLog(database), b"t" * 32)
    with pytest.raises(Tampered):
        await thief.check(anna.id, ASKED, "totp", code(secret, NOW + MINUTE), RP, NOW + MINUTE)
