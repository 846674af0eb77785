"""A house that tells: an outbox over a database, with a mail server and a webhook on the other side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.world.hook import SECRET
from tests.world.mailbox import PASSWORD, USER, Authority, authority

from chatwarden.audit.model import Entry
from chatwarden.audit.service import AuditLog
from chatwarden.clock import ManualClock
from chatwarden.config.model import NotifyConfig
from chatwarden.config.parse import parse
from chatwarden.notify.service import Notify, Ways
from chatwarden.storage.model import Database, Transaction

TO = "admin@example.org"


@pytest.fixture(scope="session")
def house_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One authority for all tests: its keys take a while."""
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def configured(tmp_path: Path, house_authority: Authority) -> Callable[[str], NotifyConfig]:
    """``[notify]`` with what is written in it; ``%mail`` and ``%hook`` stand for what each way needs."""
    for name, secret in (("mail", PASSWORD), ("hook", SECRET)):
        (tmp_path / name).write_text(secret + "\n")
        (tmp_path / name).chmod(0o600)
    mail = f'''from = "chat@example.org"
to = "{TO}"
smtp_user = "{USER}"
smtp_password_file = "{tmp_path / "mail"}"
ca_file = "{house_authority.ca}"'''

    def configure(toml: str) -> NotifyConfig:
        written = toml.replace("%mail", mail).replace("%hook", f'webhook_secret_file = "{tmp_path / "hook"}"')
        return parse("[notify]\n" + written).notify

    return configure


@dataclass
class Outbox:
    """What is under test, and what it counted."""

    database: Database
    notify: Notify
    audit: AuditLog
    clock: ManualClock = field(default_factory=ManualClock)
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def person(self, name: str, role: str = "customer", address: str = "") -> str:
        """A new account's id."""
        tx = Transaction()
        user_id = f"usr_{name}"
        tx.add(
            "INSERT INTO users (id, name, role, state, created_at) VALUES (?, ?, ?, ?, ?)",
            (user_id, name, role, "enabled", self.clock.now()),
        )
        self.notify.set_contact(tx, user_id, address)
        await self.database.commit(tx)
        return user_id

    async def tell(self, event: str, user_id: str) -> None:
        tx = Transaction()
        self.notify.tell(tx, event, user_id, self.clock.now())
        await self.database.commit(tx)

    async def deliver(self) -> None:
        await self.notify.deliver(self.clock.now())

    async def waiting(self) -> list[str]:
        """Who still is to be told."""
        return [
            str(row[0]).partition(":")[0] for row in await self.database.fetch("SELECT id FROM notices ORDER BY no")
        ]

    async def log(self) -> list[Entry]:
        return [entry async for _, entry in self.audit.read()]


Make = Callable[[NotifyConfig], Outbox]


@pytest.fixture
def outbox(database: Database, tmp_path: Path) -> Make:
    """Opens the outbox under a configuration; the next time it finds what it left."""

    def make(config: NotifyConfig) -> Outbox:
        counted: Counter[tuple[str, str]] = Counter()
        audit = AuditLog(database)
        notify = Notify(
            database, audit, Ways(config, tmp_path), lambda: ("Chatwarden", "chat.example.org"), key=b"k" * 32,
            count=lambda way, outcome: counted.update([(way, outcome)]),
        )  # fmt: skip
        return Outbox(database, notify, audit, counted=counted)

    return make
