"""A conversation in lanes, from the log."""

from __future__ import annotations

from typing import Any

import pytest

from chatwarden.audit.model import Event, Lane
from chatwarden.clock import DAY, MINUTE
from chatwarden.storage.model import Transaction
from chatwarden.web import timeline as module
from chatwarden.web.timeline import timeline
from tests.web.test_operations import run, say
from tests.world.house import House


async def seen(house: House, conversation: str) -> Any:
    found = await house.node.services.conversations.find(conversation)
    return await timeline(house.node.services, found, "usr_looks")


async def test_a_turn_is_a_message_an_answer_and_the_line_between_them(house: House) -> None:
    token = await house.visitor()
    talk, other = await house.conversation(token), await house.conversation(token)
    told = (await say(house, token, talk, "swordfish, mail a@b.example")).json
    await say(house, token, other, "elsewhere")
    shown = await seen(house, talk)
    assert [(one.lane, one.event, one.caused_by) for one in shown.entries] == [
        ("client", "conversation:opened", None), ("client", "message:received", None),
        ("bot", "message:answered", 1), ("staff", "conversation:shown", None),
    ]  # fmt: skip
    assert [one.object for one in shown.entries[1:3]] == [told["message"]["id"], told["replies"][0]["id"]]
    assert shown.entries[1].reason == "email"
    assert "swordfish" not in repr(shown)
    assert "b.example" not in repr(shown)
    records = {record.entry.id: record async for record in house.node.services.records.all()}
    for one in shown.entries:
        assert (one.index, one.leaf_hash) == (records[one.receipt].index, records[one.receipt].leaf)


async def test_what_followed_from_it_belongs_to_it_wherever_it_was_done(house: House) -> None:
    token = await house.visitor()
    talk = await house.conversation(token)
    await say(house, token, talk, "what about my order?")
    [message] = [e.id async for _, e in house.node.services.audit.read() if e.event is Event.MESSAGE_RECEIVED]
    tx, log = Transaction(), house.node.services.audit
    asked = log.append(
        tx, Event.BROKER_CALLED, lane=Lane.BOT, actor="bot_1", at=house.clock.now(), cause=message, act=("vis_1",),
        resource="app:crm",
    )  # fmt: skip
    log.append(tx, Event.BROKER_ANSWERED, lane=Lane.BOT, actor="bot_1", at=house.clock.now(), cause=asked)
    log.append(tx, Event.BROKER_CALLED, lane=Lane.BOT, actor="bot_1", at=house.clock.now(), cause="aud_other")
    await house.node.database.commit(tx)
    shown = await seen(house, talk)
    places = {one.receipt: place for place, one in enumerate(shown.entries)}
    broker = [one for one in shown.entries if one.event.startswith("broker:")]
    assert [(one.event, one.caused_by) for one in broker] == [
        ("broker:called", places[message]), ("broker:answered", places[asked]),
    ]  # fmt: skip
    assert (broker[0].act, broker[0].resource) == (("vis_1",), "app:crm")


async def test_receipts_of_what_was_destroyed_stand_there_with_their_cause(house: House) -> None:
    token = await house.visitor()
    talk = await house.conversation(token)
    await say(house, token, talk, "hello")
    erased = await run(house, "erase", conversation=talk)
    shown = await seen(house, talk)
    receipts = {one.receipt: one for one in shown.entries if one.event == "message:destroyed"}
    assert set(receipts) == {one["receipt"] for one in erased["receipts"]}
    requested = [place for place, one in enumerate(shown.entries) if one.event == "erasure:requested"]
    assert {one.caused_by for one in receipts.values()} == set(requested)


async def test_that_somebody_looked_is_in_the_log_before_it_is_shown(house: House) -> None:
    token = await house.visitor()
    talk = await house.conversation(token)
    await seen(house, talk)
    shown = await seen(house, talk)
    looked = [one for one in shown.entries if one.event == "conversation:shown"]
    assert [(one.lane, one.actor) for one in looked] == [("staff", "usr_looks")] * 2


async def test_a_long_log_is_not_read_for_a_young_conversation(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tx, start = Transaction(), house.clock.now()
    for n in range(3_000):
        house.node.services.audit.append(tx, Event.KEY_MADE, lane=Lane.SYSTEM, actor="system", at=start + n)
    await house.node.database.commit(tx)
    house.clock.advance(DAY)
    token = await house.visitor()
    talk = await house.conversation(token)
    records = house.node.services.records
    assert await records.before(house.clock.now() - MINUTE) >= 3_000
    assert len((await seen(house, talk)).entries) == 2


async def test_what_is_too_much_is_cut_and_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    token = await house.visitor()
    talk = await house.conversation(token)
    await say(house, token, talk, "hello")
    shown = await seen(house, talk)
    assert (len(shown.entries), shown.truncated) == (3, True)
