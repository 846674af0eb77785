"""At its deadline a message is refused on every way to read it, at once: the whole table of routes is walked one microsecond
before, where some show it, and at that instant, where none does. Nothing was swept in between.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.web.api.test_factors import token_of
from tests.web.api.test_login import person
from tests.world.agents import Floor
from tests.world.house import HEAD, House, Open, Told
from tests.world.upstream import Asked, Upstream, Writer, completion, delta, event, events, serving, whole

from chatwarden.principal import Role
from chatwarden.web.routes import Route
from chatwarden.web.site import ROUTES

WORD = "quixotic"
TEXT = f"the {WORD} parcel of wilhelmina.quill@mail.example"
TOML = """
[retention]
default = "2m"
[policy.class]
email = "placeholder"
iban = "hold"
[bots.shop]
connector = "openai"
url = "{url}"
model = "m"
"""
MESSAGES = "/api/v1/conversations/{id}/messages"
NEXT_TURN = "what the bot is told with the next message"
COMPLETIONS = "/bots/{bot}/openai/v1/chat/completions"
SHOWS = {
    ("GET", MESSAGES),
    ("GET", MESSAGES + "/{mid}"),
    ("GET", "/api/v1/conversations/{id}/events"),
    ("POST", MESSAGES),
    ("PATCH", MESSAGES + "/{mid}"),
    ("POST", MESSAGES + "/{mid}/release"),
    ("GET", "/api/v1/export"),
    ("POST", NEXT_TURN),
    ("GET", "/api/v1/desk"),
    ("GET", "/api/v1/desk/conversations/{id}"),
    ("GET", "/api/v1/desk/conversations/{id}/messages"),
    ("POST", "/api/v1/desk/conversations/{id}/take"),
    ("POST", "/api/v1/desk/conversations/{id}/finish"),
    ("GET", "/api/v1/admin/conversations/{id}"),
}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", MESSAGES): {"text": "anything", "client_id": "one"},
    ("PATCH", MESSAGES + "/{mid}"): {"destroy_after": 60},
    ("POST", "/api/v1/conversations"): {"bot": "shop"},
    ("POST", COMPLETIONS): {"model": "m", "messages": [{"role": "user", "content": "what did I say?"}]},
    ("POST", NEXT_TURN): {"text": "and then?"},
}


async def echo(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """Says all that it was ever told in this conversation."""
    said = json.dumps(asked.body["messages"])
    if asked.streamed:
        await events(event(delta(said)), event(delta(None, "stop")), b"data: [DONE]\n\n")(upstream, asked, writer)
    else:
        await whole(json.dumps(completion(said)).encode())(upstream, asked, writer)


async def asked(house: House, route: Route, token: str, talk: str, message: str) -> Told:
    """What a route answers, filled in with this conversation and message."""
    path = MESSAGES if route.path == NEXT_TURN else route.path
    for name, value in (("{id}", talk), ("{mid}", message), ("{bot}", "shop")):
        path = path.replace(name, value)
    key = route.method, route.path
    body = BODIES.get(key, None if route.method in {"GET", "DELETE"} else {})
    headers = {"Chatwarden-Conversation": talk}
    if not path.endswith("/events"):
        return await house.ask(route.method, path, body, token, headers)
    told = Told()
    going = asyncio.create_task(house.ask("GET", path, None, token, {"Last-Event-ID": "0-0"}, told))
    says = "{id}" in route.path  # the desk's and the session's tell only what comes
    await told.until(message.encode() if says else b"retry")
    told.leave()
    await going
    return told


async def staff(floor: Floor, route: Route, number: int, talk: str) -> str:
    """The token of somebody whom the route lets in."""
    if Role.AGENT not in route.roles:
        return await floor.person(f"staff{number}", "admin" if Role.ADMIN in route.roles else "auditor")
    token = await floor.agent(f"staff{number}")
    if not route.path.endswith(("/take", "/next")):
        taken = await floor.house.ask("POST", f"/api/v1/desk/conversations/{talk}/take", None, token)
        assert taken.status == 200
    return token


async def showing(house: House, before: int) -> set[tuple[str, str]]:
    """The routes that show the word of a message when it has *before* microseconds to live."""
    found = set()
    [sends] = [route for route in ROUTES if (route.method, route.path) == ("POST", MESSAGES)]
    floor = Floor(house)
    for number, route in enumerate([*ROUTES, replace(sends, path=NEXT_TURN)]):
        token = await token_of(house)
        talk = await house.conversation(token, "shop")
        held = route.path.endswith(("/release", "/withdraw"))
        text = TEXT + (" DE89 3704 0044 0532 0130 00" if held else "")
        path = f"/api/v1/conversations/{talk}/messages"
        said = await house.ask("POST", path, {"text": text, "client_id": "one"}, token)
        assert said.status == (202 if held else 201)
        message = said.json["message"]
        seen = await house.node.services.conversations.message(
            await house.node.services.conversations.find(talk), message["id"], house.clock.now()
        )
        house.clock.advance(seen.destroy_at - 1 - house.clock.now())
        if route.roles:  # staff: an agent who has the conversation, or who waits for one; an administrator
            await house.ask("POST", f"/api/v1/conversations/{talk}/handoff", None, token)
            token = await staff(floor, route, number, talk)
        house.clock.advance(1 - before)
        told = await asked(house, route, token, talk, message["id"])
        assert told.status < 500, (route.method, route.path, told.body)
        if WORD.encode() in told.body:
            found.add((route.method, route.path))
    return found


@pytest.mark.parametrize(("before", "shown"), [(1, SHOWS), (0, set())], ids=["a microsecond before", "at the deadline"])
async def test_every_way_to_read_ends_at_the_deadline_without_any_sweep(
    open_house: Open, before: int, shown: set[tuple[str, str]]
) -> None:
    async with serving(echo) as bot, open_house(HEAD + TOML.format(url=bot.url)) as house:
        await person(house)
        assert await showing(house, before) ^ shown == set()
