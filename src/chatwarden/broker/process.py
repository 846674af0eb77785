"""The broker as a process: a socket for the gateway's user, and a service behind it.

    python -m chatwarden.broker.process FOLDER SOCKET [--gateway USER] [--idle SECONDS] [--retry SECONDS]

It listens for its own user, for root and for ``USER`` (SO_PEERCRED). It cannot be dumped or traced by its own user and
leaves no core file; what it writes is sealed files in ``FOLDER`` and, where it cannot start, one line that names no
secret. It ends when its home is gone, or when nobody asked it anything for ``--idle`` seconds (0: never) and no token is
waiting to be taken back.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import fcntl
import os
import pwd
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from chatwarden.broker import wire
from chatwarden.broker.service import Service
from chatwarden.clock import SECOND, SystemClock
from chatwarden.config.home import peer_user, socket_address
from chatwarden.errors import CannotRun

IDLE = 600.0
RETRY = 10.0
_TEND = 0.25
_QUESTION = 10.0
_CONNECTIONS_MAX = 1_024
_PR_SET_DUMPABLE = 4


class Server:
    """Answers questions on a socket."""

    def __init__(self, service: Service, path: Path, users: frozenset[int], idle: float) -> None:
        self._service = service
        self._path = path
        self._users = users
        self._idle = idle
        self._open = 0
        self._asked_at = 0.0
        self.stop = asyncio.Event()

    async def run(self, listener: socket.socket) -> None:
        """Until stopped."""
        loop = asyncio.get_running_loop()
        self._asked_at = loop.time()
        server = await asyncio.start_unix_server(self._serve, sock=listener)
        tending = loop.create_task(self._tend())
        try:
            while not self.stop.is_set() and self._path.exists() and not self._unneeded(loop.time()):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TEND):
                        await self.stop.wait()
                if tending.done():
                    tending.result()
        finally:
            tending.cancel()
            server.close()
            self._service.close()

    def _unneeded(self, now: float) -> bool:
        quiet = not self._open and now - self._asked_at >= self._idle
        return bool(self._idle) and quiet and not self._service.leases.busy

    async def _tend(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._service.tend())
                await asyncio.sleep(_TEND)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if peer_user(writer.get_extra_info("socket")) not in self._users or self._open >= _CONNECTIONS_MAX:
            writer.close()
            return
        self._open += 1
        try:
            async with asyncio.timeout(_QUESTION):
                asked, body = await wire.question(reader)
            answering = asyncio.ensure_future(self._service.answer(asked, body))
            # Who hangs up takes the question back; a second word on a connection is none that we know.
            leaving = asyncio.ensure_future(reader.read(1))
            try:
                await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if answering.done():
                    writer.write(wire.framed(*answering.result()))
                    await writer.drain()
            finally:
                for task in (answering, leaving):
                    task.cancel()
                await asyncio.gather(answering, leaving, return_exceptions=True)
        except (TimeoutError, EOFError, OSError, wire.Malformed):
            pass  # it went away, said nothing, or nothing that is understood
        finally:
            self._open -= 1
            self._asked_at = asyncio.get_running_loop().time()
            writer.close()


def hide() -> None:
    """No core file, no reading by others of the same user."""
    with contextlib.suppress(OSError, ValueError):  # a supervisor may have done it, and forbidden more
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the broker of a folder; returns the exit code. 0 when there is one already."""
    parser = argparse.ArgumentParser(prog="broker")
    parser.add_argument("folder", type=Path)
    parser.add_argument("socket", type=Path)
    parser.add_argument("--gateway", default="")
    parser.add_argument("--idle", type=float, default=IDLE)
    parser.add_argument("--retry", type=float, default=RETRY)
    options = parser.parse_args(argv)
    hide()
    os.umask(0o077)
    users = {0, os.geteuid()}
    if options.gateway:
        users.add(pwd.getpwnam(options.gateway).pw_uid)
    options.folder.mkdir(parents=True, exist_ok=True)
    options.folder.chmod(0o700)
    lock = os.open(options.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return 0
    service = Service(options.folder, SystemClock(), os.urandom, int(options.retry * SECOND))
    options.socket.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with socket_address(options.socket) as address:
        listener.bind(address)
    if options.gateway:
        options.socket.chmod(0o666)  # who may ask is told by the peer check, not by the file
    asyncio.run(_run(Server(service, options.socket, frozenset(users), options.idle), listener))
    options.socket.unlink(missing_ok=True)
    return 0


async def _run(server: Server, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, server.stop.set)
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    await server.run(listener)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotRun as error:
        sys.stderr.write(f"broker: {error}\n")
        sys.exit(3)
    except Exception as error:  # noqa: BLE001  the last border: a trace could print what is in memory
        sys.stderr.write(f"broker: {type(error).__name__}\n")
        sys.exit(3)
