"""The control socket: the operations of administrators, for whoever may open ``HOME/run/control.sock``.

One JSON line in, one JSON line out: ``{"command", "args"}`` and ``{"result"}`` or ``{"error": {"message", "code"}}``; what
may be of any length comes in pieces (lines.py).
The file is 0600 and the peer's user id is checked besides (SO_PEERCRED): the gateway's own user or root.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import msgspec

from chatwarden.config.home import peer_user, socket_address
from chatwarden.errors import CannotRun, InvalidRequest, Problem
from chatwarden.log import get_logger
from chatwarden.storage.model import StorageFailed
from chatwarden.web import operations
from chatwarden.web.context import Services
from chatwarden.web.lines import END, STREAM, Lines, piece

_LINE_MAX = 65_536
_WAIT = 30.0
_log = get_logger("control")


class _Call(msgspec.Struct, forbid_unknown_fields=True):
    command: str
    args: dict[str, Any] = {}


_CALL = msgspec.json.Decoder(_Call)


class ControlSocket:
    """Serves operations on a socket file."""

    def __init__(self, services: Services, path: Path) -> None:
        self._services = services
        self._path = path
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen. A socket file that a killed gateway left behind is replaced: the home is locked."""
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            with socket_address(self._path) as address:
                listener.bind(address)
        except OSError as error:
            listener.close()
            raise CannotRun(f"cannot listen on {self._path}: {error.strerror}") from error
        finally:
            os.umask(before)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener, limit=_LINE_MAX)

    async def close(self) -> None:
        """Stops listening."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if peer_user(writer.get_extra_info("socket")) not in {0, os.geteuid()}:
                _log.warning("control-refused")
                return
            async with asyncio.timeout(_WAIT):
                line = await reader.readline()
            answer = await self._answer(line)
            if isinstance(answer, Lines):
                await self._stream(answer, writer)
            else:
                writer.write(msgspec.json.encode(answer) + b"\n")
            await writer.drain()
        except (TimeoutError, ConnectionError, ValueError):
            return  # it went away, said nothing or said too much
        finally:
            writer.close()

    async def _stream(self, lines: Lines, writer: asyncio.StreamWriter) -> None:
        """Writes an answer of any length, as fast as it is read."""
        writer.write(STREAM)

        async def write() -> object:
            async with aclosing(lines.pieces) as pieces:
                async for data in pieces:
                    writer.write(piece(data))
                    try:
                        async with asyncio.timeout(_WAIT):
                            await writer.drain()
                    except TimeoutError:
                        raise ConnectionAbortedError from None  # who does not read it is cut
            return None

        failure = await self._guarded(write())
        writer.write(END if failure is None else msgspec.json.encode(failure) + b"\n")

    async def _answer(self, line: bytes) -> object:
        return await self._guarded(self._run(line))

    async def _run(self, line: bytes) -> object:
        call = _CALL.decode(line)
        result = await operations.run(self._services, call.command, call.args)
        return result if isinstance(result, Lines) else {"result": result}

    async def _guarded(self, work: Awaitable[object]) -> object:
        """What *work* returns, or what is said instead."""
        try:
            return await work
        except ConnectionError:
            raise
        except Problem as problem:
            return {"error": {"message": str(problem), "code": problem.name}}
        except StorageFailed:
            return {"error": {"message": "storage failed; nothing was changed", "code": "unavailable"}}
        except msgspec.MsgspecError:
            return {"error": {"message": "the call is not understood", "code": InvalidRequest.name}}
        except Exception as error:  # noqa: BLE001  the last border of this surface
            _log.exception("unexpected-error", kind=type(error).__name__)
            return {"error": {"message": "something went wrong in the gateway; see its log", "code": "internal-error"}}
