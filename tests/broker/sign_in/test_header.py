"""A bearer token, or an API key in a field of its own."""

from __future__ import annotations

import json

import msgspec
import pytest
from tests.broker.conftest import means, oauth, who
from tests.world.orders import OrdersApp

from chatwarden.broker.sign_in import header


@pytest.mark.parametrize(
    ("field", "account", "kind"), [("", "fleet-bot", "token"), ("x-api-key", "stock-bot", "api_key")]
)  # fmt: skip
async def test_the_application_knows_the_bot_by_its_key(app: OrdersApp, field: str, account: str, kind: str) -> None:
    application = msgspec.structs.replace(oauth(app, "api-key" if field else "bearer", ""), header=field)
    secret = app.accounts[account][kind]
    shown = await header.sign_in(means(app, application, secret))
    status, body = await who(app, shown.header)
    assert (status, json.loads(body)["account"]) == (200, account)
    assert shown.secrets == (secret,)
