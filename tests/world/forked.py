"""Programs of the house, each a process of its own, without the second that Python takes to load them.

A nursery, one for each process that runs tests, loads the program once and forks for whoever asks; what runs then is the
program with its own arguments, environment, folder, files and signals. Its exit comes over a pipe. What has to begin with
the interpreter (another one around it, a library loaded before it) is not for this: tests/world/gateway.py knows.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

_LENGTH = struct.Struct(">I")
_STATUS = struct.Struct(">i")


class Forked:
    """A started program, with what is used of ``subprocess.Popen``."""

    def __init__(self, args: Sequence[str], pid: int, exited: int, stdout: IO[bytes] | None) -> None:
        self.args = args
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._exited = exited

    def poll(self) -> int | None:
        """The exit status (minus the signal) once it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit status. Raises TimeoutExpired."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._exited, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(list(self.args), timeout or 0)
            told = os.read(self._exited, _STATUS.size)
            os.close(self._exited)
            self.returncode = _STATUS.unpack(told)[0] if told else -signal.SIGKILL
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it just ended, and its end is still being told
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The test's side."""

    def __init__(self) -> None:
        here, there = socket.socketpair()
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(there.fileno())],
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._wire = here
        self._one = threading.Lock()
        atexit.register(self.close)

    def close(self) -> None:
        """It ends; what it started goes on."""
        self._wire.close()
        self._process.wait(60)

    def start(self, args: Sequence[str], env: Mapping[str, str], *files: IO[Any] | int) -> Forked:
        """``chatwarden ARGS`` with these as standard input, output and errors."""
        umask = os.umask(0o077)
        os.umask(umask)
        said = json.dumps({"args": list(args), "env": dict(env), "cwd": str(Path.cwd()), "umask": umask}).encode()
        exited, tell = os.pipe()
        numbers = [one if isinstance(one, int) else one.fileno() for one in files]
        try:
            with self._one:
                socket.send_fds(self._wire, [_LENGTH.pack(len(said))], [*numbers, tell])
                self._wire.sendall(said)
                pid = _LENGTH.unpack(_exactly(self._wire, _LENGTH.size))[0]
        finally:
            os.close(tell)
        return Forked(args, pid, exited, None)

    def run(
        self, args: Sequence[str], env: Mapping[str, str], stdin: str, wait: float
    ) -> subprocess.CompletedProcess[str]:
        """To its end. Raises TimeoutExpired."""
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            files[0].write(stdin.encode())
            files[0].seek(0)
            started = self.start(args, env, *files)
            try:
                code = started.wait(wait)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()
                raise
            for file in files[1:]:
                file.seek(0)
            out, err = (file.read().decode() for file in files[1:])
        return subprocess.CompletedProcess(list(args), code, out, err)

    def start_piped(self, args: Sequence[str], env: Mapping[str, str], errors: IO[bytes]) -> Forked:
        """With its standard output in ``stdout``."""
        read, write = os.pipe()
        try:
            with Path(os.devnull).open("rb") as nothing:
                started = self.start(args, env, nothing, write, errors)
        finally:
            os.close(write)
        started.stdout = os.fdopen(read, "rb", buffering=0)
        return started


@cache
def nursery(preload: str = "") -> Nursery:
    """That of this process, for programs before which *preload* was loaded: what the environment says of it now."""
    return Nursery()


def _exactly(wire: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = wire.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


# -- in the nursery


class _Born(Exception):
    """Leads out of everything that the nursery does, in the child."""

    def __init__(self, asked: dict[str, Any], files: list[int]) -> None:
        super().__init__()
        self.asked = asked
        self.files = files


def _load() -> None:
    """All that a start reads and compiles whatever its configuration says."""
    from chatwarden import run  # noqa: F401  the whole house
    from chatwarden.cli import main  # noqa: F401
    from chatwarden.config.model import Config
    from chatwarden.detection.scan import Scanner
    from chatwarden.routing.triage import rules_of

    Scanner()
    rules_of(Config().triage)


def _serve(wire: socket.socket) -> None:
    """Forks for who asks, and tells of ends, until the test's side is gone."""
    _load()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    tell: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(wire, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is wire:
                    if not _asked(wire, tell):
                        return
                else:
                    os.read(woken, 4096)
            _ended(tell)


def _ended(tell: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            to = tell.pop(pid)
            with contextlib.suppress(BrokenPipeError):
                os.write(to, _STATUS.pack(os.waitstatus_to_exitcode(status)))
            os.close(to)


def _asked(wire: socket.socket, tell: dict[int, int]) -> bool:
    data, ancillary, _, _ = wire.recvmsg(_LENGTH.size, socket.CMSG_SPACE(4 * array.array("i").itemsize))
    if not data:
        return False
    files = array.array("i")
    for _level, _kind, cmsg in ancillary:
        files.frombytes(cmsg)
    asked = json.loads(_exactly(wire, _LENGTH.unpack(data)[0]))
    pid = os.fork()
    if not pid:
        raise _Born(asked, files.tolist())
    *used, exited = files
    for one in used:
        os.close(one)
    tell[pid] = exited
    wire.sendall(_LENGTH.pack(pid))
    return True


def _become(asked: dict[str, Any], files: list[int]) -> int:
    """As ``python -m chatwarden`` would run it; the interpreter ends as it does there."""
    from chatwarden.cli.main import main

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, one in enumerate(files[:3]):
        os.dup2(one, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    os.umask(asked["umask"])
    sys.argv = ["chatwarden", *asked["args"]]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  for as long as it runs
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    return main()


def _main(wire: socket.socket) -> int:
    born: _Born | None = None
    try:
        with wire:
            _serve(wire)
    except _Born as one:
        born = one.with_traceback(None)  # nothing of the nursery is held
    return 0 if born is None else _become(born.asked, born.files)


if __name__ == "__main__":
    sys.exit(_main(socket.socket(fileno=int(sys.argv[1]))))
