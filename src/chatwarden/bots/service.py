"""The configured bots, each behind its circuit breaker."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import asdict
from pathlib import Path

from chatwarden.bots.breaker import Breaker
from chatwarden.bots.checkup import checkup
from chatwarden.bots.connectors.botframework import BotFramework
from chatwarden.bots.connectors.builtin import Builtin
from chatwarden.bots.connectors.openai import OpenAI
from chatwarden.bots.connectors.rasa import Rasa
from chatwarden.bots.connectors.webhook import Webhook
from chatwarden.bots.model import Answer, BotFailed, Connector, StreamEnd, Turn
from chatwarden.clock import SECOND, Clock, Instant
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError

CALM_LINE = "I cannot answer that right now. Your message is safe here. Would you like to talk to a person?"

OnFailure = Callable[[str, str], None]
OnAnswer = Callable[[str, float], None]


class Bot:
    """One bot."""

    def __init__(self, config: BotConfig, connector: Connector, on_failure: OnFailure, on_answer: OnAnswer) -> None:
        self.config = config
        self.connector = connector
        self.breaker = Breaker()
        self.calm_line = config.calm_line or CALM_LINE
        self._on_failure = on_failure
        self._on_answer = on_answer

    async def ask(self, turn: Turn, now: Instant) -> Answer:
        """The whole answer. Raises BotFailed."""
        mark = self._permit(now)
        begun = time.perf_counter()
        try:
            answer = await self.connector.ask(turn)
        except BotFailed as failure:
            self._failed(mark, failure, now, begun)
            raise
        except BaseException:  # cancelled: the person went away
            self.breaker.abandoned(mark)
            raise
        self.breaker.succeeded(mark)
        self._on_answer(self.config.name, time.perf_counter() - begun)
        return answer

    async def stream(self, turn: Turn, now: Instant) -> AsyncGenerator[str | StreamEnd]:
        """The answer in pieces, then a StreamEnd. Raises BotFailed."""
        mark = self._permit(now)
        begun = time.perf_counter()
        pieces = self.connector.stream(turn)
        settled = False
        try:
            async for piece in pieces:
                yield piece
            self.breaker.succeeded(mark)
            settled = True
        except BotFailed as failure:
            self._failed(mark, failure, now, begun)
            settled = True
            raise
        finally:
            if not settled:
                self.breaker.abandoned(mark)
            await pieces.aclose()
        self._on_answer(self.config.name, time.perf_counter() - begun)

    def _permit(self, now: Instant) -> int:
        mark = self.breaker.permits(now)
        if not mark:
            self._on_failure(self.config.name, "circuit-open")
            raise BotFailed("circuit-open")
        return mark

    def _failed(self, mark: int, failure: BotFailed, now: Instant, begun: float) -> None:
        # The rest begins when the failure is there: a bot that times out after longer than the rest must get one too.
        self.breaker.failed(mark, now + round((time.perf_counter() - begun) * SECOND))
        self._on_failure(self.config.name, failure.reason)


class Bots:
    """Every enabled bot by name."""

    def __init__(
        self, configs: dict[str, BotConfig], home: Path, clock: Clock, *, on_failure: OnFailure, on_answer: OnAnswer
    ) -> None:
        self._bots = {
            name: Bot(config, _connector(config, home, clock), on_failure, on_answer)
            for name, config in configs.items()
        }

    def get(self, name: str) -> Bot | None:
        """The bot with this name."""
        return self._bots.get(name)

    def all(self) -> list[Bot]:
        """Every bot."""
        return list(self._bots.values())

    def reconfigure(self, configs: dict[str, BotConfig]) -> None:
        """Takes over rules that were read again; how a bot is reached needs a restart."""
        for name, bot in self._bots.items():
            bot.config = configs.get(name, bot.config)

    def reload(self, but: Collection[str] = ()) -> list[str]:
        """Reads knowledge and credentials again, *but* not of these. Returns the bots whose files are not as they must be:
        those go on with what they had.
        """
        refused = []
        for name, bot in self._bots.items():
            if name in but:
                continue
            try:
                bot.connector.reload()
            except ConfigurationError:
                refused.append(name)
        return refused

    async def test(self, name: str) -> dict[str, object]:
        """What works with one bot and what does not."""
        bot = self._bots[name]
        checks = await checkup(bot.config, bot.connector)
        return {
            "bot": name, "connector": bot.config.connector, "ok": all(check.ok for check in checks),
            "checks": [asdict(check) for check in checks],
        }  # fmt: skip

    async def close(self) -> None:
        """Lets connections go."""
        for bot in self._bots.values():
            await bot.connector.close()


def _connector(config: BotConfig, home: Path, clock: Clock) -> Connector:
    match config.connector:
        case "builtin":
            return Builtin(config, home)
        case "openai":
            return OpenAI(config, home)
        case "rasa":
            return Rasa(config, home)
        case "botframework":
            return BotFramework(config, home, clock)
        case "webhook":
            return Webhook(config, home, clock)
    raise AssertionError(config.connector)  # unreachable: the configuration knows these five
