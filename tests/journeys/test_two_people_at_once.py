"""Many people talk to one bot at once, plainly and in streams, through both interfaces: everybody gets their own values
back, nobody those of another, and the bot none at all. The names of the placeholders are the same for all of them.
"""

from __future__ import annotations

import asyncio
import json

from tests.world.house import HEAD, House, Open
from tests.world.upstream import Upstream, echo, serving

SHOP = """
[bots.shop]
connector = "openai"
url = "{url}"
model = "m"
[policy.class]
email = "placeholder"
payment-card = "placeholder"
[ephemeral]
bucket = "1s"
"""
PEOPLE = 24


async def plain(house: House, said: str) -> str:
    """By the interface of the gateway's own: the answer, and the same from the record."""
    token = await house.visitor()
    talk = await house.conversation(token, "shop")
    path = f"/api/v1/conversations/{talk}/messages"
    told = await house.ask("POST", path, {"text": said}, token)
    assert told.status == 201, told.body
    [reply] = told.json["replies"]
    kept = (await house.ask("GET", path, None, token)).json["messages"][1]
    assert kept["text"] == reply["text"]
    text: str = reply["text"]
    return text


async def streamed(house: House, said: str) -> str:
    """By the OpenAI-compatible one, in pieces."""
    token = await house.visitor()
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": said}]}
    told = await house.ask("POST", "/bots/shop/openai/v1/chat/completions", body, token)
    assert told.status == 200, told.body
    lines = [line.removeprefix(b"data: ") for line in told.body.split(b"\n") if line.startswith(b"data: {")]
    return "".join(json.loads(line)["choices"][0]["delta"].get("content") or "" for line in lines)


async def test_everybody_gets_their_own_values_and_nobody_those_of_another(open_house: Open) -> None:
    async with serving(echo) as bot, open_house(HEAD + SHOP.format(url=bot.url)) as house:
        mails = [f"person{number}@mail{number}.example" for number in range(PEOPLE)]
        told = await asyncio.gather(
            *((plain, streamed)[number % 2](house, f"my mail is {mail}") for number, mail in enumerate(mails))
        )
        assert told == [f"You said: my mail is {mail} - noted." for mail in mails]
        seen(bot, mails)


def seen(bot: Upstream, mails: list[str]) -> None:
    """What the bot was asked: the same words by everybody, and no value."""
    asked = [one.body["messages"][-1]["content"] for one in bot.asked]
    assert asked == ["my mail is [email-1]"] * len(mails)
    assert not any(mail in str(one.body) for one in bot.asked for mail in mails)
