"""A person's message, looked at together with those before it, and brought to the durable record.

What is split over messages is found when its last part comes. The parts that are on record already are then written anew
as what they turned out to be, in the same transaction: masked, and with the earlier end of their class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Duration, Instant
from chatwarden.conversations import memory
from chatwarden.conversations.model import Conversation, Item, Message, MessageState, Source
from chatwarden.conversations.service import Conversations
from chatwarden.conversations.told import refused
from chatwarden.detection.split import mark
from chatwarden.errors import MessageBlocked
from chatwarden.metrics import Metrics
from chatwarden.screening import Screened, Screening
from chatwarden.storage.model import Database, Stale, Transaction


class Publish(Protocol):
    """Tells open screens of a message. *recorded* is how it is on record, where its person's screen shows more of it."""

    def __call__(self, conversation: Conversation, message: Message, recorded: Message | None = None) -> None:
        """After the commit."""
        ...


OnSecrets = Callable[[str, Sequence[str], Instant, str], None]
"""Told after the commit who typed which secrets when, and in which entry of the log the message is."""


class Who(NamedTuple):
    """For the log: in which lane, who, and the word for what was decided."""

    lane: Lane
    actor: str
    decision: str
    session: str = ""


class Taken(NamedTuple):
    """A message on record. ``bot_text`` is what the bot may see of it; ``rewritten``: earlier ones were treated anew."""

    message: Message
    bot_text: str
    entry: str
    rewritten: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """Over the record. ``publish`` tells open screens, after the commit."""

    database: Database
    audit: AuditLog
    screening: Screening
    conversations: Conversations
    metrics: Metrics
    publish: Publish
    on_secrets: list[OnSecrets] = field(default_factory=list)

    async def take(
        self, conversation: Conversation, text: str, client_id: str, who: Who, now: Instant,
        wish: Duration | None = None,
    ) -> Taken:  # fmt: skip
        """Detection, policy, sealed record, audit; it lives no longer than its author's *wish*. Raises MessageBlocked; then
        nothing of the text is kept.
        """
        # One at a time: of two parts that come at once the second must see the first.
        async with conversation.writing:
            try:
                return await self._take(conversation, text, client_id, who, now, wish)
            except Stale:  # an earlier message went away between the look and the commit: look at what is left
                return await self._take(conversation, text, client_id, who, now, wish)

    async def _take(
        self, conversation: Conversation, text: str, client_id: str, who: Who, now: Instant, wish: Duration | None
    ) -> Taken:
        said = mark(text)
        earlier = await self.conversations.at(conversation, self.screening.before(conversation, said, now), now)
        seq = conversation.take_place()
        screened = self.screening.message(conversation, text, seq, now, earlier, wish=wish)
        tx = Transaction()
        if screened.blocked:
            entry = self.audit.append(
                tx, Event.MESSAGE_BLOCKED, lane=who.lane, actor=who.actor, at=now, object=conversation.id,
                decision="deny", reason=" ".join(screened.blocked), session=who.session,
            )  # fmt: skip
            await self._commit(tx, conversation, earlier, screened, now, entry)
            self._secrets(who, screened, now, entry)
            raise MessageBlocked(refused(set(screened.blocked)), classes=[one.value for one in screened.blocked])
        message = await self.conversations.rows.write(
            tx, conversation, source=Source.CLIENT, text=screened.text, items=screened.items, at=now,
            destroy_at=screened.destroy_at, state=MessageState.HELD if screened.hold else MessageState.LIVE,
            client_id=client_id, seq=seq, strict=screened.strict,
        )  # fmt: skip
        entry = self.audit.append(
            tx, Event.MESSAGE_HELD if screened.hold else Event.MESSAGE_RECEIVED, lane=who.lane, actor=who.actor,
            at=now, object=message.id, decision=who.decision, reason=classes_of(screened.items),
            commitment=message.commitment, session=who.session,
        )  # fmt: skip
        await self._commit(tx, conversation, earlier, screened, now, entry)
        self._secrets(who, screened, now, entry)
        memory.said(conversation, message, value=said.value, word=said.word)
        self.metrics.findings(screened.items)
        self.publish(conversation, message)
        return Taken(message, screened.bot_text, entry, bool(screened.earlier))

    def _secrets(self, who: Who, screened: Screened, now: Instant, entry: str) -> None:
        for told in self.on_secrets:
            told(who.actor, screened.secrets, now, entry)

    async def _commit(
        self, tx: Transaction, conversation: Conversation, before: Sequence[Message], screened: Screened, now: Instant,
        cause: str,
    ) -> None:  # fmt: skip
        """With what turned out to be in earlier messages; memory and open screens follow."""
        ends = {message.seq: message.destroy_at for message in before}
        written = []
        for new in screened.earlier:
            found = replace(new, destroy_at=ends[new.seq])
            written.append(
                await self.conversations.rows.shorten(
                    tx, conversation, found, now, destroy_at=new.destroy_at, text=new.text, items=new.items
                )
            )
            self.audit.append(
                tx, Event.MESSAGE_SHORTENED, lane=Lane.SYSTEM, actor="system", at=now, cause=cause, object=new.id,
                reason=classes_of(new.items), commitment=written[-1].commitment,
            )  # fmt: skip
        await self.database.commit(tx)
        await self.conversations.endings.settle(
            [old.where for old in before if old.seq in {new.seq for new in written}]
        )
        for message in written:
            memory.rewrite(conversation, message)
            self.publish(conversation, message)


def classes_of(items: Sequence[Item]) -> str:
    """The classes found, for the log; with what would have been done, where a bot is observed."""
    return " ".join(sorted({f"{i.data_class}:{i.would}" if i.would else i.data_class.value for i in items}))
