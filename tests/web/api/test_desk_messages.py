"""What is said at the desk, over HTTP: notes stay inside, typing goes both ways, and a value is revealed once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.web.api.test_login import answer, login, person, with_codes
from tests.world.agents import TALK, Floor
from tests.world.house import HEAD, House, Open, Told
from tests.world.people import code

from chatwarden.clock import HOUR, MINUTE, SECOND
from chatwarden.principal import Role
from chatwarden.storage.model import StorageFailed, Transaction

CARD = "4111 1111 1111 1111"
NOTE = "the person must never read this"


@pytest.fixture
def floor(house: House) -> Floor:
    return Floor(house)


async def noted(floor: Floor) -> tuple[str, str, str, str]:
    """The agent, the person, the conversation and the note about it."""
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    told = await floor.act("notes", talk, agent, {"text": NOTE})
    assert told.status == 201
    return agent, token, talk, told.json["id"]


async def test_a_note_is_in_no_view_of_its_persons(floor: Floor) -> None:
    agent, token, talk, note = await noted(floor)
    await floor.tell(agent, talk, "Which parcel?")
    path = f"{TALK}{talk}/messages"
    page = (await floor.house.ask("GET", path, None, token)).json["messages"]
    assert [one["from"] for one in page] == ["client", "bot", "agent"]
    after = await floor.house.ask("GET", f"{path}?after={page[1]['id']}&limit=1", None, token)
    assert [one["id"] for one in after.json["messages"]] == [page[2]["id"]]
    assert after.json["next"] is None
    for method, more, body in (
        ("GET", "", None), ("DELETE", "", None), ("PATCH", "", {"destroy_after": 60}), ("POST", "/release", None),
        ("POST", "/withdraw", None),
    ):  # fmt: skip
        told = await floor.house.ask(method, f"{path}/{note}{more}", body, token)
        assert (told.status, told.problem) == (404, "not-found"), method + more
    assert (await floor.house.ask("GET", f"{path}?after={note}", None, token)).problem == "not-found"


async def test_a_note_is_in_no_stream_of_its_persons_neither_when_it_comes_nor_when_it_goes(floor: Floor) -> None:
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    async with floor.page(token, f"{TALK}{talk}/events") as own, floor.page(agent) as seen:
        note = (await floor.act("notes", talk, agent, {"text": f"card {CARD}"})).json["id"]
        await floor.tell(agent, talk, "Which parcel?")
        await own.until("message", lambda one: one["from"] == "agent")
        await seen.until("note", lambda one: one["note"]["id"] == note)
        mark = own.told.body.decode().rsplit("id: ", 1)[1].split("\n")[0]
        await floor.later(13 * MINUTE)
        await floor.say(token, talk, "the red one")
        await floor.later(3 * MINUTE)
        await seen.until("message.destroyed", lambda one: one["id"] == note)
        assert note not in own.told.body.decode()
    told = Told()
    going = asyncio.create_task(
        floor.house.ask("GET", f"{TALK}{talk}/events", None, token, {"Last-Event-ID": mark}, told)
    )
    await told.until(b"retry")
    await asyncio.sleep(0)
    told.leave()
    await going
    assert note not in told.body.decode()


async def test_a_note_is_in_no_export_and_no_receipt_and_goes_with_the_conversation(floor: Floor) -> None:
    agent = await floor.agent("bea")
    await person(floor.house, "ada")
    token = (await login(floor.house, "ada")).json["token"]
    talk = await floor.house.conversation(token)
    await floor.say(token, talk, "hello")
    await floor.house.ask("POST", f"{TALK}{talk}/handoff", None, token)
    await floor.act("take", talk, agent)
    note = (await floor.act("notes", talk, agent, {"text": NOTE})).json["id"]
    export = await floor.house.ask("GET", "/api/v1/export", None, token)
    assert export.json["complete"] is True
    assert NOTE not in export.body.decode()
    assert note not in export.body.decode()
    gone = await floor.house.ask("DELETE", TALK + talk, None, token)
    assert note not in gone.body.decode()
    assert (await floor.ask("GET", f"/conversations/{talk}", None, agent)).json["notes"] == []
    assert note in {one.object for one in await floor.entries("message:destroyed")}


async def test_the_bot_is_never_told_a_note(floor: Floor) -> None:
    _, _, talk, _ = await noted(floor)
    conversation = await floor.conversation(talk)
    assert NOTE not in str(conversation.lines)


async def test_typing_is_told_to_the_other_side_and_to_nobody_else(floor: Floor) -> None:
    agent, other = await floor.agent("bea"), await floor.agent("cem")
    token, talk = await floor.taken(agent, "hello")
    async with floor.page(token, f"{TALK}{talk}/events") as own, floor.page(agent) as seen, floor.page(other) as no:
        assert (await floor.house.ask("POST", f"{TALK}{talk}/typing", None, token)).status == 204
        assert await seen.until("typing") == {"conversation": talk, "from": "client"}
        assert (await floor.act("typing", talk, agent)).status == 204
        assert await own.until("typing") == {"from": "agent", "agent": {"name": "bea"}}
        assert no.events("typing") == []


async def test_typing_is_not_told_more_often_than_a_person_can_see(floor: Floor) -> None:
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    async with floor.page(agent) as seen:
        for _ in range(20):
            assert (await floor.house.ask("POST", f"{TALK}{talk}/typing", None, token)).status == 204
        assert len(seen.events("typing")) <= 5


async def test_nobody_types_in_anothers_conversation(floor: Floor) -> None:
    agent, other = await floor.agent("bea"), await floor.agent("cem")
    _, talk = await floor.taken(agent, "hello")
    stranger = await floor.house.visitor()
    assert (await floor.house.ask("POST", f"{TALK}{talk}/typing", None, stranger)).problem == "not-found"
    assert (await floor.act("typing", talk, other)).problem == "not-found"


async def proven(floor: Floor) -> tuple[str, str]:
    """An agent with two factors: the token and the secret of the codes."""
    await person(floor.house, "bea", Role.AGENT)
    secret = await with_codes(floor.house, "bea")
    challenge = (await login(floor.house, "bea")).json["challenge"]["id"]
    told = await answer(floor.house, challenge, code(secret, floor.house.clock.now()))
    token = str(told.json["token"])
    floor.house.clock.advance(MINUTE)
    await floor.ask("PUT", "/presence", {"presence": "available"}, token)
    return token, secret


async def reveal(floor: Floor, talk: str, agent: str, finding: int = 0, mid: str = "", why: str = "refund") -> Told:
    if not mid:
        page: Any = (await floor.ask("GET", f"/conversations/{talk}/messages", None, agent)).json["messages"]
        mid = next(one["id"] for one in page if one["findings"])
    body = {"finding": finding, "reason": why}
    return await floor.ask("POST", f"/conversations/{talk}/messages/{mid}/reveal", body, agent)


async def test_a_value_is_revealed_after_a_fresh_proof_and_the_log_has_it_first(floor: Floor) -> None:
    agent, secret = await proven(floor)
    token, talk = await floor.taken(agent, f"card {CARD} and ada@example.org")
    floor.house.clock.advance(5 * MINUTE)
    await floor.tell(agent, talk, "one moment")
    refused = await reveal(floor, talk, agent)
    assert (refused.status, refused.problem) == (401, "step-up-required")
    assert await floor.entries("message:revealed") == []
    challenge = refused.json["challenge"]["id"]
    right = await answer(floor.house, challenge, code(secret, floor.house.clock.now()), token=agent)
    assert right.status == 200
    shown = await reveal(floor, talk, agent, why="refund to ada@example.org")
    assert (shown.status, shown.json["text"], shown.json["class"]) == (200, CARD, "payment-card")
    assert (await reveal(floor, talk, agent, 1)).json["text"] == "ada@example.org"
    first, second = await floor.entries("message:revealed")
    assert (first.lane, first.actor, first.reason) == ("staff", await floor.id_of("bea"), "payment-card")
    assert second.reason == "email"
    assert await floor.house.node.services.audit.detail(first) == {"reason": "refund to ada@example.org"}
    [seen, *_] = (await floor.ask("GET", f"/conversations/{talk}/messages", None, agent)).json["messages"]
    assert CARD not in seen["text"]  # once
    assert (await floor.house.ask("GET", f"{TALK}{talk}/messages", None, token)).status == 200


async def test_what_is_not_there_not_hidden_or_not_theirs_is_not_revealed(floor: Floor) -> None:
    agent, _ = await proven(floor)
    _, talk = await floor.taken(agent, f"card {CARD} cvv 123")
    page = (await floor.ask("GET", f"/conversations/{talk}/messages", None, agent)).json["messages"]
    removed = next(n for n, one in enumerate(page[0]["findings"]) if one["action"] == "removed")
    assert (await reveal(floor, talk, agent, removed)).problem == "conflict"
    assert (await reveal(floor, talk, agent, 99)).problem == "not-found"
    assert (await reveal(floor, talk, agent, 0, "msg_" + "0" * 32)).problem == "not-found"
    _, waits = await floor.asking(f"card {CARD}")
    assert (await reveal(floor, waits, agent)).problem == "conflict"
    other = await floor.agent("cem")
    assert (await reveal(floor, talk, other, 0, page[0]["id"])).problem == "not-found"
    assert (await reveal(floor, talk, agent, 0, page[0]["id"], "no")).problem == "invalid-request"
    floor.house.clock.advance(5 * MINUTE)
    assert await floor.entries("message:revealed") == []


async def test_a_program_reveals_nothing(floor: Floor) -> None:
    agent = await floor.agent("bea")
    _, talk = await floor.taken(agent, f"card {CARD}")
    assert (await reveal(floor, talk, agent)).problem == "forbidden"


async def test_what_cannot_be_noted_is_not_revealed(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    agent, _ = await proven(floor)
    _, talk = await floor.taken(agent, f"card {CARD}")

    async def full(_tx: Transaction) -> None:
        raise StorageFailed("full")

    page = (await floor.ask("GET", f"/conversations/{talk}/messages", None, agent)).json["messages"]
    monkeypatch.setattr(floor.house.node.services.floor.database, "commit", full)
    told = await reveal(floor, talk, agent, 0, page[0]["id"])
    assert (told.status, CARD in told.body.decode()) == (503, False)


async def test_who_reveals_many_is_noticed(open_house: Open) -> None:
    async with open_house(HEAD + '[alarms]\nbulk_reveals = "1/1h"\n') as house:
        floor = Floor(house)
        agent, _ = await proven(floor)
        _, talk = await floor.taken(agent, f"card {CARD} and ada@example.org")
        for finding in (0, 1):
            assert (await reveal(floor, talk, agent, finding)).status == 200
        await house.node.sweep()
        [noticed] = await floor.entries("bulk-read:")
        assert noticed.reason == f"reveals more than 1 in {HOUR // SECOND}s"


async def test_a_wrong_page_is_refused(floor: Floor) -> None:
    agent = await floor.agent("bea")
    _, talk = await floor.taken(agent, "hello")
    for query in ("?limit=0", "?limit=x", "?before=1", "?after=msg_1"):
        told = await floor.ask("GET", f"/conversations/{talk}/messages{query}", None, agent)
        assert told.status in {400, 404}


async def test_what_went_to_a_person_is_not_asked_of_the_bot_when_it_comes_again(floor: Floor) -> None:
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    first = (await floor.say(token, talk, "How do I return a parcel?", client_id="1")).json
    assert (await floor.say(token, talk, "How do I return a parcel?", client_id="1")).json == first
    await floor.act("finish", talk, agent)
    await floor.act("return", talk, agent)
    again = await floor.say(token, talk, "How do I return a parcel?", client_id="1")
    assert (again.status, again.json, first["replies"]) == (201, first, [])
    other = await floor.say(token, talk, "How do I return a parcel?", client_id="2")
    assert [one["from"] for one in other.json["replies"]] == ["bot"]


@pytest.mark.parametrize(
    ("toml", "shown"),
    [
        ("", "bea.vogt"),
        ('[desk]\neverybody_shown_as = "our team"\n', "our team"),
        ('[desk]\neverybody_shown_as = "our team"\n[desk.agents."bea.vogt"]\nshown_as = "Bea"\n', "Bea"),
    ],
)
async def test_a_person_is_told_which_agent_wrote_by_the_name_that_is_shown(
    open_house: Open, toml: str, shown: str
) -> None:
    async with open_house(HEAD + toml) as house:
        floor = Floor(house)
        agent = await floor.agent("bea.vogt")
        async with floor.page(agent):
            token, talk = await floor.taken(agent, "hello")
            async with floor.page(token, f"{TALK}{talk}/events") as own:
                told = (await floor.tell(agent, talk, "How can I help?")).json["message"]
                live = await own.until("message", lambda one: one["from"] == "agent")
                await floor.act("typing", talk, agent)
                assert (await own.until("typing"))["agent"] == {"name": shown}
    async with open_house(HEAD + toml) as house:  # from the record
        page = (await house.ask("GET", f"{TALK}{talk}/messages", None, token)).json["messages"]
    assert [one.get("agent") for one in page] == [None, None, {"name": shown}]
    assert told["agent"] == live["agent"] == {"name": shown}
    assert "usr_" not in str(page)


async def test_agents_see_their_own_name_on_their_own_screen_live_and_from_the_record(open_house: Open) -> None:
    async with open_house(HEAD + '[policy.class]\nperson-name = "placeholder"\n') as house:
        floor = Floor(house)
        agent, admin = await floor.agent("bea.vogt"), await floor.person("root", "admin")
        text = "Hello, my name is Bea Vogt."
        async with floor.page(agent) as own, floor.page(admin) as other:
            _, talk = await floor.taken(agent, "hello")
            assert (await floor.tell(agent, talk, text)).json["message"]["text"] == text
            assert (await own.until("message", is_agents))["message"]["text"] == text
            assert "Vogt" not in (await other.until("message", is_agents))["message"]["text"]
            for token, seen in ((agent, True), (admin, False)):
                page = (await floor.ask("GET", f"/conversations/{talk}/messages", None, token)).json["messages"]
                assert ("Vogt" in page[-1]["text"]) is seen


def is_agents(told: dict[str, dict[str, str]]) -> bool:
    return told["message"]["from"] == "agent"
