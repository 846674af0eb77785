"""A bot behind a signed webhook: it believes us, we believe it, and nobody else."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook as Reference
from tests.world import lies
from tests.world.signed import OTHER_SECRET, SECRET, SignedBot, answer
from tests.world.upstream import Asked, Behaviour, Upstream, Writer, head, serving

from chatwarden.bots.connectors.webhook import Webhook
from chatwarden.bots.model import Answer, BotFailed, Turn, Utterance
from chatwarden.clock import SECOND, ManualClock, SystemClock
from chatwarden.config.home import write_private
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError

TURN = Turn(
    "cnv_1",
    (Utterance("user", "before"), Utterance("assistant", "yes"), Utterance("user", "Hell\u00f6")),
    turn_token="cwt_1",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_private(tmp_path / "one", SECRET.encode() + b"\n")
    write_private(tmp_path / "two", f"{SECRET}\n\n{OTHER_SECRET}\n".encode())
    return tmp_path


def config(url: str, secrets: str = "one") -> BotConfig:
    return lies.quick(BotConfig("helper", "webhook", url=url, secret_file=Path(secrets)))


async def ask(url: str, home: Path, secrets: str = "one", turn: Turn = TURN) -> Answer:
    connector = Webhook(config(url, secrets), home, SystemClock())
    try:
        return await lies.patiently(connector.ask(turn))
    finally:
        await connector.close()


async def test_the_reference_library_believes_the_question_and_we_believe_its_answer(home: Path) -> None:
    bot = SignedBot()
    async with serving(bot) as server:
        assert await ask(server.url + "/hook/", home) == Answer("You said: Hell\u00f6")
        (asked,) = server.asked
    assert asked.path == "/v1/hook/"
    (believed,) = bot.believed
    assert believed == {
        "type": "message.received",
        "timestamp": believed["timestamp"],
        "data": {
            "conversation": "cnv_1",
            "text": "Hell\u00f6",
            "history": [{"role": "user", "text": "before"}, {"role": "assistant", "text": "yes"}],
        },
        "turn": "cwt_1",
    }
    assert believed["timestamp"].endswith("Z")
    assert "." not in asked.headers["webhook-id"]
    assert asked.headers["chatwarden-turn"] == "cwt_1"
    assert not {"cookie", "referer", "authorization"} & set(asked.headers)


@pytest.mark.parametrize(("history", "lines"), [(0, []), (1, ["yes"]), (9, ["before", "yes"])])
async def test_the_bot_is_given_as_much_history_as_is_configured(home: Path, history: int, lines: list[str]) -> None:
    bot = SignedBot()
    async with serving(bot) as server:
        connector = Webhook(replace(config(server.url), history=history), home, SystemClock())
        await connector.ask(TURN)
        await connector.close()
    assert [line["text"] for line in bot.believed[0]["data"]["history"]] == lines


async def test_a_bot_may_hand_over(home: Path) -> None:
    async with serving(SignedBot(says=lambda _: answer("A person knows.", handoff=True))) as server:
        assert await ask(server.url, home) == Answer("A person knows.", handoff=True)


@pytest.mark.parametrize("knows", [SECRET, OTHER_SECRET])
async def test_while_a_secret_is_replaced_the_bot_may_know_the_old_one_or_the_new_one(home: Path, knows: str) -> None:
    async with serving(SignedBot(secret=knows)) as server:
        assert (await ask(server.url, home, "two")).text.startswith("You said")


async def test_a_bot_with_another_secret_refuses_us(home: Path) -> None:
    async with serving(SignedBot(secret=OTHER_SECRET)) as server:
        with pytest.raises(BotFailed, match="status: 401"):
            await ask(server.url, home)


async def test_a_reload_takes_the_new_secret_and_a_bad_one_changes_nothing(home: Path) -> None:
    async with serving(SignedBot(secret=OTHER_SECRET)) as server:
        connector = Webhook(config(server.url), home, SystemClock())
        write_private(home / "one", b"whsec_short")
        with pytest.raises(ConfigurationError, match="does not hold secrets"):
            connector.reload()
        with pytest.raises(BotFailed, match="401"):
            await connector.ask(TURN)
        write_private(home / "one", OTHER_SECRET.encode())
        connector.reload()
        assert (await connector.ask(TURN)).text.startswith("You said")
        await connector.close()


@pytest.mark.parametrize(
    ("data", "mode", "told"),
    [
        (b"sk-abc", 0o600, "a secret is whsec_"),
        (SECRET[6:].encode(), 0o600, "a secret is whsec_"),
        (SECRET.encode() + b"\nsk-abc", 0o600, "a secret is whsec_"),
        (b"\n", 0o600, "one to 4 lines"),
        (b"\n".join([SECRET.encode()] * 5), 0o600, "one to 4 lines"),
        (SECRET.encode(), 0o644, "can be read by others"),
    ],
)
def test_a_secret_file_that_is_not_as_it_must_be_is_refused(home: Path, data: bytes, mode: int, told: str) -> None:
    (home / "one").write_bytes(data)
    (home / "one").chmod(mode)
    with pytest.raises(ConfigurationError, match=told) as refused:
        Webhook(config("http://127.0.0.1:1"), home, SystemClock())
    assert refused.value.setting == "secret_file"
    assert SECRET[6:] not in str(refused.value)


async def test_a_question_of_another_time_is_refused_by_the_reference_library(home: Path) -> None:
    async with serving(SignedBot()) as server:
        connector = Webhook(config(server.url), home, ManualClock(SystemClock().now() - 301 * SECOND))
        with pytest.raises(BotFailed, match="status: 401"):
            await connector.ask(TURN)
        await connector.close()


async def reflects(_: Upstream, asked: Asked, writer: Writer) -> None:
    """Sends our own signed question back as the answer."""
    signed = "".join(f"{name}: {asked.headers[name]}\r\n" for name in asked.headers if name.startswith("webhook-"))
    writer.write(head("application/json", len(asked.raw), extra=signed) + asked.raw)
    await writer.drain()


class Replays:
    """Keeps the first answer and gives it to every question."""

    def __init__(self) -> None:
        self._kept = b""

    async def __call__(self, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        if self._kept:
            writer.write(self._kept)
            await writer.drain()
            return
        keeping = _Keeping(writer)
        await SignedBot()(upstream, asked, keeping)  # type: ignore[arg-type]
        self._kept = keeping.said


class _Keeping:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.said = b""

    def write(self, data: bytes) -> None:
        self.said += data
        self._writer.write(data)

    async def drain(self) -> None:
        await self._writer.drain()


async def test_an_answer_that_was_true_once_is_no_answer_to_the_next_question(home: Path) -> None:
    async with serving(Replays()) as server:
        assert (await ask(server.url, home)).text.startswith("You said")
        with pytest.raises(BotFailed, match="signature: another message"):
            await ask(server.url, home)


async def twice(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """One field of the signature stands there twice."""
    body = json.dumps(answer("Hi.")).encode()
    own = SignedBot()._signature(Reference(SECRET), asked.headers["webhook-id"], body)
    writer.write(head("application/json", len(body), extra=f"webhook-signature: v1,AAAA\r\n{own}") + body)
    await writer.drain()


UNSIGNED = {
    name: (behaviour, "signature" if reason == "malformed" and name != "another protocol" else reason)
    for name, (behaviour, reason) in lies.PLAIN.items()
}
WRONG: dict[str, tuple[Behaviour, str]] = {
    **UNSIGNED,
    "without a signature": (SignedBot(signing=False), "signature"),
    "changed on the way": (SignedBot(changed=b" "), "signature"),
    "signed for another question": (SignedBot(message_id=lambda _: "msg_other"), "signature"),
    "signed too long ago": (SignedBot(late=timedelta(seconds=-302)), "signature"),
    "signed for later": (SignedBot(late=timedelta(seconds=302)), "signature"),
    "our own question": (reflects, "malformed"),
    "a signature twice": (twice, "signature"),
    "signed, and half a JSON": (SignedBot(says=lambda _: b'{"type": "message.ans'), "malformed"),
    "signed, and another shape": (SignedBot(says=lambda _: {"text": "Hi."}), "malformed"),
    "signed, and another type": (SignedBot(says=lambda _: {**answer("Hi."), "type": "other"}), "malformed"),
    "signed, and very deep": (SignedBot(says=lambda _: b"[" * 100_000), "malformed"),
    "signed, and nothing to say": (SignedBot(says=lambda _: answer(" \n")), "empty"),
}


@pytest.mark.parametrize("lie", WRONG)
async def test_every_lie_about_a_signed_answer_is_a_failure_with_its_word(home: Path, lie: str) -> None:
    behaviour, reason = WRONG[lie]
    async with serving(behaviour) as server:
        with pytest.raises(BotFailed) as failed:
            await ask(server.url, home)
        assert failed.value.reason == reason
        assert len(server.asked) == 1
