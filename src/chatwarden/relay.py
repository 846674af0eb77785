"""A streamed answer on its way from the bot to the screen of its person: checked, then with their own values put back.

Nothing goes on when the session has ended, or behind what the policy blocks. What was said is what was given on, in the
form in which it is recorded: before values were put back.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from chatwarden.bots.model import BotFailed, StreamEnd, ToolCall
from chatwarden.calls import Treated
from chatwarden.classes import DataClass
from chatwarden.conversations.restore import Unveiling
from chatwarden.detection.guard import Guard

Treat = Callable[[Guard, Sequence[ToolCall], str], Treated]


@dataclass(slots=True)
class Relay:
    """One answer. ``live``: whether it may still be shown; ``treat``: what becomes of calls of tools, ``calls``. ``end`` is
    what the bot ended with, ``blocked`` what ended it before.
    """

    guard: Guard
    veil: Unveiling
    live: Callable[[], bool]
    treat: Treat
    said: list[str] = field(default_factory=list)
    end: StreamEnd = field(default_factory=StreamEnd)
    calls: Treated = field(default_factory=Treated)

    @property
    def blocked(self) -> DataClass | None:
        """What ended it before its end."""
        return self.guard.blocked or self.calls.blocked

    async def pieces(self, coming: AsyncGenerator[str | StreamEnd]) -> AsyncGenerator[str]:
        """What may be shown, as it comes. Raises BotFailed, with the reason ``blocked`` where it says what must not go out."""
        calls: Sequence[ToolCall] = ()
        async with aclosing(coming) as pieces:
            async for piece in pieces:
                if isinstance(piece, StreamEnd):
                    self.end, calls = piece, piece.calls
                    continue
                if not self.live():
                    break
                if shown := await self._shown(self.guard.feed(piece)):
                    yield shown
                if self.guard.blocked:
                    break
        if self.live():
            if shown := await self._shown(self.guard.finish()) + await self.veil.finish():
                yield shown
            if calls and not self.blocked:
                self.calls = self.treat(self.guard, calls, "".join(self.said))
        if self.blocked:
            raise BotFailed("blocked", self.blocked)

    async def _shown(self, safe: str) -> str:
        if not safe:
            return ""
        self.said.append(safe)
        return await self.veil.feed(safe)
