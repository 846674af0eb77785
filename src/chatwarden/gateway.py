"""The road of one message, and nothing else.

    session ─▶ limits ─▶ detection ─▶ policy ─▶ sealed record ─▶ audit ─▶ bot
    person  ◀─ own values put back ◀─ audit ◀─ sealed record ◀─ detection of the answer ◀────────┘

``receive`` brings the person's half of a turn to the durable record; the bot's half (answering.py) comes back the same way.
Both halves are committed before they are acknowledged. Where a human answers (routing), the bot is not asked.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from chatwarden.answering import Answered, Answering, Received
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.model import Turn
from chatwarden.bots.pause import Pauses
from chatwarden.bots.service import Bot, Bots
from chatwarden.bots.turns import TurnTokens
from chatwarden.clock import SECOND, Clock, Duration, Instant
from chatwarden.config.model import Config
from chatwarden.conversations import memory
from chatwarden.conversations.model import Conversation, Message, MessageState
from chatwarden.conversations.restore import Restorer
from chatwarden.conversations.service import Conversations
from chatwarden.conversations.views import bot_view
from chatwarden.edge.gcra import Throttle
from chatwarden.errors import InvalidRequest, NotFound, TooManyRequests
from chatwarden.intake import Intake, Publish, Who
from chatwarden.metrics import Metrics
from chatwarden.routing.model import By, Reason, Why
from chatwarden.routing.service import Desk
from chatwarden.screening import Screening
from chatwarden.sessions.model import Session
from chatwarden.sessions.service import Sessions
from chatwarden.storage.model import Database, Stale, Transaction
from chatwarden.triaging import Triaging


@dataclass(slots=True)
class Gateway:
    """The road over its services. ``publish`` tells open screens, after the commit."""

    config: Config
    clock: Clock
    database: Database
    audit: AuditLog
    sessions: Sessions
    screening: Screening
    conversations: Conversations
    bots: Bots
    pauses: Pauses
    turns: TurnTokens
    throttle: Throttle
    metrics: Metrics
    desk: Desk
    publish: Publish
    restorer: Restorer = field(init=False)
    intake: Intake = field(init=False)
    triaging: Triaging = field(init=False)
    answering: Answering = field(init=False)

    def __post_init__(self) -> None:
        self.restorer = Restorer(self.conversations)
        self.intake = Intake(
            self.database, self.audit, self.screening, self.conversations, self.metrics, self.publish
        )  # fmt: skip
        self.triaging = Triaging(self.config.triage, self.screening.observes, self.desk.book.declined)
        self.answering = Answering(
            self.clock, self.database, self.audit, self.sessions, self.screening, self.conversations, self.pauses,
            self.turns, self.metrics, self.desk, self.triaging, self.restorer, self.publish,
        )  # fmt: skip

    def reconfigure(self, config: Config) -> None:
        """Takes over a configuration that was read again."""
        self.config = config
        self.screening.reconfigure(config)
        self.triaging.reconfigure(config.triage)

    # -- the person's half

    async def receive(
        self, session: Session, lane: Lane, conversation: Conversation, text: str, client_id: str = "",
        wish: Duration | None = None,
    ) -> Received:  # fmt: skip
        """Session, limits, detection, policy, sealed record, audit. Raises what the problem types say."""
        now = self.clock.now()
        self.sessions.require_active(session, now)
        self.limit(session, now)
        bot = self.bot_for(session, conversation.bot)
        if not text.strip():
            raise InvalidRequest("the message is empty", status=422)
        if len(text) > self.config.limits.message_characters:
            raise InvalidRequest("the message is too long", status=413)
        self.sessions.touch(session, now)
        await self.desk.settle(conversation, now)
        await self.desk.reopen(conversation, By(session.principal.id, lane), now)
        taken = await self.intake.take(conversation, text, client_id, self._who(session, lane, bot), now, wish)
        if taken.message.state is MessageState.LIVE:
            await self.desk.wrote(conversation, By(session.principal.id, lane, taken.entry), now)
        return Received(session, conversation, bot, taken.message, taken.bot_text, taken.entry, taken.rewritten, wish)

    def _who(self, session: Session, lane: Lane, bot: Bot) -> Who:
        return Who(lane, session.principal.id, self.answering.decision(bot.config.name), session.id)

    def bot_for(self, session: Session, name: str) -> Bot:
        """The bot *name*, if this session's principal may talk to it. Raises NotFound: absent and not-for-you alike."""
        bot = self.bots.get(name)
        if bot is None or not set(bot.config.who).intersection(session.principal.roles):
            raise NotFound
        return bot

    async def release(self, session: Session, lane: Lane, conversation: Conversation, message_id: str) -> Received:
        """The person says that a held message may go on."""
        now = self.clock.now()
        self.sessions.require_active(session, now)
        held = await self._held(conversation, message_id, now)
        bot = self.bot_for(session, conversation.bot)
        self.sessions.touch(session, now)
        tx = Transaction()
        await self.conversations.move_on(tx, conversation, held, MessageState.LIVE)
        entry = self.audit.append(
            tx, Event.MESSAGE_RELEASED, lane=lane, actor=session.principal.id, at=now, object=held.id
        )
        try:
            await self.database.commit(tx)
        except Stale:
            raise NotFound from None
        message = await self.conversations.message(conversation, message_id, now)
        memory.remember(conversation, message)
        self.publish(conversation, message)
        await self.desk.wrote(conversation, By(session.principal.id, lane, entry), now)
        return Received(session, conversation, bot, message, bot_view(message.text, message.items), entry)

    def resume(
        self, session: Session, conversation: Conversation, message: Message, wish: Duration | None = None
    ) -> Received:
        """A message that is on record and was never answered."""
        bot = self.bot_for(session, conversation.bot)
        return Received(session, conversation, bot, message, bot_view(message.text, message.items), "", wish=wish)

    async def withdraw(self, session: Session, lane: Lane, conversation: Conversation, message_id: str) -> None:
        """The person takes a held message back: it is destroyed."""
        now = self.clock.now()
        await self._held(conversation, message_id, now)
        await self.conversations.endings.destroy(
            conversation, message_id, now, reason="withdrawn", actor=session.principal.id, lane=lane
        )

    async def _held(self, conversation: Conversation, message_id: str, now: Instant) -> Message:
        message = await self.conversations.message(conversation, message_id, now)
        if message.state is not MessageState.HELD:
            raise NotFound
        return message

    async def request_handoff(self, session: Session, lane: Lane, conversation: Conversation) -> None:
        """The person asks for a person."""
        by = By(session.principal.id, lane)
        await self.desk.request(conversation, Why(Reason.ASKED), by, self.clock.now())

    # -- the bot's half

    async def answer(self, received: Received, turn: Turn | None = None) -> Answered:
        """Asks the bot. Raises TakenOver where a human answers."""
        return await self.answering.answer(received, turn)

    def stream(self, received: Received, turn: Turn | None = None) -> AsyncGenerator[str | Answered]:
        """The same, piece by piece."""
        return self.answering.stream(received, turn)

    async def shown(self, conversation: Conversation, messages: Sequence[Message]) -> list[Message]:
        """*messages* as the screen of the conversation's own person shows them: with values for placeholders."""
        return await self.restorer.shown(conversation, messages, self.clock.now())

    def limit(self, session: Session, now: Instant) -> None:
        """One act of a person, counted. Raises TooManyRequests."""
        rate = self.config.limits.messages
        wait = 0 if rate is None else self.throttle.take("message:" + session.principal.id, rate, now)
        if wait:
            raise TooManyRequests(headers={"Retry-After": str(-(-wait // SECOND))})
