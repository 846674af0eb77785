"""The configured bots, each behind its circuit breaker."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.world import upstream as world
from tests.world.upstream import TEXT, Upstream, serving

from chatwarden.bots.breaker import FAILURES, REST, Circuit
from chatwarden.bots.model import BotFailed, StreamEnd, Turn, Utterance
from chatwarden.bots.service import CALM_LINE, Bot, Bots
from chatwarden.clock import SECOND, SystemClock
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError

TURN = Turn("cnv_1", (Utterance("user", "When do you open?"),))
NOW = 1_000 * SECOND


@dataclass
class Mood:
    """A bot's server whose behaviour can be changed."""

    behaviour: world.Behaviour

    async def __call__(self, upstream: Upstream, asked: world.Asked, writer: world.Writer) -> None:
        await self.behaviour(upstream, asked, writer)


@dataclass
class Setting:
    """Bots with a server, and what was counted."""

    bots: Bots
    mood: Mood
    server: Upstream
    failures: list[tuple[str, str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def bot(self) -> Bot:
        bot = self.bots.get("remote")
        assert bot is not None
        return bot


def circuit(setting: Setting) -> Circuit:
    return setting.bot.breaker.state


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    mood = Mood(world.honest)
    async with serving(mood) as server:
        failures: list[tuple[str, str]] = []
        answers: list[str] = []
        bots = Bots(
            {
                "remote": BotConfig(
                    "remote", "openai", url=server.url, model="m", plaintext=True,
                    first_byte_timeout=SECOND * 3 // 10, total_timeout=SECOND,
                ),
                "local": BotConfig("local", "builtin", calm_line="Please wait."),
            },
            Path(),
            SystemClock(),
            on_failure=lambda name, reason: failures.append((name, reason)),
            on_answer=lambda name, _: answers.append(name),
        )  # fmt: skip
        yield Setting(bots, mood, server, failures, answers)
        await bots.close()


ERROR = world.whole(b"", status="500 Internal Server Error")


async def break_it(setting: Setting) -> None:
    setting.mood.behaviour = ERROR
    for _ in range(FAILURES):
        with pytest.raises(BotFailed, match="status"):
            await setting.bot.ask(TURN, NOW)
    assert circuit(setting) is Circuit.OPEN


async def test_bots_are_found_by_name_with_their_lines(setting: Setting) -> None:
    assert [bot.config.name for bot in setting.bots.all()] == ["remote", "local"]
    assert setting.bots.get("nobody") is None
    assert [bot.calm_line for bot in setting.bots.all()] == [CALM_LINE, "Please wait."]


async def test_answers_come_through_and_are_counted(setting: Setting) -> None:
    assert (await setting.bot.ask(TURN, NOW)).text == TEXT
    pieces = [piece async for piece in setting.bot.stream(TURN, NOW)]
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == TEXT
    assert setting.answers == ["remote", "remote"]
    assert setting.failures == []


async def test_a_bot_that_fails_again_and_again_is_left_alone(setting: Setting) -> None:
    await break_it(setting)
    asked = len(setting.server.asked)
    with pytest.raises(BotFailed) as failed:
        await setting.bot.ask(TURN, NOW + REST - 1)
    assert failed.value.reason == "circuit-open"
    with pytest.raises(BotFailed, match="circuit-open"):
        await anext(setting.bot.stream(TURN, NOW + REST - 1))
    assert len(setting.server.asked) == asked
    assert setting.failures == [("remote", "status")] * FAILURES + [("remote", "circuit-open")] * 2


async def test_another_bot_is_not_concerned(setting: Setting) -> None:
    await break_it(setting)
    local = setting.bots.get("local")
    assert local is not None
    assert "open" in (await local.ask(TURN, NOW)).text


async def test_a_bot_that_has_recovered_is_used_again(setting: Setting) -> None:
    await break_it(setting)
    setting.mood.behaviour = world.honest
    assert (await setting.bot.ask(TURN, NOW + REST + SECOND)).text == TEXT
    assert circuit(setting) is Circuit.CLOSED


async def test_a_stream_that_recovers_closes_the_circuit_and_one_that_fails_opens_it(setting: Setting) -> None:
    await break_it(setting)
    with pytest.raises(BotFailed, match="status"):
        await anext(setting.bot.stream(TURN, NOW + REST + SECOND))
    assert circuit(setting) is Circuit.OPEN
    setting.mood.behaviour = world.honest
    assert len([piece async for piece in setting.bot.stream(TURN, NOW + 2 * REST + 2 * SECOND)]) > 1
    assert circuit(setting) is Circuit.CLOSED


async def test_a_person_who_leaves_a_stream_is_neither_good_nor_bad(setting: Setting) -> None:
    await break_it(setting)
    setting.mood.behaviour = world.pauses
    pieces = setting.bot.stream(TURN, NOW + REST + SECOND)
    assert await anext(pieces) == "Good "
    await pieces.aclose()
    await setting.server.hung_up.wait()
    setting.mood.behaviour = world.honest
    assert (await setting.bot.ask(TURN, NOW + REST + SECOND)).text == TEXT


async def test_a_test_says_what_works(setting: Setting) -> None:
    good = await setting.bots.test("remote")
    assert (good["bot"], good["connector"], good["ok"]) == ("remote", "openai", True)
    assert isinstance(good["checks"], list)
    assert {"name": "answers", "ok": True, "detail": f"{len(TEXT)} characters"} in good["checks"]
    setting.mood.behaviour = ERROR
    bad = await setting.bots.test("remote")
    assert bad["ok"] is False
    assert isinstance(bad["checks"], list)
    assert {"name": "answers", "ok": False, "detail": "status: 500"} in bad["checks"]
    assert circuit(setting) is Circuit.CLOSED  # a test is not a person's question
    assert (setting.failures, setting.answers) == ([], [])


async def test_a_bot_that_cannot_be_set_up_stops_the_start(tmp_path: Path) -> None:
    config = BotConfig("remote", "openai", url="https://bot.example/v1", credential_file=Path("missing"))
    with pytest.raises(ConfigurationError, match="credential_file"):
        Bots({"remote": config}, tmp_path, SystemClock(), on_failure=lambda *_: None, on_answer=lambda *_: None)


async def test_a_reload_reaches_every_bot(tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    folder.mkdir()
    page = folder / "a.md"
    page.write_text("## Zebras\nStripes.\n")
    config = BotConfig("local", "builtin", knowledge=Path("facts"))
    bots = Bots({"local": config}, tmp_path, SystemClock(), on_failure=lambda *_: None, on_answer=lambda *_: None)
    page.write_text("## Zebras\nGone.\n")
    bots.reload()
    bot = bots.get("local")
    assert bot is not None
    last = [piece async for piece in bot.stream(Turn("cnv_1", (Utterance("user", "zebras"),)), NOW)]
    assert isinstance(last[-1], StreamEnd)
    assert str(last[0]).startswith("Gone.")


async def test_a_slow_failure_is_followed_by_a_whole_rest(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty seconds until a time-out, ten of rest: counted from the request, there would be no rest at all."""
    clock = iter(range(0, 10_000, 20))
    monkeypatch.setattr("chatwarden.bots.service.time.perf_counter", lambda: float(next(clock)))
    setting.mood.behaviour = world.closes_before_answering
    now = NOW
    for _ in range(FAILURES):
        with pytest.raises(BotFailed):
            await setting.bot.ask(TURN, now)
        now += 20 * SECOND
    with pytest.raises(BotFailed, match="circuit-open"):
        await setting.bot.ask(TURN, now)


async def test_a_reload_that_one_bot_refuses_reaches_the_others(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    for folder in (good, bad):
        folder.mkdir()
        (folder / "a.md").write_text("## Hours\nAt nine.\n")
    configs = {name: BotConfig(name, "builtin", knowledge=Path(name)) for name in ("bad", "good")}
    bots = Bots(
        configs, tmp_path, SystemClock(), on_failure=lambda _name, _reason: None, on_answer=lambda _name, _seconds: None
    )
    (bad / "a.md").unlink()
    (good / "a.md").write_text("## Hours\nAt ten.\n")
    assert bots.reload() == ["bad"]
    found = bots.get("good")
    assert found is not None
    answer = await found.ask(Turn("cnv_1", (Utterance("user", "hours?"),)), NOW)
    assert "ten" in answer.text
    await bots.close()
