"""The road of one message, and nothing else.

    session ─▶ limits ─▶ detection ─▶ policy ─▶ sealed record ─▶ audit ─▶ bot
    person  ◀─ own values put back ◀─ audit ◀─ sealed record ◀─ detection of the answer ◀────────┘

``receive`` brings the person's half of a turn to the durable record; ``answer`` and ``stream`` bring the bot's half
back. Both halves are committed before they are acknowledged. A bot that fails gives the person a calm line and an
offered hand-off. The session is asked again before anything is revealed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from chatwarden import calls as tool
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.model import Answer, BotFailed, StreamEnd, ToolCall, Turn, Utterance
from chatwarden.bots.pause import Pauses
from chatwarden.bots.service import Bot, Bots
from chatwarden.bots.turns import TurnTokens
from chatwarden.classes import DataClass
from chatwarden.clock import SECOND, Clock, Duration, Instant
from chatwarden.config.model import Config
from chatwarden.conversations import memory
from chatwarden.conversations.model import Conversation, Message, MessageState, Source
from chatwarden.conversations.restore import Restorer
from chatwarden.conversations.service import Conversations
from chatwarden.conversations.views import bot_view
from chatwarden.edge.gcra import Throttle
from chatwarden.errors import InvalidRequest, NotFound, SessionEnded, TooManyRequests
from chatwarden.intake import Intake, Publish, Who, classes_of
from chatwarden.metrics import Metrics
from chatwarden.relay import Relay
from chatwarden.routing import rules as routing
from chatwarden.routing.rules import Handoff
from chatwarden.screening import Guard, Screening
from chatwarden.sessions import rules as life
from chatwarden.sessions.model import Session
from chatwarden.sessions.service import Sessions
from chatwarden.storage.model import Database, Stale, Transaction

Offer = Callable[[Conversation], None]


@dataclass(frozen=True, slots=True)
class Received:
    """The person's half of a turn, on durable record. ``bot_text`` is what the bot may see of it; ``rewritten``: earlier
    messages were treated anew, since this one showed what they were; ``wish``: how long it and its answer shall live at
    most, if the person said.
    """

    session: Session
    conversation: Conversation
    bot: Bot
    message: Message
    bot_text: str
    entry: str
    rewritten: bool = False
    wish: Duration | None = None

    @property
    def held(self) -> bool:
        """Whether the person is asked before it goes on."""
        return self.message.state is MessageState.HELD


@dataclass(frozen=True, slots=True)
class Answered:
    """The bot's half of a turn, on durable record. ``text``, ``calls``: what it says to its person, apart. ``stopped``: what
    ended it before its end.
    """

    reply: Message
    handoff: bool
    finish: str = "stop"
    usage: Mapping[str, int] | None = None
    text: str = ""
    calls: Sequence[ToolCall] = ()
    stopped: DataClass | None = None


@dataclass(slots=True)
class Gateway:
    """The road over its services. ``publish`` and ``offer`` tell open screens, after the commit."""

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
    publish: Publish
    offer: Offer
    restorer: Restorer = field(init=False)
    intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self.restorer = Restorer(self.conversations)
        self.intake = Intake(
            self.database, self.audit, self.screening, self.conversations, self.metrics, self.publish
        )  # fmt: skip

    def reconfigure(self, config: Config) -> None:
        """Takes over a configuration that was read again."""
        self.config = config
        self.screening.reconfigure(config)

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
        taken = await self.intake.take(conversation, text, client_id, self._who(session, lane, bot), now, wish)
        return Received(session, conversation, bot, taken.message, taken.bot_text, taken.entry, taken.rewritten, wish)

    def _who(self, session: Session, lane: Lane, bot: Bot) -> Who:
        return Who(lane, session.principal.id, self._decision(bot.config.name), session.id)

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
        state = routing.after(conversation.state, Handoff.REQUEST)
        if state is None:
            return
        tx = Transaction()
        self.conversations.set_state(tx, conversation, state, routing.before(state))
        self.audit.append(
            tx, Event.CONVERSATION_HANDOFF_REQUESTED, lane=lane, actor=session.principal.id, at=self.clock.now(),
            object=conversation.id,
        )  # fmt: skip
        await self.database.commit(tx)
        self._moved(conversation, state)

    def _moved(self, conversation: Conversation, state: str) -> None:
        """After the commit, in memory too. Who moved on further meanwhile stays there, as in the record."""
        if conversation.state in routing.before(state):
            conversation.state = state
            self.offer(conversation)

    # -- the bot's half

    async def answer(self, received: Received, turn: Turn | None = None) -> Answered:
        """Asks the bot and brings its whole answer to the record."""
        if self.pauses.holds(received.bot.config.name):
            return await self._calm(received)
        try:
            said = await received.bot.ask(self._turn(received, turn), self.clock.now())
        except BotFailed as failure:
            return await self._calm(received, failure)
        guard = self.screening.guard(received.bot.config.name)
        text = guard.whole(said.text)
        calls = tool.from_bot(self.screening, received.bot.config.name, guard, said.calls, text)
        if calls.blocked:  # nothing was shown yet, so nothing of it is
            return await self._calm(received, BotFailed("blocked", calls.blocked))
        return await self._recorded(received, guard, text, said, calls)

    async def stream(self, received: Received, turn: Turn | None = None) -> AsyncGenerator[str | Answered]:
        """Asks the bot and yields its answer piece by piece, each checked before it is yielded; then the Answered. A bot
        that fails before it speaks yields the Answered alone, with the calm line as its reply.

        When the session ends in the middle, nothing more is yielded and SessionEnded is raised. Where the policy blocks
        what the bot says, the answer ends there: ``stopped`` says why. What was yielded is what is recorded, also when the
        bot fails in mid-answer or the person goes away.
        """
        if self.pauses.holds(received.bot.config.name):
            yield await self._calm(received)
            return
        bot, session = received.bot, received.session
        relay = Relay(
            self.screening.guard(bot.config.name),
            self.restorer.stream(received.conversation, self.clock),
            lambda: self.sessions.is_live(session, self.clock.now()),
            lambda guard, calls, text: tool.from_bot(self.screening, bot.config.name, guard, calls, text),
        )
        finished = False
        try:
            async with aclosing(relay.pieces(bot.stream(self._turn(received, turn), self.clock.now()))) as pieces:
                async for shown in pieces:
                    yield shown
            finished = True
        except BotFailed as failure:
            finished = True
            if not relay.said:
                yield await self._calm(received, failure)
                return
            relay.end = StreamEnd(finish="content_filter" if relay.blocked else "length", handoff=True)
            await self._note_failure(received, failure)
            shown = await relay.veil.finish()
            if shown and relay.live():
                yield shown
        finally:
            if not finished and relay.said:  # the person went away: what they saw is what is recorded
                await self._recorded(received, relay.guard, "".join(relay.said), StreamEnd(finish="length"))
        if not relay.said and not relay.calls.calls:
            self._reveal(session)  # ended before a word was said: there is nothing to record
        answered = await self._recorded(received, relay.guard, "".join(relay.said), relay.end, relay.calls)
        self._reveal(session)
        yield replace(answered, stopped=relay.blocked)

    async def _recorded(
        self, received: Received, guard: Guard, said: str, end: Answer | StreamEnd, calls: tool.Treated = tool.NONE
    ) -> Answered:
        now = self.clock.now()
        bot = received.bot.config.name
        text, items, dies_at = self.screening.answer(bot, guard, said + calls.lines, now, wish=received.wish)
        conversation = received.conversation
        tx = Transaction()
        reply = await self.conversations.rows.write(
            tx, conversation, source=Source.BOT, text=text, items=items, at=now,
            destroy_at=dies_at, reply_to=received.message.seq,
        )  # fmt: skip
        self.audit.append(
            tx, Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor=bot, at=now, cause=received.entry, object=reply.id,
            decision=self._decision(bot), reason=classes_of(items), commitment=reply.commitment,
        )  # fmt: skip
        offered = self._offer(tx, received, now) if end.handoff else None
        await self.database.commit(tx)
        shown = await self.shown(conversation, [reply])
        self._told(conversation, received, reply, shown[0], offered)
        self.metrics.message(bot, "answered")
        apart = shown[0].text
        if calls.calls:
            apart = (await self.restorer.putting_back(conversation, said, now))(said)
        asked = await tool.shown(self.restorer, conversation, calls.calls, now)
        return Answered(shown[0], end.handoff, end.finish, end.usage, apart, asked)

    async def _calm(self, received: Received, failure: BotFailed | None = None) -> Answered:
        """The bot failed or is paused: a calm line from the gateway, on record, and an offered person. Never silence."""
        now = self.clock.now()
        tx = Transaction()
        reply = await self.conversations.rows.write(
            tx, received.conversation, source=Source.SYSTEM, text=received.bot.calm_line, items=(), at=now,
            destroy_at=self.screening.calm_until(received.bot.config.name, now), reply_to=received.message.seq,
        )  # fmt: skip
        if failure is not None:
            self._failure(tx, received, failure, now)
        offered = self._offer(tx, received, now)
        await self.database.commit(tx)
        self._told(received.conversation, received, reply, reply, offered)
        self.metrics.message(received.bot.config.name, "failed" if failure else "paused")
        return Answered(reply, handoff=True, text=reply.text)

    async def _note_failure(self, received: Received, failure: BotFailed) -> None:
        tx = Transaction()
        self._failure(tx, received, failure, self.clock.now())
        await self.database.commit(tx)

    def _failure(self, tx: Transaction, received: Received, failure: BotFailed, now: Instant) -> None:
        self.audit.append(
            tx, Event.BOT_FAILED, lane=Lane.SYSTEM, actor=received.bot.config.name, at=now, cause=received.entry,
            object=received.message.id, decision="deny", reason=failure.reason,
        )  # fmt: skip

    def _offer(self, tx: Transaction, received: Received, now: Instant) -> str | None:
        conversation = received.conversation
        state = routing.after(conversation.state, Handoff.OFFER)
        if state is not None:
            self.conversations.set_state(tx, conversation, state, routing.before(state))
            self.audit.append(
                tx, Event.CONVERSATION_HANDOFF_OFFERED, lane=Lane.SYSTEM, actor="system", at=now, cause=received.entry,
                object=conversation.id,
            )  # fmt: skip
        return state

    async def shown(self, conversation: Conversation, messages: Sequence[Message]) -> list[Message]:
        """*messages* as the screen of the conversation's own person shows them: with values for placeholders."""
        return await self.restorer.shown(conversation, messages, self.clock.now())

    def _told(
        self, conversation: Conversation, received: Received, reply: Message, shown: Message, offered: str | None
    ) -> None:
        memory.remember(conversation, reply)
        self.publish(conversation, shown)
        if offered is not None:
            self._moved(conversation, offered)
        self._reveal(received.session)

    def _turn(self, received: Received, given: Turn | None) -> Turn:
        """What the bot is asked, with a token for what it may do on behalf of this person: the turn that a client gave,
        or the lines so far, as the bot may see them, whose messages still live.
        """
        now = self.clock.now()
        session, conversation = received.session, received.conversation
        live = self.sessions.is_live(session, now)
        token = self.turns.issue(session.principal, conversation.id, session.id, now, received.entry) if live else ""
        if given is not None:
            return replace(given, turn_token=token)
        own = received.message.seq
        lines = [line for line in conversation.lines if line.destroy_at > now and line.seq != own]
        earlier = [
            Utterance(line.role, line.text) for line in lines[max(0, len(lines) - received.bot.config.history) :]
        ]
        return Turn(conversation.id, (*earlier, Utterance("user", received.bot_text)), turn_token=token)

    # -- rules applied

    def _decision(self, bot: str) -> str:
        return "observe" if self.screening.observes(bot) else "allow"

    def limit(self, session: Session, now: Instant) -> None:
        """One act of a person, counted. Raises TooManyRequests."""
        rate = self.config.limits.messages
        wait = 0 if rate is None else self.throttle.take("message:" + session.principal.id, rate, now)
        if wait:
            raise TooManyRequests(headers={"Retry-After": str(-(-wait // SECOND))})

    def _reveal(self, session: Session) -> None:
        now = self.clock.now()
        if not self.sessions.is_live(session, now):
            reason = life.reason_of(session, now)
            raise SessionEnded(reason=reason.value if reason else "revoked")
