"""Argon2id, off the event loop and bounded: 19 MiB and two passes (OWASP Password Storage, 2023).

A password that nobody has is verified against a hash of nobody's, so that an unknown name costs the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from chatwarden.identity.model import PASSWORD_MAX

_Args = TypeVarTuple("_Args")
_Result = TypeVar("_Result")

OWASP_TIME_COST, OWASP_MEMORY_KIB, OWASP_PARALLELISM = 2, 19 * 1024, 1


class Passwords:
    """Hashes and verifies; at most *workers* at once, since each takes 19 MiB and some 20 ms of a core."""

    def __init__(self, workers: int) -> None:
        self._hasher = argon2.PasswordHasher(OWASP_TIME_COST, OWASP_MEMORY_KIB, OWASP_PARALLELISM)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The Argon2id string of *password*."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether *password* is the one behind *stored*; the same work when nothing is stored."""
        if len(password) > PASSWORD_MAX:
            return False
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        right = await self._run(self._check, stored or self._nobody, password)
        return right and stored is not None

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[*_Args], _Result], *args: *_Args) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    def close(self) -> None:
        """Lets the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)
