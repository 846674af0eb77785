"""Where the broker keeps credentials: sealed files in its folder, under a key that lies there too and that it alone reads.

Sealed is each with its name (AES-256-GCM), so that no file can be put in the place of another. There is no way to read a
credential but to be this process: nothing here returns one to anybody who asks over the socket. What the sealing is worth:
a copy of the files without the key opens nothing; who can read the whole folder can read the credentials.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from chatwarden.broker.wire import Application
from chatwarden.config.home import write_private
from chatwarden.crypto import Tampered, seal, unseal
from chatwarden.errors import CannotRun
from chatwarden.ids import Randomness

SECRET_MAX = 16_384


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An application with its credential. ``removed``: only what its leases still need."""

    v: int = 1
    application: Application
    secret: str
    removed: bool = False

    def __repr__(self) -> str:
        return f"Kept({self.application.name})"


class Vault:
    """The folder. Raises CannotRun for one that is not as it was left."""

    def __init__(self, folder: Path, random: Randomness) -> None:
        self._folder = folder
        self._random = random
        self._key = self._own_key()

    def _own_key(self) -> bytes:
        path = self._folder / "key"
        if not path.exists():
            write_private(path, self._random(32))
        key = path.read_bytes()
        if len(key) != 32:
            raise CannotRun("the broker's key is damaged", hint="restore the folder of the broker from a backup")
        return key

    def seal(self, name: str, data: bytes) -> bytes:
        """*data* for this process only, bound to *name*."""
        return seal(self._key, name.encode(), data, self._random)

    def open(self, name: str, sealed: bytes) -> bytes:
        """What was sealed under *name*. Raises Tampered."""
        return unseal(self._key, name.encode(), sealed)

    def load(self) -> dict[str, Kept]:
        """Everything that is kept."""
        found = {}
        for path in sorted(self._folder.glob("*.app")):
            try:
                kept = msgspec.json.decode(self.open(path.name, path.read_bytes()), type=Kept)
            except (Tampered, msgspec.MsgspecError) as error:
                raise CannotRun(
                    f"the broker's file {path.name} is damaged",
                    hint="restore it, or remove it and add the application anew",
                ) from error
            found[kept.application.name] = kept
        return found

    def put(self, kept: Kept) -> None:
        """Keeps it, durably, in the place of what had its name."""
        name = f"{kept.application.name}.app"
        write_private(self._folder / name, self.seal(name, msgspec.json.encode(kept)))

    def remove(self, name: str) -> None:
        """Forgets it."""
        (self._folder / f"{name}.app").unlink(missing_ok=True)
