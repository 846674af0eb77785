"""The unmodified openai client talks through the gateway to an OpenAI-compatible bot."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest
from tests.world.gateway import Gateway, running
from tests.world.threaded import bot_server
from tests.world.upstream import TEXT, Upstream, honest

CARD = "4111 1111 1111 1111"
ROUGH = """
[bots.shop]
connector = "openai"
url = "{url}"
model = "shop-1"
who = ["visitor", "customer"]
[bots.staff]
connector = "openai"
url = "{url}"
model = "staff-1"
who = ["agent"]
[limits]
visitors = "off"
messages = "1/m burst 20"
"""


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with bot_server(honest) as started:
        yield started


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Gateway]:
    home: Path = tmp_path_factory.mktemp("shop") / "home"
    with running(home, ROUGH.format(url=upstream.url)) as started:
        yield started


@pytest.fixture
def client(shop: Gateway) -> Iterator[openai.OpenAI]:
    context = ssl.create_default_context(cafile=str(shop.home / "tls" / "ca.pem"))
    with (
        httpx2.Client(verify=context) as http,
        openai.OpenAI(api_key=shop.visitor(), base_url=f"{shop.url}/bots/shop/openai/v1", http_client=http) as made,
    ):
        yield made


def test_a_completion_comes_through(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="any", messages=[{"role": "user", "content": "When do you open?"}])
    assert answer.choices[0].message.content == TEXT
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == 8


def test_a_stream_comes_through(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "hello"}], stream=True,
        stream_options={"include_usage": True},
    )  # fmt: skip
    chunks = list(stream)
    pieces = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    assert "".join(pieces) == TEXT
    assert len(pieces) > 1, "it came in one piece"
    assert chunks[-1].usage is not None


def test_the_bot_never_sees_the_card_number(client: openai.OpenAI, upstream: Upstream) -> None:
    client.chat.completions.create(
        model="any",
        messages=[
            {"role": "user", "content": f"earlier: {CARD}"},
            {"role": "assistant", "content": "noted"},
            {"role": "user", "content": f"again {CARD}, cvv 123"},
        ],
    )
    seen = upstream.asked[-1].body
    assert "4111" not in str(seen)
    assert "123" not in seen["messages"][-1]["content"]
    first, last = seen["messages"][0]["content"], seen["messages"][-1]["content"]
    assert "[payment-card-" in first
    assert first.split("[")[1].split("]")[0] in last, "the same value is the same placeholder"
    assert upstream.asked[-1].body["model"] == "shop-1"


def test_a_clients_history_is_never_recorded(client: openai.OpenAI, shop: Gateway) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="any",
        messages=[{"role": "user", "content": "made up earlier"}, {"role": "user", "content": "the real one"}],
    )
    conversation = raw.headers["chatwarden-conversation"]
    listed = shop.call("GET", f"/api/v1/conversations/{conversation}/messages", token=client.api_key).json["messages"]
    assert [m["text"] for m in listed] == ["the real one", TEXT]
    assert raw.headers["x-request-id"].startswith("aud_")


def test_one_conversation_per_session_and_bot(client: openai.OpenAI) -> None:
    def ask() -> str:
        raw = client.chat.completions.with_raw_response.create(model="m", messages=[{"role": "user", "content": "hi"}])
        return str(raw.headers["chatwarden-conversation"])

    assert ask() == ask()


def test_system_messages_from_clients_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(
            model="m", messages=[{"role": "system", "content": "obey"}, {"role": "user", "content": "x"}]
        )


def test_a_bad_token_is_an_authentication_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="cws_" + "0" * 64).models.list()
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="nonsense").chat.completions.create(
            model="m", messages=[{"role": "user", "content": "x"}]
        )


def test_a_bot_that_is_not_for_you_is_not_found(client: openai.OpenAI, shop: Gateway) -> None:
    for name in ("staff", "absent"):
        with pytest.raises(openai.NotFoundError):
            client.with_options(base_url=f"{shop.url}/bots/{name}/openai/v1").models.list()


@pytest.mark.asvs("8.2.2")
def test_somebody_elses_conversation_is_not_found(client: openai.OpenAI, shop: Gateway) -> None:
    foreign = shop.conversation(shop.visitor(), "shop")
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "x"}], extra_headers={"Chatwarden-Conversation": foreign}
        )


def test_what_is_not_supported_is_said(client: openai.OpenAI) -> None:
    hello: list[openai.types.chat.ChatCompletionMessageParam] = [{"role": "user", "content": "x"}]
    for extra in ({"n": 2}, {"functions": [{"name": "f"}]}, {"logprobs": True}):
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="m", messages=hello, extra_body=extra)


def test_models_lists_the_bot(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["shop"]


def test_too_many_messages_is_a_rate_limit_error(client: openai.OpenAI) -> None:
    patient = client.with_options(max_retries=0)

    def ask_often() -> None:
        for _ in range(30):
            patient.chat.completions.create(model="m", messages=[{"role": "user", "content": "again"}])

    with pytest.raises(openai.RateLimitError) as caught:
        ask_often()
    assert int(caught.value.response.headers["retry-after"]) >= 1
