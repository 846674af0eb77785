"""The check of the log that is started with a click: ``chatwarden audit verify`` as a process beside the gateway.

It reads what lies in the home, not what the gateway says of it, and takes a processor only where nobody else wants one: a
message waits for none of it. One runs at a time; whoever starts another sees the one that runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence

import msgspec

from chatwarden.clock import Clock, Instant, rfc3339
from chatwarden.log import get_logger

_NICE = 10
_LINE_MAX = 1_048_576
_log = get_logger("verification")


class CheckedYear(msgspec.Struct):
    """A year's log that is as it should be."""

    year: int
    origin: str
    size: int
    root: str
    waiting: int = 0
    cosigned_by: list[str] = []


class _Result(msgspec.Struct):
    ok: bool
    years: list[CheckedYear]
    year: int = 0
    first_bad_index: int = -1
    reason: str = ""


class _Progress(msgspec.Struct):
    year: int
    done: int
    of: int


class VerificationView(msgspec.Struct, omit_defaults=True):
    """Where the check is. ``state``: ``never`` since the gateway started, ``running``, ``ok``, ``wrong``, ``failed``.
    ``index`` is the first entry that is wrong, -1 where that cannot be said.
    """

    state: str
    started_at: str | None = None
    finished_at: str | None = None
    year: int | None = None
    done: int | None = None
    of: int | None = None
    years: list[CheckedYear] = []
    index: int | None = None
    reason: str | None = None


class Verification:
    """Runs *command* (``audit verify --json --progress``) and remembers what the last run said."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self.view = VerificationView("never")

    def start(self, clock: Clock) -> VerificationView:
        """Begins, unless it runs."""
        if self._task is None or self._task.done():
            self.view = VerificationView("running", rfc3339(clock.now()))
            self._task = asyncio.create_task(self._run(clock))
        return self.view

    async def ended(self) -> VerificationView:
        """Waits for the end of the one that runs."""
        if self._task is not None:
            await asyncio.wait([self._task])
        return self.view

    async def close(self) -> None:
        """Ends it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        await self.ended()

    async def _run(self, clock: Clock) -> None:
        try:
            result = await self._result()
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            _log.error("verification-failed", kind=type(error).__name__)
            self._done(clock.now(), "failed")
        else:
            self._done(clock.now(), "ok" if result.ok else "wrong", result)

    async def _result(self) -> _Result:
        pipe = asyncio.subprocess.PIPE
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, limit=_LINE_MAX
        )
        with contextlib.suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
        assert process.stdout is not None
        assert process.stderr is not None
        said, _ = await asyncio.gather(process.stdout.read(), self._follow(process.stderr))
        await process.wait()
        return msgspec.json.decode(said, type=_Result)

    async def _follow(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            with contextlib.suppress(msgspec.MsgspecError):  # a line for people
                told = msgspec.json.decode(line, type=_Progress)
                self.view.year, self.view.done, self.view.of = told.year, told.done, told.of

    def _done(self, now: Instant, state: str, result: _Result | None = None) -> None:
        self.view.state, self.view.finished_at = state, rfc3339(now)
        if result is not None:
            self.view.years = result.years
            if not result.ok:
                self.view.year = result.year
                self.view.index, self.view.reason = result.first_bad_index, result.reason
