"""The gateway's side of the broker: finds it or starts it, asks it, and cuts what was asked for a session that ends.

One connection carries one question, so closing it takes the question back. What listens must be the broker's own user.
Where there is no broker, or it does not answer, nothing is asked in another way: `BrokerGone`, and the caller refuses.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import socket
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

from chatwarden.broker import wire
from chatwarden.broker.wire import Answered, Question
from chatwarden.config.home import peer_user, socket_address
from chatwarden.errors import ChatwardenError

IDLE = 600.0  # seconds after which a broker that nobody needs ends by itself
RETRY = 10.0  # seconds after which the first failed revocation is tried again
_TRIES = 250
_BETWEEN = 0.02
_WAIT = 45.0  # longer than the broker waits for an application; one that is slow to sign in too is given up


class BrokerGone(ChatwardenError):
    """There is no broker, or it did not answer."""


class Cut(ChatwardenError):
    """The session ended while an application was asked."""


class Broker:
    """The broker of a home: ``folder`` is its own, ``path`` its socket. With *user* it is a service of that user, and never
    started from here.
    """

    def __init__(self, folder: Path, path: Path, *, user: str = "", idle: float = IDLE, retry: float = RETRY) -> None:
        self._folder = folder
        self._path = path
        self._user = user
        self._idle = idle
        self._retry = retry
        self._starting = asyncio.Lock()
        self._started = 0
        self._running: defaultdict[str, set[asyncio.Task[tuple[Answered, bytes]]]] = defaultdict(set)

    @property
    def used(self) -> bool:
        """Whether there is anything that a broker would have to look after."""
        return bool(self._user) or (self._folder / "key").exists()

    async def ask(self, question: Question, body: bytes = b"", *, session: str = "") -> tuple[Answered, bytes]:
        """What the broker answers, for *session* if it is asked for one. Raises BrokerGone or Cut."""
        task = asyncio.get_running_loop().create_task(self._asked(question, body))
        if session:
            self._running[session].add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and session not in self._running:
                raise Cut from None
            task.cancel()
            raise
        finally:
            running = self._running.get(session)
            if running is not None:
                running.discard(task)
                if not running:
                    del self._running[session]

    async def all_leases(self) -> AsyncIterator[wire.Lease]:
        """Every lease that the broker knows, page by page. Raises BrokerGone."""
        after = ""
        while True:
            told, _ = await self.ask(wire.Leases(after=after))
            for one in told.leases:
                yield one
            if len(told.leases) < wire.PAGE:
                return
            after = told.leases[-1].id

    def cut(self, session: str) -> None:
        """The session is over: what is being asked for it is taken back now."""
        for task in self._running.pop(session, ()):
            task.cancel()

    async def _asked(self, question: Question, body: bytes) -> tuple[Answered, bytes]:
        frame = wire.framed(question, body)
        reader, writer = await self._connected()
        try:
            writer.write(frame)
            async with asyncio.timeout(_WAIT):
                return await wire.answered(reader)
        except (OSError, EOFError, TimeoutError, wire.Malformed):
            raise BrokerGone from None
        finally:
            writer.transport.abort()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        found = await self._reach()
        if found is not None:
            return found
        async with self._starting:
            for _ in range(_TRIES if not self._user else 1):
                found = await self._reach()
                if found is not None:
                    return found
                if not self._user and self._ended():
                    self._start()
                await asyncio.sleep(_BETWEEN)
        raise BrokerGone

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            with socket_address(self._path) as address:
                connection.connect(address)
            if peer_user(connection) not in self._users():
                connection.close()
                return None  # a stranger listens there
            return await asyncio.open_unix_connection(sock=connection)
        except (OSError, KeyError):
            connection.close()
            return None

    def _users(self) -> set[int]:
        return {0, pwd.getpwnam(self._user).pw_uid if self._user else os.geteuid()}

    def _start(self) -> None:
        """A process of its own, which this one's end and signals do not reach."""
        nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
        command = [
            sys.executable, "-I", "-m", "chatwarden.broker.process", str(self._folder), str(self._path),
            "--idle", str(self._idle), "--retry", str(self._retry),
        ]  # fmt: skip
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
