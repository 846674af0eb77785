"""User name and password."""

from __future__ import annotations

import json

from tests.broker.conftest import means, oauth, who
from tests.world.orders import OrdersApp

from chatwarden.broker.sign_in import basic


async def test_the_application_knows_the_bot_by_its_password(app: OrdersApp) -> None:
    secret = app.accounts["report-bot"]["password"]
    shown = await basic.sign_in(means(app, oauth(app, "basic", "report-bot"), secret))
    status, body = await who(app, shown.header)
    assert (status, json.loads(body)["account"]) == (200, "report-bot")
    assert secret in shown.secrets
    assert shown.header[1].removeprefix("Basic ") in shown.secrets
    assert not shown.token


async def test_a_wrong_password_is_none(app: OrdersApp) -> None:
    shown = await basic.sign_in(means(app, oauth(app, "basic", "report-bot"), "something else"))
    assert (await who(app, shown.header))[0] == 401
