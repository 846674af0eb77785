"""What claims mean: the first line that fits, all rights that fit, one factor unless more is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import HOUR, SECOND
from chatwarden.config.model import CompanyConfig
from chatwarden.errors import NotAccepted
from chatwarden.identity.company import rules
from chatwarden.principal import Role

NOW = 1_800_000_000 * SECOND
PLAIN = CompanyConfig("acme", client="chatwarden")
MAPPED = CompanyConfig(
    "acme", client="chatwarden", role_claim="groups",
    roles={"heads": Role.ADMIN, "desk": Role.AGENT, "people": Role.CUSTOMER},
    rights={"desk": ("orders:read", "orders:write"), "people": ("orders:read",)},
)  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "name", "values"),
    [
        ({"groups": ["a", "b"]}, "groups", ("a", "b")),
        ({"groups": "a"}, "groups", ("a",)),
        ({"groups": ["a", 7, None, ["b"], "c"]}, "groups", ("a", "c")),
        ({"groups": {"a": True}}, "groups", ()),
        ({"groups": True}, "groups", ()),
        ({"groups": None}, "groups", ()),
        ({}, "groups", ()),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ("a",)),
        ({"https://acme.example/roles": ["a"]}, "https://acme.example/roles", ("a",)),
        ({"a.b": "flat", "a": {"b": "deep"}}, "a.b", ("flat",)),
        ({"a": "b"}, "a.b", ()),
    ],
)
def test_a_claim_says_texts(claims: dict[str, Any], name: str, values: tuple[str, ...]) -> None:
    assert rules.said(claims, name) == values


def test_the_first_line_that_fits_gives_the_role_and_every_one_its_rights() -> None:
    assert rules.role_of(MAPPED, {"groups": ["people", "desk"]}) is Role.AGENT
    assert rules.role_of(MAPPED, {"groups": ["people", "heads"]}) is Role.ADMIN
    assert rules.rights_of(MAPPED, {"groups": ["people", "desk"]}) == ("orders:read", "orders:write")
    assert rules.rights_of(MAPPED, {"groups": ["heads"]}) == ()


@pytest.mark.parametrize("groups", [[], ["Desk"], ["desk "], "des", ["heads,desk"], None, {"desk": 1}, [["desk"]]])
def test_whom_no_line_fits_is_refused(groups: Any) -> None:
    with pytest.raises(NotAccepted, match="no-role"):
        rules.role_of(MAPPED, {"groups": groups})
    assert rules.rights_of(MAPPED, {"groups": groups}) == ()


def test_whom_no_line_fits_gets_the_default_where_there_is_one() -> None:
    company = CompanyConfig("acme", role_claim="groups", roles=MAPPED.roles, default_role=Role.CUSTOMER)
    assert rules.role_of(company, {}) is Role.CUSTOMER
    assert rules.role_of(company, {"groups": "desk"}) is Role.AGENT


@pytest.mark.asvs("6.8.4")
@pytest.mark.parametrize(
    "claims",
    [{}, {"amr": ["pwd"]}, {"amr": ["pwd", "otp"]}, {"amr": ["hwk"]}, {"amr": ["pop", "user"]}, {"acr": "0"},
     {"acr": "gold"}, {"amr": [["mfa"]]}, {"amr": {"mfa": True}}, {"amr": ["MFA"]}, {"acr": 1}, {"amr": "mfa "}],
)  # fmt: skip
def test_a_login_counts_as_one_factor_unless_it_says_mfa(claims: dict[str, Any]) -> None:
    assert rules.factors_of(PLAIN, claims) == ("company",)


def test_a_login_that_says_what_the_operator_named_counts_as_two() -> None:
    assert rules.factors_of(PLAIN, {"amr": ["pwd", "mfa"]}) == ("company", "mfa")
    company = CompanyConfig("acme", strong=("gold",))
    assert rules.factors_of(company, {"acr": "gold"}) == ("company", "mfa")
    assert rules.factors_of(company, {"amr": ["mfa"]}) == ("company",)
    assert rules.factors_of(CompanyConfig("acme", strong=()), {"amr": ["mfa"]}) == ("company",)


@given(st.text(max_size=80))
def test_a_name_has_only_letters_of_user_names(text: str) -> None:
    called = rules.called(PLAIN, {"preferred_username": text})
    assert len(called) <= 31
    assert all(letter.isascii() and (letter.isalnum() or letter in "._@-") for letter in called)


def test_a_name_stays_readable() -> None:
    assert rules.called(PLAIN, {"preferred_username": "anna.b@acme.example"}) == "anna.b@acme.example"
    assert rules.called(PLAIN, {"preferred_username": "Anna Müller"}) == "Anna-M-ller"
    assert rules.called(PLAIN, {"preferred_username": ["anna", "root"]}) == "anna"
    assert rules.called(PLAIN, {"name": "Anna"}) == rules.called(PLAIN, {"preferred_username": 7}) == ""


def test_more_is_asked_for_only_where_something_is_missing() -> None:
    assert rules.missing(PLAIN, {})
    assert not rules.missing(PLAIN, {"preferred_username": "anna"})
    assert rules.missing(MAPPED, {"preferred_username": "anna"})
    assert not rules.missing(MAPPED, {"preferred_username": "anna", "groups": "desk"})


SOUND = {"nonce": "n", "auth_time": NOW // SECOND - 60}


def test_an_id_token_of_this_login_is_taken() -> None:
    rules.check_login(PLAIN, SOUND, nonce="n", now=NOW)
    rules.check_login(PLAIN, {**SOUND, "azp": "chatwarden"}, nonce="n", now=NOW)
    rules.check_login(CompanyConfig("acme", client="chatwarden", max_age=HOUR), SOUND, nonce="n", now=NOW)


@pytest.mark.asvs("10.5.1")
@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "m"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["n"]}, "nonce"),
        ({"azp": "other"}, "authorized-party"),
        ({"azp": ["chatwarden"]}, "authorized-party"),
        ({"auth_time": None}, "no-auth-time"),
        ({"auth_time": "1"}, "no-auth-time"),
        ({"auth_time": True}, "no-auth-time"),
        ({"auth_time": 1e300}, "no-auth-time"),
        ({"auth_time": -1}, "no-auth-time"),
        ({"auth_time": NOW // SECOND - 3_661}, "too-long-ago"),
        ({"auth_time": 0}, "too-long-ago"),
    ],
)
def test_an_id_token_of_another_login_is_refused(claims: dict[str, Any], reason: str) -> None:
    company = CompanyConfig("acme", client="chatwarden", max_age=HOUR)
    with pytest.raises(NotAccepted) as refused:
        rules.check_login(company, {**SOUND, **claims}, nonce="n", now=NOW)
    assert refused.value.reason == reason


@pytest.mark.parametrize("sid", [7, None, ["s"], "x" * 256, "a\0b"])
def test_a_session_id_is_a_short_text(sid: Any) -> None:
    with pytest.raises(NotAccepted, match="bad-sid"):
        rules.sid_of({"sid": sid})


OUT = {"sub": "s", "sid": "t", "events": {rules.LOGOUT_EVENT: {}}}


@pytest.mark.parametrize("left_out", ["sub", "sid"])
def test_a_logout_names_a_person_or_a_session(left_out: str) -> None:
    rules.check_logout({name: value for name, value in OUT.items() if name != left_out})


@pytest.mark.asvs("10.5.5")
@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "n"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"events": None}, "events"),
        ({"events": [rules.LOGOUT_EVENT]}, "events"),
        ({"events": {rules.LOGOUT_EVENT: True}}, "events"),
        ({"events": {"http://schemas.openid.net/event/other": {}}}, "events"),
        ({"sub": "", "sid": ""}, "nobody"),
        ({"sub": "", "sid": 7}, "bad-sid"),
    ],
)
def test_what_is_no_logout_is_refused(claims: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotAccepted) as refused:
        rules.check_logout({**OUT, **claims})
    assert refused.value.reason == reason
