"""A bot's server in a thread of its own, for tests that are not asynchronous."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from tests.world.upstream import Behaviour, Upstream, serving


@contextlib.contextmanager
def bot_server(behaviour: Behaviour) -> Iterator[Upstream]:
    """Serves *behaviour* until the block is left."""
    ready = threading.Event()
    made: list[Upstream] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with serving(behaviour) as upstream:
            made.append(upstream)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield made[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
