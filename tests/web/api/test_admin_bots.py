"""Bots as administrators and auditors see them, and their pauses: with a fresh proof, in the log, for administrators alone."""

from __future__ import annotations

from tests.web.api.test_admin import issued, signed_in
from tests.web.api.test_admin_setup import TOML, seen
from tests.web.api.test_login import answer
from tests.web.test_operations import run
from tests.world.house import House, Open
from tests.world.people import code

from chatwarden.clock import MINUTE
from chatwarden.web.api.admin import BASE

BOTS = BASE + "/bots"


async def test_bots_are_shown_with_accounts_and_levels_and_without_a_secret(open_house: Open) -> None:
    async with open_house(TOML) as house:
        made = await run(house, "bot.add", name="bank", level="sales", seconds=86_400, instance="one")
        shown = await seen(house, "bots")
        assert {one["name"]: (one["mode"], one["level"], one["paused"]) for one in shown["bots"]} == {
            "helpdesk": ("protect", None, False), "watched": ("observe", None, False), "bank": ("protect", "sales", False),
        }  # fmt: skip
        assert shown["levels"] == [{"name": "sales", "rights": ["orders:read"]}]
        [account] = shown["accounts"]
        assert (account["name"], account["rights"], account["instances"][0]["label"]) == (
            "bank",
            ["orders:read"],
            "one",
        )
        assert made["client_secret"] not in str(shown)
        assert shown["all_paused"] is False
        assert account["instances"][0]["created_at"] < account["instances"][0]["expires_at"]


async def test_a_bot_is_paused_and_asked_again_with_a_fresh_proof_and_the_log_says_who(house: House) -> None:
    token, secret = await signed_in(house)
    house.clock.advance(6 * MINUTE)
    refused = await house.ask("POST", BOTS + "/helpdesk/pause", None, token)
    assert (refused.status, refused.problem) == (401, "step-up-required")
    assert not house.node.services.gateway.pauses.holds("helpdesk")
    challenge = refused.json["challenge"]["id"]
    assert (await answer(house, challenge, code(secret, house.clock.now()), token=token)).status == 200
    assert (await house.ask("POST", BOTS + "/helpdesk/pause", None, token)).json == {
        "paused": ["helpdesk"], "all_paused": False,
    }  # fmt: skip
    visitor = await house.visitor()
    talk = await house.conversation(visitor)
    path = f"/api/v1/conversations/{talk}/messages"
    said = (await house.ask("POST", path, {"text": "How do I return a parcel?"}, visitor)).json
    assert [one["from"] for one in said["replies"]] == ["system"]
    assert (await house.ask("POST", BOTS + "/helpdesk/resume", None, token)).json["paused"] == []
    me = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
    log = [e async for _, e in house.node.services.audit.read() if e.event in {"bot:paused", "bot:resumed"}]
    assert [(one.event, one.actor, one.lane, one.object) for one in log] == [
        ("bot:paused", me, "staff", "helpdesk"), ("bot:resumed", me, "staff", "helpdesk"),
    ]  # fmt: skip


async def test_while_every_bot_is_paused_none_is_asked_alone(open_house: Open) -> None:
    async with open_house(TOML) as house:
        token, _ = await signed_in(house)
        told = (await house.ask("POST", BOTS + "/pause", None, token)).json
        assert (sorted(told["paused"]), told["all_paused"]) == (["bank", "helpdesk", "watched"], True)
        refused = await house.ask("POST", BOTS + "/bank/resume", None, token)
        assert (refused.status, refused.problem) == (422, "invalid-request")
        assert house.node.services.gateway.pauses.holds("bank")
        assert (await house.ask("GET", BOTS, None, token)).json["all_paused"] is True
        assert (await house.ask("POST", BOTS + "/resume", None, token)).json == {"paused": [], "all_paused": False}


async def test_a_token_without_a_person_behind_it_pauses_no_bot(house: House) -> None:
    token = await issued(house, "admin")
    for path in ("/helpdesk/pause", "/pause"):
        told = await house.ask("POST", BOTS + path, None, token)
        assert (told.status, told.problem) in {(403, "forbidden"), (401, "step-up-required")}
    assert not house.node.services.gateway.pauses.holds("helpdesk")


async def test_a_bot_that_is_not_there_is_not_found(house: House) -> None:
    token, _ = await signed_in(house)
    for name in ("nobody", "%2A", "*"):
        for act in ("pause", "resume"):
            told = await house.ask("POST", f"{BOTS}/{name}/{act}", None, token)
            assert (told.status, told.problem) == (404, "not-found"), name
    assert not house.node.services.gateway.pauses.holds("helpdesk")
