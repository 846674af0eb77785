"""A Rasa assistant: recorded exchanges come through as one calm text, every lie is a failure."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.world import lies
from tests.world.upstream import Behaviour, serving, whole

from chatwarden.bots.connectors.rasa import Rasa
from chatwarden.bots.model import Answer, BotFailed, StreamEnd, Turn, Utterance
from chatwarden.config.model import BotConfig

RECORDED = json.loads((Path(__file__).parents[2] / "vectors" / "rasa" / "exchanges.json").read_text())
TURN = Turn(
    "cnv_1",
    (Utterance("user", "before"), Utterance("assistant", "yes"), Utterance("user", "Hello")),
    turn_token="cwt_1",
)


def config(url: str) -> BotConfig:
    return lies.quick(BotConfig("helper", "rasa", url=url.removesuffix("/v1")))


async def ask(url: str, turn: Turn = TURN, home: Path = Path(), **more: Any) -> Answer:
    connector = Rasa(replace(config(url), **more), home)
    try:
        return await lies.patiently(connector.ask(turn))
    finally:
        await connector.close()


def answers(items: object) -> Behaviour:
    return whole(json.dumps(items).replace("SENDER", "cnv_1").encode())


@pytest.mark.parametrize(
    "exchange", [*RECORDED["exchanges"], *RECORDED["built"]], ids=lambda one: str(one["where"])[:60]
)
async def test_what_a_real_server_answered_is_shown_as_one_text(exchange: dict[str, Any]) -> None:
    turn = replace(TURN, utterances=(Utterance("user", exchange["message"]),))
    async with serving(answers(exchange["answer"])) as server:
        assert await ask(server.url, turn) == Answer(exchange["shown"])
        assert server.asked[0].body["message"] == exchange["message"]


async def test_the_assistant_is_told_the_last_line_and_the_conversation_and_nothing_of_the_person() -> None:
    async with serving(answers([{"text": "Hi."}])) as server:
        await ask(server.url)
        (asked,) = server.asked
    assert asked.path == "/webhooks/rest/webhook"
    assert asked.body == {"sender": "cnv_1", "message": "Hello", "metadata": {"turn": "cwt_1"}}
    assert asked.headers["chatwarden-turn"] == "cwt_1"
    assert not {"cookie", "referer", "authorization"} & set(asked.headers)


async def test_without_a_turn_there_is_no_token() -> None:
    async with serving(answers([{"text": "Hi."}])) as server:
        await ask(server.url, replace(TURN, turn_token=""))
        (asked,) = server.asked
    assert asked.body == {"sender": "cnv_1", "message": "Hello"}
    assert "chatwarden-turn" not in asked.headers


async def test_a_credential_is_sent_to_what_stands_before_the_assistant(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text("sk-1\n")
    async with serving(answers([{"text": "Hi."}])) as server:
        await ask(server.url, home=tmp_path, credential_file=Path("key"))
        assert server.asked[0].headers["authorization"] == "Bearer sk-1"


async def test_a_stream_is_the_answer_in_one_piece() -> None:
    async with serving(answers([{"text": "Hi."}])) as server:
        connector = Rasa(config(server.url), Path())
        assert [piece async for piece in connector.stream(TURN)] == ["Hi.", StreamEnd()]
        await connector.close()


WRONG: dict[str, tuple[Behaviour, str]] = {
    **lies.PLAIN,
    "an empty list: the assistant failed": (answers([]), "empty"),
    "only what is no text": (answers([{"custom": {"a": 1}}, {"text": "  "}]), "empty"),
    "a picture that is none": (answers([{"image": "javascript:alert(1)"}]), "empty"),
    "no list": (answers({"text": "Hi."}), "malformed"),
    "a list of texts": (answers(["Hi."]), "malformed"),
    "the answer to somebody else": (answers([{"recipient_id": "cnv_2", "text": "Hi."}]), "malformed"),
}


@pytest.mark.parametrize("lie", WRONG)
async def test_every_lie_of_an_assistant_is_a_failure_with_its_word(lie: str) -> None:
    behaviour, reason = WRONG[lie]
    async with serving(behaviour) as server:
        with pytest.raises(BotFailed) as failed:
            await ask(server.url)
        assert failed.value.reason == reason
        assert len(server.asked) == 1
