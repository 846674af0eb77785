"""What administrators do, by name."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from chatwarden.clock import HOUR, MINUTE
from chatwarden.errors import Conflict, InvalidRequest, NotFound, Problem
from chatwarden.web import operations
from chatwarden.web.lines import Lines
from chatwarden.web.operations import OPERATIONS
from tests.world.house import HEAD, House, Open, Told

RIGHT = "a long and quiet afternoon"
BOTS = HEAD + '[bots.helpdesk]\n[bots.watched]\nconnector = "builtin"\nmode = "observe"\n'


async def run(house: House, command: str, **args: object) -> Any:
    result = await operations.run(house.node.services, command, args)
    return {"entries": [json.loads(one) async for one in result.pieces]} if isinstance(result, Lines) else result


async def say(house: House, token: str, conversation: str, text: str) -> Told:
    return await house.ask("POST", f"/api/v1/conversations/{conversation}/messages", {"text": text}, token)


async def test_a_person_with_a_password_may_log_in_and_one_without_gets_a_link(house: House) -> None:
    added = await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    assert set(added) == {"user"}
    linked = await run(house, "user.add", name="bert", role="agent")
    assert "/enrol#" in linked["enrolment_link"]
    users = {user["name"]: user for user in (await run(house, "user.list"))["users"]}
    assert [(users[n]["role"], users[n]["enabled"], users[n]["enrolled"]) for n in ("anna", "bert")] == [
        ("customer", True, True),
        ("agent", True, False),
    ]
    assert RIGHT not in str(users)
    with pytest.raises(Conflict):
        await run(house, "user.add", name="anna", role="customer", password=RIGHT)


async def test_where_nobody_is_told_a_test_says_so(house: House) -> None:
    with pytest.raises(InvalidRequest, match="nobody is told"):
        await run(house, "notify.test")


async def test_a_disabled_person_is_out_and_enabled_gets_in_again(house: House) -> None:
    await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    login = {"username": "anna", "password": RIGHT}
    token = (await house.ask("POST", "/api/v1/session", login)).json["token"]
    assert await run(house, "user.disable", name="anna") == {"disabled": "anna", "sessions_ended": 1}
    assert (await house.ask("GET", "/api/v1/session", None, token)).json["reason"] == "disabled"
    assert (await house.ask("POST", "/api/v1/session", login)).status == 401
    assert await run(house, "user.enable", name="anna") == {"enabled": "anna"}
    assert (await house.ask("POST", "/api/v1/session", login)).status == 201
    assert (await house.ask("GET", "/api/v1/session", None, token)).status == 401


async def test_a_token_lives_exactly_as_long_as_it_was_issued_for(house: House) -> None:
    await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    issued = await run(house, "session.issue", user="anna", seconds=3_600)
    (listed,) = (await run(house, "session.list"))["sessions"]
    assert (listed["id"], listed["absolute_deadline"]) == (issued["session"], issued["expires_at"])
    assert issued["token"] not in str(listed)
    house.clock.advance(HOUR - 1)
    assert (await house.ask("GET", "/api/v1/session", None, issued["token"])).status == 200
    house.clock.advance(1)
    assert (await house.ask("GET", "/api/v1/session", None, issued["token"])).status == 401
    assert (await run(house, "session.list"))["sessions"] == []


async def test_a_token_is_not_issued_to_an_account_that_is_being_disabled(house: House) -> None:
    await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    # Somewhere among these the account is read before it is disabled, and the session is stored after.
    for steps in range(40):
        disabling = asyncio.create_task(run(house, "user.disable", name="anna"))
        for _ in range(steps):
            await asyncio.sleep(0)
        issuing = run(house, "session.issue", user="anna", seconds=60)
        await asyncio.gather(disabling, issuing, return_exceptions=True)
        assert (await run(house, "session.list"))["sessions"] == []
        await run(house, "user.enable", name="anna")
    await run(house, "user.disable", name="anna")
    with pytest.raises(InvalidRequest):
        await run(house, "session.issue", user="anna", seconds=60)
    assert (await run(house, "session.list"))["sessions"] == []


async def test_a_revoked_session_is_over_and_is_revoked_once(house: House) -> None:
    token = await house.visitor()
    session = (await house.ask("GET", "/api/v1/session", None, token)).json["id"]
    assert await run(house, "session.revoke", id=session) == {"revoked": session}
    assert (await house.ask("GET", "/api/v1/session", None, token)).json["reason"] == "revoked"
    with pytest.raises(NotFound):
        await run(house, "session.revoke", id=session)


@pytest.mark.asvs("7.4.5")
async def test_the_sessions_of_one_person_or_of_all_are_ended_at_once(house: House) -> None:
    for name in ("anna", "bert"):
        await run(house, "user.add", name=name, role="customer", password=RIGHT)

    async def token(name: str) -> str:
        told = await house.ask("POST", "/api/v1/session", {"username": name, "password": RIGHT})
        return str(told.json["token"])

    anna, again, bert, visitor = await token("anna"), await token("anna"), await token("bert"), await house.visitor()
    assert await run(house, "session.revoke", user="anna") == {"sessions_ended": 2}
    alive = [(await house.ask("GET", "/api/v1/session", None, one)).status for one in (anna, again, bert, visitor)]
    assert alive == [401, 401, 200, 200]
    assert await run(house, "session.revoke", all=True) == {"sessions_ended": 2}
    told = [await house.ask("GET", "/api/v1/session", None, one) for one in (bert, visitor)]
    assert [one.json["reason"] for one in told] == ["revoked", "revoked"]
    with pytest.raises(NotFound):
        await run(house, "session.revoke", user="carl")


async def test_a_bot_is_paused_alone_or_with_all_and_resumed(open_house: Open) -> None:
    async with open_house(BOTS) as house:

        async def paused() -> dict[str, bool]:
            return {bot["name"]: bot["paused"] for bot in (await run(house, "bot.list"))["bots"]}

        assert await run(house, "bot.pause", name="watched") == {"paused": "watched"}
        assert await paused() == {"helpdesk": False, "watched": True}
        assert await run(house, "bot.pause", all=True) == {"paused": "every bot"}
        assert await paused() == {"helpdesk": True, "watched": True}
        await run(house, "bot.resume", all=True)
        await run(house, "bot.resume", name="watched")
        assert await paused() == {"helpdesk": False, "watched": False}


async def test_a_report_counts_what_the_rules_would_have_done_since_an_instant(open_house: Open) -> None:
    async with open_house(BOTS) as house:
        token = await house.visitor()
        watched, other = await house.conversation(token, "watched"), await house.conversation(token)
        await say(house, token, watched, "long ago a@b.example")
        house.clock.advance(10 * MINUTE)
        for text in ("mail a@b.example", "card 4111 1111 1111 1111", "a@b.example and c@d.example"):
            assert (await say(house, token, watched, text)).status == 201
            assert (await say(house, token, other, text)).status == 201
        report = await run(house, "bot.report", name="watched", seconds=300)
        assert (report["messages"], report["answers"]) == (3, 3)
        person = [one for one in report["findings"] if one["from"] == "person"]
        assert [(one["class"], one["would"], one["messages"]) for one in person] == [
            ("email", "placeholder", 2),
            ("payment-card", "masked", 1),
        ]
        assert (await run(house, "bot.report", name="watched", seconds=3_600))["messages"] == 4


@pytest.mark.parametrize("what", ["message", "conversation", "user"])
async def test_what_is_erased_is_gone_and_the_rest_stays(house: House, what: str) -> None:
    await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    token = (await run(house, "session.issue", user="anna", seconds=3_600))["token"]
    one, two = await house.conversation(token), await house.conversation(token)
    first = (await say(house, token, one, "first")).json["message"]["id"]
    await say(house, token, two, "second")
    stranger = await house.visitor()
    theirs = await house.conversation(stranger)
    await say(house, stranger, theirs, "theirs")
    named = {"message": first, "conversation": one, "user": "anna"}[what]
    erased = await run(house, "erase", **{what: named})
    assert len(erased["receipts"]) == {"message": 1, "conversation": 2, "user": 4}[what]
    assert erased["kept"] == []
    assert {receipt["reason"] for receipt in erased["receipts"]} == {"erasure"}

    async def live(who: str, conversation: str) -> int:
        told = await house.ask("GET", f"/api/v1/conversations/{conversation}/messages", None, who)
        return sum(message["state"] == "live" for message in told.json["messages"])

    left = {"message": [1, 2], "conversation": [0, 2], "user": [0, 0]}[what]
    assert [await live(token, one), await live(token, two)] == left
    assert await live(stranger, theirs) == 2
    if what == "message":
        with pytest.raises(NotFound):
            await run(house, "erase", message=first)


async def test_what_the_law_wants_kept_is_named_and_not_erased(open_house: Open) -> None:
    async with open_house(HEAD + '[bots.helpdesk.keep]\ndefault = "6d"\n') as house:
        token = await house.visitor()
        conversation = await house.conversation(token)
        message = (await say(house, token, conversation, "hello")).json["message"]["id"]
        erased = await run(house, "erase", conversation=conversation)
        assert erased["receipts"] == []
        assert message in [one["id"] for one in erased["kept"]]
        assert all(one["kept_until"].endswith("Z") for one in erased["kept"])


async def test_the_log_is_exported_whole_or_by_lane_and_holds_no_text(house: House) -> None:
    token = await house.visitor()
    await say(house, token, await house.conversation(token), "swordfish")
    entries = (await run(house, "audit.export"))["entries"]
    assert [one["index"] for one in entries] == sorted(one["index"] for one in entries)
    assert "swordfish" not in str(entries)
    by_lane = [
        (await run(house, "audit.export", lane=lane))["entries"] for lane in ("client", "bot", "staff", "system")
    ]
    assert sorted(one["index"] for lane in by_lane for one in lane) == [one["index"] for one in entries]
    assert {one["entry"]["lane"] for one in by_lane[1]} == {"bot"}


WRONG: list[tuple[str, dict[str, object]]] = [
    ("fly", {}),
    ("", {}),
    ("x" * 10_000, {}),
    ("user.add", {}),
    ("user.add", {"name": "anna", "role": "visitor"}),
    ("user.add", {"name": "anna", "role": "bot"}),
    ("user.add", {"name": "anna", "role": ["customer"]}),
    ("user.add", {"name": "anna", "role": "customer", "password": "short"}),
    ("user.add", {"name": "", "role": "customer"}),
    ("user.add", {"name": "an na", "role": "customer"}),
    ("user.add", {"name": "a" * 600, "role": "customer"}),
    ("user.disable", {"name": "nobody"}),
    ("user.disable", {"name": 7}),
    ("user.enrol", {"name": "nobody"}),
    ("session.revoke", {"id": "ses_1"}),
    ("session.revoke", {"id": "ses_" + "0" * 32}),
    ("session.issue", {"user": "nobody", "seconds": 60}),
    ("session.issue", {"user": "anna", "seconds": 0}),
    ("session.issue", {"user": "anna", "seconds": True}),
    ("session.issue", {"user": "anna", "seconds": 1.5}),
    ("session.issue", {"user": "anna", "seconds": "60"}),
    ("session.issue", {"user": "anna"}),
    ("session.issue", {"user": "anna", "seconds": 10**9}),
    ("bot.test", {"name": "none"}),
    ("bot.pause", {"name": "none"}),
    ("bot.pause", {"all": "yes"}),
    ("bot.resume", {}),
    ("bot.report", {"name": "none", "seconds": 60}),
    ("bot.report", {"name": "helpdesk"}),
    ("erase", {}),
    ("erase", {"user": "anna", "message": "msg_1"}),
    ("erase", {"message": "msg_1"}),
    ("erase", {"conversation": ["cnv_1"]}),
    ("erase", {"user": "nobody"}),
    ("audit.export", {"lane": "none"}),
    ("audit.export", {"lane": ["bot"]}),
    ("audit.export", {"lane": 7}),
    ("audit.export", {"event": "sun:rose"}),
    ("audit.export", {"format": "cef"}),
    ("audit.export", {"from": "yesterday"}),
    ("audit.export", {"to": "2026-13-01"}),
    ("audit.export", {"to": 7}),
    ("audit.export", {"actor": ""}),
]


async def test_wrong_use_is_told_as_such_and_changes_nothing(house: House) -> None:
    before = len((await run(house, "audit.export"))["entries"])
    for command, args in WRONG:
        with pytest.raises(Problem) as refused:
            await run(house, command, **args)
        assert refused.value.status < 500, (command, args)
        assert len(str(refused.value)) < 200 + 512
    assert len((await run(house, "audit.export"))["entries"]) == before


async def test_every_operation_is_known_by_a_name_of_its_own() -> None:
    assert len(set(OPERATIONS.values())) == len(OPERATIONS)
    assert all(function.__doc__ for function in OPERATIONS.values())


async def test_a_new_key_signs_from_now_on_and_earlier_ones_go_at_once_if_told_so(house: House) -> None:
    keys = house.node.services.provider.keys
    now = house.clock.now()
    first = (await run(house, "keys.rotate"))["kid"]
    second = await run(house, "keys.rotate", forget=False)
    assert [key["kid"] for key in await keys.published(now)] == [second["kid"], first]
    third = await run(house, "keys.rotate", forget=True)
    assert third["forgotten"]
    assert [key["kid"] for key in await keys.published(now)] == [third["kid"]]
    log = [(e.actor, e.reason, e.object) async for _, e in house.node.services.audit.read() if e.event == "key:made"]
    assert log == [
        ("control", "asked", first), ("control", "asked", second["kid"]), ("control", "compromised", third["kid"]),
    ]  # fmt: skip
