"""The home of a gateway: one folder with everything it keeps, private to its user.

``HOME/{chatwarden.toml, tls/, keys/, data/, run/, audit/}``. One gateway process owns a home by a lock that dies with
the process.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatwarden.errors import CannotRun
from chatwarden.ids import Randomness

_CREDENTIALS = struct.Struct("3i")
SOCKET_ADDRESS_MAX = 107  # bytes of sun_path in unix(7), without the zero that ends it
FOLDERS = ("tls", "keys", "data", "run", "audit", "secrets")
TEMPLATE = """\
# Chatwarden. Every setting with its default and meaning: docs/settings.md
# Check this file with: chatwarden config check

# [bots.shop]
# connector = "openai"
# url = "http://127.0.0.1:9000/v1"
# model = "shop"
# credential_file = "secrets/shop"
# who = ["visitor", "customer"]
"""


class Home:
    """The folder at *path*."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    @property
    def config(self) -> Path:
        """The configuration that is read unless another is named."""
        return self.path / "chatwarden.toml"

    @property
    def database(self) -> Path:
        """The database file."""
        return self.path / "data" / "chatwarden.db"

    @property
    def ring(self) -> Path:
        """The key ring, outside the database."""
        return self.path / "keys" / "ring"

    @property
    def audit(self) -> Path:
        """The folder of the log's tree, one below it for each year."""
        return self.path / "audit"

    @property
    def audit_head(self) -> Path:
        """What is remembered of the log's tree, outside its folder."""
        return self.path / "data" / "audit-head"

    @property
    def details(self) -> Path:
        """The keys of what entries of the log only commit to."""
        return self.path / "keys" / "details"

    @property
    def details_carried(self) -> Path:
        """Details of a record that another one is taking the place of."""
        return self.path / "data" / "details-carried"

    @property
    def socket(self) -> Path:
        """The control socket."""
        return self.path / "run" / "control.sock"

    @property
    def run(self) -> Path:
        """Sockets and locks."""
        return self.path / "run"

    @property
    def tls(self) -> Path:
        """The folder of certificates."""
        return self.path / "tls"

    @property
    def prepared(self) -> bool:
        """Whether a gateway has lived here."""
        return self._marker.exists() or self.database.exists()

    @property
    def _marker(self) -> Path:
        return self.path / "data" / "prepared"

    def note_prepared(self) -> None:
        """From now on it counts as prepared: its record, wherever that is kept, has its first administrator."""
        if not self._marker.exists():
            write_private(self._marker, b"")

    def prepare(self, *, template: bool = True) -> None:
        """Makes what is missing, with private modes; a configuration to fill in unless *template* is false. Raises CannotRun
        where that is not possible.
        """
        os.umask(0o077)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for folder in (self.path, *(self.path / name for name in FOLDERS)):
                folder.mkdir(exist_ok=True)
                if folder.stat().st_mode & 0o077:
                    folder.chmod(0o700)
            if template and not self.config.exists():
                write_private(self.config, TEMPLATE.encode())
        except OSError as error:
            raise CannotRun(
                f"cannot prepare the home {self.path}: {error.strerror}",
                hint="name a folder that this user can write with --home",
            ) from error

    def lock(self) -> None:
        """Takes the home for this process. Raises CannotRun when another process has it."""
        try:
            handle = os.open(self.path / "run" / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotRun(
                f"cannot write in the home {self.path}: {error.strerror}",
                hint="run as the user who owns the home, on a file system that can be written",
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise CannotRun(
                f"another chatwarden is using the home {self.path}",
                hint="stop it first, or name another home with --home",
            ) from None
        self._lock = handle

    @property
    def mark(self) -> str:
        """By what a record knows its own home; empty where there are no keys."""
        path = self.path / "keys" / "record"
        return hashlib.sha256(b"chatwarden home" + path.read_bytes()).hexdigest() if path.exists() else ""

    def unlock(self) -> None:
        """Gives the home back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def key(self, name: str, size: int, random: Randomness = os.urandom) -> bytes:
        """The raw key called *name*; made durably at first use."""
        path = self.path / "keys" / name
        if not path.exists():
            write_private(path, random(size))
        value = path.read_bytes()
        if len(value) != size:
            raise CannotRun(f"the key file {path} is damaged", hint="restore it from a backup of the home")
        return value


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """Where to bind or connect a local socket at *path*, however long that is, while the block runs. A path that does not
    fit into an address is reached through its folder, held open (proc(5), /proc/self/fd).
    """
    if len(os.fsencode(path)) <= SOCKET_ADDRESS_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner may read: whole or not at all, and durable."""
    temporary = path.with_name(path.name + ".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def peer_user(sock: socket.socket) -> int:
    """The user id at the other end of a local socket (unix(7), SO_PEERCRED)."""
    return int(_CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))[1])
