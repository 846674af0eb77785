"""The bot for itself, shown by a secret."""

from __future__ import annotations

import json

import pytest
from tests.broker.conftest import means, oauth, who
from tests.world.orders import OrdersApp

from chatwarden.broker.sign_in import client_credentials
from chatwarden.broker.sign_in.model import NotSignedIn


async def test_the_application_gives_the_bot_a_token(app: OrdersApp) -> None:
    secret = app.accounts["shop-bot"]["secret"]
    shown = await client_credentials.sign_in(means(app, oauth(app), secret))
    status, body = await who(app, shown.header)
    assert (status, json.loads(body)) == (200, {"account": "shop-bot", "person": None})
    assert shown.header == ("authorization", f"Bearer {shown.token}")
    assert shown.secrets == (shown.token, secret)


async def test_a_wrong_secret_gets_none_and_is_told_in_a_word(app: OrdersApp) -> None:
    with pytest.raises(NotSignedIn, match=r"^invalid_client$"):
        await client_credentials.sign_in(means(app, oauth(app), "a wrong secret"))
