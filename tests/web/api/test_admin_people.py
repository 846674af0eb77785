"""Accounts: listed for administrators and auditors, switched off and on by administrators with a fresh proof."""

from __future__ import annotations

from tests.web.api.test_admin import issued, signed_in
from tests.web.api.test_login import answer
from tests.web.test_operations import RIGHT, run
from tests.world.house import House
from tests.world.people import code

from chatwarden.clock import MINUTE
from chatwarden.web.api.admin import BASE

PEOPLE = BASE + "/people"


async def test_accounts_are_listed_by_name_with_what_an_administrator_must_know(house: House) -> None:
    token = await issued(house, "auditor")
    for name, role in (("anna", "customer"), ("anton", "agent"), ("bert", "customer")):
        await run(house, "user.add", name=name, role=role, password=RIGHT)
    await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})
    await run(house, "user.disable", name="bert")
    shown = (await house.ask("GET", PEOPLE, None, token)).json["people"]
    assert [(one["name"], one["role"], one["state"], one["sessions"]) for one in shown] == [
        ("anna", "customer", "enabled", 1), ("anton", "agent", "enabled", 0), ("auditor", "auditor", "enabled", 1),
        ("bert", "customer", "disabled", 0),
    ]  # fmt: skip
    assert (shown[0]["seen_at"] is None, shown[1]["seen_at"], shown[0]["enrolled"]) == (False, None, True)
    for query, names in (
        ("name=an", ["anna", "anton"]), ("role=customer", ["anna", "bert"]), ("state=disabled", ["bert"]),
        ("name=a&role=agent", ["anton"]), ("name=%25", []), ("after=anton", ["auditor", "bert"]),
    ):  # fmt: skip
        told = await house.ask("GET", f"{PEOPLE}?{query}", None, token)
        assert [one["name"] for one in told.json["people"]] == names, query
    first = (await house.ask("GET", PEOPLE + "?limit=2", None, token)).json
    assert (len(first["people"]), first["next"]) == (2, "anton")
    assert (await house.ask("GET", PEOPLE + "?role=visitor", None, token)).status == 400


async def test_switching_an_account_off_wants_a_fresh_proof_ends_its_sessions_and_is_in_the_log(house: House) -> None:
    token, secret = await signed_in(house)
    added = (await run(house, "user.add", name="anna", role="customer", password=RIGHT))["user"]["id"]
    anna = (await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})).json["token"]
    house.clock.advance(6 * MINUTE)
    refused = await house.ask("POST", f"{PEOPLE}/{added}/disable", None, token)
    assert (refused.status, refused.problem) == (401, "step-up-required")
    assert (await house.ask("GET", "/api/v1/session", None, anna)).status == 200
    proof = await answer(house, refused.json["challenge"]["id"], code(secret, house.clock.now()), token=token)
    assert proof.status == 200
    done = await house.ask("POST", f"{PEOPLE}/{added}/disable", None, token)
    assert done.json == {"id": added, "name": "anna", "state": "disabled", "sessions_ended": 1}
    assert (await house.ask("GET", "/api/v1/session", None, anna)).json["reason"] == "disabled"
    back = await house.ask("POST", f"{PEOPLE}/{added}/enable", None, token)
    assert (back.json["state"], back.json["sessions_ended"]) == ("enabled", 0)
    me = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
    said = [e async for _, e in house.node.services.audit.read() if e.event in {"user:disabled", "user:enabled"}]
    assert [(one.actor, one.lane, one.object) for one in said] == [(me, "staff", added)] * 2


async def test_nobody_locks_themselves_out(house: House) -> None:
    token, _ = await signed_in(house)
    me = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
    assert (await house.ask("POST", f"{PEOPLE}/{me}/disable", None, token)).problem == "conflict"
    assert (await house.ask("GET", "/api/v1/session", None, token)).status == 200


async def test_a_token_without_a_person_behind_it_switches_nobody_off(house: House) -> None:
    token = await issued(house, "admin")
    added = (await run(house, "user.add", name="anna", role="customer", password=RIGHT))["user"]["id"]
    told = await house.ask("POST", f"{PEOPLE}/{added}/disable", None, token)
    assert (told.status, told.problem) in {(403, "forbidden"), (401, "step-up-required")}
    assert (await house.node.services.identity.find("anna")).enabled


async def test_who_is_not_there_is_not_found(house: House) -> None:
    token, _ = await signed_in(house)
    for name in ("usr_" + "0" * 32, "anna"):
        for act in ("disable", "enable"):
            assert (await house.ask("POST", f"{PEOPLE}/{name}/{act}", None, token)).problem == "not-found"
