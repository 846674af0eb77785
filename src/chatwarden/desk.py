"""The agent's half of a conversation: what an agent may see, says, notes, and has revealed.

    agent ─▶ session ─▶ is it theirs? ─▶ detection, policy ─▶ sealed record ─▶ audit ─▶ the person's screen

What an agent writes is looked at as a bot's answer is, and lives as long. Personal data is masked on every agent's screen,
whatever the bot may see of it; a single value is revealed for a stated reason, after a fresh proof, and the log has it first.
An agent reads what waits and what is theirs; everything else looks absent. An administrator may look at everything that is
under way and pass it on, and does not write in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chatwarden.audit.model import Detail, Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bulk import BulkReading, Kind, Reader
from chatwarden.classes import Action, DataClass
from chatwarden.clock import SECOND, Clock, Instant
from chatwarden.config.model import Rate
from chatwarden.conversations import memory
from chatwarden.conversations.model import Conversation, Item, Message, MessageState, Source
from chatwarden.conversations.service import Conversations
from chatwarden.conversations.told import refused
from chatwarden.edge.gcra import Throttle
from chatwarden.errors import Conflict, InvalidRequest, MessageBlocked, NotFound
from chatwarden.intake import Publish, classes_of
from chatwarden.metrics import Metrics
from chatwarden.principal import Principal, Role
from chatwarden.routing import rules
from chatwarden.routing.model import By, Handoff, Talk
from chatwarden.routing.presence import Agent, Presence
from chatwarden.routing.service import Desk
from chatwarden.screening import Screening
from chatwarden.storage.model import Database, Transaction

_TYPING = Rate(SECOND // 2, 4)


@dataclass(frozen=True, slots=True)
class Revealed:
    """One value, for a moment."""

    text: str
    data_class: DataClass
    until: Instant


@dataclass(slots=True)
class Floor:
    """Over the record and the desk. ``publish`` tells screens of a message, ``on_note`` agents of a note."""

    clock: Clock
    database: Database
    audit: AuditLog
    screening: Screening
    conversations: Conversations
    desk: Desk
    bulk: BulkReading
    throttle: Throttle
    metrics: Metrics
    publish: Publish
    on_note: list[Callable[[Conversation, Message, str], None]] = field(default_factory=list)

    # -- who may see what

    def sees(self, principal: Principal, talk: Talk) -> bool:
        """Whether *principal* may read a conversation now."""
        handoff = self.desk.book.of(talk)
        if handoff is None:
            return False
        if Role.ADMIN in principal.roles:
            return True
        return Role.AGENT in principal.roles and (rules.bot_answers(handoff.state) or handoff.agent == principal.id)

    async def access(self, principal: Principal, conversation_id: str) -> tuple[Conversation, Handoff]:
        """A conversation that *principal* may read, as it is after what is due. Raises NotFound."""
        now = self.clock.now()
        conversation = await self.conversations.look_up(conversation_id, now)
        await self.desk.settle(conversation, now)
        handoff = self.desk.book.of(conversation)
        if handoff is None or not self.sees(principal, conversation):
            raise NotFound
        return conversation, handoff

    async def own(self, principal: Principal, conversation_id: str, *, admin: bool = False) -> Conversation:
        """A conversation that *principal* has, or with *admin* may pass on. Raises NotFound, or Conflict where nobody has it
        yet.
        """
        conversation, handoff = await self.access(principal, conversation_id)
        if handoff.agent != principal.id and not (admin and Role.ADMIN in principal.roles):
            raise Conflict("this conversation is not yours")
        return conversation

    def may_tell_typing(self, principal_id: str) -> bool:
        """Somebody writes; told twice a second at most. Nothing is refused by it."""
        return not self.throttle.take(f"typing:{principal_id}", _TYPING, self.clock.now())

    def note_read(self, principal: Principal, conversation: Conversation) -> None:
        """What is said in it is about to be read."""
        self.bulk.note(Kind.CONVERSATIONS, Reader(principal.id, Lane.STAFF), conversation.id, self.clock.now())

    def agent(self, agent_id: str, now: Instant) -> Agent:
        """An agent who is there and has room. Raises Conflict."""
        agent = self.desk.agents.get(agent_id)
        if agent is None or agent.presence is Presence.OFFLINE or agent.silent(now, self.desk.config.cut_off):
            raise Conflict("this agent is not at the desk")
        if self.desk.load_of(agent_id) >= self.desk.config.room(agent.name):
            raise Conflict("this agent has as many conversations as they can")
        return agent

    # -- what an agent writes

    async def say(self, principal: Principal, conversation: Conversation, text: str, client_id: str) -> Message:
        """A message to the person, from whose conversation it is. The same client id again returns the first one. Raises
        Conflict when it is not *principal*'s (any more), MessageBlocked for what may not be said.
        """
        # Client ids are the person's and the agents' own: an agent's cannot meet another's.
        key = f"{principal.id}:{client_id}" if client_id else ""
        before = await self.conversations.sent_before(conversation, key, self.clock.now()) if key else None
        if before is not None:
            return before[0]
        shown, items, dies_at = await self._screened(principal, conversation, text)
        now = self.clock.now()
        by = By(principal.id, Lane.STAFF)
        tx = Transaction()
        async with self.desk.book.turn(conversation):
            done = self.desk.answers(tx, conversation, principal.id, by, now)
            message = await self.conversations.rows.write(
                tx, conversation, source=Source.AGENT, text=shown, items=items, at=now, destroy_at=dies_at,
                client_id=f"{principal.id}:{client_id}", anonymous=not client_id,
                author=self.desk.config.shown_as(principal.name),
            )  # fmt: skip
            self.audit.append(
                tx, Event.MESSAGE_SENT, lane=Lane.STAFF, actor=principal.id, at=now, object=message.id,
                reason=classes_of(items), commitment=message.commitment,
            )  # fmt: skip
            await self.database.commit(tx)
            done()
            memory.remember(conversation, message)
            self.publish(conversation, message)
        self.metrics.findings(items)
        return message

    async def note(
        self, principal: Principal, conversation: Conversation, text: str, tx: Transaction
    ) -> tuple[Message, Callable[[], None]]:
        """Adds an internal note to *tx*; what is returned tells other agents, after the commit."""
        shown, items, dies_at = await self._screened(principal, conversation, text)
        now = self.clock.now()
        note = await self.conversations.rows.write(
            tx, conversation, source=Source.NOTE, text=shown, items=items, at=now, destroy_at=dies_at,
            client_id=principal.id, seq=conversation.take_note(), anonymous=True,
        )  # fmt: skip
        self.audit.append(
            tx, Event.MESSAGE_NOTED, lane=Lane.STAFF, actor=principal.id, at=now, object=note.id,
            reason=classes_of(items), commitment=note.commitment,
        )  # fmt: skip

        def tell() -> None:
            self.desk.busy(conversation, principal.id, now)
            for told in self.on_note:
                told(conversation, note, principal.id)

        return note, tell

    async def _screened(
        self, principal: Principal, conversation: Conversation, text: str
    ) -> tuple[str, tuple[Item, ...], Instant]:
        if not text.strip():
            raise InvalidRequest("the text is empty", status=422)
        if len(text) > self.screening.config.limits.message_characters:
            raise InvalidRequest("the text is too long", status=413)
        now = self.clock.now()
        guard = self.screening.guard(conversation.bot)
        checked = guard.whole(text)
        if guard.blocked is not None:
            tx = Transaction()
            self.audit.append(
                tx, Event.MESSAGE_BLOCKED, lane=Lane.STAFF, actor=principal.id, at=now, object=conversation.id,
                decision="deny", reason=guard.blocked.value,
            )  # fmt: skip
            await self.database.commit(tx)
            raise MessageBlocked(refused({guard.blocked}), classes=[guard.blocked.value])
        return self.screening.answer(conversation.bot, guard, checked, now)

    # -- reveal once

    async def reveal(
        self, principal: Principal, conversation: Conversation, message_id: str, finding: int, reason: str
    ) -> Revealed:
        """One masked value. The caller has asked for a fresh proof. It is in the log before it is shown; the reason is sealed
        beside, since it may say anything. Raises NotFound, or Conflict where there is nothing to reveal.
        """
        now = self.clock.now()
        message = await self.conversations.message(conversation, message_id, now)
        if message.state is not MessageState.LIVE or not 0 <= finding < len(message.items):
            raise NotFound
        item = message.items[finding]
        if item.action is Action.REMOVED:
            raise Conflict("this was not kept")
        if item.data_class not in self.screening.hidden(conversation.bot):
            raise Conflict("this is not masked")
        tx = Transaction()
        self.audit.append(
            tx, Event.MESSAGE_REVEALED, lane=Lane.STAFF, actor=principal.id, at=now, object=message.id,
            reason=item.data_class.value, detail=Detail(conversation.subject, {"reason": reason}),
        )  # fmt: skip
        await self.database.commit(tx)
        self.bulk.note(Kind.REVEALS, Reader(principal.id, Lane.STAFF), f"{message.id}:{finding}", now)
        self.desk.busy(conversation, principal.id, now)
        return Revealed(message.text[item.start : item.end], item.data_class, now + self.desk.config.reveal_for)
