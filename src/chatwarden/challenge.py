"""A question that only the right answer, in time, makes go away: the ticking clock, wherever one is asked for.

Time and attempts are both limited: every wrong answer costs an attempt and halves what is left of the time. An answer
belongs to the one challenge that it was given to; the id of a challenge says nothing and is never used twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from chatwarden.clock import Instant
from chatwarden.ids import Randomness, new_id

TAP = "tap"


class Purpose(StrEnum):
    """What a right answer is good for."""

    LOGIN = "login"
    STILL_THERE = "still-there"
    STEP_UP = "step-up"


class Means(StrEnum):
    """By what a person can answer, the strongest first."""

    PASSKEY = "passkey"
    TOTP = "totp"
    PASSWORD = "password"  # noqa: S105  a word
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One question. ``kinds`` are the ways to answer, the one that is asked for first; the first is its ``kind``."""

    id: str
    purpose: Purpose
    kinds: tuple[str, ...]
    expires_at: Instant
    attempts_left: int

    @property
    def kind(self) -> str:
        """What is asked for."""
        return self.kinds[0]


def ask(purpose: Purpose, kinds: tuple[str, ...], expires_at: Instant, attempts: int, random: Randomness) -> Challenge:
    """A new question."""
    return Challenge(new_id("chl", random), purpose, kinds, expires_at, attempts)


def spent(challenge: Challenge, now: Instant) -> bool:
    """Whether it is over: no time or no attempt is left."""
    return now >= challenge.expires_at or challenge.attempts_left <= 0


def attempted(challenge: Challenge) -> Challenge:
    """With one attempt less. Charged before an answer is checked, so that parallel guesses cannot share one."""
    return replace(challenge, attempts_left=challenge.attempts_left - 1)


def after_wrong(challenge: Challenge, now: Instant) -> Challenge:
    """With half of the time that was left."""
    return replace(challenge, expires_at=now + max(0, challenge.expires_at - now) // 2)


class Asked:
    """A question that waits for its answer: one answer is looked at at a time, and a right one is the last."""

    def __init__(self, challenge: Challenge, operation: str = "") -> None:
        self.challenge = challenge
        self.operation = operation
        self.answered = False
        self._turn = asyncio.Lock()

    def open(self, now: Instant) -> bool:
        """Whether an answer can still come."""
        return not self.answered and not spent(self.challenge, now)

    async def answer(self, check: Callable[[], Awaitable[str]], now: Instant, *, halve: bool = True) -> str | None:
        """What *check* proves, or an empty string when the answer was wrong: then an attempt is gone, and half of the
        time with *halve*. None when it was not looked at, because another answer was right before it or none may come
        any more.
        """
        async with self._turn:
            if not self.open(now):
                return None
            self.challenge = attempted(self.challenge)
            proved = await check()
            if proved:
                self.answered = True
            elif halve:
                self.challenge = after_wrong(self.challenge, now)
            return proved
