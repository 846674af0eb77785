"""The document of what is still a person's own: whole, in pieces, and cut where it must be."""

from __future__ import annotations

import json
from typing import Any

from chatwarden.sessions.model import EndReason
from tests.web.api.test_conversations import filled, say
from tests.web.api.test_export import take
from tests.web.api.test_factors import token_of
from tests.web.api.test_login import person
from tests.world.house import House


async def test_many_messages_come_in_pieces_that_are_one_document(house: House) -> None:
    await person(house)
    token = await token_of(house)
    talks = [await house.conversation(token) for _ in range(3)]
    services = house.node.services
    for count, talk in zip((450, 0, 1), talks, strict=True):
        await filled(house, token, talk, count)
    told = await take(house, token)
    assert [len(one["messages"]) for one in told.json["conversations"]] == [450, 0, 1]
    assert len(told.pieces) > 6
    assert [m["text"] for m in told.json["conversations"][0]["messages"]] == [f"line {n}" for n in range(1, 451)]
    entries = [entry async for _, entry in services.audit.read() if entry.event == "export:made"]
    assert len(entries) == 1


async def test_where_the_session_ends_in_the_middle_nothing_more_comes(house: House) -> None:
    await person(house)
    token = await token_of(house)
    for _ in range(2):
        await say(house, token, await house.conversation(token), "hello")
    services = house.node.services
    session = await services.sessions.authenticate(token, house.clock.now())
    about = services.conversations.about

    async def ends(subject: str) -> Any:
        await services.sessions.end(session, EndReason.REVOKED, house.clock.now(), actor="control")
        return await about(subject)

    services.conversations.about = ends  # type: ignore[method-assign]
    told = await take(house, token)
    assert json.loads(told.body)["complete"] is False
    assert "hello" not in told.body.decode()


async def test_values_that_a_bot_repeats_are_in_it_as_its_person_knows_them(house: House) -> None:
    """What stands behind a placeholder is theirs too, while its message lives."""
    await person(house)
    token = await token_of(house)
    talk = await house.conversation(token)
    await say(house, token, talk, "write to wilhelmina.quill@mail.example")
    [conversation] = (await take(house, token)).json["conversations"]
    assert "wilhelmina.quill@mail.example" in conversation["messages"][0]["text"]
    assert "[email-" not in json.dumps(conversation)
