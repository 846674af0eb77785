"""The keeper: a small process that holds the shares of strict messages in memory and nowhere else.

    python -m chatwarden.ephemeral.keeper FOLDER [IDLE_SECONDS]

It listens on ``FOLDER/keeper.sock`` for its own user and root, makes random shares, gives them back while they live, and
overwrites each at its time, by the clock that counts since boot and goes on in suspend: no wall clock moves it, and no
gateway has to run for it. The pages of the shares are locked in memory and left out of core files; the process cannot be
dumped or traced by its own user and has no file open that could be written. When it ends, its shares end.

One frame: length (4 bytes), request (4), operation or status (1), body. Standard library only: less to trust.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import heapq
import mmap
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import time
from pathlib import Path

SHARE, NAME = 32, 20
HELLO, MAKE, FETCH, DROP = range(4)
DONE, FULL, MALFORMED = range(3)
FRAME = struct.Struct(">IIB")
LIFE = struct.Struct(">Q")
FRAME_MAX = 65_536
NAMES_MAX = 1_000
_REGION = 1 << 20
_REGIONS_MAX = 256  # eight million shares
_LIFE_MAX = 400 * 86_400 * 1_000_000
_LISTEN = 64
_CONNECTIONS_MAX = 64
_WAKE = 0.25
IDLE = 600.0
_PR_SET_DUMPABLE = 4
_MCL_CURRENT, _MCL_FUTURE = 1, 2
_NOT_LOCKED = "memory cannot be locked"
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _microseconds() -> int:
    return time.clock_gettime_ns(_BOOTTIME) // 1000


class Full(Exception):
    """There is no room for another share."""


class Shares:
    """Shares in locked pages. ``level``: empty, or why the pages are not locked."""

    def __init__(self, libc: ctypes.CDLL, entropy: int) -> None:
        self.level = ""
        self._libc = libc
        self._entropy = entropy
        self._regions: list[memoryview] = []
        self._free: list[int] = []
        self._slots: dict[bytes, tuple[int, int]] = {}  # name: slot, deadline
        self._due: list[tuple[int, bytes]] = []
        self._grow()

    def __len__(self) -> int:
        return len(self._slots)

    def make(self, name: bytes, lives_for: int, now: int) -> memoryview:
        """A new share under *name*; one that had this name is overwritten. Raises Full."""
        self.drop(name)
        if not self._free:
            self._grow()
        slot = self._free.pop()
        view = self._view(slot)
        os.readv(self._entropy, [view])
        deadline = now + min(lives_for, _LIFE_MAX)
        self._slots[name] = slot, deadline
        heapq.heappush(self._due, (deadline, name))
        return view

    def fetch(self, name: bytes, now: int) -> memoryview | None:
        """The share under *name* while it lives."""
        held = self._slots.get(name)
        return None if held is None or held[1] <= now else self._view(held[0])

    def drop(self, name: bytes) -> None:
        """Overwrites the share under *name*."""
        held = self._slots.pop(name, None)
        if held is not None:
            self._view(held[0])[:] = bytes(SHARE)
            self._free.append(held[0])

    def pass_time(self, now: int) -> None:
        """Overwrites what is due."""
        while self._due and self._due[0][0] <= now:
            deadline, name = heapq.heappop(self._due)
            held = self._slots.get(name)
            if held is not None and held[1] == deadline:
                self.drop(name)
        if len(self._due) > 2 * len(self._slots) + 1_024:  # dropped before their time
            self._due = [(deadline, name) for name, (_, deadline) in self._slots.items()]
            heapq.heapify(self._due)

    def wipe(self) -> None:
        """Overwrites everything."""
        for region in self._regions:
            region[:] = bytes(_REGION)
        self._slots.clear()

    def _view(self, slot: int) -> memoryview:
        region, at = divmod(slot * SHARE, _REGION)
        return self._regions[region][at : at + SHARE]

    def _grow(self) -> None:
        if len(self._regions) >= _REGIONS_MAX:
            raise Full
        pages = mmap.mmap(-1, _REGION)
        for advice in ("MADV_DONTDUMP", "MADV_DONTFORK"):
            if hasattr(mmap, advice):
                pages.madvise(getattr(mmap, advice))
        address = ctypes.addressof(ctypes.c_char.from_buffer(pages))
        if self._libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(_REGION)):
            self.level = _NOT_LOCKED
        first = len(self._regions) * _REGION // SHARE
        self._regions.append(memoryview(pages))
        self._free += reversed(range(first, first + _REGION // SHARE))


class Keeper:
    """Serves shares on a listening socket until it is told to stop, or nobody needs it."""

    def __init__(self, listener: socket.socket, shares: Shares, idle: float) -> None:
        self._shares = shares
        self._instance = os.urandom(16)
        self._idle = idle
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._waiting: dict[socket.socket, tuple[bytearray, bytearray]] = {}  # what came, what goes
        self.stopped = False

    def run(self) -> None:
        """Until stopped."""
        quiet_since = time.monotonic()
        while not self.stopped:
            for key, ready in self._selector.select(_WAKE):
                peer = key.fileobj
                assert isinstance(peer, socket.socket)
                if peer is self._listener:
                    self._accept()
                    continue
                try:
                    if ready & selectors.EVENT_READ:
                        self._read(peer)
                    self._send(peer)
                except (OSError, ValueError):
                    self._close(peer)
            self._shares.pass_time(_microseconds())
            if not self._waiting and not Path("keeper.sock").exists():
                break  # its home is gone
            if self._waiting or len(self._shares):
                quiet_since = time.monotonic()
            elif self._idle and time.monotonic() - quiet_since >= self._idle:
                break
        self._shares.wipe()

    def _accept(self) -> None:
        try:
            peer, _ = self._listener.accept()
        except OSError:
            return
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        _, user, _ = struct.unpack("3i", credentials)
        if user not in {0, os.geteuid()} or len(self._waiting) >= _CONNECTIONS_MAX:
            peer.close()
            return
        peer.setblocking(False)
        self._waiting[peer] = bytearray(), bytearray()
        self._selector.register(peer, selectors.EVENT_READ)

    def _read(self, peer: socket.socket) -> None:
        came, goes = self._waiting[peer]
        piece = peer.recv(FRAME_MAX)
        if not piece:
            raise ValueError("it went away")
        came += piece
        while len(came) >= FRAME.size:
            length, request, operation = FRAME.unpack_from(came)
            if length > FRAME_MAX or len(goes) > 16 * FRAME_MAX:
                raise ValueError("too much")
            if len(came) < FRAME.size + length:
                return
            body = bytes(came[FRAME.size : FRAME.size + length])
            del came[: FRAME.size + length]
            self._answer(goes, request, operation, body)

    def _answer(self, goes: bytearray, request: int, operation: int, body: bytes) -> None:
        now = _microseconds()
        if operation == MAKE and len(body) == NAME + LIFE.size:
            try:
                share = self._shares.make(body[:NAME], LIFE.unpack_from(body, NAME)[0], now)
            except (Full, OSError):
                goes += FRAME.pack(0, request, FULL)
                return
            goes += FRAME.pack(SHARE, request, DONE)
            goes += share
        elif operation in {FETCH, DROP} and len(body) % NAME == 0 and len(body) <= NAMES_MAX * NAME:
            names = [body[at : at + NAME] for at in range(0, len(body), NAME)]
            if operation == DROP:
                for name in names:
                    self._shares.drop(name)
                goes += FRAME.pack(0, request, DONE)
                return
            goes += FRAME.pack(len(names) * (1 + SHARE), request, DONE)
            for name in names:
                found = self._shares.fetch(name, now)
                goes += bytes(1 + SHARE) if found is None else b"\1"
                goes += b"" if found is None else found
        elif operation == HELLO and not body:
            level = self._shares.level.encode()
            goes += FRAME.pack(16 + len(level), request, DONE)
            goes += self._instance + level
        else:
            goes += FRAME.pack(0, request, MALFORMED)

    def _send(self, peer: socket.socket) -> None:
        _, goes = self._waiting[peer]
        if goes:
            with contextlib.suppress(BlockingIOError):
                sent = peer.send(goes)
                goes[:sent] = bytes(sent)  # shares do not stay behind in the buffer
                del goes[:sent]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if goes else 0)
        self._selector.modify(peer, wanted)

    def _close(self, peer: socket.socket) -> None:
        self._selector.unregister(peer)
        _, goes = self._waiting.pop(peer)
        goes[:] = bytes(len(goes))
        peer.close()


def _alone(folder: str) -> bool:
    """Whether this is the only keeper of *folder*. The lock is on a file that is open for reading only."""
    lock = os.open(Path(folder, "keeper.lock"), os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return False
    return True


def _hide(libc: ctypes.CDLL) -> None:
    """No core file, no reading by others of the same user, no swap where that is allowed."""
    with contextlib.suppress(OSError, ValueError):  # a supervisor may have done it, and forbidden more
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        libc.mlockall(_MCL_CURRENT | _MCL_FUTURE)


def main(folder: str, idle: float = IDLE) -> int:
    """Runs the keeper of *folder* until it is told to stop, or has held nothing, for nobody, for *idle* seconds (0: for
    ever); returns the exit code. 0 when there is one already.
    """
    os.umask(0o077)
    libc = ctypes.CDLL(None, use_errno=True)
    _hide(libc)
    if not _alone(folder):
        return 0
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.chdir(folder)  # a path of a socket has 107 bytes; that of a home may have more
    with contextlib.suppress(FileNotFoundError):
        Path("keeper.sock").unlink()
    listener.bind("keeper.sock")
    listener.listen(_LISTEN)
    listener.setblocking(False)
    shares = Shares(libc, os.open("/dev/urandom", os.O_RDONLY | os.O_CLOEXEC))
    keeper = Keeper(listener, shares, idle)

    def stop(*_: object) -> None:
        keeper.stopped = True

    signal.signal(signal.SIGTERM, stop)
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    try:
        keeper.run()
    finally:
        shares.wipe()
        with contextlib.suppress(OSError):
            Path("keeper.sock").unlink()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else IDLE))
    except OSError as error:
        sys.stderr.write(f"keeper: {errno.errorcode.get(error.errno or 0, 'failed').lower()}\n")
        sys.exit(3)
