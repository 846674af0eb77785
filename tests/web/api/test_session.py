"""Logging in and out, the question whether somebody is still there, and enrolment, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.world.house import HEAD, House, Open, Told

from chatwarden.clock import DAY, MINUTE
from chatwarden.principal import Role
from chatwarden.web import operations

RIGHT = "a long and quiet afternoon"
OTHER = "another long evening here"
SESSION = "/api/v1/session"
PASSWORDS = HEAD + '[session]\nconfirmation = "password"\nattempts = 2\n'


async def login(house: House, name: str, password: str, token: str = "") -> Told:
    return await house.ask("POST", SESSION, {"username": name, "password": password}, token)


async def person(house: House, name: str = "anna") -> None:
    now = house.clock.now()
    await house.node.services.identity.add(name, Role.CUSTOMER, now, actor="control", password=RIGHT)


async def enrolment(house: House, name: str) -> str:
    """A fresh one-time token."""
    shown: Any = await operations.run(house.node.services, "user.enrol", {"name": name})
    token: str = shown["enrolment_link"].partition("#")[2]
    return token


async def events(house: House) -> list[tuple[str, str]]:
    return [(entry.event, entry.reason) async for _, entry in house.node.services.audit.read()]


async def test_a_person_logs_in_and_out(house: House) -> None:
    await person(house)
    told = await login(house, "anna", RIGHT)
    assert (told.status, told.json["token_type"]) == (201, "Bearer")
    session = told.json["session"]
    assert (session["principal"]["name"], session["assurance"]["factors"]) == ("anna", ["password"])
    token = told.json["token"]
    assert (await house.ask("GET", SESSION, None, token)).json["id"] == session["id"]
    out = await house.ask("DELETE", SESSION, None, token)
    assert (out.status, out.body) == (204, b"")
    assert (await house.ask("GET", SESSION, None, token)).json["reason"] == "logout"


async def test_half_of_a_login_is_refused_and_nothing_is_a_visitor(house: House) -> None:
    for half in ({"username": "anna"}, {"password": RIGHT}):
        assert (await house.ask("POST", SESSION, half)).status == 422
    for nothing in (None, {}, {"username": None, "password": None}):
        told = await house.ask("POST", SESSION, nothing)
        assert (told.status, told.json["session"]["principal"]["kind"]) == (201, "visitor")


async def test_where_visitors_are_not_let_in_they_are_told_so(open_house: Open) -> None:
    async with open_house(HEAD + "[session]\nvisitors = false\n") as house:
        told = await house.ask("POST", SESSION, {})
        assert (told.status, told.problem) == (403, "forbidden")
        await person(house)
        assert (await login(house, "anna", RIGHT)).status == 201


@pytest.mark.asvs("6.3.1")
async def test_wrong_passwords_run_out_and_come_back_with_time(house: House) -> None:
    await person(house)
    told = [await login(house, "anna", OTHER) for _ in range(6)]
    assert [one.problem for one in told] == ["invalid-credentials"] * 5 + ["too-many-attempts"]
    assert (await login(house, "anna", RIGHT)).problem == "too-many-attempts"
    wait = int(told[-1].headers["retry-after"])
    assert 0 < wait <= 180
    house.clock.advance(wait * 1_000_000)
    assert (await login(house, "anna", RIGHT)).status == 201
    # The right password gives the attempts back.
    assert [(await login(house, "anna", OTHER)).problem for _ in range(5)] == ["invalid-credentials"] * 5


@pytest.mark.asvs("6.3.1")
async def test_a_source_that_tries_many_names_is_slowed_down(house: House) -> None:
    told = [(await login(house, f"name{n}", OTHER)).problem for n in range(11)]
    assert told == ["invalid-credentials"] * 10 + ["too-many-requests"]


@pytest.mark.asvs("7.2.4")
async def test_a_visitor_who_logs_in_keeps_their_conversation_and_their_old_token_dies(house: House) -> None:
    await person(house)
    visitor = await house.visitor()
    conversation = await house.conversation(visitor)
    token = (await login(house, "anna", RIGHT, visitor)).json["token"]
    (mine,) = (await house.ask("GET", "/api/v1/conversations", None, token)).json["conversations"]
    assert mine["id"] == conversation
    assert (await house.ask("GET", SESSION, None, visitor)).json["reason"] == "replaced"


async def test_a_wrong_login_takes_nothing_from_the_visitor(house: House) -> None:
    await person(house)
    visitor = await house.visitor()
    conversation = await house.conversation(visitor)
    assert (await login(house, "anna", OTHER, visitor)).status == 401
    path = f"/api/v1/conversations/{conversation}/messages"
    assert (await house.ask("GET", path, None, visitor)).status == 200


async def test_another_persons_token_beside_a_login_gives_nothing_away(house: House) -> None:
    await person(house)
    await person(house, "bert")
    bert = (await login(house, "bert", RIGHT)).json["token"]
    await house.conversation(bert)
    for token in (bert, "cws_" + "0" * 64, "nonsense"):
        anna = (await login(house, "anna", RIGHT, token)).json["token"]
        assert (await house.ask("GET", "/api/v1/conversations", None, anna)).json["conversations"] == []
    assert (await house.ask("GET", SESSION, None, bert)).status == 200


@pytest.mark.asvs("7.5.2", "8.2.2")
async def test_a_person_sees_and_ends_their_own_sessions_only(house: House) -> None:
    await person(house)
    await person(house, "bert")
    one, two = [(await login(house, "anna", RIGHT)).json for _ in range(2)]
    bert = (await login(house, "bert", RIGHT)).json
    listed = (await house.ask("GET", "/api/v1/sessions", None, one["token"])).json["sessions"]
    assert {session["id"] for session in listed} == {one["session"]["id"], two["session"]["id"]}
    theirs = await house.ask("DELETE", f"/api/v1/sessions/{bert['session']['id']}", None, one["token"])
    absent = await house.ask("DELETE", "/api/v1/sessions/ses_" + "0" * 32, None, one["token"])
    assert (theirs.status, theirs.body) == (404, absent.body)
    assert (await house.ask("DELETE", f"/api/v1/sessions/{two['session']['id']}", None, one["token"])).status == 204
    assert (await house.ask("GET", SESSION, None, two["token"])).json["reason"] == "logout"
    assert (await house.ask("GET", SESSION, None, bert["token"])).status == 200


async def test_the_right_answer_keeps_a_session_and_wrong_ones_end_it(open_house: Open) -> None:
    async with open_house(PASSWORDS) as house:
        await person(house)
        token = (await login(house, "anna", RIGHT)).json["token"]
        house.clock.advance(14 * MINUTE)
        asked = (await house.ask("GET", SESSION, None, token)).json["challenge"]
        path = f"/api/v1/challenges/{asked['id']}/answer"
        wrong = await house.ask("POST", path, {"answer": OTHER}, token)
        assert (wrong.problem, wrong.json["challenge"]["attempts_left"]) == ("confirmation-required", 1)
        right = await house.ask("POST", path, {"answer": RIGHT}, token)
        assert (right.status, right.json["state"]) == (200, "active")
        house.clock.advance(14 * MINUTE)
        again = (await house.ask("GET", SESSION, None, token)).json["challenge"]
        path = f"/api/v1/challenges/{again['id']}/answer"
        told = [await house.ask("POST", path, {"answer": OTHER}, token) for _ in range(3)]
        assert [one.problem for one in told] == ["confirmation-required", "session-ended", "session-ended"]
        assert told[-1].json["reason"] == "wrong-answers"


@pytest.mark.asvs("6.4.1")
async def test_a_one_time_link_works_once_and_ends_what_went_before(house: House) -> None:
    await person(house)
    before = (await login(house, "anna", RIGHT)).json["token"]
    token = await enrolment(house, "anna")
    short = await house.ask("POST", "/api/v1/enrolments", {"token": token, "password": "short"})
    assert (short.status, short.problem) == (422, "invalid-request")
    told = await house.ask("POST", "/api/v1/enrolments", {"token": token, "password": OTHER})
    assert (told.status, told.json) == (201, {"username": "anna"})
    again = await house.ask("POST", "/api/v1/enrolments", {"token": token, "password": OTHER})
    absent = await house.ask("POST", "/api/v1/enrolments", {"token": "0" * 64, "password": OTHER})
    assert (again.status, again.body) == (404, absent.body)
    assert (await house.ask("GET", SESSION, None, before)).json["reason"] == "credential-changed"
    assert (await login(house, "anna", RIGHT)).status == 401
    assert (await login(house, "anna", OTHER)).status == 201


@pytest.mark.asvs("6.4.1")
async def test_a_one_time_link_dies_after_a_day_and_when_a_newer_one_is_made(house: House) -> None:
    await person(house)
    old = await enrolment(house, "anna")
    new = await enrolment(house, "anna")
    assert (await house.ask("POST", "/api/v1/enrolments", {"token": old, "password": OTHER})).status == 404
    house.clock.advance(DAY)
    assert (await house.ask("POST", "/api/v1/enrolments", {"token": new, "password": OTHER})).status == 404


@pytest.mark.parametrize("change", ["disabled", "credential-changed"])
async def test_an_account_that_changes_while_its_password_is_checked_lets_nobody_in(house: House, change: str) -> None:
    """The check of a password takes its time, and the end of all sessions does not see what is not there yet."""
    services = house.node.services
    await person(house)
    link = await enrolment(house, "anna")

    async def changed() -> None:
        if change == "disabled":
            await operations.run(services, "user.disable", {"name": "anna"})
        else:
            told = await house.ask("POST", "/api/v1/enrolments", {"token": link, "password": OTHER})
            assert told.status == 201

    tokens = []
    told = await asyncio.gather(*(login(house, "anna", RIGHT) for _ in range(3)), changed())
    for one in told[:3]:
        assert isinstance(one, Told)
        if one.status == 201:
            tokens.append(one.json["token"])
        else:
            assert one.problem == "invalid-credentials"
    for token in tokens:
        assert (await house.ask("GET", SESSION, None, token)).problem == "session-ended"
    assert await services.sessions.all(house.clock.now()) == []
    begun = [reason for event, reason in await events(house) if event == "session:ended"]
    assert set(begun) <= {change}
