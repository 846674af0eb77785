"""What the company says of ended logins: whom it means, once, and nothing that is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.world.company import VERIFIER
from tests.world.desk import Desk

from chatwarden.clock import HOUR, SECOND
from chatwarden.errors import NotAccepted
from chatwarden.identity.company.model import LoggedOut
from chatwarden.storage.model import StorageFailed, Transaction


async def test_a_logout_names_whom_it_means_and_counts_once(desk: Desk) -> None:
    acme = desk.acme
    for more, subject, sid in (
        ({}, acme.subject, "there-1"), ({"sub": None}, "", "there-1"), ({"sid": None}, acme.subject, ""),
    ):  # fmt: skip
        token = acme.logout_token(jti=f"out-{sid}-{subject}", **more)
        assert await desk.logins.logout("acme", token, desk.now()) == LoggedOut("acme", acme.issuer, subject, sid)
        with pytest.raises(NotAccepted, match="replayed"):
            await desk.logins.logout("acme", token, desk.now())


async def test_what_is_no_logout_is_refused(desk: Desk) -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        ("nonce", {"nonce": "n"}), ("events", {"events": {}}), ("no-events", {"events": None}),
        ("nobody", {"sub": None, "sid": None}), ("no-iat", {"iat": None}), ("no-jti", {"jti": None}),
        ("no-exp", {"exp": None}), ("issuer", {"iss": desk.rival.issuer}), ("audience", {"aud": "another"}),
        ("expired", {"iat": desk.acme.second - 200, "exp": desk.acme.second - 1}),
        ("not-yet", {"iat": desk.acme.second + 100, "exp": desk.acme.second + 150}),
        ("too-long", {"exp": desk.acme.second + 3_600}),
    ]  # fmt: skip
    for reason, more in cases:
        with pytest.raises(NotAccepted) as refused:
            await desk.logins.logout("acme", desk.acme.logout_token(**more), desk.now())
        assert refused.value.reason == reason
    for token in ("", "x", "a.b.c", desk.rival.logout_token()):
        with pytest.raises(NotAccepted):
            await desk.logins.logout("acme", token, desk.now())


async def test_a_logout_reaches_a_login_that_is_still_on_its_way(desk: Desk) -> None:
    code, another = await desk.back(), await desk.back()
    desk.acme.sid = "there-2"
    third = await desk.back()
    await desk.logins.logout("acme", desk.acme.logout_token(sid="there-1", jti="1"), desk.now())
    for one in (code, another):
        with pytest.raises(NotAccepted, match="logged-out"):
            desk.logins.redeem(one, VERIFIER, desk.now())
    assert desk.logins.redeem(third, VERIFIER, desk.now())
    fourth = await desk.back()
    await desk.logins.logout("acme", desk.acme.logout_token(sid=None, jti="2"), desk.now())
    with pytest.raises(NotAccepted, match="logged-out"):
        desk.logins.redeem(fourth, VERIFIER, desk.now())
    desk.clock.advance(SECOND)
    assert await desk.login()  # a new login is a new login


async def test_logouts_of_long_ago_are_forgotten(desk: Desk) -> None:
    await desk.logins.logout("acme", desk.acme.logout_token(jti="1"), desk.now())
    desk.clock.advance(HOUR)
    await desk.logins.logout("acme", desk.acme.logout_token(jti="2"), desk.now())
    assert len(desk.logins._logged_out) == 1


async def test_a_logout_counts_even_where_nothing_can_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = await desk.login()

    async def full(_tx: Transaction) -> None:
        raise StorageFailed

    monkeypatch.setattr(desk.database, "commit", full)
    await desk.logins.logout("acme", desk.acme.logout_token(), desk.now())
    assert desk.logins.is_over(arrived)
    assert not desk.logins.is_over(replace(arrived, subject="another", sid="another"))
    assert not desk.logins.is_over(replace(arrived, issuer=desk.rival.issuer))


# -- the rest
