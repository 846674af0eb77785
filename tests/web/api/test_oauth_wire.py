"""OAuth on the wire: bounded forms, each parameter once, refusals in the form of RFC 6749."""

from __future__ import annotations

import base64

import pytest
from tests.world.outside import FORM, World, as_form, basic

from chatwarden.storage.model import StorageFailed

TOKEN = "/oauth/token"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "says"),
    [
        (b"{}", "application/json", 400, FORM),
        (b"grant_type=x", "", 400, FORM),
        (b"grant_type=x", "multipart/form-data", 400, FORM),
        (b"grant_type=a&grant_type=b", FORM, 400, "twice"),
        (b"grant_type=a&unknown=1&unknown=2", FORM, 400, "twice"),
        (b"grant_type=\xff", FORM, 400, "UTF-8"),
        (b"grant_type=%ff", FORM, 400, "UTF-8"),
        (b"&".join(b"a%d=1" % n for n in range(40)), FORM, 400, "32 parameters"),
        (b"grant_type=" + b"x" * 5_000, FORM, 400, "too long"),
        (b"grant_type=" + b"x" * 70_000, FORM, 413, "too large"),
        (b"", FORM, 400, "grant_type is missing"),
        (b"grant_type=", FORM, 400, "grant_type is missing"),
    ],
)  # fmt: skip
async def test_a_form_that_is_none_is_told_so(
    world: World, body: bytes, content_type: str, status: int, says: str
) -> None:
    told = await world.house.ask("POST", TOKEN, body, "", {"Content-Type": content_type})
    assert (told.status, told.json["error"]) == (status, "invalid_request")
    assert says in told.json["error_description"]
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["content-type"] == "application/json"


async def test_what_is_not_known_is_passed_over(world: World) -> None:
    told = await world.as_client(TOKEN, grant_type="client_credentials", audience="", resource=world_service(), x="1")
    assert told.status == 200


def world_service() -> str:
    return "https://stock.example.org"


async def test_a_charset_beside_the_type_is_fine(world: World) -> None:
    told = await world.house.ask(
        "POST", TOKEN, as_form(grant_type="password"), "", {"Content-Type": f"{FORM}; charset=UTF-8"}
    )
    assert told.json["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    "field",
    [
        "Bearer abc", "Basic", "Basic !!!", "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Negotiate abc", "Basic  ",
    ],
)  # fmt: skip
async def test_a_field_that_shows_nobody_is_refused_like_a_wrong_secret(world: World, field: str) -> None:
    told = await world.post(TOKEN, {"Authorization": field}, grant_type="client_credentials")
    wrong = await world.post(TOKEN, basic("orders", "x" * 40), grant_type="client_credentials")
    assert (told.status, told.body) == (wrong.status, wrong.body) == (401, wrong.body)
    assert told.headers["www-authenticate"].startswith("Basic ")


async def test_name_and_secret_may_be_encoded_as_the_rfc_asks(world: World) -> None:
    plain = await world.post(
        TOKEN, basic("%6frders", "o" * 39 + "%6f"), grant_type="client_credentials", audience=world_service()
    )
    assert plain.status == 200


async def test_what_cannot_be_stored_is_not_given(world: World) -> None:
    services = world.house.node.services

    async def broken(*_args: object, **_more: object) -> None:
        raise StorageFailed("disk full")

    services.provider.access_token = broken  # type: ignore[method-assign, assignment]
    told = await world.as_client(TOKEN, grant_type="client_credentials", audience=world_service())
    assert (told.status, told.json["error"]) == (503, "temporarily_unavailable")
    assert told.headers["retry-after"] == "5"
