"""The log, looked through backwards by whoever may."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from tests.web.api.test_admin import issued
from tests.web.test_operations import run, say
from tests.world.gateway import Gateway
from tests.world.house import House

from chatwarden.audit.model import Event, Lane
from chatwarden.clock import HOUR, MINUTE, rfc3339
from chatwarden.storage.model import Transaction
from chatwarden.web.api import admin_audit as module
from chatwarden.web.api.admin import BASE

AUDIT = BASE + "/audit"


async def asked(house: House, token: str, query: str = "") -> Any:
    told = await house.ask("GET", f"{AUDIT}?{query}", None, token)
    assert told.status == 200, told.body
    return told.json


async def written(house: House, *reasons: str, at: int = 0) -> None:
    tx = Transaction()
    for reason in reasons:
        house.node.services.audit.append(
            tx, Event.KEY_MADE, lane=Lane.SYSTEM, actor="system", at=at or house.clock.now(), reason=reason
        )
    await house.node.database.commit(tx)


async def test_the_newest_comes_first_and_pages_meet(house: House) -> None:
    token = await issued(house, "auditor")
    await written(house, *map(str, range(7)))
    whole = (await asked(house, token, "event=key:made"))["entries"]
    assert [one["reason"] for one in whole if one["reason"].isdigit()] == list("6543210")
    first = await asked(house, token, "event=key:made&limit=3")
    second = await asked(house, token, f"event=key:made&limit=3&before={first['next']}")
    assert first["entries"] + second["entries"] == whole[:6]


async def test_an_entry_has_its_place_in_the_tree_and_its_conversation(house: House) -> None:
    token = await issued(house, "auditor")
    visitor = await house.visitor()
    talk = await house.conversation(visitor)
    await say(house, visitor, talk, "mail a@b.example")
    shown = (await asked(house, token))["entries"]
    records = {record.entry.id: record async for record in house.node.services.records.all()}
    assert {one["receipt"] for one in shown} <= set(records)
    for one in shown:
        record = records[one["receipt"]]
        assert (one["number"], one["log"], one["index"], one["leaf_hash"]) == (
            record.number, record.year, record.index, record.leaf,
        )  # fmt: skip
    by_event = {one["event"]: one for one in shown}
    for event in ("conversation:opened", "message:received", "message:answered"):
        assert by_event[event]["conversation"] == talk
    assert by_event["message:answered"]["cause"] == by_event["message:received"]["receipt"]
    assert by_event["user:added"]["conversation"] is None
    assert "b.example" not in str(shown)


async def test_each_condition_chooses(house: House) -> None:
    token = await issued(house, "auditor")
    visitor = await house.visitor()
    talk = await house.conversation(visitor)
    said = (await say(house, visitor, talk, "mail a@b.example")).json["message"]["id"]
    await house.ask("POST", "/api/v1/session", {"username": "x", "password": "y"})
    for query, events in (
        ("lane=bot", ["message:answered"]), (f"object={said}", ["message:received"]), ("class=email", ["message:received"]),
        ("decision=deny", ["login:refused"]), ("reason=unknown", ["login:refused"]), ("actor=helpdesk", ["message:answered"]),
        ("event=message:answered,message:received", ["message:answered", "message:received"]),
        ("actor=control", ["session:issued", "user:added"]),
    ):  # fmt: skip
        assert [one["event"] for one in (await asked(house, token, query))["entries"]] == events, query
    for wrong in ("lane=x", "event=x", "decision=x", "class=x", "from=x", "before=x", "who=x"):
        assert (await house.ask("GET", f"{AUDIT}?{wrong}", None, token)).status == 400, wrong


async def test_a_span_is_found_without_reading_what_lies_outside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await issued(house, "auditor")
    start = house.clock.now()
    for hour in range(6):
        await written(house, f"h{hour}", at=start + hour * HOUR)
    house.clock.advance(6 * HOUR)
    monkeypatch.setattr(module, "_PAGE", 2)
    begin, end = (quote(rfc3339(start + hours * HOUR - MINUTE)) for hours in (2, 4))
    token = str((await run(house, "session.issue", user="auditor", seconds=60))["token"])
    found = await asked(house, token, f"event=key:made&from={begin}&to={end}")
    assert [one["reason"] for one in found["entries"]] == ["h3", "h2"]
    assert found["next"] is None
    assert found["back_to"] == rfc3339(start + HOUR)


async def test_a_look_that_finds_nothing_says_where_to_go_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await issued(house, "auditor")
    await written(house, "needle")
    await written(house, *["hay"] * 8)
    monkeypatch.setattr(module, "_PAGE", 2)
    monkeypatch.setattr(module, "_PAGES", 2)
    first = await asked(house, token, "reason=needle")
    assert (first["entries"], bool(first["next"])) == ([], True)
    second = await asked(house, token, f"reason=needle&before={first['next']}")
    third = await asked(house, token, f"reason=needle&before={second['next']}")
    assert [one["reason"] for one in [*second["entries"], *third["entries"]]] == ["needle"]


def test_the_log_of_a_running_gateway_is_checked_with_one_click(gateway: Gateway) -> None:
    name = "checker"
    gateway.command("user", "add", name, "--role", "auditor", "--password-stdin", stdin="a long and quiet afternoon\n")
    token = gateway.command("session", "issue", "--user", name, "--for", "1h").stdout.strip()
    path = AUDIT + "/verification"
    begun = gateway.call("POST", path, token=token)
    assert (begun.status, begun.json["state"]) == (202, "running")
    while (told := gateway.call("GET", path, token=token).json)["state"] == "running":
        pass
    assert (told["state"], told["done"], told["of"]) == ("ok", told["of"], told["years"][-1]["size"])
    assert told["of"] > 0
    assert told["finished_at"] >= told["started_at"]
