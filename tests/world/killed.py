"""A process that appends entries and integrates them, and kills itself at the given step: ``killed.py HOME STEP``.

A step is a write, sync or rename of the integration. What was acknowledged is noted in HOME/acknowledged.
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

_ENTRIES = 20


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
    """The calls of the modules that write, each a step. A write is halved, so that a kill leaves a torn file."""
    write, sync = os.write, os.fsync
    halved = steps.before(lambda file, data: write(file, bytes(data)[: max(1, len(data) // 2)]))

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


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
