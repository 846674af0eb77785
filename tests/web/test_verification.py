"""The check of the log beside the gateway: one at a time, with its progress, whatever becomes of it."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from chatwarden.clock import SECOND, ManualClock
from chatwarden.web.verification import Verification, VerificationView

YEAR = {"year": 2026, "origin": "x/audit/2026", "size": 5, "root": "ab", "waiting": 0, "cosigned_by": ["w"]}


def saying(result: object, before: str = "", wait: bool = False) -> Verification:
    """A check by a program that says this."""
    script = (
        f"import sys\nsys.stderr.write({before!r})\nsys.stderr.flush()\n"
        + ("sys.stdin.read()\nimport time\ntime.sleep(600)\n" if wait else "")
        + f"print({json.dumps(result)!r})"
    )
    return Verification([sys.executable, "-c", script])


async def ended(check: Verification, clock: ManualClock) -> VerificationView:
    check.start(clock)
    return await check.ended()


async def test_a_log_that_is_as_it_should_be() -> None:
    clock = ManualClock()
    check = saying(
        {"ok": True, "years": [YEAR]}, '{"year":2026,"done":4,"of":5}\nfor people\n{"year":2026,"done":5,"of":5}\n'
    )
    assert check.view == VerificationView("never")
    told = await ended(check, clock)
    assert (told.state, told.year, told.done, told.of, told.index) == ("ok", 2026, 5, 5, None)
    assert [(one.size, one.cosigned_by) for one in told.years] == [(5, ["w"])]
    clock.advance(SECOND)
    again = await ended(check, clock)
    assert again.started_at != told.started_at


async def test_what_is_wrong_is_named() -> None:
    told = await ended(
        saying({"ok": False, "years": [], "year": 2026, "first_bad_index": 7, "reason": "changed"}), ManualClock()
    )
    assert (told.state, told.year, told.index, told.reason) == ("wrong", 2026, 7, "changed")


@pytest.mark.parametrize(
    "command", [[sys.executable, "-c", "print('no')"], ["/nowhere/program"], [sys.executable, "-c", ""]]
)
async def test_a_check_that_cannot_be_done_failed_and_another_may_begin(command: list[str]) -> None:
    check = Verification(command)
    for _ in range(2):
        told = await ended(check, ManualClock())
        assert (told.state, told.reason) == ("failed", None)


async def test_one_runs_at_a_time_and_ends_with_the_gateway() -> None:
    clock, check = ManualClock(), saying({}, '{"year":2026,"done":1,"of":5}\n', wait=True)
    first = check.start(clock)
    clock.advance(SECOND)
    assert check.start(clock) is first
    while first.done is None:  # noqa: ASYNC110  it says nothing when it has read
        await asyncio.sleep(0.01)
    await check.close()
    assert first.state == "failed"
    await saying({}).close()
