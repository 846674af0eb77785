"""Processes that append entries and integrate them, each killed (SIGKILL) at a step of the integration: ``killed.py HOME``.

For each number that comes by standard input a process is forked that is killed at that step; ``killed`` or ``done`` goes
to standard output. A step is a write, sync or rename. What was acknowledged is noted in HOME/acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chatwarden.audit import folder, head
from chatwarden.config import home as homes
from chatwarden.storage.migrations import load
from tests.world.logs import Logbook
from tests.world.postgres import SqliteEngine

_ENTRIES = 200  # nearly every time a tile becomes full


class Steps:
    """Counts, and ends the process at the last one."""

    def __init__(self, last: int) -> None:
        self.left = last

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return counted


def tear(steps: Steps) -> None:
    """The calls of the modules that write, each a step. A file is written in two halves, so that a kill leaves a torn one."""
    write, sync = os.write, os.fsync
    begun: set[int] = set()

    def half(file: int, data: bytes) -> int:
        if file in begun:
            begun.discard(file)
            return write(file, bytes(data))
        begun.add(file)
        return write(file, bytes(data)[: max(1, len(data) // 2)])

    halved = steps.before(half)

    class System:
        """``os`` as these modules see it."""

        def __getattr__(self, name: str) -> Any:
            return {"write": halved, "fsync": steps.before(sync)}.get(name) or getattr(os, name)

    for module in (folder, homes):
        setattr(module, "os", System())  # noqa: B010  they have no such name for the type checker
    Path.replace = steps.before(Path.replace)  # type: ignore[method-assign]
    head.write = steps.before(head.write)


async def main(home: Path, last: int) -> None:
    database = await SqliteEngine(home / "record.db").open(load("sqlite"))
    book = Logbook(database, home)
    await book.note(_ENTRIES)
    acknowledged = (await database.fetch("SELECT count(*) FROM audit"))[0][0]
    (home / "acknowledged").write_text(str(acknowledged))
    tear(Steps(last))
    await book.tree.run(book.now)
    await database.close()


if __name__ == "__main__":
    for line in sys.stdin:
        if (child := os.fork()) == 0:  # nothing runs here yet: no thread is lost
            asyncio.run(main(Path(sys.argv[1]), int(line)))
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write({0: "done\n", -signal.SIGKILL: "killed\n"}.get(status, f"failed {status}\n"))
        sys.stdout.flush()
