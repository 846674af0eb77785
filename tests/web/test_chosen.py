"""Which entries are meant."""

from __future__ import annotations

import pytest

from chatwarden.audit.filter import ANY, EVER, Filter
from chatwarden.audit.model import Event, Lane
from chatwarden.clock import HOUR, rfc3339
from chatwarden.errors import InvalidRequest
from chatwarden.storage.model import Transaction
from chatwarden.web.chosen import wanted
from tests.web.test_evidence import chosen
from tests.web.test_operations import RIGHT, run
from tests.world.house import HEAD, House, Open


async def test_a_span_begins_with_its_first_instant_and_ends_before_its_last(house: House) -> None:
    audit, tx, start = house.node.services.audit, Transaction(), house.clock.now() // HOUR * HOUR
    for n in range(5):
        audit.append(tx, Event.KEY_MADE, lane=Lane.SYSTEM, actor="system", at=start + n * HOUR, reason=str(n))
    await house.node.database.commit(tx)

    async def reasons(**args: object) -> list[str]:
        return [one["reason"] for one in await chosen(house, event="key:made", **args) if one["reason"].isdigit()]

    assert await reasons() == list("01234")
    assert await reasons(**{"from": rfc3339(start + HOUR), "to": rfc3339(start + 3 * HOUR)}) == ["1", "2"]
    assert await reasons(to=rfc3339(start + HOUR)) == ["0"]
    assert await reasons(**{"from": "2999-01-01"}) == []


async def test_a_party_is_found_by_id_or_name_and_where_somebody_acted_for_it(house: House) -> None:
    added = await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    person = added["user"]["id"]
    token = (await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})).json["token"]
    await house.conversation(token)
    tx = Transaction()
    house.node.services.audit.append(
        tx, Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor="bot_1", at=house.clock.now(), act=(person,)
    )
    await house.node.database.commit(tx)
    await house.visitor()
    found = await chosen(house, actor="anna")
    assert found == await chosen(house, actor=person)
    assert {(one["actor"], *one.get("act", ())) for one in found} == {(person,), ("bot_1", person)}
    assert {one["event"] for one in await chosen(house, actor="control")} == {"user:added"}
    assert await chosen(house, actor="nobody") == []


async def test_a_bot_is_found_by_its_name_where_it_was_asked_and_where_it_asked(open_house: Open) -> None:
    async with open_house(HEAD + '[levels.reader]\nrights = ["orders:read"]\n') as house:
        issued = await run(house, "bot.add", name="helpdesk", level="reader", seconds=60)
        tx, audit = Transaction(), house.node.services.audit
        for actor, event in (("helpdesk", Event.MESSAGE_ANSWERED), (issued["account"], Event.BROKER_CALLED)):
            audit.append(tx, event, lane=Lane.BOT, actor=actor, at=house.clock.now())
        await house.node.database.commit(tx)
        found = await chosen(house, actor="helpdesk")
        assert {one["event"] for one in found} == {"message:answered", "broker:called"}
        assert {one["event"] for one in await chosen(house, actor=issued["account"])} == {"broker:called"}


async def test_times_are_dates_or_instants_and_utc_unless_they_say_otherwise(house: House) -> None:
    services = house.node.services
    day = (await wanted(services, {"from": "2026-11-28"})).begin
    assert day == (await wanted(services, {"from": "2026-11-28T00:00:00Z"})).begin
    assert day + HOUR == (await wanted(services, {"from": "2026-11-28T02:00:00+01:00"})).begin
    assert (await wanted(services, {})) == Filter()
    assert Filter().end == EVER
    for wrong in ("today", "2026-02-30", "28.11.2026", "9999999-01-01", 7, ""):
        with pytest.raises(InvalidRequest):
            await wanted(services, {"from": wrong})


async def test_conditions_that_are_none_are_refused(house: House) -> None:
    services = house.node.services
    for wrong in (
        {"lane": "x"}, {"event": "message:received,x:y"}, {"event": ","}, {"decision": "maybe"}, {"class": "secret"},
        {"object": "x" * 600},
    ):  # fmt: skip
        with pytest.raises(InvalidRequest):
            await wanted(services, wrong)
    both = await wanted(services, {"event": "message:received,message:held", "class": "any", "reason": ""})
    assert both == Filter(
        events=frozenset({Event.MESSAGE_RECEIVED, Event.MESSAGE_HELD}), data_class=ANY, reason=""
    )  # fmt: skip
