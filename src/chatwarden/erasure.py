"""What people and the law want gone, or gone sooner: one message, a conversation, a person's conversations.

Keys die first and at once (``conversations.endings``). What the law wants kept (``keep`` of a bot) is refused and named, to
administrators as to its author. Where a bot has no such rule nothing is opened to be destroyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Duration, Instant, rfc3339
from chatwarden.conversations import memory
from chatwarden.conversations.model import Conversation, Message, MessageState, Receipt
from chatwarden.conversations.service import Conversations
from chatwarden.errors import Conflict, Forbidden
from chatwarden.routing import store as handoffs
from chatwarden.screening import Screening
from chatwarden.storage.model import Database, Stale, Transaction

_PAGE = 500
_TRIES = 3


class By(NamedTuple):
    """Who wants it, why, and the entry of the request that led to it."""

    actor: str
    lane: Lane
    reason: str = "person"
    cause: str = ""


class Kept(NamedTuple):
    """A message that the law wants kept, and until when."""

    message: str
    until: Instant


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of the messages of a conversation."""

    receipts: list[Receipt]
    kept: list[Kept]


@dataclass(frozen=True, slots=True)
class Erasure:
    """Over the record and the rules of bots."""

    database: Database
    audit: AuditLog
    screening: Screening
    conversations: Conversations

    async def request(self, what: str, about: str, now: Instant, *, actor: str) -> str:
        """Notes that administrators were asked to erase; returns the entry, the cause of what follows."""
        tx = Transaction()
        entry = self.audit.append(
            tx, Event.ERASURE_REQUESTED, lane=Lane.STAFF, actor=actor, at=now, object=about, reason=what
        )
        await self.database.commit(tx)
        return entry

    async def details(self, subject: str, now: Instant, by: By) -> None:
        """Destroys what the log's entries only commit to about a person. The entries stay, and so does every proof. The key
        is gone at once, its entry follows.
        """
        if self.audit.details is not None and await self.audit.details.erase(subject):
            tx = Transaction()
            self.audit.append(
                tx, Event.AUDIT_DETAILS_ERASED, lane=by.lane, actor=by.actor, at=now, cause=by.cause, object=subject,
                reason=by.reason, late=True,
            )  # fmt: skip
            await self.database.commit(tx)

    async def message(self, conversation: Conversation, message_id: str, now: Instant, by: By) -> Receipt:
        """Destroys one message now. Raises NotFound, and Forbidden while the law wants it kept; notes of agents are no part of
        what is kept.
        """
        note = self.conversations.rows.is_note(conversation, message_id)
        if self.screening.keeps(conversation.bot) and not note:
            message = await self.conversations.message(conversation, message_id, now)
            self._require_free(conversation, message, now)
        return await self.conversations.endings.destroy(
            conversation, message_id, now, reason=by.reason, actor=by.actor, lane=by.lane, cause=by.cause
        )

    async def everything(self, conversation: Conversation, now: Instant, by: By) -> Erased:
        """Destroys every message of a conversation now, but those that the law wants kept."""
        kept = await self._kept(conversation, now)
        held = {one.message for one in kept}
        free = [one for one in await self.conversations.message_ids(conversation) if one not in held]
        receipts = await self.conversations.endings.destroy_all(
            conversation, free, now, reason=by.reason, actor=by.actor, lane=by.lane, cause=by.cause
        )
        tx = Transaction()
        handoffs.forget_declined(tx, conversation=conversation.no)
        await self.database.commit(tx)
        return Erased(receipts, kept)

    async def shorten(
        self, conversation: Conversation, message_id: str, wish: Duration, now: Instant, by: By
    ) -> Message:
        """Lets a message die after *wish*, at the bucket's edge; sooner than it would have, or as it would have. Raises
        NotFound, and Forbidden where the law wants it kept beyond that.
        """
        end = self.screening.destroy_at(now, max(wish, self.screening.config.retention.bucket))
        for _ in range(_TRIES):
            message = await self.conversations.message(conversation, message_id, now)
            if end >= message.destroy_at:
                return message
            self._require_free(conversation, message, end)
            tx = Transaction()
            shortened = await self.conversations.rows.shorten(tx, conversation, message, now, destroy_at=end)
            self.audit.append(
                tx, Event.MESSAGE_SHORTENED, lane=by.lane, actor=by.actor, at=now, object=message_id, reason=by.reason,
                commitment=shortened.commitment,
            )  # fmt: skip
            try:
                await self.database.commit(tx)
            except Stale:  # released, destroyed or shortened at this very moment: look again
                continue
            memory.rewrite(conversation, shortened)
            await self.conversations.endings.settle([message.where])
            return shortened
        raise Conflict("the message is changing; try again")

    # -- what the law wants kept

    def _require_free(self, conversation: Conversation, message: Message, at: Instant) -> None:
        until = self.screening.kept_until(conversation.bot, message)
        if until > at:
            raise Forbidden("the law wants this message kept", kept_until=rfc3339(until))

    async def _kept(self, conversation: Conversation, now: Instant) -> list[Kept]:
        if not self.screening.keeps(conversation.bot):
            return []
        kept: list[Kept] = []
        seq = 0
        while page := await self.conversations.since(conversation, seq, _PAGE, now):
            seq = page[-1].seq
            for message in page:
                until = self.screening.kept_until(conversation.bot, message)
                if message.state is not MessageState.DESTROYED and until > now:
                    kept.append(Kept(message.id, until))
        return kept
