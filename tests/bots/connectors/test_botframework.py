"""A bot of the Bot Framework: a real one on Microsoft's own SDK answers, every lie is a failure."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.world import agent, lies
from tests.world.provider import AUDIENCE, CLIENT, SECRET, Provider
from tests.world.threaded import bot_server
from tests.world.upstream import Behaviour, Upstream, serving, whole

from chatwarden.bots.connectors.botframework import HANDOFF_LINE, NOWHERE, BotFramework
from chatwarden.bots.model import Answer, BotFailed, StreamEnd, Turn, Utterance
from chatwarden.clock import ManualClock
from chatwarden.config.home import write_private
from chatwarden.config.model import BotConfig, TokenConfig


def turn(text: str) -> Turn:
    return Turn("cnv_1", (Utterance("user", "before"), Utterance("user", text)), turn_token="cwt_1")


def config(url: str) -> BotConfig:
    return BotConfig("helper", "botframework", url=url.removesuffix("/v1"), plaintext=True)


async def ask(config: BotConfig, text: str = "hello", home: Path = Path()) -> Answer:
    connector = BotFramework(config, home, ManualClock())
    try:
        return await lies.patiently(connector.ask(turn(text)))
    finally:
        await connector.close()


# a real bot


@pytest.fixture(scope="module")
def bot() -> Iterator[str]:
    with agent.running() as url:
        yield url


async def test_a_real_bot_answers_in_the_same_exchange(bot: str) -> None:
    assert await ask(config(bot)) == Answer("You said: hello")


async def test_a_real_bot_sees_the_conversation_and_nothing_of_the_person_or_the_house(bot: str) -> None:
    seen = json.loads((await ask(config(bot), "repeat what you saw")).text)
    assert seen.pop("id").startswith("act_")
    assert seen == {
        "type": "message",
        "channelId": "chatwarden",
        "timestamp": "2027-01-15T08:00:00Z",
        "serviceUrl": NOWHERE,
        "from": {"id": "cnv_1", "role": "user"},
        "recipient": {"id": "helper", "role": "bot"},
        "conversation": {"id": "cnv_1"},
        "deliveryMode": "expectReplies",
        "textFormat": "plain",
        "text": "repeat what you saw",
        "channelData": {"turn": "cwt_1"},
    }


async def test_cards_pictures_and_suggestions_become_calm_text_and_typing_is_not_shown(bot: str) -> None:
    assert (await ask(config(bot), "show everything")).text == (
        "Look:\n\nPicture: https://bot.example/a.png\n\nTariff\n\nSmall\n\nNine euros.\n\n- Take it\n\n"
        "Your order\n\nTax number: 86095742719\n\n- Track it: https://shop.example/track\n\n- Yes\n- No\n\nAnd more."
    )


async def test_a_bot_may_hand_over(bot: str) -> None:
    assert await ask(config(bot), "hand me over") == Answer(HANDOFF_LINE, handoff=True)


@pytest.mark.parametrize(("word", "reason"), [("fail", "error"), ("say nothing", "empty")])
async def test_the_error_text_of_a_real_bot_is_never_an_answer(bot: str, word: str, reason: str) -> None:
    with pytest.raises(BotFailed) as failed:
        await ask(config(bot), word)
    assert failed.value.reason == reason
    assert "swordfish" not in str(failed.value)


async def test_a_bot_that_wants_a_token_refuses_us_without_one_and_with_a_wrong_one(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text("not-a-token\n")
    with agent.running(secure=True) as url:
        for one in (config(url), replace(config(url), credential_file=Path("key"))):
            with pytest.raises(BotFailed, match="status: 401"):
                await ask(one, home=tmp_path)


def token_config(home: Path, url: str, provider: Upstream) -> BotConfig:
    write_private(home / "secret", SECRET.encode())
    endpoint = f"http://127.0.0.1:{provider.port}/token"
    token = TokenConfig(url=endpoint, client=CLIENT, scope="api://the-bot/.default", secret_file=Path("secret"))
    return replace(config(url), token=token)


async def test_a_real_bot_believes_a_token_of_its_provider_which_is_fetched_once(tmp_path: Path) -> None:
    provider = Provider()
    with bot_server(provider) as server, agent.running(secure=True, provider=server.url[:-3]) as url:
        connector = BotFramework(token_config(tmp_path, url, server), tmp_path, ManualClock())
        assert await lies.patiently(connector.ask(turn("hello"))) == Answer("You said: hello")
        assert await lies.patiently(connector.ask(turn("again"))) == Answer("You said: again")
        assert len(provider.given) == 1
        assert provider.scopes == ["api://the-bot/.default"]
        provider.audience = "another-bot"
        connector.reload()
        for fetched in (2, 3):  # a token that the bot refused is not shown again
            with pytest.raises(BotFailed, match="status: 401"):
                await lies.patiently(connector.ask(turn("hello")))
            assert len(provider.given) == fetched
        provider.audience = AUDIENCE
        assert await lies.patiently(connector.ask(turn("hello"))) == Answer("You said: hello")
        await connector.close()


async def test_the_bot_sees_the_token_and_never_the_secret(tmp_path: Path) -> None:
    provider = Provider()
    async with serving(provider) as server, serving(replies({"type": "message", "text": "Hi."})) as bot:
        await ask(token_config(tmp_path, bot.url, server), home=tmp_path)
        [asked] = bot.asked
        assert asked.headers["authorization"] == f"Bearer {provider.given[0]}"
        assert not {"chatwarden-turn", "cookie"} & set(server.asked[0].headers)
        assert "hello" not in server.asked[0].raw.decode()


async def test_without_a_token_the_bot_is_not_asked(tmp_path: Path) -> None:
    async with serving(Provider(secret="another")) as server, serving(replies()) as bot:
        with pytest.raises(BotFailed, match="token: status: 401") as failed:
            await ask(token_config(tmp_path, bot.url, server), home=tmp_path)
        assert failed.value.reason == "token"
        assert SECRET not in str(failed.value)
        assert bot.asked == []


# what is sent, and lies


def replies(*activities: object) -> Behaviour:
    return whole(json.dumps({"activities": activities}).encode())


async def test_the_credential_is_a_bearer_token_and_the_turn_is_a_field_too(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text("token-1\n")
    async with serving(replies({"type": "message", "text": "Hi."})) as server:
        connector = BotFramework(replace(config(server.url), credential_file=Path("key")), tmp_path, ManualClock())
        assert [piece async for piece in connector.stream(turn("hello"))] == ["Hi.", StreamEnd()]
        key.write_text("token-2\n")
        connector.reload()
        await connector.ask(replace(turn("hello"), turn_token=""))
        await connector.close()
        first, second = server.asked
    assert first.path == "/api/messages"
    assert first.headers["authorization"] == "Bearer token-1"
    assert first.headers["chatwarden-turn"] == "cwt_1"
    assert second.headers["authorization"] == "Bearer token-2"
    assert "channelData" not in second.body
    assert "chatwarden-turn" not in second.headers


SAID: dict[str, tuple[list[Any], str]] = {
    "the words beside a handoff": (
        [{"type": "message", "text": "One moment."}, {"type": "event", "name": "handoff.initiate"}],
        "One moment.",
    ),
    "another event": ([{"type": "message", "text": "Hi."}, {"type": "event", "name": "other"}], "Hi."),
    "a trace that is no error": ([{"type": "trace", "text": "secret"}, {"type": "message", "text": "Hi."}], "Hi."),
    "a thought that is streamed": ([{"type": "typing", "text": "Thinking"}, {"type": "message", "text": "Hi."}], "Hi."),
    "the same conversation": ([{"type": "message", "text": "Hi.", "conversation": {"id": "cnv_1"}}], "Hi."),
    "a card of another shape": (
        [{"type": "message", "text": "Hi.", "attachments": [{"contentType": "application/vnd.microsoft.card.hero"}]}],
        "Hi.",
    ),
    "a picture that is none": (
        [{"type": "message", "text": "Hi.", "attachments": [{"contentType": "image/png", "contentUrl": "data:x"}]}],
        "Hi.",
    ),
}


@pytest.mark.parametrize("name", SAID)
async def test_only_messages_are_shown(name: str) -> None:
    activities, text = SAID[name]
    async with serving(replies(*activities)) as server:
        answer = await ask(config(server.url))
    assert answer == Answer(text, handoff="handoff" in name)


WRONG: dict[str, tuple[Behaviour, str]] = {
    **lies.PLAIN,
    "no activities": (replies(), "empty"),
    "only typing": (replies({"type": "typing", "text": "Thinking"}), "empty"),
    "a list": (whole(b"[]"), "malformed"),
    "another shape": (whole(b'{"activities": 7}'), "malformed"),
    "null": (whole(b"null"), "malformed"),
    "the answer to somebody else": (
        replies({"type": "message", "text": "Hi.", "conversation": {"id": "cnv_2"}}), "malformed",
    ),
    "an error text beside its trace": (
        replies(
            {"type": "message", "text": "Exception caught : password"},
            {"type": "trace", "valueType": "https://www.botframework.com/schemas/error"},
        ),
        "error",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", WRONG)
async def test_every_lie_of_such_a_bot_is_a_failure_with_its_word(lie: str) -> None:
    behaviour, reason = WRONG[lie]
    async with serving(behaviour) as server:
        with pytest.raises(BotFailed) as failed:
            await ask(lies.quick(config(server.url)))
        assert failed.value.reason == reason
        assert len(server.asked) == 1
