"""Accounts: listed for administrators and auditors, switched off and on by administrators with a fresh proof."""

from __future__ import annotations

import pytest
from tests.web.api.test_admin import issued, signed_in
from tests.web.api.test_login import answer
from tests.web.test_operations import RIGHT, run
from tests.world.house import House
from tests.world.people import code

from chatwarden.clock import MINUTE
from chatwarden.errors import Conflict
from chatwarden.principal import Role
from chatwarden.web.api.admin import BASE
from chatwarden.web.people import disable, give_role

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
    assert done.json == {
        "id": added, "name": "anna", "role": "customer", "state": "disabled", "sessions_ended": 1,
    }  # fmt: skip
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


async def test_a_token_without_a_person_behind_it_switches_nobody_off_and_lets_nobody_in(house: House) -> None:
    token = await issued(house, "admin")
    added = (await run(house, "user.add", name="anna", role="customer", password=RIGHT))["user"]["id"]
    before = await house.node.services.identity.all()
    for method, path, body in (
        ("POST", f"{PEOPLE}/{added}/disable", None), ("PUT", f"{PEOPLE}/{added}/role", {"role": "admin"}),
        ("POST", PEOPLE, {"name": "eve", "role": "admin"}),
    ):  # fmt: skip
        told = await house.ask(method, path, body, token)
        assert (told.status, told.problem) in {(403, "forbidden"), (401, "step-up-required")}, path
    assert await house.node.services.identity.all() == before


async def test_who_is_not_there_is_not_found(house: House) -> None:
    token, _ = await signed_in(house)
    for name in ("usr_" + "0" * 32, "anna"):
        for act in ("disable", "enable", "invitation"):
            assert (await house.ask("POST", f"{PEOPLE}/{name}/{act}", None, token)).problem == "not-found"
        assert (await house.ask("DELETE", f"{PEOPLE}/{name}/sessions", None, token)).problem == "not-found"
        assert (await house.ask("PUT", f"{PEOPLE}/{name}/role", {"role": "agent"}, token)).problem == "not-found"


async def test_somebody_is_invited_with_a_link_that_is_shown_once_and_works_once(house: House) -> None:
    token, secret = await signed_in(house)
    house.clock.advance(6 * MINUTE)
    wanted = {"name": "bea", "role": "agent", "email": "bea@example.org"}
    refused = await house.ask("POST", PEOPLE, wanted, token)
    assert (refused.status, refused.problem) == (401, "step-up-required")
    assert await house.node.services.identity.by_name("bea") is None
    challenge = refused.json["challenge"]["id"]
    assert (await answer(house, challenge, code(secret, house.clock.now()), token=token)).status == 200
    made = await house.ask("POST", PEOPLE, wanted, token)
    assert (made.status, made.json["name"], made.json["role"]) == (201, "bea", "agent")
    link = made.json["enrolment_link"].partition("/enrol#")[2]
    [row] = (await house.ask("GET", PEOPLE + "?name=bea", None, token)).json["people"]
    assert (row["enrolled"], row["vouched"], link in str(row)) == (False, False, False)
    used = await house.ask("POST", "/api/v1/enrolments", {"token": link, "password": RIGHT})
    assert used.json["username"] == "bea"
    assert (await house.ask("POST", "/api/v1/enrolments", {"token": link, "password": RIGHT})).problem == "not-found"
    me = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
    log = [e async for _, e in house.node.services.audit.read() if e.object == made.json["id"]]
    assert [(one.event, one.lane, one.actor == me) for one in log] == [
        ("user:added", "staff", True), ("user:contact-changed", "staff", True), ("user:enrolment-issued", "staff", True),
        ("user:enrolled", "staff", False),
    ]  # fmt: skip
    assert link not in str(log)


async def test_who_cannot_be_invited_is_refused_and_nothing_is_left_behind(house: House) -> None:
    token, _ = await signed_in(house)
    await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    for body, status in (
        ({"name": "anna", "role": "agent"}, 409), ({"name": "bea", "role": "visitor"}, 400),
        ({"name": "b a", "role": "agent"}, 400), ({"name": "bea"}, 422), ({"name": "", "role": "agent"}, 422),
        ({"name": "bea", "role": "agent", "email": "nowhere"}, 400), ({"name": "bea", "role": "agent", "password": RIGHT}, 422),
    ):  # fmt: skip
        assert (await house.ask("POST", PEOPLE, body, token)).status == status, body
    assert [one.name for one in await house.node.services.identity.all()] == ["ada", "anna"]


async def test_who_has_not_come_in_yet_is_invited_again_and_the_first_link_dies(house: House) -> None:
    token, _ = await signed_in(house)
    made = (await house.ask("POST", PEOPLE, {"name": "bea", "role": "agent"}, token)).json
    again = await house.ask("POST", f"{PEOPLE}/{made['id']}/invitation", None, token)
    first, second = (one["enrolment_link"].partition("#")[2] for one in (made, again.json))
    assert (await house.ask("POST", "/api/v1/enrolments", {"token": first, "password": RIGHT})).problem == "not-found"
    assert (await house.ask("POST", "/api/v1/enrolments", {"token": second, "password": RIGHT})).status == 201
    refused = await house.ask("POST", f"{PEOPLE}/{made['id']}/invitation", None, token)
    assert (refused.status, refused.problem) == (409, "conflict")  # no way to another's password


async def test_another_role_ends_the_sessions_that_have_the_rights_of_the_old_one(house: House) -> None:
    token, secret = await signed_in(house)
    added = (await run(house, "user.add", name="anna", role="customer", password=RIGHT))["user"]["id"]
    anna = (await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})).json["token"]
    house.clock.advance(6 * MINUTE)
    path, body = f"{PEOPLE}/{added}/role", {"role": "agent"}
    refused = await house.ask("PUT", path, body, token)
    assert refused.problem == "step-up-required"
    assert (await house.ask("GET", "/api/v1/session", None, anna)).status == 200
    challenge = refused.json["challenge"]["id"]
    assert (await answer(house, challenge, code(secret, house.clock.now()), token=token)).status == 200
    told = await house.ask("PUT", path, body, token)
    assert (told.json["role"], told.json["sessions_ended"]) == ("agent", 1)
    assert (await house.ask("GET", "/api/v1/session", None, anna)).json["reason"] == "revoked"
    for wrong, status in (({"role": "agent"}, 422), ({"role": "bot"}, 400), ({}, 422)):
        assert (await house.ask("PUT", path, wrong, token)).status == status
    me = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
    log = [e async for _, e in house.node.services.audit.read() if e.event == "user:role-changed"]
    assert [(one.actor, one.lane, one.object, one.reason) for one in log] == [(me, "staff", added, "customer agent")]


async def test_nobody_takes_their_own_role_and_nobody_the_last_administrator(house: House) -> None:
    token, _ = await signed_in(house)
    identity = house.node.services.identity
    me = (await identity.find("ada")).id
    assert (await house.ask("PUT", f"{PEOPLE}/{me}/role", {"role": "auditor"}, token)).problem == "conflict"
    # Another one who is invited and cannot come in yet leaves the first as the last one: whoever acts for her, is refused.
    other = (await house.ask("POST", PEOPLE, {"name": "bob", "role": "admin"}, token)).json["id"]
    services, now = house.node.services, house.clock.now()
    for act in (
        give_role(services, "ada", Role.CUSTOMER, now, actor=other, keep_admin=True),
        disable(services, "ada", now, actor=other, keep_admin=True),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            await act
    assert (await identity.find("ada")).role is Role.ADMIN
    assert (await house.ask("GET", "/api/v1/session", None, token)).status == 200
    assert (await house.ask("PUT", f"{PEOPLE}/{other}/role", {"role": "agent"}, token)).status == 200


async def test_every_session_of_somebody_ends_at_once_and_waits_for_no_proof(house: House) -> None:
    token, _ = await signed_in(house)
    added = (await run(house, "user.add", name="anna", role="customer", password=RIGHT))["user"]["id"]
    theirs = [
        (await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})).json["token"]
        for _ in "ab"
    ]
    house.clock.advance(6 * MINUTE)
    told = await house.ask("DELETE", f"{PEOPLE}/{added}/sessions", None, token)
    assert (told.json["state"], told.json["sessions_ended"]) == ("enabled", 2)
    for one in theirs:
        assert (await house.ask("GET", "/api/v1/session", None, one)).json["reason"] == "revoked"
    me = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
    log = [e async for _, e in house.node.services.audit.read() if e.event == "session:ended"]
    assert [(one.actor, one.reason) for one in log] == [(me, "revoked")] * 2
