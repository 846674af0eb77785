"""The gateway's side of the keeper: finds it or starts it, and asks it for shares.

Requests share one connection and do not wait for each other. A keeper that ended took its shares with it: the next one
has another ``instance``, by which the gateway knows that it must look what is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from chatwarden.clock import Duration
from chatwarden.config.home import peer_user, socket_address
from chatwarden.ephemeral import keeper
from chatwarden.ephemeral.vault import HolderLost

_TRIES = 200
_BETWEEN = 0.02
_WAIT = 5.0


class Holder:
    """The keeper of the home whose run folder is *folder*; it is started when it is first needed, and ends by itself
    when it has held nothing, for nobody, for *idle* seconds.
    """

    def __init__(self, folder: Path, idle: float = keeper.IDLE) -> None:
        self._folder = folder
        self._idle = idle
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[tuple[int, bytes]]] = {}
        self._requests = 0
        self._connecting = asyncio.Lock()
        self._started = 0
        self.instance = b""
        self.level = ""

    @property
    def connected(self) -> bool:
        """Whether a keeper answers."""
        return self._writer is not None

    async def connect(self) -> None:
        """Finds the keeper, or starts one. Raises HolderLost."""
        async with self._connecting:
            if self._writer is not None:
                return
            for _ in range(_TRIES):
                if await self._reach():
                    break
                if self._ended():
                    self._start()
                await asyncio.sleep(_BETWEEN)
            else:
                self.level = "no keeper can be started"
                raise HolderLost
        _, told = await self._ask(keeper.HELLO, b"")
        self.instance, self.level = told[:16], told[16:].decode()

    async def make(self, name: bytes, lives_for: Duration) -> bytes:
        """A new share, which ends by itself after *lives_for*. Raises HolderLost."""
        await self.connect()
        status, share = await self._ask(keeper.MAKE, name + keeper.LIFE.pack(max(0, lives_for)))
        if status != keeper.DONE:
            raise HolderLost
        return share

    async def fetch(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        """Those shares that it still has. Raises HolderLost."""
        await self.connect()
        found: dict[bytes, bytes] = {}
        step = 1 + keeper.SHARE
        for start in range(0, len(names), keeper.NAMES_MAX):
            chunk = names[start : start + keeper.NAMES_MAX]
            _, told = await self._ask(keeper.FETCH, b"".join(chunk))
            if len(told) != len(chunk) * step:
                raise HolderLost
            for at, name in enumerate(chunk):
                if told[at * step]:
                    found[name] = told[at * step + 1 : (at + 1) * step]
        return found

    async def drop(self, names: Sequence[bytes]) -> None:
        """Ends these shares now. Raises HolderLost."""
        await self.connect()
        for start in range(0, len(names), keeper.NAMES_MAX):
            await self._ask(keeper.DROP, b"".join(names[start : start + keeper.NAMES_MAX]))

    async def close(self) -> None:
        """Lets go. The keeper goes on."""
        self._lost()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _reach(self) -> bool:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            with socket_address(self._folder / "keeper.sock") as address:
                connection.connect(address)
            if peer_user(connection) not in {0, os.geteuid()}:
                connection.close()
                return False  # a stranger listens there
            reader, writer = await asyncio.open_unix_connection(sock=connection)
        except OSError:
            connection.close()
            return False
        self._writer = writer
        self._reading = asyncio.get_running_loop().create_task(self._read(reader, writer))
        return True

    def _start(self) -> None:
        """A process of its own, which this one's end and signals do not reach."""
        nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
        command = [sys.executable, "-I", "-m", keeper.__name__, str(self._folder), str(self._idle)]
        self._started = os.posix_spawn(sys.executable, command, {}, file_actions=nothing, setsid=True)

    def _ended(self) -> bool:
        """Whether the one that was started is over already, for example because there is another."""
        if not self._started:
            return True
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(self._started, os.WNOHANG) == (0, 0):
                return False
        self._started = 0
        return True

    async def _ask(self, operation: int, body: bytes) -> tuple[int, bytes]:
        if self._writer is None:
            raise HolderLost
        self._requests = (self._requests + 1) & 0xFFFFFFFF
        request = self._requests
        answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._answers[request] = answer
        self._writer.write(keeper.FRAME.pack(len(body), request, operation) + body)
        try:
            async with asyncio.timeout(_WAIT):
                return await answer
        except TimeoutError:
            self._lost()
            raise HolderLost from None
        finally:
            self._answers.pop(request, None)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                length, request, status = keeper.FRAME.unpack(await reader.readexactly(keeper.FRAME.size))
                body = await reader.readexactly(length)
                answer = self._answers.get(request)
                if answer is not None and not answer.done():
                    answer.set_result((status, body))
        if self._writer is writer:  # and not that of a keeper that came after it
            self._lost()

    def _lost(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(HolderLost())
