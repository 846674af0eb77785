"""What a token may say: what the client may AND what the person may, for one service, for a short while."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import MINUTE, SECOND, ManualClock
from chatwarden.config.model import ClientConfig
from chatwarden.identity.grants import Behalf, NotGranted, audience, claims, scope
from chatwarden.identity.signing import LONGEST

NOW = ManualClock().now()
ONE, TWO = "https://one.example", "https://two.example"
CLIENT = ClientConfig("orders", scopes=("read", "write"), audiences=(ONE, TWO))
_RIGHTS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=4).map(tuple)


def behalf(**more: Any) -> Behalf:
    given = {
        "subject": "usr_1", "session": "ses_1", "rights": ("read", "erase"), "factors": ("password",),
        "authenticated_at": NOW - MINUTE, "until": NOW + 60 * MINUTE,
    }  # fmt: skip
    return Behalf(**{**given, **more})


def made(of: Behalf | None) -> dict[str, Any]:
    return claims(
        CLIENT, issuer="https://us.example", service=ONE, rights=("read",), behalf=of, token_id="jwt_1", now=NOW
    )  # fmt: skip


@pytest.mark.asvs("9.2.4")
def test_a_token_is_for_a_service_of_the_clients_list() -> None:
    assert audience(CLIENT, TWO) == TWO
    assert audience(ClientConfig("a", audiences=(ONE,)), "") == ONE
    for asked in ("", "https://three.example", ONE + "/", ONE.upper()):
        with pytest.raises(NotGranted) as refused:
            audience(CLIENT, asked)
        assert refused.value.error == "invalid_target"


def test_a_right_needs_both() -> None:
    assert scope(CLIENT, None, None) == ("read", "write")
    assert scope(CLIENT, None, behalf()) == ("read",)
    assert scope(CLIENT, "write read erase", behalf()) == ("read",)
    assert scope(CLIENT, None, behalf(rights=())) == ()
    for asked in ("write", "erase", "", " "):
        with pytest.raises(NotGranted) as refused:
            scope(CLIENT, asked, behalf())
        assert refused.value.error == "invalid_scope"


@given(client=_RIGHTS, person=_RIGHTS, asked=st.none() | _RIGHTS.filter(bool).map(" ".join))
def test_no_right_comes_from_nowhere(client: tuple[str, ...], person: tuple[str, ...], asked: str | None) -> None:
    try:
        found = set(scope(ClientConfig("a", scopes=client), asked, behalf(rights=person)))
    except NotGranted:
        found = set()
    assert found == set(client) & set(person) & (set(client) if asked is None else set(asked.split()))


def test_a_token_lives_five_minutes_and_never_longer_than_its_session() -> None:
    assert made(None)["exp"] == made(behalf())["exp"] == (NOW + LONGEST) // SECOND
    assert made(behalf(until=NOW + MINUTE))["exp"] == NOW // SECOND + 60
    assert made(behalf(until=NOW + 90 * SECOND - 1))["exp"] == NOW // SECOND + 89  # rounded down


def test_who_acts_is_told_beside_for_whom() -> None:
    assert made(behalf()) == {
        "iss": "https://us.example", "sub": "usr_1", "aud": ONE, "client_id": "orders", "act": {"sub": "orders"},
        "iat": NOW // SECOND, "exp": (NOW + LONGEST) // SECOND, "jti": "jwt_1", "scope": "read", "sid": "ses_1",
        "auth_time": NOW // SECOND - 60, "acr": "urn:chatwarden:acr:one-factor", "amr": ["pwd"],
    }  # fmt: skip
    own = made(None)
    assert own["sub"] == own["client_id"] == "orders"
    assert not {"act", "sid", "auth_time", "acr", "amr"} & set(own)
    assert "amr" not in made(behalf(factors=("assertion",)))
