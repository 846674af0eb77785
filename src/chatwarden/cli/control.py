"""One operation, wherever the home is held: by a running gateway, through its control socket, or by nobody, here."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from chatwarden.config.home import Home, socket_address
from chatwarden.config.model import Config
from chatwarden.errors import CannotRun, InvalidRequest, NotFound, Problem
from chatwarden.web import lines

_WAIT = 120.0
Sink = Callable[[bytes], object]


def run(home: Home, config: Config, command: str, args: dict[str, Any], sink: Sink | None = None) -> Any:
    """The result of *command*; one of any length goes to *sink*, piece by piece. Raises Problem or CannotRun."""
    reply = _ask(home, command, args, sink)
    if reply is None:
        home.prepare()
        home.lock()
        try:
            # The whole house, only when nobody else runs it.
            import asyncio  # noqa: PLC0415

            from chatwarden.app import offline  # noqa: PLC0415

            return asyncio.run(offline(home, config, command, args, sink))
        finally:
            home.unlock()
    return _result(reply)


def _result(reply: dict[str, Any]) -> Any:
    if "error" in reply:
        raise _refused(reply["error"])
    return reply["result"]


def _refused(error: dict[str, str]) -> Exception:
    if error["code"] == NotFound.name:
        return NotFound(error["message"])
    if error["code"] == "unavailable":
        return CannotRun(error["message"])
    return (InvalidRequest if error["code"] == InvalidRequest.name else Problem)(error["message"], status=400)


def _ask(home: Home, command: str, args: dict[str, Any], sink: Sink | None) -> dict[str, Any] | None:
    """What the running gateway answers, or None when none runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_WAIT)
        try:
            with socket_address(home.socket) as address:
                connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise CannotRun(
                f"cannot reach the gateway of {home.path}: {error.strerror}",
                hint="run this as the gateway's user or as root",
            ) from error
        connection.sendall(msgspec.json.encode({"command": command, "args": args}) + b"\n")
        with connection.makefile("rb") as source:
            answer = source.readline()
            if answer == lines.STREAM and sink is not None:
                return _take(source, sink)
    if not answer:
        raise CannotRun("the gateway did not answer", hint="run this as the gateway's user or as root")
    decoded: dict[str, Any] = msgspec.json.decode(answer)
    return decoded


def _take(source: BinaryIO, sink: Sink) -> dict[str, Any]:
    """Hands the pieces on. Raises CannotRun where not all came."""
    try:
        for data in lines.pieces(source):
            sink(data)
    except lines.Cut as cut:
        if cut.said.startswith(b"{"):
            decoded: dict[str, Any] = msgspec.json.decode(cut.said)
            return decoded
        raise CannotRun("the gateway stopped in the middle: what was written is not the whole") from None
    return {"result": None}
