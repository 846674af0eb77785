"""Keepers of test homes: which process it is, and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from chatwarden.config.home import socket_address


def keeper_of(home: Path) -> int:
    """The process id of the keeper of *home* (SO_PEERCRED), or 0."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            with socket_address(home / "run" / "keeper.sock") as address:
                connection.connect(address)
        except OSError:
            return 0
        return int(struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


def end_keeper(home: Path, how: signal.Signals = signal.SIGTERM) -> int:
    """Ends the keeper of *home* and waits until it is gone; returns which process it was, or 0."""
    pid = keeper_of(home)
    if pid:
        os.kill(pid, how)
        for _ in range(500):
            if not _runs(pid):
                break
            time.sleep(0.01)
    return pid


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def keepers_below(folder: Path) -> list[int]:
    """The process ids of keepers of homes below *folder*."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"chatwarden.ephemeral.keeper" in words and any(word.startswith(bytes(folder)) for word in words):
                found.append(int(process.name))
    return found


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # another process's doing has no event here
