"""The desk over HTTP: who gets in, what it shows, and whose a conversation is."""

from __future__ import annotations

import pytest
from tests.web.test_operations import run
from tests.world.agents import TALK, Floor
from tests.world.house import HEAD, House, Open

from chatwarden.clock import MINUTE, SECOND
from chatwarden.principal import Role
from chatwarden.web.api import desk, desk_events, desk_messages

ROUTES = [*desk.ROUTES, *desk_messages.ROUTES, *desk_events.ROUTES]
NONE = "cnv_" + "0" * 32
REPLIES = HEAD + '[desk.replies.hello]\nshortcut = "/hi"\ntext = "Hello {name}, this is {agent}."\n'


@pytest.fixture
def floor(house: House) -> Floor:
    return Floor(house)


@pytest.mark.parametrize("role", ["visitor", "customer", "trainer", "auditor", "admin", "agent"])
async def test_every_route_refuses_the_wrong_person(floor: Floor, role: str) -> None:
    token = await floor.house.visitor() if role == "visitor" else await floor.person("somebody", role)
    for route in ROUTES:
        path = route.path.replace("{id}", NONE).replace("{mid}", "msg_" + "0" * 32)
        if Role(role) in route.roles:
            continue
        told = await floor.house.ask(route.method, path, {}, token)
        assert (told.status, told.problem) == (403, "forbidden"), route.path
        assert (await floor.house.ask(route.method, path, {})).problem == "invalid-token"


def test_every_route_is_for_somebody_and_none_for_customers() -> None:
    assert all(route.roles and route.roles <= {Role.AGENT, Role.ADMIN, Role.AUDITOR} for route in ROUTES)


async def test_the_desk_shows_who_waits_who_is_there_and_what_is_whose(floor: Floor) -> None:
    bea, cem = await floor.agent("bea"), await floor.agent("cem", "away")
    _, mine = await floor.taken(bea, "hello")
    floor.house.clock.advance(SECOND)
    _, waits = await floor.asking("Where is my parcel?", "I want a person")
    shown = (await floor.ask("GET", "", None, bea)).json
    assert (shown["me"]["name"], shown["me"]["assigned"], shown["me"]["capacity"]) == ("bea", 1, 3)
    assert [(one["name"], one["presence"]) for one in shown["agents"]] == [("bea", "available"), ("cem", "away")]
    [entry] = shown["queue"]
    assert (entry["conversation"], entry["reason"], entry["state"], entry["unread"]) == (waits, "asked", "queued", 2)
    assert entry["summary"] == "Where is my parcel? … I want a person"
    assert entry["person"] == {"kind": "visitor", "name": None, "identified": None}
    assert [one["conversation"] for one in shown["mine"]] == [mine]
    assert shown["others"] == shown["offered"] == []
    elsewhere = (await floor.ask("GET", "", None, cem)).json
    [others] = elsewhere["others"]
    assert (others["conversation"], others["summary"], others["assigned_to"]["name"]) == (mine, "", "bea")


async def test_how_and_when_a_person_was_identified_is_shown_and_their_name_where_policy_lets(open_house: Open) -> None:
    for policy, name in (("placeholder", None), ("allow", "ada")):
        async with open_house(HEAD + f'[policy.class]\nperson-name = "{policy}"\n') as house:
            floor = Floor(house)
            agent = await floor.agent(f"bea-{policy}")
            if name is None:
                await floor.person("ada", "customer")
            token = str((await run(house, "session.issue", user="ada", seconds=3_600))["token"])
            talk = await house.conversation(token)
            await house.ask("POST", f"{TALK}{talk}/handoff", None, token)
            entry = next(
                e for e in (await floor.ask("GET", "", None, agent)).json["queue"] if e["conversation"] == talk
            )
            person = entry["person"]
            assert (person["kind"], person["name"]) == ("person", name)
            assert (person["identified"]["factors"], person["identified"]["how"]) == (1, ["issued"])


async def test_one_conversation_shows_its_notes_who_looks_and_what_happened(floor: Floor) -> None:
    bea = await floor.agent("bea")
    cem = await floor.agent("cem")
    _, talk = await floor.asking("hello")
    async with floor.page(bea) as seen, floor.page(cem):
        for token in (cem, bea):
            assert (await floor.ask("GET", f"/conversations/{talk}", None, token)).status == 200
        looking = await seen.until("looking", lambda one: len(one["agents"]) == 2)
        assert (looking["conversation"], [one["name"] for one in looking["agents"]]) == (talk, ["bea", "cem"])
        await floor.act("take", talk, bea)
        await floor.act("notes", talk, bea, {"text": "knows us well"})
        shown = (await floor.ask("GET", f"/conversations/{talk}", None, bea)).json
        assert [(one["text"], one["by"]["name"]) for one in shown["notes"]] == [("knows us well", "bea")]
        assert [one["what"] for one in shown["timeline"]] == ["requested", "taken"]
        assert [one["name"] for one in shown["looking"]] == ["bea", "cem"]
    gone = (await floor.ask("GET", f"/conversations/{talk}", None, bea)).json
    assert [one["name"] for one in gone["looking"]] == ["bea"]  # who asked again just now


async def test_a_transfer_goes_with_a_note_to_an_agent_or_to_a_skill(floor: Floor) -> None:
    bea, cem = await floor.agent("bea"), await floor.agent("cem")
    _, talk = await floor.taken(bea, "hello")
    both = {"to": await floor.id_of("cem"), "skill": "fraud", "note": "x"}
    for wrong in (both, {"note": "x"}, {"to": await floor.id_of("cem")}):
        assert (await floor.act("transfer", talk, bea, wrong)).status == 422
    told = await floor.act("transfer", talk, bea, {"to": await floor.id_of("cem"), "note": "over to you"})
    assert told.json["assigned_to"]["name"] == "cem"
    shown = (await floor.ask("GET", f"/conversations/{talk}", None, cem)).json
    assert [one["text"] for one in shown["notes"]] == ["over to you"]
    told = await floor.act("transfer", talk, cem, {"skill": "fraud", "note": "is fraud"})
    assert (told.json["state"], told.json["skill"], told.json["assigned_to"]) == ("queued", "fraud", None)
    assert (await floor.what())[-2:] == ["transferred", "requeued"]
    assert (await floor.ask("POST", "/next", None, bea)).status == 204  # she has no such skill


async def test_each_time_it_is_passed_on_stands_in_its_timeline_over_a_restart(open_house: Open) -> None:
    async with open_house(HEAD) as house:
        floor = Floor(house)
        bea, cem = await floor.agent("bea"), await floor.agent("cem")
        ids = {await floor.id_of(name): name for name in ("bea", "cem")} | {"": ""}
        _, talk = await floor.taken(bea, "hello")
        to = next(one for one, name in ids.items() if name == "cem")
        await floor.act("transfer", talk, bea, {"to": to, "note": "over to you"})
        await floor.act("transfer", talk, cem, {"skill": "fraud", "note": "is fraud"})
        await floor.act("take", talk, bea)
    async with open_house(HEAD) as house:
        floor = Floor(house)
        shown = (await floor.ask("GET", f"/conversations/{talk}", None, bea)).json["timeline"]
    assert [(one["what"], one["reason"], ids[one["by"]], ids[one["to"]]) for one in shown] == [
        ("requested", "asked", "", ""), ("taken", "", "bea", ""), ("transferred", "", "bea", "cem"),
        ("requeued", "transfer", "cem", ""),
    ]  # fmt: skip


async def test_who_goes_back_to_the_list_looks_at_nothing(floor: Floor) -> None:
    bea, cem = await floor.agent("bea"), await floor.agent("cem")
    _, talk = await floor.asking("hello")
    async with floor.page(cem) as seen:
        await floor.ask("GET", f"/conversations/{talk}", None, bea)
        await seen.until("looking", lambda one: [agent["name"] for agent in one["agents"]] == ["bea"])
        assert (await floor.ask("DELETE", "/looking", None, bea)).status == 204
        await seen.until("looking", lambda one: one == {"conversation": talk, "agents": []})


async def test_an_administrator_looks_on_and_passes_on_and_has_nothing_themselves(floor: Floor) -> None:
    bea = await floor.agent("bea")
    admin = await floor.person("root", "admin")
    _, talk = await floor.taken(bea, "hello")
    shown = (await floor.ask("GET", "", None, admin)).json
    assert shown["others"][0]["summary"] == "hello"
    assert [one["name"] for one in shown["agents"]] == ["bea"]
    assert (await floor.act("transfer", talk, admin, {"skill": "vip", "note": "important"})).status == 200
    assert (await floor.entries())[-1].actor == await floor.id_of("root")


async def test_finish_return_and_close_are_the_agents_own(floor: Floor) -> None:
    bea = await floor.agent("bea")
    token, talk = await floor.taken(bea, "hello")
    assert (await floor.act("return", talk, bea)).problem == "conflict"
    told = await floor.act("finish", talk, bea, {"note": "solved"})
    assert (told.json["state"], told.json["answer_due"]) == ("wrap-up", None)
    assert (await floor.act("finish", talk, bea)).problem == "conflict"
    assert (await floor.act("return", talk, bea)).status == 204
    assert (await floor.act("close", talk, bea)).problem == "not-found"
    assert (await floor.what()) == ["requested", "taken", "finished", "returned"]
    assert (await floor.say(token, talk, "How do I return a parcel?")).json["replies"][0]["from"] == "bot"


async def test_replies_are_those_of_the_configuration(open_house: Open) -> None:
    async with open_house(REPLIES) as house:
        told = await Floor(house).ask("GET", "/replies", None, await Floor(house).agent("bea"))
        hello = {"name": "hello", "shortcut": "/hi", "text": "Hello {name}, this is {agent}."}
        assert told.json == {"replies": [hello]}


async def test_numbers_are_of_a_time_and_for_who_has_to_know(floor: Floor) -> None:
    bea = await floor.agent("bea")
    _, talk = await floor.asking("hello")
    floor.house.clock.advance(30 * SECOND)
    await floor.act("take", talk, bea)
    floor.house.clock.advance(MINUTE)
    await floor.act("finish", talk, bea)
    await floor.house.conversation(await floor.house.visitor())
    for token in (bea, await floor.person("eve", "auditor"), await floor.person("root", "admin")):
        told = (await floor.ask("GET", "/numbers", None, token)).json
        assert (told["inquiries"], told["answered_by_bot"], told["by_reason"]) == (2, 1, {"asked": 1})
        assert (told["waiting"]["median"], told["handling"]["p90"]) == (30, 60)
    later = await floor.ask("GET", "/numbers?since=2999-01-01T00:00:00Z", None, bea)
    assert (later.json["inquiries"], later.json["waiting"]) == (0, {"median": None, "p90": None})
    for wrong in ("?since=yesterday", "?until=1"):
        assert (await floor.ask("GET", "/numbers" + wrong, None, bea)).problem == "invalid-request"


async def test_who_reads_many_conversations_is_noticed(open_house: Open) -> None:
    async with open_house(HEAD + '[alarms]\nbulk_conversations = "2/10m"\n') as house:
        floor = Floor(house)
        bea = await floor.agent("bea")
        for _ in range(3):
            _, talk = await floor.asking("hello")
            await floor.ask("GET", f"/conversations/{talk}/messages", None, bea)
        await house.node.sweep()
        assert [one.lane for one in await floor.entries("bulk-read:")] == ["staff"]
