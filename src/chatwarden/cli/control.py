"""One operation, wherever the home is held: by a running gateway, through its control socket, or by nobody, here."""

from __future__ import annotations

import socket
from typing import Any

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
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    if not answer:
        raise CannotRun("the gateway did not answer", hint="run this as the gateway's user or as root")
    decoded: dict[str, Any] = msgspec.json.decode(answer)
    return decoded
