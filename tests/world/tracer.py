"""``python -m tests.world.tracer HOME NOTES KILL_AT COMMAND…`` runs a program and stops it at each of its system calls that
changes a file below HOME, by ptrace(2), in every thread of it: at such a stop all that the files hold is what a crash at
this call would leave. Between these calls files do not change, so these are all crashes that there are.

After SIGUSR1 each stop is written to NOTES/calls, with what the files of ``WATCHED`` hold (``now``) and what of it was
waited for with fsync(2) (``synced``): a power cut leaves, for each file, something from the one to the other. After SIGUSR2
there is a last line, and it stops no more. With KILL_AT above 0 the program gets SIGKILL at that stop instead of an image.
Stops are one at a time over all threads. The call by which the program answers on TCP is noted as ``answer``.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import signal
import struct
import sys
from pathlib import Path
from types import FrameType

WATCHED = ("data/chatwarden.db", "data/chatwarden.db-wal", "keys/ring")
_CALLS = {
    "x86_64": {
        1: "write", 18: "pwrite64", 20: "writev", 44: "sendto", 46: "sendmsg", 74: "fsync", 75: "fdatasync", 76: "truncate",
        77: "ftruncate", 82: "rename", 87: "unlink", 263: "unlinkat", 264: "renameat", 285: "fallocate", 296: "pwritev",
        316: "renameat2",
    },
    "aarch64": {
        35: "unlinkat", 38: "renameat", 45: "truncate", 46: "ftruncate", 47: "fallocate", 64: "write", 66: "writev",
        68: "pwrite64", 70: "pwritev", 82: "fsync", 83: "fdatasync", 206: "sendto", 211: "sendmsg", 276: "renameat2",
    },
}  # fmt: skip
_NAMED_BY_PATH = {"truncate", "rename", "renameat", "renameat2", "unlink", "unlinkat"}
_SYNC = {"fsync", "fdatasync"}
_CONT, _SYSCALL, _SEIZE, _INTERRUPT, _LISTEN, _INFO = 7, 24, 0x4206, 0x4207, 0x4208, 0x420E
_GOOD, _CLONE, _EXITKILL = 1, 8, 0x100000
_EVENT_STOP = 128
_WALL = 0x40000000
_ENTRY, _EXIT = 1, 2
_STOPPING = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request: int, thread: int, address: int = 0, data: object = 0) -> None:
    if _libc.ptrace(request, thread, address, data) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


class Notes:
    """What the watched files hold, by hash, and a line for each stop."""

    def __init__(self, home: Path, folder: Path) -> None:
        self._home = home
        self._objects = folder / "objects"
        self._objects.mkdir()
        self._path = folder / "calls"
        self._calls = self._path.with_suffix(".new").open("w")
        self._count = 0
        self.synced = self.now()

    def begin(self) -> None:
        """Lets it be seen that the program is stopped from now on: before, a call could pass unseen."""
        self._path.with_suffix(".new").rename(self._path)

    def now(self) -> dict[str, str]:
        held = {}
        for name in WATCHED:
            path = self._home / name
            if path.exists():
                data = path.read_bytes()
                held[name] = hashlib.sha256(data).hexdigest()
                kept = self._objects / held[name]
                if not kept.exists():
                    kept.write_bytes(data)
        return held

    def stop(self, call: str, path: str) -> int:
        self._count += 1
        shown = {"n": self._count, "call": call, "path": path, "now": self.now(), "synced": self.synced}
        self._calls.write(json.dumps(shown) + "\n")
        self._calls.flush()
        return self._count

    def waited_for(self, path: str) -> None:
        name = path.removeprefix(f"{self._home}/")
        if name in WATCHED:
            self.synced = {**self.synced, name: self.now()[name]}


class Tracer:
    """Of the process *pid*, which was seized and has not begun yet."""

    def __init__(self, pid: int, home: Path, folder: Path, kill_at: int) -> None:
        self._pid = pid
        self._home = home
        self._folder = folder
        self._kill_at = kill_at
        self._notes: Notes | None = None
        self._inside: dict[int, tuple[str, str]] = {}  # by thread: the call that it is in
        self._held: list[int] = []  # threads that wait until another one's call is over
        self._calls = _CALLS[platform.machine()]

    def arm(self, _signal: int, _frame: FrameType | None) -> None:
        """SIGUSR1."""
        self._notes = Notes(self._home, self._folder)
        for thread in Path(f"/proc/{self._pid}/task").iterdir():
            _ptrace(_INTERRUPT, int(thread.name))
        self._notes.begin()

    def disarm(self, _signal: int, _frame: FrameType | None) -> None:
        """SIGUSR2."""
        if self._notes is not None:
            self._notes.stop("end", "")
        self._notes = None

    def run(self) -> int:
        """Until the program ends; returns its exit code."""
        while True:
            thread, status = os.waitpid(-1, _WALL)
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                self._over(thread)
                if thread == self._pid:
                    return os.waitstatus_to_exitcode(status)
                continue
            number, event = os.WSTOPSIG(status), status >> 16
            try:
                if number == signal.SIGTRAP | 0x80:
                    self._at_call(thread)
                elif event == _EVENT_STOP and number in _STOPPING:
                    _ptrace(_LISTEN, thread)
                else:
                    self._go_on(thread, 0 if event else number)
            except ProcessLookupError:  # it was killed meanwhile
                continue

    def _at_call(self, thread: int) -> None:
        info = ctypes.create_string_buffer(88)
        _ptrace(_INFO, thread, len(info), ctypes.addressof(info))
        if info.raw[0] == _ENTRY:
            number, first = struct.unpack_from("QQ", info.raw, 24)
            call = self._calls.get(number, "")
            path = self._path(call, first) if call and self._notes is not None else ""
            if path:
                if any(path_ != "answer" for _, path_ in self._inside.values()):
                    self._held.append(thread)
                    return
                self._inside[thread] = call, path
                self._stop(call, path)
        elif thread in self._inside:
            call, path = self._inside[thread]
            if call in _SYNC and self._notes is not None and struct.unpack_from("q", info.raw, 24)[0] == 0:
                self._notes.waited_for(path)
            self._over(thread)
        self._go_on(thread)

    def _over(self, thread: int) -> None:
        """Its call is over: one that waited for that is looked at anew."""
        if self._inside.pop(thread, None) is not None and self._held:
            self._at_call(self._held.pop(0))

    def _stop(self, call: str, path: str) -> None:
        assert self._notes is not None
        number = self._notes.stop("answer" if path == "answer" else call, path)
        if number == self._kill_at:
            os.kill(self._pid, signal.SIGKILL)

    def _path(self, call: str, first: int) -> str:
        """The file below the home that a call changes; ``answer`` for one that goes out by TCP."""
        if call in _NAMED_BY_PATH:
            return "by its name"
        try:
            path = str(Path(f"/proc/{self._pid}/fd/{first}").readlink())
        except OSError:
            return ""
        if path.startswith("socket:"):
            inode = path.removeprefix("socket:[").removesuffix("]")
            return "answer" if f" {inode} " in Path(f"/proc/{self._pid}/net/tcp").read_text() else ""
        return path if path.startswith(f"{self._home}/") else ""

    def _go_on(self, thread: int, number: int = 0) -> None:
        _ptrace(_CONT if self._notes is None else _SYSCALL, thread, 0, number)


def main(home: str, folder: str, kill_at: str, *command: str) -> int:
    """Runs *command* under a tracer."""
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go)
        os.read(ready, 1)
        os.execvp(command[0], command)
    tracer = Tracer(pid, Path(home), Path(folder), int(kill_at))
    _ptrace(_SEIZE, pid, 0, _GOOD | _CLONE | _EXITKILL)
    signal.signal(signal.SIGUSR1, tracer.arm)
    signal.signal(signal.SIGUSR2, tracer.disarm)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGTERM))
    os.close(go)
    return tracer.run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) & 0xFF)
