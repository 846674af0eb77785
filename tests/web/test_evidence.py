"""What the log has, chosen and written for other programs."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from chatwarden.audit.formats.plain import COLUMNS
from chatwarden.web import operations
from chatwarden.web.lines import Lines
from tests.web.test_operations import run, say
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
