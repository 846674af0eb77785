"""Company logins over HTTP: the browser's way there and back, the session, and its end when the company says so."""

from __future__ import annotations

import pytest
from tests.web.api.test_login import answer, login, person, with_codes
from tests.world.company import VERIFIER, s256
from tests.world.house import House, Told
from tests.world.people import code as one_time_code
from tests.world.town import FORM, ROLES, SESSION, Town

from chatwarden.audit.model import Event
from chatwarden.clock import HOUR, MINUTE
from chatwarden.web.api.company import COOKIE


async def test_pages_are_told_which_buttons_to_show(town: Town, house: House) -> None:
    assert (await town.get("/login")).json == [{"name": "acme", "title": "Acme"}]
    town.reload(ROLES)
    assert (await town.get("/login")).json == [{"name": "acme", "title": "acme"}]
    assert (await house.ask("GET", "/login")).json == []


async def test_a_person_signs_in_at_the_company_and_has_a_session(town: Town) -> None:
    told = await town.login()
    assert told.status == 201
    session = told.json["session"]
    assert (session["principal"]["name"], session["principal"]["roles"]) == ("acme+anna", ["customer"])
    assert session["assurance"]["factors"] == ["company"]
    assert "incomplete" not in session
    own = (await town.house.ask("GET", "/api/v1/sessions", token=told.json["token"])).json["sessions"]
    assert [one["origin"] for one in own] == ["company"]
    kept = await town.house.node.services.sessions.find(session["id"], town.house.clock.now())
    assert kept.principal.rights == ("accounts:read",)


async def test_a_visitor_keeps_the_conversation(town: Town) -> None:
    visitor = await town.house.visitor()
    conversation = await town.house.conversation(visitor)
    told = await town.login(token=visitor)
    own = await town.house.ask("GET", "/api/v1/conversations", token=told.json["token"])
    assert [one["id"] for one in own.json["conversations"]] == [conversation]
    assert await town.state(visitor) == "replaced"


async def test_the_cookie_is_for_this_host_and_this_login_only(town: Town) -> None:
    told = await town.get("/login/acme", challenge=s256(VERIFIER))
    name, _, rest = told.headers["set-cookie"].partition("=")
    assert name == COOKIE == "__Host-chatwarden-login"
    assert set(rest.split("; ")[1:]) == {"Path=/", "Max-Age=600", "Secure", "HttpOnly", "SameSite=Lax"}
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["referrer-policy"] == "no-referrer"
    back = await town.get("/login/acme/callback", **town.acme.sign_in(told.headers["location"]))
    assert "Max-Age=0" in back.headers["set-cookie"]
    assert (back.headers["referrer-policy"], back.headers["cache-control"]) == ("no-referrer", "no-store")


@pytest.mark.parametrize(
    "page",
    ["https://evil.example/", "//evil.example/demo", "/\\evil.example", "/demo/../login", "/demo#x", "/demo?x=1",
     "/demo\r\nSet-Cookie: a=b", "javascript:alert(1)", "/enrol", "/demo/", "demo", "", "/DEMO", "/demo//evil.example",
     "/demo%2f..", "https://gateway.example/demo"],
)  # fmt: skip
async def test_nobody_is_sent_to_a_page_that_is_not_ours(town: Town, page: str) -> None:
    told = await town.get("/login/acme", **{"challenge": s256(VERIFIER), "return": page})
    assert (told.status, told.problem) == (400, "invalid-request")
    assert "location" not in told.headers
    assert "set-cookie" not in told.headers


@pytest.mark.parametrize("challenge", ["", "x", "x" * 42, "x" * 44, "x" * 42 + "=", "é" * 43])
async def test_a_page_must_keep_a_verifier(town: Town, challenge: str) -> None:
    assert (await town.get("/login/acme", challenge=challenge)).problem == "invalid-request"


# -- what is refused is refused alike


async def test_whatever_is_wrong_people_are_told_the_same_and_the_log_the_reason(town: Town) -> None:
    acme = town.acme

    async def back(told: dict[str, str] | None = None, *, keep: bool = True, **more: str) -> Told:
        location = await town.begin()
        if not keep:
            town.cookies.clear()
        return await town.get("/login/acme/callback", **(told or {**acme.sign_in(location), **more}))

    answers = {
        "another-browser": await back(keep=False),
        "state": await back(state="0" * 64),
        "response-issuer": await back(iss="https://evil.example"),
        "company-refused": await back({"error": "access_denied", "state": "x"}, keep=True),
        "exchange": await back(code="guessed"),
        "no-code": await back(code=""),
    }
    acme.claims["nonce"] = "another"
    answers["nonce"] = await back()
    acme.claims = {"aud": "another"}
    answers["audience"] = await back()
    town.reload('role_claim = "groups"\n[company.acme.roles]\nheads = "admin"\n')
    acme.claims = {"preferred_username": "anna"}
    answers["no-role"] = await back()
    assert {one.status for one in answers.values()} == {401}
    assert len({one.body for one in answers.values()}) == 1
    assert {one.problem for one in answers.values()} == {"invalid-credentials"}
    expected = list(answers)
    expected[3] = "state"  # an error without this login's state is a stranger's
    assert await town.reasons() == expected


async def test_in_a_browser_the_same_answer_is_a_page(town: Town) -> None:
    first, second = [
        await town.house.ask("GET", f"/login/acme/callback{query}", headers={"Accept": "text/html,*/*;q=0.8"})
        for query in ("?code=x&state=y", "?error=access_denied&error_description=<script>")
    ]
    assert (first.status, first.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert first.body == second.body
    assert b"You are not signed in" in first.body
    german = {"Accept": "text/html", "Accept-Language": "de"}
    other = await town.house.ask("GET", "/login/acme/callback?code=a&code=b", headers=german)
    assert (other.status, other.headers["content-language"]) == (401, "de")
    assert "Sie sind nicht angemeldet" in other.body.decode()
    assert "default-src 'none'" in first.headers["content-security-policy"]


async def test_a_query_that_says_something_twice_is_refused_alike(town: Town) -> None:
    told = await town.house.ask("GET", "/login/acme/callback?code=a&code=b")
    assert (told.status, told.problem) == (401, "invalid-credentials")
    assert await town.reasons() == ["malformed-answer"]


async def test_a_provider_that_does_not_answer_is_told_apart_from_a_refusal(town: Town) -> None:
    location = await town.begin()
    told = town.acme.sign_in(location)
    town.acme.status["/token"] = "502 Bad Gateway"
    back = await town.get("/login/acme/callback", **told)
    assert (back.status, back.problem, back.headers["retry-after"]) == (503, "unavailable", "5")
    town.reload(ROLES)
    town.acme.status["/.well-known/openid-configuration"] = "500 Oh"
    there = await town.get("/login/acme", challenge=s256(VERIFIER))
    assert (there.status, there.problem) == (503, "unavailable")


async def test_a_provider_that_names_another_issuer_is_refused(town: Town) -> None:
    town.acme.metadata["issuer"] = "https://evil.example"
    told = await town.get("/login/acme", challenge=s256(VERIFIER))
    assert (told.status, told.problem) == (401, "invalid-credentials")
    assert await town.reasons() == ["metadata-issuer"]


async def test_a_company_that_is_not_there_is_not_found(town: Town) -> None:
    assert (await town.get("/login/nobody", challenge=s256(VERIFIER))).problem == "not-found"
    assert (await town.get("/login/nobody/callback", code="x", state="y")).problem == "not-found"
    told = await town.house.ask("POST", "/login/nobody/backchannel-logout", b"logout_token=x", headers=FORM)
    assert (told.status, told.body) == (400, (await town.log_out("x")).body)
    assert await town.reasons(Event.COMPANY_LOGOUT_REFUSED) == ["malformed"]


async def test_who_is_refused_too_often_waits_and_fills_no_log(town: Town) -> None:
    for _ in range(10):
        assert (await town.get("/login/acme/callback", code="x", state="y")).status == 401
    told = await town.get("/login/acme/callback", code="x", state="y")
    assert (told.status, told.problem) == (429, "too-many-requests")
    assert int(told.headers["retry-after"]) > 0
    assert len(await town.reasons()) == 10
    assert await town.token()  # what is right is not counted


@pytest.mark.asvs("7.6.2", "10.1.2")
async def test_a_code_is_for_the_page_that_began(town: Town) -> None:
    code = await town.code()
    wrong = await town.fetch(code, "another-verifier-of-somebody-who-saw-the-code")
    unknown = await town.fetch("0" * 64)
    assert (wrong.status, wrong.problem) == (401, "invalid-credentials")
    assert wrong.body == unknown.body
    assert (await town.fetch(code)).problem == "invalid-credentials"
    assert await town.reasons() == ["another-page", "unknown-code", "unknown-code"]


@pytest.mark.parametrize(
    "body",
    [{"code": "x"}, {"verifier": "x"}, {"code": "x", "verifier": "y", "username": "z"}, {"code": "x", "password": "y"},
     {"username": "x", "password": "y", "code": "z", "verifier": "w"}],
)  # fmt: skip
async def test_one_way_in_at_a_time(town: Town, body: dict[str, str]) -> None:
    told = await town.house.ask("POST", SESSION, body)
    assert (told.status, told.problem) == (422, "invalid-request")


# -- staff, second factors, roles


async def test_staff_whose_login_was_not_strong_can_set_up_a_factor_and_nothing_else(town: Town) -> None:
    town.acme.claims["groups"] = ["desk"]
    told = await town.login()
    assert told.json["session"]["incomplete"] is True
    assert (await town.house.ask("GET", "/api/v1/conversations", token=told.json["token"])).problem == (
        "second-factor-required"
    )
    town.acme.claims["amr"] = ["pwd", "mfa"]
    strong = (await town.login()).json["session"]
    assert "incomplete" not in strong
    assert strong["assurance"]["factors"] == ["company", "mfa"]


async def test_a_session_that_became_complete_still_ends_with_the_companys(town: Town) -> None:
    town.acme.claims["groups"] = ["desk"]
    weak = await town.token()
    begun = await town.house.ask("POST", "/api/v1/factors", {"kind": "totp", "name": "Phone"}, weak)
    shown = one_time_code(begun.json["secret"], town.house.clock.now())
    done = await town.house.ask("POST", f"/api/v1/factors/{begun.json['id']}/confirm", {"answer": shown}, weak)
    assert done.status == 201, done.body
    complete = done.json["token"]
    assert "incomplete" not in done.json["session"]
    assert (await town.log_out()).status == 200
    assert (await town.state(weak), await town.state(complete)) == ("replaced", "company-logout")


async def test_a_second_factor_of_ours_is_asked_for_where_the_company_saw_only_one(town: Town) -> None:
    await town.token()
    secret = await with_codes(town.house, "acme+anna")
    asked = await town.login()
    assert (asked.status, asked.problem) == (401, "second-factor-required")
    challenge = asked.json["challenge"]
    assert challenge["kinds"] == ["totp"]
    told = await answer(town.house, challenge["id"], one_time_code(secret, town.house.clock.now()))
    assert told.status == 201
    assert told.json["session"]["assurance"]["factors"] == ["company", "totp"]
    await town.log_out()
    assert await town.state(told.json["token"]) == "company-logout"
    town.house.clock.advance(MINUTE)
    town.acme.claims["amr"] = ["mfa"]
    assert (await town.login()).status == 201


async def test_a_logout_during_the_second_factor_lets_nobody_in(town: Town) -> None:
    await town.token()
    secret = await with_codes(town.house, "acme+anna")
    challenge = (await town.login()).json["challenge"]["id"]
    await town.log_out()
    told = await answer(town.house, challenge, one_time_code(secret, town.house.clock.now()))
    assert (told.status, told.problem) == (401, "invalid-credentials")
    services = town.house.node.services
    assert await services.sessions.all(town.house.clock.now()) == []


async def test_earlier_sessions_end_when_the_company_gives_less(town: Town) -> None:
    town.acme.claims |= {"groups": ["desk"], "amr": ["mfa"]}
    agent = await town.token()
    town.acme.claims["groups"] = ["people"]
    customer = await town.token()
    assert (await town.state(agent), await town.state(customer)) == ("revoked", "living")
    town.acme.claims["groups"] = ["others"]
    without = await town.token()
    assert (await town.state(customer), await town.state(without)) == ("revoked", "living")
    town.acme.claims["groups"] = ["people"]
    assert await town.token()
    assert await town.state(without) == "living"  # it has less, not more
    assert await town.reasons(Event.USER_ROLE_CHANGED) == ["agent customer"]


async def test_a_disabled_account_gets_nothing(town: Town) -> None:
    token, code = await town.token(), await town.code()
    services, now = town.house.node.services, town.house.clock.now()
    await services.identity.set_enabled("acme+anna", now, enabled=False, actor="control")
    assert (await town.fetch(code)).problem == "invalid-credentials"
    told = await town.get("/login/acme/callback", **town.acme.sign_in(await town.begin()))
    assert (told.status, told.problem) == (401, "invalid-credentials")
    assert (await town.reasons())[-1] == "disabled"
    assert token


async def test_an_equal_name_or_address_leads_to_no_account(town: Town) -> None:
    await person(town.house, "anna")
    town.acme.claims |= {"email": "anna", "email_verified": True}
    told = await town.login()
    assert told.json["session"]["principal"]["name"] == "acme+anna"
    mine = await login(town.house, "anna")
    assert mine.json["session"]["principal"]["id"] != told.json["session"]["principal"]["id"]


# -- back-channel logout


async def test_what_is_remembered_of_logins_is_forgotten_with_their_sessions(town: Town) -> None:
    await town.token()
    town.house.clock.advance(13 * HOUR)
    await town.house.node.sweep()
    rows = await town.house.node.database.fetch("SELECT session_id FROM company_sessions")
    assert rows == []
