"""Unknown, wrong, disabled and locked cost the same time: 2 × 2,000 interleaved samples, and a planted difference is found.

The samples go through the whole login in one process, where the noise of sockets hides nothing. Argon2id itself is
replaced by its cheapest parameters, the same for all: what remains is what could tell one name from another. Medians of
interleaved samples are compared with their own noise, measured on the same answer twice; a difference of 1 ms, planted into
one branch, must stand out of it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import argon2
import pytest
from tests.world.house import HEAD, House, at_home

from chatwarden.identity.service import FAILURES_MAX
from chatwarden.principal import Role
from chatwarden.storage.model import Transaction

SAMPLES = 2_000
PLANTED = 0.001
CONFIG = HEAD + 'logins = "off"\nlogin_failures = "off"\n'
PASSWORD = "a long and quiet afternoon"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with at_home(tmp_path / "home", CONFIG) as opened:
        identity = opened.node.services.identity
        identity._passwords._hasher = argon2.PasswordHasher(1, 8, 1)
        now = opened.clock.now()
        for name in ("known", "disabled", "locked"):
            await identity.add(name, Role.CUSTOMER, now, actor="control", password=PASSWORD)
        await identity.set_enabled("disabled", now, enabled=False, actor="control")
        tx = Transaction()
        tx.add("UPDATE users SET failures = ? WHERE name = 'locked'", (FAILURES_MAX,))
        await opened.node.database.commit(tx)
        yield opened


async def refused(house: House, name: str, password: str) -> float:
    began = time.perf_counter()
    told = await house.ask("POST", "/api/v1/session", {"username": name, "password": password})
    took = time.perf_counter() - began
    assert (told.status, told.problem) == (401, "invalid-credentials")
    return took


async def difference(one: Callable[[], Awaitable[float]], other: Callable[[], Awaitable[float]], samples: int) -> float:
    """How much longer *other* takes, by the medians of interleaved samples."""
    pairs = [
        (await one(), await other()) if n % 2 else tuple(reversed((await other(), await one()))) for n in range(samples)
    ]
    return statistics.median(b for _, b in pairs) - statistics.median(a for a, _ in pairs)


@pytest.mark.parametrize(
    ("name", "password"), [("unknown-name", PASSWORD), ("disabled", PASSWORD), ("locked", PASSWORD)]
)
async def test_what_is_wrong_cannot_be_told_by_the_time_it_takes(house: House, name: str, password: str) -> None:
    def wrong() -> Awaitable[float]:
        return refused(house, "known", "not the password of anybody")

    noise = abs(await difference(wrong, wrong, SAMPLES // 4))
    found = abs(await difference(wrong, lambda: refused(house, name, password), SAMPLES))
    assert found < max(PLANTED / 4, 4 * noise), f"{name} takes {found * 1e6:.0f} us longer or shorter"


async def test_a_difference_of_a_millisecond_would_be_found(house: House) -> None:
    """The same measurement with a planted difference: else it could not fail."""
    identity = house.node.services.identity
    by_name = identity.by_name

    async def planted(name: str) -> object:
        if name == "unknown-name":
            until = time.perf_counter() + PLANTED
            while time.perf_counter() < until:
                pass
        return await by_name(name)

    identity.by_name = planted  # type: ignore[method-assign, assignment]

    def wrong() -> Awaitable[float]:
        return refused(house, "known", "not the password of anybody")

    noise = abs(await difference(wrong, wrong, SAMPLES // 4))
    found = abs(await difference(wrong, lambda: refused(house, "unknown-name", PASSWORD), SAMPLES // 4))
    assert found >= max(PLANTED / 4, 4 * noise)
