"""Who may see what the log has about a conversation, and who may not."""

from __future__ import annotations

import pytest
from tests.web.test_operations import RIGHT, run, say
from tests.world.house import HEAD, House, Open

PATH = "/api/v1/audit/conversations/"
TOLD = HEAD + '[alarms]\nbulk_conversations = "2/10m"\n'


async def person(house: House, role: str) -> str:
    """The token of a person of this role, whose second factor is set up."""
    await run(house, "user.add", name=role, role=role, password=RIGHT)
    return str((await run(house, "session.issue", user=role, seconds=3_600))["token"])


async def talked(house: House) -> str:
    token = await house.visitor()
    talk = await house.conversation(token)
    await say(house, token, talk, "hello")
    return talk


@pytest.mark.parametrize("role", ["admin", "auditor"])
async def test_administrators_and_auditors_see_the_lanes(house: House, role: str) -> None:
    talk = await talked(house)
    told = await house.ask("GET", PATH + talk, None, await person(house, role))
    assert told.status == 200
    assert (told.json["conversation"], told.json["bot"], told.json["truncated"]) == (talk, "helpdesk", False)
    assert [one["lane"] for one in told.json["entries"]] == ["client", "client", "bot", "staff"]
    assert "hello" not in told.body.decode()


@pytest.mark.parametrize("role", ["visitor", "customer", "agent", "trainer"])
async def test_nobody_else_learns_even_whether_there_is_one(house: House, role: str) -> None:
    talk = await talked(house)
    token = await house.visitor() if role == "visitor" else await person(house, role)
    there = await house.ask("GET", PATH + talk, None, token)
    absent = await house.ask("GET", PATH + "cnv_" + "0" * 32, None, token)
    assert (there.status, there.problem) == (403, "forbidden")
    assert there.body == absent.body
    shown = [e async for _, e in house.node.services.audit.read() if e.event == "conversation:shown"]
    assert shown == []


async def test_the_owner_of_a_conversation_does_not_see_its_log(house: House) -> None:
    token = await house.visitor()
    assert (await house.ask("GET", PATH + await house.conversation(token), None, token)).status == 403


async def test_without_a_session_nothing_is_said(house: House) -> None:
    assert (await house.ask("GET", PATH + await talked(house))).problem == "invalid-token"


async def test_what_is_not_there_is_not_found(house: House) -> None:
    token = await person(house, "auditor")
    for name in ("cnv_" + "0" * 32, "cnv_1", "msg_" + "0" * 32, "%00"):
        assert (await house.ask("GET", PATH + name, None, token)).status == 404


async def test_an_auditor_who_looks_at_many_is_noticed_too(open_house: Open) -> None:
    async with open_house(TOLD) as house:
        token = await person(house, "auditor")
        for _ in range(3):
            assert (await house.ask("GET", PATH + await talked(house), None, token)).status == 200
        await house.node.sweep()
        noticed = [e async for _, e in house.node.services.audit.read() if e.event == "bulk-read:noticed"]
        assert [(e.lane, e.reason) for e in noticed] == [("staff", "conversations more than 2 in 600s")]
