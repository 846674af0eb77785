"""A bot's server in a thread of its own, for tests that are not asynchronous."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from tests.world.upstream import Behaviour, Upstream, serving

_Server = TypeVar("_Server")


@contextlib.contextmanager
def bot_server(behaviour: Behaviour) -> Iterator[Upstream]:
    """Serves *behaviour* until the block is left."""
    with in_thread(lambda: serving(behaviour)) as upstream:
        yield upstream


@contextlib.contextmanager
def in_thread(make: Callable[[], AbstractAsyncContextManager[_Server]]) -> Iterator[_Server]:
    """Any server of this world, until the block is left."""
    ready = threading.Event()
    made: list[_Server] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with make() as server:
            made.append(server)
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
