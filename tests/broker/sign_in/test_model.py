"""What ways of signing in hand around shows no secret when it is printed."""

from __future__ import annotations

from tests.broker.conftest import means, oauth
from tests.world.orders import OrdersApp

from chatwarden.broker.sign_in.model import Shown

SECRET = "a-secret-of-a-bot"


def test_nothing_secret_is_in_a_representation(app: OrdersApp) -> None:
    assert SECRET not in repr(Shown(("authorization", SECRET), (SECRET,), SECRET))
    assert SECRET not in repr(means(app, oauth(app), SECRET, SECRET))
