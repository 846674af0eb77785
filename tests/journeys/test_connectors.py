"""Each way to reach a bot, seen from a real gateway: an honest bot answers and sees no personal data; a bad one gives
the calm line and an offered person; ``bot test`` tells which is which.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.world import agent, lies, provider
from tests.world import upstream as world
from tests.world.gateway import Gateway, running
from tests.world.signed import OTHER_SECRET, SECRET, SignedBot, answer
from tests.world.threaded import bot_server
from tests.world.upstream import Behaviour, Upstream, whole

from chatwarden.config.home import Home, write_private

LIMITS = '[limits]\nmessages = "off"\nvisitors = "off"\n'
SAID = "My card is 4111 1111 1111 1111, what now?"
CONNECTORS = ("rasa", "botframework", "webhook")


@contextlib.contextmanager
def gateway_with(folder: Path, bots: dict[str, str], connector: str, more: str = "") -> Iterator[Gateway]:
    """A gateway whose bots have these addresses."""
    home = Home(folder / "home")
    home.prepare()
    write_private(home.path / "secrets" / "hook", f"{SECRET}\n{OTHER_SECRET}\n".encode())
    write_private(home.path / "secrets" / "client", provider.SECRET.encode())
    secrets = 'secret_file = "secrets/hook"\n' if connector == "webhook" else ""
    tables = [
        f'[bots.{name}]\nconnector = "{connector}"\nurl = "{url}"\n{secrets}'
        'connect_timeout = "1s"\nfirst_byte_timeout = "1s"\ntotal_timeout = "2s"\n'
        for name, url in bots.items()
    ]
    with running(home.path, "".join(tables) + more + LIMITS) as gateway:
        yield gateway


def checks(gateway: Gateway, name: str) -> tuple[int, dict[str, bool]]:
    """What ``bot test`` says."""
    done = gateway.command("bot", "test", name, "--json", check=False)
    return done.returncode, {check["name"]: check["ok"] for check in json.loads(done.stdout)["checks"]}


def talk(gateway: Gateway, bot: str) -> list[dict[str, Any]]:
    """Two messages; what came back."""
    token = gateway.visitor()
    conversation = gateway.conversation(token, bot)
    replies = []
    for text in (SAID, "Thank you"):
        said = gateway.say(token, conversation, text)
        assert said.status == 201
        replies += said.json["replies"]
    return replies


# honest bots


async def rasa(_: Upstream, asked: world.Asked, writer: world.Writer) -> None:
    """Answers as CollectingOutputChannel does."""
    items = [
        {"recipient_id": asked.body["sender"], "text": f"You said: {asked.body['message']}"},
        {"recipient_id": asked.body["sender"], "text": "Your tax number is"},
        {
            "recipient_id": asked.body["sender"],
            "text": "86095742719",  # a finding because of the words in the other piece
            "buttons": [{"title": "Fine", "payload": "/ok"}],
        },
    ]
    await whole(json.dumps(items).encode())(_, asked, writer)


def test_a_rasa_assistant_behind_the_gateway(tmp_path: Path) -> None:
    with bot_server(rasa) as bot, gateway_with(tmp_path, {"shop": bot.url.removesuffix("/v1")}, "rasa") as gateway:
        first, second = talk(gateway, "shop")
        assert [one["from"] for one in (first, second)] == ["bot", "bot"]
        *said, number, choices = first["text"].split("\n\n")
        assert said == ["You said: My card is 4111 11•• •••• 1111, what now?", "Your tax number is"]
        assert [one["class"] for one in first["findings"]] == ["payment-card", "national-id"]
        assert "860957" not in number
        assert choices == "- Fine"
        code, told = checks(gateway, "shop")
        assert (code, all(told.values())) == (0, True)
        persons, tests = bot.asked[:2], bot.asked[2:]
    assert "4111" not in str([asked.body for asked in bot.asked])
    assert len({asked.body["sender"] for asked in persons}) == 1
    tokens = [asked.headers["chatwarden-turn"] for asked in persons]
    assert len(set(tokens)) == 2
    assert [asked.body["metadata"] for asked in persons] == [{"turn": token} for token in tokens]
    assert [asked.body.get("metadata") for asked in tests] == [None]


def test_a_bot_behind_a_signed_webhook(tmp_path: Path) -> None:
    bot = SignedBot(secret=OTHER_SECRET, says=lambda asked: answer(f"You said: {asked['data']['text']}", handoff=True))
    with bot_server(bot) as server, gateway_with(tmp_path, {"shop": server.url}, "webhook") as gateway:
        first, second = talk(gateway, "shop")
        assert first["text"] == "You said: My card is 4111 11•• •••• 1111, what now?"
        assert second["text"] == "You said: Thank you"
        assert "conversation:handoff-offered" in {entry["event"] for entry in gateway.audit()}
        assert checks(gateway, "shop")[0] == 0
    assert "4111" not in str(bot.believed)
    earlier = bot.believed[1]["data"]["history"]
    assert [line["role"] for line in earlier] == ["user", "assistant"]
    assert earlier[0]["text"] == "My card is [payment-card-1], what now?"
    assert [asked["turn"] for asked in bot.believed[:2]] == [
        asked.headers["chatwarden-turn"] for asked in server.asked[:2]
    ]
    assert len({asked["turn"] for asked in bot.believed[:2]}) == 2


def test_a_bot_of_the_bot_framework(tmp_path: Path) -> None:
    with agent.running() as url, gateway_with(tmp_path, {"shop": url}, "botframework") as gateway:
        first, second = talk(gateway, "shop")
        assert first["text"] == "You said: My card is 4111 11•• •••• 1111, what now?"
        assert second["text"] == "You said: Thank you"
        assert checks(gateway, "shop")[0] == 0
        token = gateway.visitor()
        failed = gateway.say(token, gateway.conversation(token, "shop"), "fail").json
        assert [one["from"] for one in failed["replies"]] == ["system"]
        assert "swordfish" not in str(failed)


def test_a_bot_of_the_bot_framework_that_wants_another_credential(tmp_path: Path) -> None:
    with agent.running(secure=True) as url, gateway_with(tmp_path, {"shop": url}, "botframework") as gateway:
        assert [one["from"] for one in talk(gateway, "shop")] == ["system", "system"]
        code, told = checks(gateway, "shop")
        assert code == 1
        assert [name for name, ok in told.items() if not ok] == ["credential", "answers", "streams"]


def test_a_bot_of_the_bot_framework_that_believes_the_provider_of_the_house(tmp_path: Path) -> None:
    identity = provider.Provider()
    with bot_server(identity) as server, agent.running(secure=True, provider=server.url.removesuffix("/v1")) as url:
        token = (
            f'[bots.shop.token]\nurl = "http://127.0.0.1:{server.port}/token"\nclient = "{provider.CLIENT}"\n'
            'secret_file = "secrets/client"\n'
        )
        with gateway_with(tmp_path, {"shop": url}, "botframework", token) as gateway:
            first, second = talk(gateway, "shop")
            assert first["text"] == "You said: My card is 4111 11•• •••• 1111, what now?"
            assert second["text"] == "You said: Thank you"
            assert checks(gateway, "shop")[0] == 0
            assert len(identity.given) == 1
            log = gateway.log.read_text()
    assert provider.SECRET not in log
    assert identity.given[0] not in log


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_the_bot_of_the_documentation_answers(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "put-before-your-bot.md").read_text()
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", program], env={"SECRET": SECRET, "PORT": str(port)}, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 30
        while not listens(port):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        with gateway_with(tmp_path, {"own": f"http://127.0.0.1:{port}/chat"}, "webhook") as gateway:
            first, second = talk(gateway, "own")
            assert first["text"] == "You said: My card is 4111 11•• •••• 1111, what now?"
            assert second["text"] == "You said: Thank you"
    finally:
        process.kill()
        process.wait(30)


# bad ones


@dataclass
class Liar:
    """One server, another lie under each path."""

    lies: dict[str, Behaviour] = field(default_factory=dict)

    async def __call__(self, upstream: Upstream, asked: world.Asked, writer: world.Writer) -> None:
        await self.lies[asked.path.split("/")[1]](upstream, asked, writer)


NOTHING: dict[str, Callable[[], Behaviour]] = {
    "rasa": lambda: whole(b"[]"),
    "botframework": lambda: whole(b'{"activities": []}'),
    "webhook": lambda: SignedBot(says=lambda _: answer("")),
}


@pytest.mark.parametrize("connector", CONNECTORS)
def test_every_lie_becomes_a_calm_line_and_an_offer(tmp_path: Path, connector: str) -> None:
    told = {f"lie-{n}": one for n, one in enumerate(lies.PLAIN.values())}
    told["empty"] = (NOTHING[connector](), "empty")
    liar = Liar({name: behaviour for name, (behaviour, _) in told.items()})
    with bot_server(liar) as server:
        urls = {name: f"http://127.0.0.1:{server.port}/{name}" for name in told}
        with gateway_with(tmp_path, urls, connector) as gateway:
            token = gateway.visitor()
            for name in told:
                conversation = gateway.conversation(token, name)
                said = gateway.say(token, conversation, "hello")
                assert said.status == 201, name
                [reply] = said.json["replies"]
                assert (reply["from"], said.json["handoff"]) == ("system", "offered"), name
                assert "person" in reply["text"]
            failures = {e["actor"]: e["reason"] for e in gateway.audit() if e["event"] == "bot:failed"}
            assert checks(gateway, "empty")[0] == 1
    for name, (behaviour, reason) in told.items():
        unsigned = connector == "webhook" and reason == "malformed" and behaviour is not world.speaks_no_http
        assert failures[name] == ("signature" if unsigned else reason), name
