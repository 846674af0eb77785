"""What administrators say about applications: kept by the broker, granted here, all of it in the log.

A credential passes through on its way to the broker and is kept nowhere else. Applications are the broker's own list, so
that a credential goes where the broker was told when it got it, and nowhere else; this side remembers what the broker
said. A grant holds for the place at which its application stood when it was given.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.broker import store
from chatwarden.bots.broker.client import Broker, BrokerGone
from chatwarden.bots.broker.model import Grant
from chatwarden.broker.wire import Add, Answered, Application, Hello, Question, Remove, Rotate
from chatwarden.clock import Instant
from chatwarden.errors import CannotRun, Conflict, InvalidRequest, NotFound
from chatwarden.ids import Randomness, new_id, pooled
from chatwarden.storage.model import Database, Stale, StorageFailed, Transaction


class Applications:
    """Over the broker and the table of grants."""

    def __init__(self, database: Database, audit: AuditLog, broker: Broker, random: Randomness = pooled) -> None:
        self._database = database
        self._audit = audit
        self.broker = broker
        self._random = random
        self._known: dict[str, Application] | None = None
        self.grants: list[Grant] = []

    async def load(self) -> None:
        """Reads the grants."""
        self.grants = await store.all_grants(self._database)

    # -- applications

    async def known(self) -> dict[str, Application]:
        """Every application by name, as the broker said last. Raises BrokerGone."""
        if self._known is None:
            if not self.broker.used:
                return {}
            told, _ = await self.broker.ask(Hello())
            self._known = {one.name: one for one in told.applications}
        return self._known

    async def find(self, name: str) -> Application:
        """One of them. Raises NotFound or BrokerGone."""
        found = (await self.known()).get(name)
        if found is None:
            raise NotFound(f"there is no application {name}")
        return found

    async def add(
        self, application: Application, credential: str, now: Instant, *, actor: str, subject: str = ""
    ) -> Application:
        """Hands an application and its credential to the broker, which tries them. Raises InvalidRequest, CannotRun."""
        told = await self._told(Add(application=application, subject=subject), credential)
        (added,) = told.applications
        try:
            await self._record(Event.APPLICATION_ADDED, now, actor, added.name, added.sign_in)
        except StorageFailed:
            await self._told(Remove(name=added.name))
            raise
        return added

    async def rotate(self, name: str, credential: str, now: Instant, *, actor: str, subject: str = "") -> Application:
        """Another credential, if signing in with it works. Raises InvalidRequest, CannotRun."""
        told = await self._told(Rotate(name=name, subject=subject), credential)
        (rotated,) = told.applications
        await self._record(Event.CREDENTIAL_ROTATED, now, actor, name, str(rotated.generation))
        return rotated

    async def remove(self, name: str, now: Instant, *, actor: str) -> int:
        """Takes an application away, with its grants; returns how many these were."""
        tx = Transaction()
        gone = [grant for grant in self.grants if grant.application == name]
        store.delete_of(tx, name)
        self._audit.append(
            tx, Event.APPLICATION_REMOVED, lane=Lane.STAFF, actor=actor, at=now, resource=f"app:{name}",
            reason=f"{len(gone)} grants",
        )  # fmt: skip
        await self.find(name)
        await self._database.commit(tx)
        self.grants = [grant for grant in self.grants if grant.application != name]
        await self._told(Remove(name=name))
        return len(gone)

    async def _told(self, question: Question, credential: str = "") -> Answered:
        self._known = None  # whatever comes of it, what was known is old
        try:
            told, _ = await self.broker.ask(question, credential.encode())
        except BrokerGone:
            raise CannotRun("the broker does not answer", hint="look at the broker's own log, or at its unit") from None
        if told.failed:
            raise InvalidRequest(told.failed)
        return told

    async def _record(self, event: Event, now: Instant, actor: str, name: str, reason: str) -> None:
        tx = Transaction()
        self._audit.append(tx, event, lane=Lane.STAFF, actor=actor, at=now, resource=f"app:{name}", reason=reason)
        await self._database.commit(tx)

    # -- grants

    async def grant(self, grant: Grant, now: Instant, *, actor: str) -> Grant:
        """Gives a grant its id and place, and takes it into force. Raises NotFound or BrokerGone."""
        application = await self.find(grant.application)
        made = replace(grant, id=new_id("gnt", self._random), origin=origin(application))
        tx = Transaction()
        store.insert(tx, made)
        self._audit.append(
            tx, Event.GRANT_ADDED, lane=Lane.STAFF, actor=actor, at=now, object=made.id,
            resource=f"app:{made.application}", reason=f"{made.bot} {made.right}",
        )  # fmt: skip
        await self._database.commit(tx)
        self.grants.append(made)
        return made

    async def revoke(self, grant_id: str, now: Instant, *, actor: str) -> Grant:
        """Takes a grant away. Raises NotFound."""
        found = next((one for one in self.grants if one.id == grant_id), None)
        if found is None:
            raise NotFound("there is no such grant")
        tx = Transaction()
        store.delete(tx, grant_id)
        self._audit.append(
            tx, Event.GRANT_REMOVED, lane=Lane.STAFF, actor=actor, at=now, object=grant_id,
            resource=f"app:{found.application}", reason=f"{found.bot} {found.right}",
        )  # fmt: skip
        try:
            await self._database.commit(tx)
        except Stale:
            raise Conflict("the grant is gone already") from None
        self.grants.remove(found)
        return found

    def forget(self, tx: Transaction, grants: Collection[str], applications: Collection[str]) -> None:
        """Takes away these grants, and all of these applications, without a word: the log says it already."""
        gone = [one for one in self.grants if one.id in grants or one.application in applications]
        for grant in gone:
            store.delete(tx, grant.id)
        self.grants = [one for one in self.grants if one not in gone]


def origin(application: Application) -> str:
    """Where it stands: scheme, host and port."""
    parts = urlsplit(application.url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def shown(application: Application) -> dict[str, object]:
    """An application as an administrator sees it."""
    fields: dict[str, object] = msgspec.to_builtins(application)
    fields["ca"] = bool(application.ca)
    return fields
