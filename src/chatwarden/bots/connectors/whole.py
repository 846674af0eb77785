"""What the connectors share whose bots answer a JSON request with one JSON answer: one client, one credential, and a
stream that is the whole answer in one piece.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from pathlib import Path

from chatwarden.bots.model import Answer, Link, StreamEnd, Turn
from chatwarden.bots.upstream import Upstream, standing_fields
from chatwarden.config.model import BotConfig

JSON = "application/json"


class Whole(ABC):
    """A connector without ``ask``. Raises ConfigurationError at once when its files are not as they must be."""

    streams = False

    def __init__(self, config: BotConfig, home: Path, path: str, kept: frozenset[bytes] = frozenset()) -> None:
        self.config = config
        self.home = home
        self.upstream = Upstream(config, home, path, kept)
        self.fields = b""
        self.reload()

    def reload(self) -> None:
        """Reads the credential and certificates again."""
        fields = standing_fields(self.config, self.home)
        self.upstream.reload()
        self.fields = fields

    @abstractmethod
    async def ask(self, turn: Turn) -> Answer:
        """The whole answer."""

    async def stream(self, turn: Turn) -> AsyncGenerator[str | StreamEnd]:
        """The whole answer, then a StreamEnd."""
        answer = await self.ask(turn)
        yield answer.text
        yield StreamEnd(answer.finish, answer.handoff)

    async def reach(self) -> Link:
        """Only connects."""
        return await self.upstream.reach()

    async def close(self) -> None:
        """Lets connections go."""
        await self.upstream.close()
