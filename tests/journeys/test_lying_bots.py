"""A bot that fails, times out or talks nonsense gives the person a calm line and an offered person, never silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.world import upstream as lies
from tests.world.gateway import running
from tests.world.threaded import bot_server
from tests.world.upstream import Behaviour, completion, delta, event, events, whole

TOML = """
[bots.shop]
connector = "openai"
url = "{url}"
model = "m"
connect_timeout = "1s"
first_byte_timeout = "1s"
total_timeout = "2s"
[limits]
visitors = "off"
"""
LIES: dict[str, tuple[Behaviour, str]] = {
    "never answers": (lies.never_answers, "timeout"),
    "a trickle": (lies.trickles, "timeout"),
    "an error": (whole(b"{}", status="500 Oops"), "status"),
    "a redirect": (whole(b"", status="302 Found", extra="location: http://127.0.0.1:1/\r\n"), "status"),
    "another content type": (whole(b"<html>", "text/html"), "content-type"),
    "half a JSON": (whole(b'{"choices": [{"mess'), "malformed"),
    "another shape": (whole(b'{"choices": 7}'), "malformed"),
    "nothing to say": (whole(json.dumps(completion("  ")).encode()), "empty"),
    "an endless answer": (lies.never_ends, "oversized"),
    "a cut answer": (lies.closes_half_way, "truncated"),
    "a closed door": (lies.closes_before_answering, "truncated"),
    "no HTTP": (lies.speaks_no_http, "malformed"),
}


@pytest.mark.parametrize(("behaviour", "reason"), LIES.values(), ids=LIES.keys())
def test_a_lie_becomes_a_calm_line_and_an_offer(tmp_path: Path, behaviour: Behaviour, reason: str) -> None:
    with bot_server(behaviour) as bot, running(tmp_path / "home", TOML.format(url=bot.url)) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token, "shop")
        answer = gateway.say(token, conversation, "hello")
        assert answer.status == 201
        [reply] = answer.json["replies"]
        assert reply["from"] == "system"
        assert "person" in reply["text"]
        assert answer.json["handoff"] == "offered"
        chat = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
        facade = gateway.call("POST", "/bots/shop/openai/v1/chat/completions", chat, token)
        assert facade.status == 200
        assert facade.headers["chatwarden-handoff"] == "offered"
        assert facade.json["choices"][0]["message"]["content"] == reply["text"]
        failed = [e for e in gateway.audit() if e["event"] == "bot:failed"]
        assert {e["reason"] for e in failed} == {reason}
        listed = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages", token=token).json["messages"]
        assert [m["from"] for m in listed] == ["client", "system"]


def test_an_unreachable_bot_opens_its_circuit(tmp_path: Path) -> None:
    with running(tmp_path / "home", TOML.format(url="http://127.0.0.1:9")) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token, "shop")
        for _ in range(6):
            assert gateway.say(token, conversation, "hello").status == 201
        reasons = [e["reason"] for e in gateway.audit() if e["event"] == "bot:failed"]
        assert reasons == ["unreachable"] * 5 + ["circuit-open"]


def test_a_stream_that_breaks_keeps_what_was_shown(tmp_path: Path) -> None:
    broken = events(event(delta("Our office opens ")), event(delta("at nine ")), end=False)
    with bot_server(broken) as bot, running(tmp_path / "home", TOML.format(url=bot.url)) as gateway:
        token = gateway.visitor()
        chat = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True}
        answer = gateway.call("POST", "/bots/shop/openai/v1/chat/completions", chat, token)
        assert answer.status == 200
        lines = [line[6:] for line in answer.body.decode().splitlines() if line.startswith("data: ")]
        assert lines[-1] == "[DONE]"
        said = [json.loads(line)["choices"][0] for line in lines[:-1]]
        shown = "".join(choice["delta"].get("content", "") for choice in said)
        assert shown.startswith("Our office opens")
        assert said[-1]["finish_reason"] == "length"
        conversation = answer.headers["chatwarden-conversation"]
        listed = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages", token=token).json["messages"]
        assert listed[-1]["text"] == shown


def test_a_secret_in_an_answer_is_masked_streamed_or_not(tmp_path: Path) -> None:
    secret = "Pay to DE89 3704 0044 0532 0130 00 please"

    async def tells(upstream: lies.Upstream, asked: lies.Asked, writer: lies.Writer) -> None:
        if asked.streamed:
            parts = [event(delta(letter)) for letter in secret]
            await events(*parts, event(delta(None, "stop")), b"data: [DONE]\n\n")(upstream, asked, writer)
        else:
            await whole(json.dumps(completion(secret)).encode())(upstream, asked, writer)

    with bot_server(tells) as bot, running(tmp_path / "home", TOML.format(url=bot.url)) as gateway:
        token = gateway.visitor()
        chat = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
        plain = gateway.call("POST", "/bots/shop/openai/v1/chat/completions", chat, token)
        text = plain.json["choices"][0]["message"]["content"]
        assert "3704" not in text
        assert text.startswith("Pay to DE")
        streamed = gateway.call("POST", "/bots/shop/openai/v1/chat/completions", {**chat, "stream": True}, token)
        lines = [line[6:] for line in streamed.body.decode().splitlines() if line.startswith("data: {")]
        pieces = [json.loads(line)["choices"][0]["delta"].get("content", "") for line in lines]
        assert "".join(pieces) == text
