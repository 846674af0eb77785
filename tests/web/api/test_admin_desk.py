"""The desk for those who answer for it: true numbers, lists of as many, a queue for administrators alone, and no words."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.test_operations import run
from tests.world.agents import Floor
from tests.world.house import House

from chatwarden.clock import DAY, MINUTE, SECOND, rfc3339
from chatwarden.web.api.admin import BASE

SAID = "My parcel of yesterday is lost"


@pytest.fixture
def floor(house: House) -> Floor:
    return Floor(house)


async def asked(floor: Floor, token: str, path: str) -> Any:
    told = await floor.house.ask("GET", f"{BASE}/{path}", None, token)
    assert told.status == 200, told.body
    return told.json


async def a_morning(floor: Floor) -> dict[str, str]:
    """One taken and finished, one that nobody took, one that waits, one that stays with the bot; and one of before."""
    bea = await floor.agent("bea")
    _, before = await floor.asking("hello")
    await floor.act("take", before, bea)
    await floor.act("finish", before, bea)
    await floor.act("return", before, bea)
    floor.house.clock.advance(3 * DAY)
    _, lost = await floor.asking(SAID)
    await floor.later(5 * MINUTE)
    cem = await floor.agent("cem")
    _, done = await floor.asking(SAID)
    floor.house.clock.advance(40 * SECOND)
    await floor.act("take", done, cem)
    floor.house.clock.advance(90 * SECOND)
    await floor.act("finish", done, cem)
    alone = await floor.house.conversation(await floor.house.visitor())
    _, waits = await floor.asking(SAID)
    return {"before": before, "lost": lost, "done": done, "alone": alone, "waits": waits}


async def test_every_number_leads_to_a_list_of_as_many(floor: Floor) -> None:
    talks = await a_morning(floor)
    eve = await floor.person("eve", "auditor")
    told = await asked(floor, eve, "desk/numbers?span=hour")
    counts = {one["name"]: one["count"] for one in told["numbers"]}
    assert counts == {"inquiries": 4, "answered-by-bot": 1, "asked-people": 3, "not-taken": 1}
    for one in told["numbers"]:
        assert (sum(one["series"]), len(one["series"])) == (one["count"], 60)
        for shown in (one, *one["parts"]):
            rows = await asked(floor, eve, shown["list"])
            assert len(rows[shown["list"].partition("?")[0]]) == shown["count"], shown["list"]
    [waiting, handling] = told["times"]
    assert (waiting["count"], waiting["median"], waiting["p90"]) == (1, 40, 40)
    assert (handling["count"], handling["median"], handling["p90"]) == (1, 90, 90)
    for one in told["times"]:
        assert [row["conversation"] for row in (await asked(floor, eve, one["list"]))["handoffs"]] == [talks["done"]]
    week = await asked(floor, eve, "desk/numbers?span=week")
    assert ({one["name"]: one["count"] for one in week["numbers"]}["inquiries"], len(week["numbers"][0]["series"])) == (
        5,
        28,
    )
    assert (await floor.house.ask("GET", BASE + "/desk/numbers?span=year", None, eve)).problem == "invalid-request"


async def test_the_numbers_are_those_of_the_command(floor: Floor) -> None:
    await a_morning(floor)
    eve = await floor.person("eve", "auditor")
    shown = {one["name"]: one["count"] for one in (await asked(floor, eve, "desk/numbers?span=day"))["numbers"]}
    told = await run(floor.house, "desk.numbers", seconds=86_400)
    assert [shown[name] for name in ("inquiries", "answered-by-bot", "asked-people", "not-taken")] == [
        told[name] for name in ("inquiries", "answered_by_bot", "handed_over", "not_taken")
    ]


async def test_hand_offs_and_inquiries_are_listed_without_a_word_of_what_was_said(floor: Floor) -> None:
    talks = await a_morning(floor)
    eve = await floor.person("eve", "auditor")
    page = await asked(floor, eve, "handoffs?limit=2")
    assert ([one["conversation"] for one in page["handoffs"]], page["next"]) == ([talks["waits"], talks["done"]], 2)
    waits, done = page["handoffs"]
    assert (waits["state"], waits["agent"], waits["waited"], waits["outcome"]) == ("queued", None, None, "")
    assert (done["state"], done["agent"]["name"], done["waited"], done["handled"]) == ("wrap-up", "cem", 40, 90)
    rest = await asked(floor, eve, "handoffs?limit=2&skip=2")
    assert [one["outcome"] for one in rest["handoffs"]] == ["give-up", "return"]
    for query, names in (
        ("outcome=give-up", ["lost"]), ("stage=finished", ["done", "before"]), ("reason=tone", []), ("bot=other", []),
    ):  # fmt: skip
        rows = (await asked(floor, eve, f"handoffs?{query}"))["handoffs"]
        assert [one["conversation"] for one in rows] == [talks[name] for name in names], query
    first = await asked(floor, eve, "inquiries?limit=1&by=bot")
    assert (first["inquiries"][0]["conversation"], first["next"]) == (talks["alone"], None)
    people = await asked(floor, eve, "inquiries?limit=3&by=people")
    assert ([one["handed_over"] for one in people["inquiries"]], people["next"]) == ([True] * 3, talks["lost"])
    last = await asked(floor, eve, f"inquiries?by=people&after={people['next']}")
    assert [one["conversation"] for one in last["inquiries"]] == [talks["before"]]
    assert "yesterday" not in str([page, rest, first, people, last])
    for wrong in (
        "handoffs?reason=x",
        "handoffs?outcome=take",
        "handoffs?stage=x",
        "inquiries?by=x",
        "inquiries?after=x",
    ):
        assert (await floor.house.ask("GET", f"{BASE}/{wrong}", None, eve)).problem == "invalid-request", wrong


async def test_an_administrator_sees_who_waits_and_who_is_there_since_when(floor: Floor) -> None:
    root = await floor.person("root", "admin")
    cem = await floor.agent("cem", "away")
    bea = await floor.agent("bea")
    at = floor.house.clock.now()
    came = rfc3339(at)
    floor.house.clock.advance(MINUTE)
    assert (await floor.ask("PUT", "/presence", {"presence": "available"}, bea)).status == 200  # the same again
    _, mine = await floor.taken(bea, SAID)
    floor.house.clock.advance(SECOND)
    _, waits = await floor.asking(SAID)
    shown = await asked(floor, root, "desk")
    agents = {one["name"]: one for one in shown["agents"]}
    assert list(agents) == ["bea", "cem"]
    assert (agents["bea"]["presence"], agents["bea"]["assigned"], agents["bea"]["capacity"]) == ("available", 1, 3)
    assert agents["bea"]["since"] == came
    silent = rfc3339(at + floor.house.node.services.desk.config.cut_off)
    assert (agents["cem"]["presence"], agents["cem"]["since"]) == ("offline", silent)  # out of touch since then
    await floor.ask("GET", "", None, cem)
    again = (await asked(floor, root, "desk"))["agents"][1]
    assert (again["presence"], again["since"]) == ("away", came)
    assert [one["conversation"] for one in shown["queue"]] == [waits]
    assert (shown["queue"][0]["reason"], shown["queue"][0]["agent"]) == ("bot-did-not-know", None)
    assert [(one["conversation"], one["agent"]["name"]) for one in shown["assigned"]] == [(mine, "bea")]
    assert shown["assigned"][0]["answer_due"] is not None
    assert "parcel" not in str(shown)
    assert (await floor.house.ask("DELETE", "/api/v1/session", None, cem)).status == 204
    assert (await asked(floor, root, "desk"))["agents"][-1]["presence"] == "offline"


async def test_who_is_at_work_is_told_to_no_auditor_and_no_agent(floor: Floor) -> None:
    for role in ("auditor", "agent", "customer"):
        told = await floor.house.ask("GET", BASE + "/desk", None, await floor.person(role, role))
        assert (told.status, told.problem) == (403, "forbidden"), role


async def test_looking_at_the_queue_keeps_no_session_and_reads_nothing_in_bulk(floor: Floor) -> None:
    root = await floor.person("root", "admin")
    _, _ = await floor.asking(SAID)
    before = (await floor.house.ask("GET", "/api/v1/session", None, root)).json["idle_deadline"]
    floor.house.clock.advance(MINUTE)
    for path in ("desk", "desk/numbers", "handoffs", "inquiries"):
        await asked(floor, root, path)
    assert (await floor.house.ask("GET", "/api/v1/session", None, root)).json["idle_deadline"] == before
