"""Accounts on each engine: one answer for all that is wrong, one use for a link, one name once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.world.people import HERE, office

from chatwarden.audit.model import Entry
from chatwarden.audit.service import AuditLog
from chatwarden.clock import DAY, ManualClock
from chatwarden.errors import Conflict, InvalidCredentials, InvalidRequest, NotFound
from chatwarden.identity.service import Identity
from chatwarden.principal import Role
from chatwarden.storage.model import Database

RIGHT = "a long and quiet afternoon"
OTHER = "another long evening here"
NOW = ManualClock().now()


@pytest.fixture
def identity(database: Database) -> Iterator[Identity]:
    made = office(database)
    yield made.identity
    made.close()


async def log(database: Database) -> list[Entry]:
    return [entry async for _, entry in AuditLog(database).read()]


async def test_who_knows_the_password_is_that_person(identity: Identity) -> None:
    anna = await identity.add("anna", Role.CUSTOMER, NOW, actor="control", password=RIGHT)
    assert await identity.login("anna", RIGHT, HERE, NOW) == anna
    assert await identity.check_password(anna.principal, RIGHT, NOW)
    assert not await identity.check_password(anna.principal, OTHER, NOW)


@pytest.mark.parametrize("name", ["bin_" + "0" * 32, "bot_" + "f" * 32])
async def test_the_id_of_a_bot_is_no_name_for_a_person(identity: Identity, name: str) -> None:
    with pytest.raises(InvalidRequest, match="the id of a bot"):
        await identity.add(name, Role.CUSTOMER, NOW, actor="control")


async def test_to_ask_whether_a_password_is_somebodys_own_counts_nothing(identity: Identity) -> None:
    anna = await identity.add("anna", Role.CUSTOMER, NOW, actor="control", password=RIGHT)
    assert await identity.is_own_password(anna.id, RIGHT)
    assert not await identity.is_own_password(anna.id, OTHER)
    assert not await identity.is_own_password("usr_nobody", RIGHT)
    assert await identity.by_name("anna") == anna  # no failure was counted


@pytest.mark.asvs("6.3.8", "7.4.2")
async def test_unknown_wrong_disabled_and_not_enrolled_are_one_answer_and_four_entries(
    database: Database, identity: Identity
) -> None:
    anna = await identity.add("anna", Role.CUSTOMER, NOW, actor="control", password=RIGHT)
    carl = await identity.add("carl", Role.CUSTOMER, NOW, actor="control", password=RIGHT)
    await identity.set_enabled("carl", NOW, enabled=False, actor="control")
    dora = await identity.add("dora", Role.CUSTOMER, NOW, actor="control")
    said = set()
    for name, password in (("bert", RIGHT), ("anna", OTHER), ("carl", RIGHT), ("dora", RIGHT)):
        with pytest.raises(InvalidCredentials) as refused:
            await identity.login(name, password, HERE, NOW)
        said.add((str(refused.value), refused.value.status))
    assert len(said) == 1
    told = [(e.actor, e.reason, e.decision) for e in await log(database) if e.event == "login:refused"]
    assert told == [
        ("unknown", "unknown", "deny"),
        (anna.id, "wrong-password", "deny"),
        (carl.id, "disabled", "deny"),
        (dora.id, "wrong-password", "deny"),
    ]
    assert not await identity.check_password(carl.principal, RIGHT, NOW)
    await identity.set_enabled("carl", NOW, enabled=True, actor="control")
    assert (await identity.login("carl", RIGHT, HERE, NOW)).id == carl.id


@pytest.mark.asvs("6.4.1")
async def test_a_link_sets_the_password_once_within_a_day(identity: Identity) -> None:
    await identity.add("anna", Role.CUSTOMER, NOW, actor="control")
    lost = await identity.enrolment("anna", NOW, actor="control")
    token = await identity.enrolment("anna", NOW, actor="control")
    for wrong in (lost, "0" * 64, "", "\ud800"):
        with pytest.raises(NotFound):
            await identity.enrol(wrong, RIGHT, NOW)
    with pytest.raises(InvalidRequest):
        await identity.enrol(token, "short", NOW)
    with pytest.raises(NotFound):
        await identity.enrol(token, RIGHT, NOW + DAY)
    both = await asyncio.gather(
        identity.enrol(token, RIGHT, NOW + 1), identity.enrol(token, RIGHT, NOW + 1), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["NotFound", "User"]
    assert (await identity.login("anna", RIGHT, HERE, NOW)).name == "anna"
    with pytest.raises(NotFound):
        await identity.enrol(token, OTHER, NOW + 2)


async def test_a_name_is_taken_once_and_has_a_shape(identity: Identity) -> None:
    await identity.add("anna", Role.CUSTOMER, NOW, actor="control")
    with pytest.raises(Conflict):
        await identity.add("anna", Role.ADMIN, NOW, actor="control")
    for wrong in ("", ".anna", "a" * 65, "an na", "anna\n", "änna"):
        with pytest.raises(InvalidRequest):
            await identity.add(wrong, Role.CUSTOMER, NOW, actor="control")
    with pytest.raises(InvalidRequest):
        await identity.add("bert", Role.CUSTOMER, NOW, actor="control", password="short")
    assert [user.name for user in await identity.all()] == ["anna"]
    with pytest.raises(NotFound):
        await identity.find("bert")


async def test_no_password_and_no_token_is_in_the_log(database: Database, identity: Identity) -> None:
    await identity.add("anna", Role.CUSTOMER, NOW, actor="control")
    token = await identity.enrolment("anna", NOW, actor="control")
    await identity.enrol(token, RIGHT, NOW)
    with pytest.raises(InvalidCredentials):
        await identity.login("anna", OTHER, HERE, NOW)
    text = repr(await log(database))
    assert not [secret for secret in (token, RIGHT, OTHER, "anna") if secret in text]


async def test_an_account_is_told_as_it_is_now(identity: Identity) -> None:
    anna = await identity.add("anna", Role.CUSTOMER, NOW, actor="control", password=RIGHT)
    assert await identity.present(anna) == anna
    await identity.set_enabled("anna", NOW, enabled=False, actor="control")
    now = await identity.present(anna)
    assert now is not None
    assert (now.id, now.enabled) == (anna.id, False)


@pytest.mark.asvs("6.3.5")
async def test_a_person_is_told_that_somebody_guesses(database: Database) -> None:
    made = office(database)
    anna = await made.identity.add("anna", Role.CUSTOMER, NOW, actor="control", password=RIGHT)
    for attempt in range(1, 12):
        with pytest.raises(InvalidCredentials):
            await made.identity.login("anna", OTHER, HERE, NOW)
        assert (await made.told()).count(("many-wrong-attempts", anna.id)) == (attempt >= 10)
    made.close()


async def test_of_two_administrators_who_take_each_other_away_at_once_one_stays(identity: Identity) -> None:
    for name in ("anna", "bert"):
        await identity.add(name, Role.ADMIN, NOW, actor="control", password=RIGHT)
    await identity.add("cora", Role.ADMIN, NOW, actor="control")  # invited, and not come in yet: no help to anybody
    done = await asyncio.gather(
        identity.set_role("anna", Role.AGENT, NOW, actor="b", keep_admin=True),
        identity.set_enabled("bert", NOW, enabled=False, actor="a", keep_admin=True),
        return_exceptions=True,
    )
    assert [type(one) for one in done].count(Conflict) == 1
    left = [one for one in await identity.all() if one.role is Role.ADMIN and one.enabled and one.password]
    assert len(left) == 1
    await identity.set_enabled("cora", NOW, enabled=False, actor="a", keep_admin=True)  # she is not the last one
    await identity.set_enabled(left[0].name, NOW, enabled=False, actor="control")  # who runs the gateway may do that
