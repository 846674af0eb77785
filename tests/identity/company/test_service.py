"""A login from the button to the account, and what is refused on the way: each with its own reason, for the log."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from tests.world.company import KEYS, VERIFIER, s256
from tests.world.desk import BASE, MAPPED, Desk
from tests.world.forge import hostile

from chatwarden.audit.model import Event
from chatwarden.audit.service import AuditLog
from chatwarden.clock import HOUR
from chatwarden.config.parse import parse
from chatwarden.errors import NotAccepted, NotFound
from chatwarden.identity.company.model import LoggedOut
from chatwarden.identity.company.service import AWAY, CODE, CompanyLogins
from chatwarden.principal import Role
from chatwarden.storage.model import Transaction


async def test_a_person_arrives_with_an_account_of_their_own(desk: Desk) -> None:
    desk.acme.claims = {"preferred_username": "anna", "amr": ["pwd"]}
    arrived = await desk.login()
    assert (arrived.user.name, arrived.user.role, arrived.user.password) == ("acme+anna", Role.CUSTOMER, None)
    assert (arrived.factors, arrived.rights) == (("company",), ())
    assert (arrived.issuer, arrived.subject, arrived.sid) == (desk.acme.issuer, desk.acme.subject, "there-1")
    assert (await desk.login()).user == arrived.user
    assert await desk.users() == [("acme+anna", "customer")]


@pytest.mark.asvs("6.8.1", "10.3.3", "10.5.2")
async def test_people_are_found_by_issuer_and_subject_and_by_nothing_else(desk: Desk) -> None:
    for at in (desk.acme, desk.rival):
        at.claims = {"preferred_username": "anna", "email": "anna@acme.example", "email_verified": True}
    there, here = await desk.login("rival"), await desk.login()
    assert there.user.id != here.user.id
    assert (there.user.name, here.user.name) == ("rival+anna", "acme+anna")
    desk.acme.subject = "another"
    third = await desk.login()
    assert third.user.id not in {there.user.id, here.user.id}
    assert third.user.name.startswith("acme+")
    desk.acme.claims = {"preferred_username": "renamed"}
    assert (await desk.login()).user == third.user


async def test_a_name_that_somebody_has_leads_nowhere(desk: Desk) -> None:
    await desk.database.commit(_user("usr_" + "1" * 32, "acme+anna", "admin"))
    desk.acme.claims = {"preferred_username": "anna"}
    arrived = await desk.login()
    assert arrived.user.role is Role.CUSTOMER
    assert arrived.user.name != "acme+anna"
    assert len(await desk.users()) == 2


def _user(user_id: str, name: str, role: str) -> Transaction:
    tx = Transaction()
    tx.add(
        "INSERT INTO users (id, name, role, state, created_at) VALUES (?, ?, ?, 'enabled', 0)", (user_id, name, role)
    )
    return tx


async def test_two_browsers_of_one_new_person_get_one_account(desk: Desk) -> None:
    first, second = await asyncio.gather(desk.login(), desk.login())
    assert first.user.id == second.user.id


async def test_roles_and_rights_follow_the_claims_at_each_login(desk: Desk) -> None:
    desk.reload(MAPPED)
    desk.acme.claims = {"preferred_username": "anna", "groups": ["desk"], "amr": ["mfa"]}
    arrived = await desk.login()
    assert (arrived.user.role, arrived.rights, arrived.factors) == (Role.AGENT, ("orders:read",), ("company", "mfa"))
    desk.acme.claims["groups"] = ["elsewhere"]
    later = await desk.login()
    assert (later.user.id, later.user.role, later.rights) == (arrived.user.id, Role.CUSTOMER, ())
    assert await desk.users() == [("acme+anna", "customer")]


@pytest.mark.asvs("6.8.4")
async def test_what_the_id_token_does_not_say_userinfo_may_but_not_how_strong_the_login_was(desk: Desk) -> None:
    desk.reload(MAPPED)
    desk.acme.userinfo = {"preferred_username": "anna", "groups": ["desk"], "amr": ["mfa"], "acr": "mfa"}
    arrived = await desk.login()
    assert (arrived.user.name, arrived.user.role, arrived.factors) == ("acme+anna", Role.AGENT, ("company",))
    desk.acme.claims = {"groups": []}
    assert (await desk.login()).user.role is Role.CUSTOMER  # what is signed goes before
    assert await desk.refused(userinfo={"sub": "another"}) == "userinfo-subject"


async def test_whom_nobody_mapped_is_refused_and_gets_no_account(desk: Desk) -> None:
    desk.reload(MAPPED.replace('default_role = "customer"\n', ""))
    assert await desk.refused() == "no-role"
    assert await desk.users() == []


async def test_a_disabled_account_gets_nothing(desk: Desk) -> None:
    await desk.login()
    tx = Transaction()
    tx.add("UPDATE users SET state = 'disabled'")
    await desk.database.commit(tx)
    assert await desk.refused() == "disabled"


# -- what comes back must be what was sent out, to the same browser


@pytest.mark.asvs("7.6.2", "10.1.2")
async def test_what_comes_back_to_another_browser_is_refused(desk: Desk) -> None:
    (location, mine), (_, other) = await desk.begin(), await desk.begin()
    told = desk.acme.sign_in(location)
    for carried, reason in {
        "": "another-browser", other: "state", "x": "forged-cookie", mine[:-2]: "forged-cookie",
        "A" * 5_000: "forged-cookie", mine.replace(mine[40], "~", 1): "forged-cookie",
    }.items():  # fmt: skip
        with pytest.raises(NotAccepted) as refused:
            await desk.arrive(told, carried)
        assert refused.value.reason == reason, carried
    assert await desk.arrive(told, mine)


async def test_a_cookie_of_another_home_is_forged(desk: Desk) -> None:
    location, carried = await desk.begin()
    elsewhere = CompanyLogins(
        parse(desk.configured()), desk.home, desk.database, AuditLog(desk.database), b"x" * 32
    )  # fmt: skip
    with pytest.raises(NotAccepted, match="forged-cookie"):
        await elsewhere.arrive("acme", desk.acme.sign_in(location), carried=carried, base=BASE, now=desk.now())


@pytest.mark.asvs("10.1.1")
async def test_nothing_of_a_login_can_be_read_in_the_browser(desk: Desk) -> None:
    location, carried = await desk.begin()
    plain = base64.urlsafe_b64decode(carried + "==")
    state = desk.acme.sign_in(location)["state"]
    assert all(text.encode() not in plain for text in (state, "acme", "/demo", s256(VERIFIER)))


@pytest.mark.asvs("10.2.1")
@pytest.mark.parametrize("state", ["", "x", "0" * 64, "\udcff", "é" * 64])
async def test_a_wrong_state_is_refused(desk: Desk, state: str) -> None:
    location, carried = await desk.begin()
    with pytest.raises(NotAccepted, match="state"):
        await desk.arrive({**desk.acme.sign_in(location), "state": state}, carried)


async def test_an_answer_is_taken_once(desk: Desk) -> None:
    location, carried = await desk.begin()
    told = desk.acme.sign_in(location)
    outcomes = await asyncio.gather(*(desk.arrive(told, carried) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(one, str) for one in outcomes) == 1
    assert {one.reason for one in outcomes if isinstance(one, NotAccepted)} == {"replayed"}
    assert len(desk.acme.asked_for) == 1


async def test_a_person_may_be_away_for_ten_minutes(desk: Desk) -> None:
    location, carried = await desk.begin()
    desk.clock.advance(AWAY)
    with pytest.raises(NotAccepted, match="too-late"):
        await desk.arrive(desk.acme.sign_in(location), carried)


@pytest.mark.asvs("10.2.2")
async def test_an_answer_that_names_another_issuer_is_refused(desk: Desk) -> None:
    location, carried = await desk.begin()
    told = desk.acme.sign_in(location)
    for iss in (desk.rival.issuer, desk.acme.issuer + "/", ""):
        with pytest.raises(NotAccepted, match="response-issuer"):
            await desk.arrive({**told, "iss": iss}, carried)
    del told["iss"]
    with pytest.raises(NotAccepted, match="response-issuer"):
        await desk.arrive(told, carried)


async def test_a_provider_that_never_names_itself_may_leave_it_out(desk: Desk) -> None:
    desk.acme.metadata["authorization_response_iss_parameter_supported"] = None
    location, carried = await desk.begin()
    told = desk.acme.sign_in(location)
    with pytest.raises(NotAccepted, match="response-issuer"):
        await desk.arrive({**told, "iss": desk.rival.issuer}, carried)
    del told["iss"]
    assert await desk.arrive(told, carried)


@pytest.mark.asvs("10.2.2")
async def test_two_providers_cannot_be_mixed_up(desk: Desk) -> None:
    """RFC 9700 section 4.4: a code of one must never reach the other."""
    location, carried = await desk.begin("rival")
    told = desk.rival.sign_in(location)
    assert desk.rival.redirect_of(location) == f"{BASE}/login/rival/callback"
    with pytest.raises(NotAccepted, match="another-company"):
        await desk.arrive(told, carried, "acme")
    honest, mine = await desk.begin("acme")
    swapped = {**told, "state": desk.acme.sign_in(honest)["state"]}
    with pytest.raises(NotAccepted, match="response-issuer"):
        await desk.arrive(swapped, mine, "acme")
    assert desk.acme.asked_for == desk.rival.asked_for == []


async def test_an_error_or_no_code_is_refused(desk: Desk) -> None:
    for more, reason in (
        ({"error": "access_denied"}, "company-refused"), ({"code": ""}, "no-code"), ({"code": "x" * 4_097}, "no-code"),
        ({"code": "a\0"}, "no-code"), ({"code": "é"}, "no-code"), ({"code": "guessed"}, "exchange"),
    ):  # fmt: skip
        location, carried = await desk.begin()
        with pytest.raises(NotAccepted) as refused:
            await desk.arrive({**desk.acme.sign_in(location), **more}, carried)
        assert refused.value.reason == reason


async def test_a_code_that_was_stolen_is_worth_nothing_in_another_login(desk: Desk) -> None:
    """PKCE binds it to the browser that began; the nonce would, if the provider did not look."""
    victim, _ = await desk.begin()
    stolen = desk.acme.sign_in(victim)["code"]
    location, carried = await desk.begin()
    with pytest.raises(NotAccepted, match="exchange"):
        await desk.arrive({**desk.acme.sign_in(location), "code": stolen}, carried)


# -- what is wrong with an ID token


@pytest.mark.asvs("10.5.1")
async def test_an_id_token_of_another_login_is_refused(desk: Desk) -> None:
    assert await desk.refused(claims={"nonce": "0" * 64}) == "nonce"
    assert await desk.refused(claims={"nonce": None}) == "no-nonce"
    assert await desk.refused(claims={"azp": "another-client"}) == "authorized-party"
    assert await desk.refused(claims={"sid": 7}) == "bad-sid"
    assert await desk.users() == []


@pytest.mark.asvs("6.8.2")
async def test_hostile_id_tokens_let_nobody_in(desk: Desk) -> None:
    names = [
        "no algorithm", "no algorithm, with a signature", "a signature cut off", "a signature bent",
        "the public key as a secret", "the published key as a secret", "an unknown extension", "a key in the header",
        "a link to a key", "another issuer", "another audience", "two audiences", "over", "from the future",
    ]  # fmt: skip
    for name in names:
        made: list[str] = []

        def sign(claims: dict[str, Any], name: str = name, made: list[str] = made) -> str:
            token, reason = hostile(KEYS["RS256"], claims)[name]
            made.append(reason)
            return token

        assert await desk.refused(sign=sign) == made[0], name
    assert await desk.users() == []


@pytest.mark.asvs("6.8.4", "7.6.1")
async def test_a_login_there_may_not_be_too_long_ago(desk: Desk) -> None:
    desk.reload('default_role = "customer"\nmax_age = "1h"\n')
    location, _ = await desk.begin()
    assert "max_age=3600" in location
    assert await desk.refused(claims={}) == "no-auth-time"
    assert await desk.refused(claims={"auth_time": desk.acme.second - 3_700}) == "too-long-ago"
    desk.acme.claims = {"auth_time": desk.acme.second - 3_500}
    assert await desk.login()


# -- the page fetches its session


async def test_a_code_works_once_in_a_minute_and_for_its_page_only(desk: Desk) -> None:
    for verifier in ("", "x" * 43, VERIFIER + "x", "é" * 43):
        code = await desk.back()
        with pytest.raises(NotAccepted, match="another-page"):
            desk.logins.redeem(code, verifier, desk.now())
        with pytest.raises(NotAccepted, match="unknown-code"):
            desk.logins.redeem(code, VERIFIER, desk.now())
    code = await desk.back()
    desk.clock.advance(CODE - 1)
    assert desk.logins.redeem(code, VERIFIER, desk.now())
    code = await desk.back()
    desk.clock.advance(CODE)
    with pytest.raises(NotAccepted, match="code-too-late"):
        desk.logins.redeem(code, VERIFIER, desk.now())
    for unknown in ("", "0" * 64, "\udcff"):
        with pytest.raises(NotAccepted, match="unknown-code"):
            desk.logins.redeem(unknown, VERIFIER, desk.now())


async def test_codes_that_nobody_fetched_are_forgotten(desk: Desk) -> None:
    await desk.back()
    desk.clock.advance(HOUR)
    await desk.back()
    assert len(desk.logins._waiting) == 1


# -- logouts


async def test_a_company_that_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.begin("nobody")
    with pytest.raises(NotFound):
        await desk.arrive({}, "", "nobody")
    with pytest.raises(NotFound):
        await desk.logins.logout("nobody", "x", desk.now())


async def test_refusals_and_logouts_are_on_record_without_a_name(desk: Desk) -> None:
    await desk.logins.refused("acme", "state", desk.now())
    await desk.logins.noted(LoggedOut("acme", desk.acme.issuer, "248", "s"), 3, desk.now())
    entries = [entry async for _, entry in AuditLog(desk.database).read()]
    assert [(one.event, one.actor, one.object, one.decision, one.reason) for one in entries] == [
        (Event.LOGIN_REFUSED, "unknown", "company:acme", "deny", "state"),
        (Event.COMPANY_LOGOUT, "company:acme", "", "allow", "3"),
    ]


async def test_companies_are_listed_as_they_are_written(desk: Desk) -> None:
    assert [one.name for one in desk.logins.listed] == ["rival", "acme"]
    desk.logins.use({})
    assert desk.logins.listed == []
