"""The overview over HTTP: every number is true, and leads to a list of as many."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.api.test_admin import issued
from tests.web.test_operations import run, say
from tests.world.house import HEAD, House, Open

from chatwarden.clock import HOUR, MINUTE
from chatwarden.web import tally as module
from chatwarden.web.api.admin import BASE

BOTS = (
    HEAD + '[bots.helpdesk]\n[bots.gone]\nconnector = "openai"\nurl = "http://127.0.0.1:9/v1"\nmodel = "x"\n'
    '[policy.class]\niban = "block"\n'
)  # fmt: skip


async def seen(house: House, token: str, span: str = "") -> Any:
    told = await house.ask("GET", f"{BASE}/overview" + (f"?span={span}" if span else ""), None, token)
    assert told.status == 200, told.body
    return told.json


async def listed(house: House, token: str, behind: str) -> int:
    """How many there are behind a number."""
    name, _, given = behind.partition("?")
    found, more = 0, ""
    while True:
        told = await house.ask("GET", f"{BASE}/{name}?{given}{more}", None, token)
        assert told.status == 200, (behind, told.body)
        page = told.json
        found += len(page["entries"] if name == "audit" else page["sessions"] if name == "sessions" else page["found"])
        if page["next"] is None:
            return found
        more = f"&{'before' if name == 'audit' else 'skip'}={page['next']}"


def by_name(shown: Any) -> dict[str, Any]:
    return {one["name"]: one for one in shown["numbers"]}


async def busy(house: House) -> None:
    """An afternoon: a card, an address, a refused IBAN, a bot that fails, a wish for a person, an end."""
    token = await house.visitor()
    talk, other = await house.conversation(token), await house.conversation(token, "gone")
    said = await say(house, token, talk, "card 4111 1111 1111 1111, mail a@b.example")
    await say(house, token, talk, "mail c@d.example")
    assert (await say(house, token, talk, "IBAN DE89 3704 0044 0532 0130 00")).problem == "message-blocked"
    await say(house, token, other, "hello?")
    await house.ask("POST", f"/api/v1/conversations/{talk}/handoff", None, token)
    destroyed = f"/api/v1/conversations/{talk}/messages/{said.json['message']['id']}"
    assert (await house.ask("DELETE", destroyed, None, token)).status == 200
    assert (await house.ask("POST", "/api/v1/session", {"username": "x", "password": "y"})).status == 401


async def test_every_number_leads_to_a_list_of_as_many(open_house: Open) -> None:
    async with open_house(BOTS) as house:
        token = await issued(house, "auditor")
        await busy(house)
        shown = await seen(house, token)
        numbers = by_name(shown)
        assert {name: one["count"] for name, one in numbers.items()} == {
            "messages": 3, "answered": 2, "handed-over": 1, "bot-failures": 1, "found": 3, "destroyed": 1, "refused": 3,
            "attacks": 0,
        }  # fmt: skip
        for one in numbers.values():
            assert sum(one["series"]) == one["count"] == await listed(house, token, one["list"])
            for part in one["parts"]:
                assert part["count"] == await listed(house, token, part["list"]), part
        for role in shown["people"]:
            assert role["count"] == await listed(house, token, role["list"])
        for one in shown["classes"]:
            assert one["found"] == await listed(house, token, one["found_list"])
            assert one["destroyed"] == await listed(house, token, one["destroyed_list"])
        classes = {one["class"]: (one["found"], one["destroyed"]) for one in shown["classes"]}
        assert classes == {"email": (2, 1), "payment-card": (1, 1)}
        assert {one["name"]: one["count"] for one in shown["people"]} == {"auditor": 1, "visitor": 1}
        assert {one["name"] for one in numbers["refused"]["parts"]} == {
            "message:blocked iban", "login:refused unknown", "bot:failed " + numbers["bot-failures"]["parts"][0]["name"],
        }  # fmt: skip
        assert "b.example" not in str(shown)
        assert (shown["complete"], shown["all_found"]) == (True, True)


async def test_numbers_move_with_the_clock_and_a_day_is_told_in_half_hours(house: House) -> None:
    token = await issued(house, "auditor")
    visitor = await house.visitor()
    talk = await house.conversation(visitor)
    await say(house, visitor, talk, "hello")
    hour = await seen(house, token)
    assert (hour["step"], len(by_name(hour)["messages"]["series"])) == (60, 60)
    assert by_name(hour)["messages"]["series"][-1] == 1
    house.clock.advance(5 * MINUTE)
    assert by_name(await seen(house, token))["messages"]["series"][-6] == 1
    day = await seen(house, token, "day")
    assert (day["step"], len(by_name(day)["messages"]["series"]), by_name(day)["messages"]["count"]) == (1_800, 48, 1)
    house.clock.advance(HOUR)
    assert by_name(await seen(house, token))["messages"]["count"] == 0
    assert (await house.ask("GET", BASE + "/overview?span=year", None, token)).status == 400


async def test_looking_again_and_again_keeps_no_session(house: House) -> None:
    token = await issued(house, "auditor")
    before = (await house.ask("GET", "/api/v1/session", None, token)).json["idle_deadline"]
    house.clock.advance(MINUTE)
    await seen(house, token)
    assert (await house.ask("GET", "/api/v1/session", None, token)).json["idle_deadline"] == before


async def test_a_long_day_is_read_in_pieces_that_say_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    monkeypatch.setattr(module, "PAGES", 1)
    token = await issued(house, "auditor")
    for _ in range(3):
        await house.visitor()
    first, looks = await seen(house, token), 1
    assert not first["complete"]
    while not (await seen(house, token))["complete"]:
        looks += 1
    assert looks < 5


async def test_a_paused_bot_is_told_apart(open_house: Open) -> None:
    async with open_house(BOTS) as house:
        token = await issued(house, "auditor")
        await run(house, "bot.pause", name="helpdesk")
        assert (await seen(house, token))["bots"] == {"asked": 1, "paused": 1, "list": "bots"}


async def test_what_was_found_is_listed_without_a_value(house: House) -> None:
    token = await issued(house, "auditor")
    visitor = await house.visitor()
    talk = await house.conversation(visitor)
    said = (await say(house, visitor, talk, "mail a@b.example")).json["message"]["id"]
    told = await house.ask("GET", BASE + "/found?class=email", None, token)
    [one] = told.json["found"]
    assert (one["message"], one["from"], one["classes"], one["conversation"]) == (said, "client", ["email"], talk)
    assert (one["destroyed_at"], one["reason"]) == (None, None)
    await house.ask("DELETE", f"/api/v1/conversations/{talk}/messages/{said}", None, visitor)
    [one] = (await house.ask("GET", BASE + "/found?class=any&state=destroyed", None, token)).json["found"]
    assert one["reason"] == "person"
    assert (await house.ask("GET", BASE + "/found?state=live", None, token)).json["found"] == []
    assert (await house.ask("GET", BASE + "/found?class=secret", None, token)).status == 400
