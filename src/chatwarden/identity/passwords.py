"""Argon2id, off the event loop and bounded: 19 MiB and two passes (OWASP Password Storage, 2023).

What is hashed is a keyed hash of the password: without the key, which lies outside the database, a stolen table cannot
even be guessed at (NIST SP 800-63B-4, section 3.1.1.2). A stored string begins with its version. A password that nobody
has is verified against a hash of nobody's, so that an unknown name costs the same time.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from chatwarden.identity.model import PASSWORD_MAX

_Args = TypeVarTuple("_Args")
_Result = TypeVar("_Result")

_VERSION = "p1:"
OWASP_TIME_COST, OWASP_MEMORY_KIB, OWASP_PARALLELISM = 2, 19 * 1024, 1


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password was right, and whether its stored form should be made anew."""

    right: bool
    outdated: bool = False


class Passwords:
    """Hashes and verifies; at most *workers* at once, since each takes 19 MiB and some 20 ms of a core. *pepper* (32
    bytes) is the key.
    """

    def __init__(self, workers: int, pepper: bytes) -> None:
        self._pepper = pepper
        self._hasher = argon2.PasswordHasher(OWASP_TIME_COST, OWASP_MEMORY_KIB, OWASP_PARALLELISM)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The stored form of *password*."""
        return _VERSION + await self._run(self._hasher.hash, self._keyed(password))

    async def verify(self, stored: str | None, password: str) -> Checked:
        """Whether *password* is the one behind *stored*; the same work when nothing is stored."""
        if len(password) > PASSWORD_MAX:
            return Checked(right=False)
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        checked = await self._run(self._check, stored or self._nobody, password)
        return checked if stored is not None else Checked(right=False)

    def _check(self, stored: str, password: str) -> Checked:
        keyed = stored.startswith(_VERSION)
        phrase = stored.removeprefix(_VERSION)
        try:
            self._hasher.verify(phrase, self._keyed(password) if keyed else password)
        except (VerificationError, InvalidHashError):
            return Checked(right=False)
        return Checked(right=True, outdated=not keyed or self._hasher.check_needs_rehash(phrase))

    def _keyed(self, password: str) -> bytes:
        return base64.b64encode(hmac.digest(self._pepper, password.encode("utf-8", "surrogatepass"), "sha256"))

    async def _run(self, work: Callable[[*_Args], _Result], *args: *_Args) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    def close(self) -> None:
        """Lets the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)
