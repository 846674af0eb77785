"""The bot for itself, shown by a key of which the application has the public half."""

from __future__ import annotations

import json

import pytest
from tests.broker.conftest import means, oauth, who
from tests.world.forge import Signer
from tests.world.orders import OrdersApp

from chatwarden.broker.sign_in import private_key_jwt
from chatwarden.broker.sign_in.model import NotSignedIn


async def test_the_application_gives_the_bot_a_token(app: OrdersApp, signer: Signer) -> None:
    asked = means(app, oauth(app, "private-key-jwt", "key-bot"), signer.private_pem.decode())
    shown = await private_key_jwt.sign_in(asked)
    status, body = await who(app, shown.header)
    assert (status, json.loads(body)["account"]) == (200, "key-bot")
    assert len(shown.secrets) > 2  # the token, and each line of the key
    assert not any("BEGIN" in secret for secret in shown.secrets)


async def test_another_key_gets_none(app: OrdersApp) -> None:
    stranger = Signer.fresh("ES256").private_pem.decode()
    with pytest.raises(NotSignedIn, match="invalid_client"):
        await private_key_jwt.sign_in(means(app, oauth(app, "private-key-jwt", "key-bot"), stranger))


async def test_a_secret_is_no_key(app: OrdersApp) -> None:
    with pytest.raises(NotSignedIn, match="no-key"):
        await private_key_jwt.sign_in(means(app, oauth(app, "private-key-jwt", "key-bot"), "a secret"))
