"""The example application as a process, shared; and a broker's service over a folder of its own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.world import orders
from tests.world.forge import Signer
from tests.world.orders import OrdersApp

from chatwarden.broker.http import Answer, Origin
from chatwarden.broker.service import Service
from chatwarden.broker.sign_in.model import Means
from chatwarden.broker.wire import Application
from chatwarden.clock import SECOND, ManualClock, SystemClock


@pytest.fixture(scope="session")
def signer() -> Signer:
    """The key pair of an account that signs in by key."""
    return Signer.fresh("ES256")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, signer: Signer) -> Iterator[OrdersApp]:
    known = orders.accounts(**{"key-bot": {"key": signer.public_pem.decode()}})
    with orders.started(tmp_path_factory.mktemp("orders"), known=known) as started:
        yield started


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
async def service(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    folder = tmp_path / "broker"
    folder.mkdir(mode=0o700)
    made = Service(folder, clock, os.urandom, 10 * SECOND)
    yield made
    made.close()


def oauth(app: OrdersApp, kind: str = "client-credentials", account: str = "shop-bot") -> Application:
    """The application, signed in to by OAuth."""
    return Application(
        name="orders", url=app.url, sign_in=kind, account=account, token_url=app.token_url, revoke_url=app.revoke_url,
        private=True, check="/me",
    )  # fmt: skip


def means(app: OrdersApp, application: Application, secret: str, subject: str = "") -> Means:
    async def post(url: str, headers: list[tuple[str, str]], form: bytes) -> Answer:
        return await fetched(app, "POST", url.removeprefix(app.url), headers, form)

    return Means(application, secret, subject, post, SystemClock().now(), os.urandom)


async def fetched(
    app: OrdersApp, method: str, path: str, headers: list[tuple[str, str]], body: bytes = b""
) -> Answer:  # fmt: skip
    """One request to the application, on a connection of its own."""
    origin = Origin(app.url, private=True)
    try:
        return await origin.fetch(method, path, headers, body)
    finally:
        origin.close()


async def who(app: OrdersApp, header: tuple[str, str]) -> tuple[int, bytes]:
    """What the application says to who shows this."""
    answer = await fetched(app, "GET", "/me", [header])
    return answer.status, answer.body
