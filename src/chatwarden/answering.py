"""The bot's half of a turn: asked, checked, recorded, shown. A bot that fails gives the person a calm line and an offered
hand-off, never silence.

After every turn the inquiry is screened (triaging.py), once, from what the bot may see: people are offered or asked for in
the same transaction as the answer. Where a topic has a line of its own, the bot is not asked.

The bot never talks over a human (routing/rules.py). Whether it may speak is asked before it is asked, and again when its
words are written, under the same turn that an agent takes a conversation with. What it says too late is dropped: nobody sees
it, it is on no record. Of an answer that is streamed while a human takes over, what was shown until then is recorded, and
nothing more is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from chatwarden import calls as tool
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.model import Answer, BotFailed, StreamEnd, ToolCall, Turn, Utterance
from chatwarden.bots.pause import Pauses
from chatwarden.bots.service import Bot
from chatwarden.bots.turns import TurnTokens
from chatwarden.classes import DataClass
from chatwarden.clock import Clock, Duration, Instant
from chatwarden.conversations import memory
from chatwarden.conversations.model import Conversation, Line, Message, MessageState, Source
from chatwarden.conversations.restore import Restorer
from chatwarden.conversations.service import Conversations
from chatwarden.detection.guard import Guard
from chatwarden.errors import ChatwardenError, SessionEnded
from chatwarden.intake import Publish, classes_of
from chatwarden.metrics import Metrics
from chatwarden.relay import Relay
from chatwarden.routing.model import SYSTEM, Reason, Why
from chatwarden.routing.rules import State
from chatwarden.routing.service import Desk
from chatwarden.routing.triage import Became, Decision
from chatwarden.screening import Screening
from chatwarden.sessions import rules as life
from chatwarden.sessions.model import Session
from chatwarden.sessions.service import Sessions
from chatwarden.storage.model import Database, Transaction
from chatwarden.triaging import Heard, Triaging

# Told in the words of the line: roles and names besides user and assistant are refused by some that speak these protocols.
AGENT_SAID = "[a human agent wrote:] "


class TakenOver(ChatwardenError):
    """A human answers this conversation: the bot has nothing to say."""


@dataclass(frozen=True, slots=True)
class Received:
    """The person's half of a turn, on durable record. ``bot_text`` is what the bot may see of it; ``rewritten``: earlier
    messages were treated anew, since this one showed what they were; ``wish``: how long it and its answer shall live at
    most, if the person said; ``heard``: what it says, once the bot's half has begun.
    """

    session: Session
    conversation: Conversation
    bot: Bot
    message: Message
    bot_text: str
    entry: str
    rewritten: bool = False
    wish: Duration | None = None
    heard: Heard | None = None

    @property
    def held(self) -> bool:
        """Whether the person is asked before it goes on."""
        return self.message.state is MessageState.HELD


@dataclass(frozen=True, slots=True)
class Answered:
    """The bot's half of a turn, on durable record. ``handoff``: ``offered`` or ``queued`` where people are offered or asked
    for. ``text``, ``calls``: what it says to its person, apart. ``stopped``: what ended it before its end.
    """

    reply: Message
    handoff: str
    finish: str = "stop"
    usage: Mapping[str, int] | None = None
    text: str = ""
    calls: Sequence[ToolCall] = ()
    stopped: DataClass | None = None


@dataclass(slots=True)
class Answering:
    """Over the same services as the gateway. ``publish`` tells open screens, after the commit."""

    clock: Clock
    database: Database
    audit: AuditLog
    sessions: Sessions
    screening: Screening
    conversations: Conversations
    pauses: Pauses
    turns: TurnTokens
    metrics: Metrics
    desk: Desk
    triaging: Triaging
    restorer: Restorer
    publish: Publish

    async def answer(self, received: Received, turn: Turn | None = None) -> Answered:
        """Asks the bot and brings its whole answer to the record. Raises TakenOver."""
        self._require_turn(received.conversation)
        received = self._heard(received)
        if (calm := await self._unasked(received)) is not None:
            return calm
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
        bot fails in mid-answer or the person goes away. Raises TakenOver where a human answers before it said a word.
        """
        self._require_turn(received.conversation)
        received = self._heard(received)
        if (calm := await self._unasked(received)) is not None:
            yield calm
            return
        bot, session = received.bot, received.session
        relay = Relay(
            self.screening.guard(bot.config.name),
            self.restorer.stream(received.conversation, self.clock),
            lambda: self.sessions.is_live(session, self.clock.now()) and self.desk.bot_answers(received.conversation),
            lambda guard, calls, text: tool.from_bot(self.screening, bot.config.name, guard, calls, text),
        )
        finished = failed = False
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
            failed = True
            relay.end = StreamEnd(finish="content_filter" if relay.blocked else "length", handoff=True)
            await self._note_failure(received, failure)
            shown = await relay.veil.finish()
            if shown and relay.live():
                yield shown
        finally:
            if not finished and relay.said:  # the person went away: what they saw is what is recorded
                ended = StreamEnd(finish="length")
                await self._recorded(received, relay.guard, "".join(relay.said), ended, spoken=True)
        if not relay.said and not relay.calls.calls:
            self._reveal(session)  # ended before a word was said: there is nothing to record
            self._require_turn(received.conversation)
        answered = await self._recorded(
            received, relay.guard, "".join(relay.said), relay.end, relay.calls, spoken=bool(relay.said), failed=failed
        )
        self._reveal(session)
        yield replace(answered, stopped=relay.blocked)

    async def _recorded(
        self, received: Received, guard: Guard, said: str, end: Answer | StreamEnd, calls: tool.Treated = tool.NONE,
        *, spoken: bool = False, failed: bool = False,
    ) -> Answered:  # fmt: skip
        return await _to_its_end(self._record(received, guard, said, end, calls, spoken=spoken, failed=failed))

    async def _record(
        self, received: Received, guard: Guard, said: str, end: Answer | StreamEnd, calls: tool.Treated, *,
        spoken: bool, failed: bool,
    ) -> Answered:  # fmt: skip
        """*spoken*: its person saw it already, so that it is recorded whoever answers now. *failed*: it broke off."""
        now = self.clock.now()
        bot = received.bot.config.name
        text, items, dies_at = self.screening.answer(bot, guard, said + calls.lines, now, wish=received.wish)
        conversation = received.conversation
        decision = await self._screened(
            received, answer=said, answered="failed" if failed else "yes", gave_up=end.handoff and not failed
        )  # fmt: skip
        tx = Transaction()
        async with self.desk.book.turn(conversation):
            await self.desk.due(conversation, now)
            if not spoken:
                self._require_turn(conversation)
            reply = await self.conversations.rows.write(
                tx, conversation, source=Source.BOT, text=text, items=items, at=now,
                destroy_at=dies_at, reply_to=received.message.seq,
            )  # fmt: skip
            self.audit.append(
                tx, Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor=bot, at=now, cause=received.entry, object=reply.id,
                decision=self.decision(bot), reason=classes_of(items), commitment=reply.commitment,
            )  # fmt: skip
            moved = await self._moved(tx, received, now, decision)
            await self.database.commit(tx)
            shown = await self.restorer.shown(conversation, [reply], now)
            self._told(received, reply, shown[0], moved)
        await self._distribute(decision)
        self._reveal(received.session)
        self.metrics.message(bot, "answered")
        apart = shown[0].text
        if calls.calls:
            apart = (await self.restorer.putting_back(conversation, said, now))(said)
        asked = await tool.shown(self.restorer, conversation, calls.calls, now)
        return Answered(shown[0], _handoff(conversation, decision), end.finish, end.usage, apart, asked)

    async def _unasked(self, received: Received) -> Answered | None:
        """What the person reads where the bot is not asked: it is paused, or what they wrote is not for a bot."""
        if self.pauses.holds(received.bot.config.name):
            return await self._calm(received)
        decision = await self._screened(received)
        return await self._calm(received, instead=decision) if decision.line else None

    async def _calm(
        self, received: Received, failure: BotFailed | None = None, *, instead: Decision | None = None
    ) -> Answered:
        """The bot failed, is paused or was not asked: a calm line from the gateway, on record, and people. Never silence."""
        return await _to_its_end(self._calmed(received, failure, instead))

    async def _calmed(self, received: Received, failure: BotFailed | None, instead: Decision | None) -> Answered:
        now = self.clock.now()
        decision = instead or await self._screened(received, answered="failed" if failure else "paused")
        line = "\n\n".join(dict.fromkeys(filter(None, (decision.line, "" if instead else received.bot.calm_line))))
        tx = Transaction()
        async with self.desk.book.turn(received.conversation):
            await self.desk.due(received.conversation, now)
            self._require_turn(received.conversation)
            reply = await self.conversations.rows.write(
                tx, received.conversation, source=Source.SYSTEM, text=line, items=(), at=now,
                destroy_at=self.screening.calm_until(received.bot.config.name, now), reply_to=received.message.seq,
            )  # fmt: skip
            if failure is not None:
                self._failure(tx, received, failure, now)
            moved = await self._moved(tx, received, now, decision)
            await self.database.commit(tx)
            self._told(received, reply, reply, moved)
        await self._distribute(decision)
        self._reveal(received.session)
        self.metrics.message(received.bot.config.name, "failed" if failure else "unasked" if instead else "paused")
        return Answered(reply, _handoff(received.conversation, decision), text=reply.text)

    async def _note_failure(self, received: Received, failure: BotFailed) -> None:
        tx = Transaction()
        self._failure(tx, received, failure, self.clock.now())
        await self.database.commit(tx)

    def _failure(self, tx: Transaction, received: Received, failure: BotFailed, now: Instant) -> None:
        self.audit.append(
            tx, Event.BOT_FAILED, lane=Lane.SYSTEM, actor=received.bot.config.name, at=now, cause=received.entry,
            object=received.message.id, decision="deny", reason=failure.reason,
        )  # fmt: skip

    def _heard(self, received: Received) -> Received:
        what = self.triaging.hear(
            received.conversation, received.message.seq, received.bot_text, self.clock.now()
        )  # fmt: skip
        return replace(received, heard=what)

    async def _screened(
        self, received: Received, *, answer: str = "", answered: Became = "", gave_up: bool = False
    ) -> Decision:  # fmt: skip
        assert received.heard is not None, "both ways to an answer listen first"
        return await self.triaging.decide(
            received.conversation, received.heard, answer=answer, answered=answered, gave_up=gave_up
        )  # fmt: skip

    async def _moved(
        self, tx: Transaction, received: Received, now: Instant, decision: Decision
    ) -> Callable[[], None] | None:  # fmt: skip
        """Adds to the answer's transaction that people are offered or asked for, so that no crash parts them; what makes
        it true after the commit. Where a human answers already, nothing changes. The caller holds the turn.
        """
        if decision.outcome == "bot":
            return None
        conversation, why = received.conversation, _why(decision)
        if decision.outcome == "queue" or conversation.state == State.QUEUED:
            return await self.desk.ask(tx, conversation, why, SYSTEM._replace(cause=received.entry), now)
        offered = self.desk.offer(tx, conversation, why, now, cause=received.entry)
        return None if offered is None else partial(self.desk.book.done, offered)

    async def _distribute(self, decision: Decision) -> None:
        if decision.outcome == "queue":
            await self.desk.distribute(self.clock.now())

    def _told(
        self, received: Received, reply: Message, shown: Message, moved: Callable[[], None] | None
    ) -> None:  # fmt: skip
        """The person reads the answer first."""
        conversation = received.conversation
        memory.remember(conversation, reply)
        self.publish(conversation, shown, reply)
        if moved is not None:
            moved()

    def _require_turn(self, conversation: Conversation) -> None:
        if not self.desk.bot_answers(conversation):
            raise TakenOver

    def decision(self, bot: str) -> str:
        """The word for what was decided, for the log."""
        return "observe" if self.screening.observes(bot) else "allow"

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
            self._earlier(conversation, line, now) for line in lines[max(0, len(lines) - received.bot.config.history) :]
        ]
        return Turn(conversation.id, (*earlier, Utterance("user", received.bot_text)), turn_token=token)

    def _earlier(self, conversation: Conversation, line: Line, now: Instant) -> Utterance:
        """What an agent said is told as a line of the bot's side, so that the bot does not contradict it."""
        if line.role == "agent":
            return Utterance("assistant", AGENT_SAID + self.screening.history(conversation, line.text, now))
        return Utterance(line.role, line.text)

    def _reveal(self, session: Session) -> None:
        now = self.clock.now()
        if not self.sessions.is_live(session, now):
            reason = life.reason_of(session, now)
            raise SessionEnded(reason=reason.value if reason else "revoked")


def _why(decision: Decision) -> Why:
    return Why(Reason(decision.reason), decision.detail, decision.skill, decision.priority)


def _handoff(conversation: Conversation, decision: Decision) -> str:
    """What the person is told of it: as it stands now, since they may have asked before."""
    if decision.outcome == "bot":
        return ""
    if conversation.state in {State.OFFERED, State.QUEUED}:
        return conversation.state
    return State.QUEUED.value if decision.outcome == "queue" else State.OFFERED.value


_GOING: set[asyncio.Task[Answered]] = set()


async def _to_its_end(writing: Coroutine[None, None, Answered]) -> Answered:
    """What is being written is written, and true in memory, though who waits for it goes away."""
    task = asyncio.create_task(writing)
    _GOING.add(task)
    task.add_done_callback(_GOING.discard)
    return await asyncio.shield(task)
