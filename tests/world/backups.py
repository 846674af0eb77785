"""Homes with something in them, backups of them, and what can be read of one."""

from __future__ import annotations

import io
import os
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatwarden.backup import reading
from chatwarden.backup.keys import HomeKey, Identity
from tests.world.house import House

ORDINARY = ("Where is my order?", "write to wilhelmina.quill@mail.example")
STRICT = "my card is 4111 1111 1111 1111"
OPERATOR = Identity(os.urandom(32))
FOR_OPERATOR = f'[backup]\nrecipient = "{OPERATOR.recipient}"\n'


@dataclass
class Talk:
    """A conversation, and the ids of what its person said in it."""

    token: str
    id: str
    said: list[str]


async def talk(house: House, *texts: str) -> Talk:
    token = await house.visitor()
    made = Talk(token, await house.conversation(token), [])
    for text in texts or (*ORDINARY, STRICT):
        told = await house.ask("POST", f"/api/v1/conversations/{made.id}/messages", {"text": text}, token)
        assert told.status == 201, told.body
        made.said.append(told.json["message"]["id"])
    return made


async def made(house: House) -> bytes:
    """A backup of a house."""
    services = house.node.services
    async with aclosing(services.backups.make(services.clock.now(), actor="control")) as pieces:
        return b"".join([piece async for piece in pieces])


def home_key(home: Path) -> HomeKey:
    return HomeKey((home / "keys" / "backup").read_bytes())


def opened(data: bytes, keys: reading.Keys) -> reading.Opened:
    return reading.opened(io.BytesIO(data).read, keys)


async def read(house: House, of: Talk) -> list[str]:
    """What each message of the person says now; nothing where it cannot be read."""
    services = house.node.services
    conversation = await services.conversations.find(of.id)
    found = await services.conversations.since(conversation, 0, 100, services.clock.now())
    texts: dict[str, Any] = {message.id: message.text for message in found}
    return [texts.get(one, "") or "" for one in of.said]


async def events(house: House) -> list[tuple[str, str, str]]:
    return [(e.event.value, e.object, e.reason) async for _, e in house.node.services.audit.read()]
