"""A log with its database, made in a test: entries appended, integrated and checked without a gateway around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatwarden.audit.integrate import Integrator
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.audit.verify import Report, verify
from chatwarden.clock import DAY, SECOND, Duration, Instant
from chatwarden.storage.model import Database, Transaction

Y2026 = 1_782_000_000 * SECOND  # in June
YEAR = 366 * DAY
SEED = bytes(range(32))


@dataclass
class Logbook:
    """The log of a house that is only a log."""

    database: Database
    home: Path
    now: Instant = Y2026
    keep: Duration = 400 * DAY
    host: str = "log.example"
    tree: Integrator = field(init=False)

    def __post_init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(SEED)
        self.log = AuditLog(self.database)
        self.home.mkdir(exist_ok=True)
        self.restart()

    def restart(self) -> None:
        """As after a restart: nothing is remembered in memory."""
        self.tree = Integrator(
            self.database, self.log, self.audit, self.head, self.key, host=lambda: self.host, keep=lambda: self.keep
        )

    @property
    def audit(self) -> Path:
        return self.home / "audit"

    @property
    def head(self) -> Path:
        return self.home / "audit-head"

    def folder(self, year: int = 2026) -> Path:
        return self.audit / str(year)

    async def note(self, count: int, event: Event = Event.MESSAGE_RECEIVED) -> list[str]:
        """Appends entries, one unit for all."""
        tx = Transaction()
        ids = [self.log.append(tx, event, lane=Lane.CLIENT, actor=f"usr_{n}", at=self.now + n) for n in range(count)]
        await self.database.commit(tx)
        return ids

    async def grown(self, count: int) -> None:
        """Appends entries and integrates them."""
        await self.note(count)
        await self.tree.run(self.now)

    async def verify(self) -> Report:
        """What our own verifier says."""
        return await verify(self.database, self.audit, self.head, self.key.public_key().public_bytes_raw())

    async def wrong(self) -> tuple[int, int, str]:
        """Year, first bad index and reason."""
        report = await self.verify()
        assert report.wrong is not None
        return report.wrong.year, report.wrong.index, report.wrong.what
