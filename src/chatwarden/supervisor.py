"""Tells the supervisor how the gateway is, in the words of sd_notify(3): ready, reloading, stopping, still alive.

Contract: datagrams to the socket that ``NOTIFY_SOCKET`` names, as systemd and Podman set it. Without that variable
nothing happens. A supervisor that does not listen is no reason to stop: failures are ignored.
"""

from __future__ import annotations

import os
import socket
import time

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


def tell(state: str) -> None:
    """Sends *state*, lines of ``NAME=value``."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.setblocking(False)
        try:
            # An @ stands for the zero byte of an abstract address, unix(7).
            out.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)
        except OSError:
            return


def reloading() -> str:
    """The state at the begin of a reload; ``READY`` ends it."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"
