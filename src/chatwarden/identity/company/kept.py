"""Something of another machine's that is fetched, and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from chatwarden.clock import HOUR, MINUTE, SECOND, Duration, Instant
from chatwarden.outgoing import Unreachable

FRESH: Duration = 15 * MINUTE
STALE: Duration = 4 * HOUR  # goes on being used for so long while the other machine does not answer
ANEW: Duration = MINUTE  # between two fetches that somebody outside can cause
RETRY: Duration = 5 * SECOND

_T = TypeVar("_T")


class Kept(Generic[_T]):
    """What *fetch* gives, fetched again when it is no longer fresh, by one caller for all. While there is no answer the
    old one is used, until it is stale; an answer that is refused is never covered up by an old one.
    """

    def __init__(self, fetch: Callable[[], Awaitable[_T]]) -> None:
        self._fetch = fetch
        self._turn = asyncio.Lock()
        self._value: _T | None = None
        self._fetched_at: Instant = 0
        self._tried_at: Instant | None = None

    async def get(self, now: Instant, *, anew: bool = False) -> _T:
        """The value; with *anew* a newer one, if the last try was a minute ago. Raises Unreachable, and what *fetch*
        raises.
        """
        async with self._turn:
            value, age = self._value, now - self._fetched_at
            wait = 0 if self._tried_at is None else self._tried_at + (ANEW if anew else RETRY) - now
            if value is not None and (wait > 0 if anew else age < FRESH):
                return value
            if wait > 0:
                if value is None or age >= STALE:
                    raise Unreachable("it did not answer just now")
                return value
            self._tried_at = now
            try:
                self._value = await self._fetch()
            except Unreachable:
                if value is None or age >= STALE:
                    raise
                return value
            except Exception:
                self._value = None
                raise
            self._fetched_at = now
            return self._value
