"""Makes a backup: the record of one instant, the configuration and, for a recipient, the keys, as one sealed stream.

Beside a running gateway and in bounded memory; nothing stands still for it. The record is sealed for the home that made it
and for the recipient; the home's keys, its secrets and the ordinary keys of its ring are sealed once more inside, for the
recipient alone. The snapshot of the record is taken before the ring is asked: a message that is destroyed in between has no
key in the backup. Keys of strict pages never get here. The entry in the log is durable before the first byte goes out.

Not here: where the stream goes (web/control.py, cli/), and whether it arrived (reading.py).
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

from chatwarden import __version__
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.backup import keys, parts
from chatwarden.backup.keys import HomeKey, Recipient
from chatwarden.backup.model import (
    CONFIGURATION,
    FOLDERS,
    LEFT_OUT,
    MANIFEST,
    OF_HOME,
    RING,
    SEALED,
    Manifest,
    encode,
)
from chatwarden.backup.stream import Sealer
from chatwarden.clock import Instant
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.errors import Conflict
from chatwarden.ids import Randomness, new_id
from chatwarden.storage import engine
from chatwarden.storage.model import Database, StorageFailed, Transaction

Mark = tuple[str, int]


class Backups:
    """``recipient`` may change with a reload. *mark* and *ring_keys*: where the key ring stands, and its ordinary keys."""

    def __init__(
        self, home: Home, config: Config, database: Database, audit: AuditLog, *, mark: Callable[[], Mark],
        ring_keys: Callable[[], bytes], random: Randomness = os.urandom,
    ) -> None:  # fmt: skip
        self._home = home
        self._config = config
        self._database = database
        self._audit = audit
        self._mark = mark
        self._ring_keys = ring_keys
        self._random = random
        self._key = HomeKey(home.key("backup", 32))
        self._making = False
        self.recipient: Recipient | None = None
        self.use(config.backup_recipient)

    def use(self, recipient: str) -> None:
        """Seals the keys to this recipient from now on; to nobody if it is empty."""
        self.recipient = keys.recipient(recipient) if recipient else None

    async def make(self, now: Instant, *, actor: str) -> AsyncGenerator[bytes, None]:
        """The stream. Raises Conflict while another is being made, and StorageFailed."""
        if self._making:
            raise Conflict("a backup is being made")
        self._making = True
        try:
            manifest = await self._noted(now, actor)
            async with engine.snapshot(self._config.storage, self._home.path, self._home.database) as record:
                recipient = self.recipient
                key = self._random(32)
                slots = [self._key.wrap(key, self._random)]
                sealer = Sealer(key, slots if recipient is None else [*slots, recipient.wrap(key)])
                yield sealer.head + sealer.update(parts.whole(MANIFEST, encode(manifest)))
                yield sealer.update(parts.whole(CONFIGURATION, self._configuration()))
                if recipient is not None:
                    yield sealer.update(parts.whole(SEALED, self._sealed(recipient)))
                async for name, piece in record:
                    yield sealer.update(parts.piece(piece) if piece else parts.begin(name))
                yield sealer.update(parts.END) + sealer.finish()
        except OSError as error:
            raise StorageFailed(f"the home cannot be read: {error.strerror}") from error
        finally:
            self._making = False

    async def _noted(self, now: Instant, actor: str) -> Manifest:
        """What this one is of, and its entry in the log: what takes data out waits for that."""
        recipient = self.recipient
        manifest = Manifest(
            id=new_id("bak"), made_at=now, program=__version__, home=self._home.mark,
            engine=engine.name(self._config.storage), ring=self._mark(),
            recipient="" if recipient is None else str(recipient),
        )  # fmt: skip
        tx = Transaction()
        self._audit.append(
            tx, Event.BACKUP_MADE, lane=Lane.STAFF, actor=actor, at=now, object=manifest.id,
            reason="record" if recipient is None else "record keys",
        )  # fmt: skip
        await self._database.commit(tx)
        return manifest

    def _configuration(self) -> bytes:
        source = self._config.source
        return b"" if source is None or not source.exists() else source.read_bytes()

    def _sealed(self, recipient: Recipient) -> bytes:
        """Keys of the ring and files of the home, sealed for *recipient* and for nobody else."""
        key = self._random(32)
        sealer = Sealer(key, [recipient.wrap(key)])
        sealed = [sealer.head, sealer.update(parts.whole(RING, self._ring_keys()))]
        for path in _files(self._home.path):
            name = OF_HOME + path.relative_to(self._home.path).as_posix()
            sealed.append(sealer.update(parts.whole(name, path.read_bytes())))
        return b"".join([*sealed, sealer.update(parts.END), sealer.finish()])


def _files(home: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            relative = path.relative_to(home).as_posix()
            left_out = any(relative == one or relative.startswith(one + "/") for one in LEFT_OUT)
            if path.is_file() and not left_out and path.suffix != ".new":
                yield path
