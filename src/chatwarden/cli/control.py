"""One operation, wherever the home is held: by a running gateway, through its control socket, or by nobody, here."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import msgspec

from chatwarden.config.home import Home, socket_address
from chatwarden.config.model import Config
from chatwarden.errors import CannotRun, InvalidRequest, NotFound, Problem

_WAIT = 120.0


def run(home: Home, config: Config, command: str, args: dict[str, Any]) -> Any:
    """The result of *command*. Raises Problem or CannotRun."""
    reply = _ask(home, command, args)
    if reply is None:
        home.prepare()
        home.lock()
        try:
            # The whole house, only when nobody else runs it.
            import asyncio  # noqa: PLC0415

            from chatwarden.app import offline  # noqa: PLC0415

            return asyncio.run(offline(home, config, command, args))
        finally:
            home.unlock()
    return _result(reply)


def backup(home: Home, config: Config, write: Callable[[bytes], object]) -> None:
    """A backup, given to *write* as it is made. Raises Problem or CannotRun."""
    with _connected(home) as connection:
        if connection is None:
            home.prepare()
            home.lock()
            try:
                import asyncio  # noqa: PLC0415

                from chatwarden.app import offline_backup  # noqa: PLC0415

                asyncio.run(offline_backup(home, config, write))
            finally:
                home.unlock()
            return
        connection.sendall(_call("backup", {}))
        with connection.makefile("rb") as answer:
            reply = _decoded(answer.readline())
            if reply.get("stream"):
                while length := int.from_bytes(_exactly(answer, 4), "big"):
                    while length:
                        piece = _exactly(answer, min(length, 65_536))
                        write(piece)
                        length -= len(piece)
                reply = _decoded(answer.readline())
    _result(reply)


def _exactly(answer: BinaryIO, size: int) -> bytes:
    data = answer.read(size)
    if len(data) != size:
        raise CannotRun("the gateway stopped in the middle of it", hint="its log says why; then do it again")
    return data


def _result(reply: dict[str, Any]) -> Any:
    if "error" in reply:
        error = reply["error"]
        if error["code"] == NotFound.name:
            raise NotFound(error["message"])
        if error["code"] == "unavailable":
            raise CannotRun(error["message"])
        raise (InvalidRequest if error["code"] == InvalidRequest.name else Problem)(error["message"], status=400)
    return reply["result"]


def _ask(home: Home, command: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """What the running gateway answers, or None when none runs."""
    with _connected(home) as connection:
        if connection is None:
            return None
        connection.sendall(_call(command, args))
        return _decoded(b"".join(iter(lambda: connection.recv(65_536), b"")))


@contextmanager
def _connected(home: Home) -> Iterator[socket.socket | None]:
    """A connection to the running gateway, or None when none runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_WAIT)
        try:
            with socket_address(home.socket) as address:
                connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            found = None
        except OSError as error:
            raise CannotRun(
                f"cannot reach the gateway of {home.path}: {error.strerror}",
                hint="run this as the gateway's user or as root",
            ) from error
        else:
            found = connection
        yield found


def _call(command: str, args: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"command": command, "args": args}) + b"\n"


def _decoded(answer: bytes) -> dict[str, Any]:
    if not answer:
        raise CannotRun("the gateway did not answer", hint="run this as the gateway's user or as root")
    decoded: dict[str, Any] = msgspec.json.decode(answer)
    return decoded
