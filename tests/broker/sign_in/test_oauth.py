"""What the OAuth kinds share: answers are taken only as the RFCs write them, and tokens are taken back."""

from __future__ import annotations

import json

import msgspec
import pytest
from tests.broker.conftest import means, oauth, who
from tests.world.forge import Signer
from tests.world.orders import OrdersApp
from tests.world.upstream import serving, whole

from chatwarden.broker.http import Answer, Origin
from chatwarden.broker.sign_in import client_credentials
from chatwarden.broker.sign_in import oauth as shared
from chatwarden.broker.sign_in.model import Means, NotSignedIn, Shown
from chatwarden.clock import DAY, MINUTE


async def test_a_token_that_was_taken_back_opens_nothing(app: OrdersApp) -> None:
    asked = means(app, oauth(app), app.accounts["shop-bot"]["secret"])
    shown = await client_credentials.sign_in(asked)
    await shared.revoke(asked, shown.token)
    assert (await who(app, shown.header))[0] == 401
    with pytest.raises(NotSignedIn, match="invalid_client"):
        await shared.revoke(means(app, oauth(app), "a wrong secret"), shown.token)


async def asked_of(answer: bytes, status: str = "200 OK") -> Shown:
    async with serving(whole(answer, status=status)) as server:
        origin = Origin(f"http://127.0.0.1:{server.port}", private=True)

        async def post(_url: str, headers: list[tuple[str, str]], form: bytes) -> Answer:
            return await origin.fetch("POST", "/token", headers, form)

        application = msgspec.structs.replace(EXAMPLE, scope="a b", audience="crm")
        try:
            return await shared.token(Means(application, "a secret", "", post, 0, bytes), {"grant_type": "x"})
        finally:
            origin.close()
            assert b"scope=a+b&audience=crm" in server.asked[0].raw


EXAMPLE = oauth(OrdersApp("http://127.0.0.1:9", None, {}, None, None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [
        (b'{"error": "invalid_scope"}', "400 Bad Request", "invalid_scope"),
        (b'{"error": "<script>"}', "400 Bad Request", "refused"),
        (b"<html>", "503 Busy", "refused"),
        (b"{}", "200 OK", "malformed"),
        (b"[" * 5_000, "200 OK", "malformed"),
        (b'{"access_token": "t0ken", "token_type": "mac"}', "200 OK", "malformed"),
        (b'{"access_token": "two words", "token_type": "bearer"}', "200 OK", "malformed"),
        (b'{"access_token": "a\\r\\nx: y", "token_type": "bearer"}', "200 OK", "malformed"),
    ],
)
async def test_what_is_no_token_is_told_in_one_word(answer: bytes, status: str, word: str) -> None:
    with pytest.raises(NotSignedIn) as refused:
        await asked_of(answer, status)
    assert str(refused.value) == word


@pytest.mark.parametrize(("expires", "life"), [(None, 5 * MINUTE), (10**9, DAY), (-5, 0), (60, MINUTE)])
async def test_a_token_lives_as_long_as_it_says_within_reason(expires: int | None, life: int) -> None:
    granted = {"access_token": "t0ken", "token_type": "Bearer"} | ({} if expires is None else {"expires_in": expires})
    assert (await asked_of(json.dumps(granted).encode())).until == life


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
def test_keys_of_every_kind_are_taken(algorithm: str) -> None:
    pem = Signer.fresh(algorithm).private_pem.decode()
    assert shared.is_key(pem)
    assert shared.key_of(pem)[1] == algorithm
