"""The bot on behalf of a person. That an application takes what our gateway signs is shown in tests/journeys/test_broker.py."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from tests.broker.conftest import means, oauth
from tests.world.orders import OrdersApp
from tests.world.upstream import serving, whole

from chatwarden.broker.http import Answer, Origin
from chatwarden.broker.sign_in import token_exchange
from chatwarden.broker.sign_in.model import Means, NotSignedIn


async def test_without_a_person_there_is_no_token(app: OrdersApp) -> None:
    with pytest.raises(NotSignedIn, match="no-person"):
        await token_exchange.sign_in(means(app, oauth(app, "token-exchange"), "a secret"))


async def test_a_person_of_whom_nothing_can_be_checked_is_nobody_over_there(app: OrdersApp) -> None:
    secret = app.accounts["shop-bot"]["secret"]
    with pytest.raises(NotSignedIn, match="temporarily_unavailable"):
        await token_exchange.sign_in(means(app, oauth(app, "token-exchange"), secret, "a.b.c"))


async def test_it_asks_as_the_rfc_says(app: OrdersApp) -> None:
    granted = b'{"access_token": "t0ken-of-it", "token_type": "bearer", "expires_in": "60"}'
    async with serving(whole(granted)) as server:
        origin = Origin(f"http://127.0.0.1:{server.port}", private=True)

        async def post(_url: str, headers: list[tuple[str, str]], form: bytes) -> Answer:
            return await origin.fetch("POST", "/token", headers, form)

        shown = await token_exchange.sign_in(
            Means(oauth(app, "token-exchange"), "a secret", "the.subject.token", post, 1_000_000, bytes)
        )
        origin.close()
        form = {name: value[0] for name, value in parse_qs(server.asked[0].raw.decode()).items()}
    assert form == {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": "the.subject.token",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }  # fmt: skip
    assert (shown.token, shown.until) == ("t0ken-of-it", 61_000_000)
