"""What the log has, chosen and written for other programs."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from chatwarden.audit.formats.plain import COLUMNS
from chatwarden.audit.model import Event, Lane
from chatwarden.clock import HOUR, rfc3339
from chatwarden.storage.model import Transaction
from chatwarden.web import operations
from chatwarden.web.lines import Lines
from tests.web.test_operations import RIGHT, run, say
from tests.world.house import House


async def lines(house: House, **args: object) -> list[bytes]:
    result = await operations.run(house.node.services, "audit.export", args)
    assert isinstance(result, Lines)
    return [one async for one in result.pieces]


async def chosen(house: House, **args: object) -> list[Any]:
    return [one["entry"] for one in (await run(house, "audit.export", **args))["entries"]]


async def test_the_lanes_of_a_conversation_are_exported_apart_and_hold_no_text(house: House) -> None:
    token = await house.visitor()
    await say(house, token, await house.conversation(token), "swordfish")
    whole = await chosen(house)
    assert "swordfish" not in str(whole)
    bot = await chosen(house, lane="bot")
    assert [one["event"] for one in bot] == ["message:answered"]
    assert bot == [one for one in whole if one["lane"] == "bot"]


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


@pytest.mark.parametrize("name", ["json", "csv", "ocsf"])
async def test_each_format_has_every_entry_with_its_leaf(house: House, name: str) -> None:
    for _ in range(3):
        await house.visitor()
    records = [record async for record in house.node.services.records.all()]
    said = await lines(house, format=name)
    if name == "csv":
        assert next(csv.reader([said.pop(0).decode()])) == list(COLUMNS)
    assert len(said) == len(records)
    for line, record in zip(said, records, strict=True):
        assert record.leaf.encode() in line
        assert record.entry.id.encode() in line
        if name != "csv":
            json.loads(line)
