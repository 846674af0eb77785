"""The services of one home, with what must happen as time passes."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from chatwarden import __version__
from chatwarden.audit.forward import Forwarder
from chatwarden.audit.integrate import Damaged, Integrator
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.witness import Witnesses
from chatwarden.bots.broker.client import BrokerGone
from chatwarden.bulk import Kind, Reader
from chatwarden.clock import MINUTE, SECOND, Instant
from chatwarden.conversations.model import Conversation, Destroyed, Message
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.ephemeral.vault import HolderLost
from chatwarden.log import get_logger
from chatwarden.outgoing import Outgoing
from chatwarden.principal import Principal
from chatwarden.routing.presence import Presence
from chatwarden.sessions import rules
from chatwarden.sessions.model import EndReason, Session
from chatwarden.storage.model import SET_META, Database, StorageFailed, Transaction
from chatwarden.web.api.events import destroyed_data, prompt_data
from chatwarden.web.context import Services
from chatwarden.web.desk_views import note_view
from chatwarden.web.moved import told_of_moves

_log = get_logger("node")
_FORGET_EVERY = 5 * MINUTE


class Node:
    """The services of one open home."""

    def __init__(
        self,
        services: Services,
        database: Database,
        ring: KeyRing,
        holder: Holder,
        tree: Integrator,
        outgoing: Outgoing,
        forwarder: Forwarder | None,
    ) -> None:
        self.services = services
        self.database = database
        self.ring = ring
        self.holder = holder
        self.forwarder = forwarder
        self.tree = tree
        self.draining = False
        services.ready = self.trouble
        services.level = self.level
        services.integrate = self.integrate
        self._forgotten_at: Instant = 0
        self._noted = ("", 0)
        self._keeper, self._look_again = b"", False
        self._damage = ""
        self.witnesses = Witnesses(services.config.witnesses, outgoing.fetch, self._refused_by_witness)

    def listen(self) -> None:
        """From now on one capability hears what another one did."""
        services = self.services
        services.sessions.on_ended += [
            self.session_ended, lambda session: services.gateway.turns.revoke(session.id), services.errands.session_ended
        ]  # fmt: skip
        services.desk.book.on_moved.append(told_of_moves(services))
        services.desk.still_there = self.still_there
        services.floor.on_note.append(self.noted)
        services.gateway.intake.on_secrets.append(services.misplaced.typed)
        services.provider.tell = services.companies.tell = services.notify.tell
        services.errands.looked = self.looked_up
        services.errands.unproved = self.proof_missing
        services.sessions.on_prompted.append(self.session_prompted)
        services.sessions.on_confirmed.append(lambda session: services.hub.tell(session.id, "", None))  # wakes streams
        endings = services.conversations.endings
        endings.on_destroyed.append(self.message_destroyed)
        endings.on_settled.append(self._note)
        endings.shortfall = self.shortfall

    async def sweep(self) -> None:
        """Makes true deadlines visible: keys destroyed, rows gone, sessions ended, streams told. First of all at
        start, then about once a second.
        """
        services = self.services
        now = services.clock.now()
        # One that fails must not keep the others from their work; the first failure is told after all were tried.
        failures: list[StorageFailed] = []
        for step in (
            self._destroy_keys,
            self._destroy_rows,
            services.sessions.sweep,
            services.desk.sweep,
            self.note_ring,
            services.bulk.settle,
            services.errands.log.settle,
        ):
            try:
                await step(now)
            except StorageFailed as failed:
                failures.append(failed)
        for bot in services.bots.all():
            services.metrics.paused(bot.config.name, on=services.gateway.pauses.holds(bot.config.name))
        self._count_desk(now)
        services.metrics.sessions.set(services.sessions.count)
        services.metrics.streams.set(services.hub.count)
        if failures:
            raise failures[0]
        if now - self._forgotten_at >= _FORGET_EVERY:
            self._forgotten_at = now
            await services.conversations.forget(now, now - services.config.retention.tombstones)
            await services.desk.book.forget(now - services.config.retention.tombstones)
            await self.database.scrub(now)  # an hour that ended since its last message was destroyed
            await services.provider.tend(now)
            await services.companies.sessions.forget(now)
            await services.administration.tend(now)
            if services.audit.details is not None:
                await asyncio.to_thread(services.audit.details.tend)

    def _count_desk(self, now: Instant) -> None:
        desk = self.services.desk
        queue = desk.queue()
        oldest = max((now - (one.queued_at or now) for one in queue), default=0)
        presence = Counter(one.presence.value for one in desk.agents)
        self.services.metrics.desk(len(queue), oldest / SECOND, {one.value: presence[one.value] for one in Presence})

    async def _destroy_keys(self, now: Instant) -> None:
        await self.ring.destroy_due(now)

    async def _destroy_rows(self, now: Instant) -> None:
        if await self.services.conversations.endings.destroy_due(now):
            await self.database.scrub(now)

    async def note_ring(self, now: Instant) -> None:  # noqa: ARG002  a step like the others
        """Writes down where the key ring stands, where that was not done with what changed it."""
        mark = self.ring.mark
        if mark != self._noted:
            tx = Transaction()
            self._note(tx)
            await self.database.commit(tx)
            self._noted = mark

    async def settle(self, now: Instant) -> None:
        """Writes down what is only in memory, before the end. Raises StorageFailed."""
        await self.note_ring(now)
        await self.services.bulk.settle(now)
        await self.services.errands.log.settle(now, ending=True)

    def _note(self, tx: Transaction) -> None:
        """Where the key ring stands, so that an older copy of it is known for one."""
        tx.add(SET_META, ("ring", "{}:{}".format(*self.ring.mark)))

    async def watch_keeper(self) -> None:
        """Finds the keeper or starts one. With another one than before, what only the earlier one could open is lost; it is
        looked for twice, for the sake of what was being written when the earlier one ended.
        """
        try:
            await self.holder.connect()
        except HolderLost:
            return
        instance = self.holder.instance
        if instance != self._keeper or self._look_again:
            await self.services.conversations.endings.lose_what_is_lost(self.services.clock.now())
            self._keeper, self._look_again = instance, instance != self._keeper

    async def watch_broker(self) -> None:
        """Says what is to be said about leases that ended, to the log and to the broker."""
        with suppress(BrokerGone):
            await self.services.errands.leases.tend(self.services.clock.now())

    async def integrate(self) -> str:
        """Brings the log's tree up to what is committed; what is damaged about it, or an empty string. Damage is told and
        recorded once. Raises StorageFailed.
        """
        services = self.services
        now = services.clock.now()
        try:
            await self.tree.run(now)
        except Damaged as damaged:
            if str(damaged) != self._damage:
                self._damage = str(damaged)
                _log.error("audit-damaged")
                await self.alarm(Event.AUDIT_DAMAGED, "audit-damaged", now, reason=self._damage)
        else:
            self._damage = ""
        return self._damage

    async def witness(self) -> None:
        """Asks witnesses that are due about the newest checkpoint. Raises StorageFailed."""
        folder = self.tree.folder
        if folder is None:
            return
        answer = await self.witnesses.ask(folder, self.services.clock.now())
        if answer is not None:
            await self.tree.cosigned(*answer)

    async def _refused_by_witness(self, name: str, kind: str, now: Instant) -> None:
        await self.alarm(Event.WITNESS_REFUSED, "witness-refused", now, reason=kind, about=name)

    async def alarm(self, event: Event, told: str, now: Instant, *, reason: str, about: str = "") -> None:
        """Records that something is wrong with the log and tells administrators."""
        tx = Transaction()
        self.services.audit.append(
            tx, event, lane=Lane.SYSTEM, actor="system", at=now, object=about, decision="deny", reason=reason
        )
        self.services.notify.tell(tx, told, "", now)
        await self.database.commit(tx)

    def level(self) -> str:
        """What readiness has to note: why strict messages do not reach erasure level E3, and what is wrong with the log."""
        notes = [f"E3 not available: {self.holder.level}"] if self.holder.level else []
        notes += ["the log is damaged: see chatwarden audit verify"] if self._damage else []
        return "; ".join(notes)

    async def shortfall(self) -> str:
        """The same for a receipt: the keeper is asked first, where it was not yet."""
        with suppress(HolderLost):
            await self.holder.connect()
        return self.level()

    async def record(self, event: Event) -> None:
        """Notes an act of the gateway itself."""
        tx = Transaction()
        now = self.services.clock.now()
        self.services.audit.append(tx, event, lane=Lane.SYSTEM, actor="system", at=now, reason=__version__)
        await self.database.commit(tx)

    async def trouble(self) -> str:
        """Why the gateway cannot take messages now, or an empty string."""
        if self.draining:
            return "the gateway is stopping"
        tx = Transaction()
        tx.add(SET_META, ("ready-probe", str(self.services.clock.now())))
        try:
            await self.database.commit(tx)
        except StorageFailed:
            return "the storage cannot be written"
        return ""

    def session_ended(self, session: Session) -> None:
        """A session is over: its streams are told and closed, and so is the desk: an agent is out of touch, a person does not
        wait any more, or is gone while somebody answers.
        """
        reason = session.end_reason.value if session.end_reason else "revoked"
        self.services.hub.tell(session.id, "session.ended", {"reason": reason}, last=True)
        self.services.metrics.session_ended(reason)
        principal = session.principal
        self.services.desk.agents.session_ended(principal.id, session.id, self.services.clock.now())
        if session.end_reason is not EndReason.REPLACED:
            self._tell_agents(principal, "session.ended", {"reason": reason})
            self.services.desk.person_gone(principal.id)

    async def still_there(self, principal_id: str, now: Instant) -> bool:
        """Whether a person has a living session."""
        return bool(await self.services.sessions.of(principal_id, now))

    def _tell_agents(self, principal: Principal, name: str, data: dict[str, object]) -> None:
        """Agents see what becomes of the session of whom they answer."""
        desk = self.services.desk
        for handoff in desk.book.all():
            talk = self.services.conversations.known(handoff.talk)
            if talk is not None and talk.owner == principal.id:
                self.services.agents.about(talk, name, data)

    def noted(self, conversation: Conversation, note: Message, _author: str) -> None:
        """An agent wrote a note: others who may read it see it."""
        view = note_view(self.services, conversation, note)
        self.services.agents.about(conversation, "note", {"note": view})

    def looked_up(self, bot: str, person: str, what: str, now: Instant) -> None:
        """A bot asks an application something for a person."""
        self.services.bulk.note(Kind.LOOKUPS, Reader(bot, Lane.BOT, person), what, now)

    def proof_missing(self, session: Session, conversation: str, application: str) -> None:
        """A bot could do what its person wants if they proved who they are. They are told; nothing is asked of them."""
        told = {"conversation": conversation, "operation": "applications", "application": application}
        self.services.hub.tell(session.id, "step-up", told)

    def session_prompted(self, session: Session) -> None:
        """A person is asked whether they are still there."""
        if not session.asked:
            late = self.services.clock.now() - rules.prompt_at(session)
            self.services.metrics.prompted(max(0.0, late / SECOND))
        self._tell_agents(session.principal, "session.prompt", {})
        data = prompt_data(self.services, session)
        if data is not None:
            self.services.hub.tell(session.id, "session.prompt", data)

    def message_destroyed(self, destroyed: Destroyed) -> None:
        """A message is gone: open screens forget it."""
        talk = self.services.conversations.known(destroyed.conversation)
        if talk is not None:
            self.services.agents.about(talk, "message.destroyed", {**destroyed_data(destroyed)})
        if not destroyed.note:
            self.services.hub.publish(destroyed.conversation, "message.destroyed", destroyed_data(destroyed))
        self.services.metrics.destroyed(destroyed.reason)
