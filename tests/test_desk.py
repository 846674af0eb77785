"""The agent's half: what is theirs, what they see of it, and what leaves them."""

from __future__ import annotations

import pytest

from chatwarden.clock import SECOND, rfc3339
from chatwarden.conversations.model import Source
from chatwarden.errors import Conflict
from tests.web.test_operations import run
from tests.world.agents import TALK, Floor
from tests.world.house import HEAD, House, Open

CARD = "4111 1111 1111 1111"
SAID = f"My card is {CARD}, mail ada@example.org"
BLOCKED = HEAD + '[policy.class]\niban = "block"\n'


@pytest.fixture
def floor(house: House) -> Floor:
    return Floor(house)


async def page(floor: Floor, talk: str, token: str) -> list[dict[str, object]]:
    told = await floor.ask("GET", f"/conversations/{talk}/messages", None, token)
    assert told.status == 200, told.body
    found: list[dict[str, object]] = told.json["messages"]
    return found


async def test_an_agent_sees_masks_whatever_the_person_and_the_bot_see(floor: Floor) -> None:
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, SAID)
    [seen, *_] = await page(floor, talk, agent)
    assert seen["text"] == "My card is 4111 11•• •••• 1111, mail a•••@example.org"
    [own, *_] = (await floor.house.ask("GET", f"{TALK}{talk}/messages", None, token)).json["messages"]
    assert own["text"] == "My card is 4111 11•• •••• 1111, mail ada@example.org"


async def test_what_the_bot_repeats_is_no_more_to_an_agent_than_its_placeholder(floor: Floor) -> None:
    agent = await floor.agent("bea")
    async with floor.page(agent) as seen:
        token, talk = await floor.asking("hello")
        await floor.say(token, talk, SAID)
        told = await floor.ask("GET", f"/conversations/{talk}/messages", None, agent)
        assert "ada@" not in told.body.decode()
        await seen.until("message", lambda one: one["message"]["from"] == "bot")
        assert "ada@" not in seen.told.body.decode()
        assert CARD not in seen.told.body.decode()


async def test_others_conversations_look_absent_and_an_administrator_may_look(floor: Floor) -> None:
    bea, cem = await floor.agent("bea"), await floor.agent("cem")
    admin = await floor.person("root", "admin")
    _, talk = await floor.asking("hello")
    for token in (bea, cem, admin):
        assert await page(floor, talk, token)
    await floor.act("take", talk, bea)
    assert await page(floor, talk, admin)
    for what, body in (
        ("messages", {"text": "x"}), ("notes", {"text": "x"}), ("typing", None), ("finish", None), ("return", None),
        ("close", None), ("transfer", {"skill": "x", "note": "x"}),
    ):  # fmt: skip
        assert (await floor.act(what, talk, cem, body)).problem == "not-found"
    assert (await floor.ask("GET", f"/conversations/{talk}", None, cem)).problem == "not-found"
    assert (await floor.ask("GET", f"/conversations/{talk}/messages", None, cem)).problem == "not-found"
    assert (await floor.act("messages", talk, admin, {"text": "x"})).problem == "forbidden"


async def test_a_conversation_without_people_is_nobodys_business(floor: Floor) -> None:
    token = await floor.house.visitor()
    talk = await floor.house.conversation(token)
    for who in (await floor.agent("bea"), await floor.person("root", "admin")):
        assert (await floor.ask("GET", f"/conversations/{talk}/messages", None, who)).problem == "not-found"


async def test_what_an_agent_writes_is_looked_at_as_an_answer_is(floor: Floor) -> None:
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    told = (await floor.tell(agent, talk, f"Was it {CARD}?")).json["message"]
    assert CARD not in told["text"]
    assert told["findings"][0]["class"] == "payment-card"
    assert told["destroy_at"] <= _in(floor, 15 * 60)
    [*_, mine] = (await floor.house.ask("GET", f"{TALK}{talk}/messages", None, token)).json["messages"]
    assert (mine["from"], CARD in mine["text"], "client_id" in mine) == ("agent", False, False)
    [sent] = await floor.entries("message:sent")
    assert (sent.lane, sent.reason, sent.object) == ("staff", "payment-card", told["id"])


def _in(floor: Floor, seconds: int) -> str:
    return rfc3339(floor.house.clock.now() + seconds * SECOND)


async def test_what_may_not_be_said_is_refused_and_not_kept(open_house: Open) -> None:
    async with open_house(BLOCKED) as house:
        floor = Floor(house)
        agent = await floor.agent("bea")
        _, talk = await floor.taken(agent, "hello")
        for what in ("messages", "notes"):
            told = await floor.act(what, talk, agent, {"text": "to DE89 3704 0044 0532 0130 00"})
            assert (told.status, told.problem) == (422, "message-blocked")
        assert len(await page(floor, talk, agent)) == 2
        assert {one.actor for one in await floor.entries("message:blocked")} == {await floor.id_of("bea")}


async def test_the_same_client_id_again_is_the_first_message_and_no_mix_up_with_the_persons(floor: Floor) -> None:
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    assert (await floor.say(token, talk, "mine", client_id="1")).status == 201
    first, again = [await floor.tell(agent, talk, "yours", client_id="1") for _ in range(2)]
    assert first.json == again.json
    assert first.json["message"]["client_id"] == "1"
    assert [one["text"] for one in await page(floor, talk, agent)][-2:] == ["mine", "yours"]


async def test_a_message_that_comes_after_another_agent_has_it_is_refused(floor: Floor) -> None:
    bea, cem = await floor.agent("bea"), await floor.agent("cem")
    _, talk = await floor.taken(bea, "hello")
    services, conversation = floor.house.node.services, await floor.conversation(talk)
    principal = (await services.identity.find("bea")).principal
    await floor.act("transfer", talk, bea, {"to": await floor.id_of("cem"), "note": "yours"})
    with pytest.raises(Conflict):
        await services.floor.say(principal, conversation, "too late", "")
    assert [one["from"] for one in await page(floor, talk, cem)] == ["client", "bot"]


async def test_a_held_message_is_nobody_elses_before_its_person_lets_it_go(open_house: Open) -> None:
    async with open_house(HEAD + '[policy.class]\npassport = "hold"\n') as house:
        floor = Floor(house)
        agent = await floor.agent("bea")
        async with floor.page(agent) as seen:
            token, talk = await floor.taken(agent, "hello")
            held = await floor.say(token, talk, "my passport number is C01X00T47")
            assert held.status == 202
            assert [one["from"] for one in await page(floor, talk, agent)] == ["client", "bot"]
            name = held.json["message"]["id"]
            told = await house.ask("POST", f"{TALK}{talk}/messages/{name}/release", None, token)
            assert (told.status, told.json["replies"]) == (201, [])
            released = await seen.until("message", lambda one: one["message"]["id"] == name)
            assert "C01X00T47" not in released["message"]["text"]


async def test_a_note_is_sealed_looked_at_and_mortal_as_a_message_is(floor: Floor) -> None:
    agent = await floor.agent("bea")
    _, talk = await floor.taken(agent, "hello")
    told = (await floor.act("notes", talk, agent, {"text": f"card {CARD}, angry"})).json
    assert CARD not in told["text"]
    conversation, services = await floor.conversation(talk), floor.house.node.services
    [note] = await services.conversations.notes(conversation, floor.house.clock.now())
    assert (note.source, note.id) == (Source.NOTE, told["id"])
    row = (await services.gateway.database.fetch("SELECT payload FROM messages WHERE source = 'note'"))[0][0]
    assert isinstance(row, bytes)
    assert b"angry" not in row
    await floor.later(15 * 60 * SECOND)
    assert await services.conversations.notes(conversation, floor.house.clock.now()) == []
    assert await services.gateway.database.fetch("SELECT 1 FROM messages WHERE source = 'note'") == []


async def test_the_end_of_a_session_is_shown_to_the_agent_who_answers(floor: Floor) -> None:
    agent, other = await floor.agent("bea"), await floor.agent("cem")
    async with floor.page(agent) as seen, floor.page(other) as elsewhere:
        token, talk = await floor.taken(agent, "hello")
        await floor.house.ask("DELETE", "/api/v1/session", None, token)
        assert await seen.until("session.ended") == {"conversation": talk, "reason": "logout"}
        assert await floor.state(talk) == "assigned"
        assert elsewhere.events("session.ended") == []


async def test_transfer_goes_to_who_is_there_and_has_room(open_house: Open) -> None:
    async with open_house(HEAD + "[desk]\ncapacity = 1\n") as house:
        floor = Floor(house)
        bea, cem = await floor.agent("bea"), await floor.agent("cem")
        await floor.agent("dia", "offline")
        _, talk = await floor.taken(bea, "hello")
        await floor.taken(cem, "hello")
        for name in ("cem", "dia"):
            told = await floor.act("transfer", talk, bea, {"to": await floor.id_of(name), "note": "please"})
            assert told.problem == "conflict"
        assert (await floor.act("transfer", talk, bea, {"to": "usr_none", "note": "please"})).problem == "conflict"
        services, conversation = house.node.services, await floor.conversation(talk)
        assert await services.conversations.notes(conversation, house.clock.now()) == []


async def test_a_note_is_erased_by_whom_the_law_asks_also_where_messages_must_be_kept(open_house: Open) -> None:
    async with open_house(HEAD + '[bots.helpdesk.keep]\ndefault = "6d"\n') as house:
        floor = Floor(house)
        agent = await floor.agent("bea")
        _, talk = await floor.taken(agent, "hello")
        note = (await floor.act("notes", talk, agent, {"text": "angry"})).json["id"]
        assert (await run(house, "erase", message=note))["summary"]["destroyed"] == 1
        conversation = await floor.conversation(talk)
        assert await house.node.services.conversations.notes(conversation, house.clock.now()) == []
