"""The one door to conversations and messages.

``access`` is the only way to hold a conversation; absent and not-yours are the same NotFound. Every read compares the
deadline with ``now``: a message whose time has come is a tombstone at once, whether or not the sweep has been here.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.conversations import memory, payload, store
from chatwarden.conversations.model import (
    Conversation,
    Destroyed,
    Item,
    Message,
    MessageState,
    Receipt,
    Sealer,
    Source,
)
from chatwarden.errors import NotFound
from chatwarden.ids import MessageIds, Randomness, is_id, new_id, pooled
from chatwarden.principal import Principal
from chatwarden.storage.model import Database, Row, Stale, Transaction

_CACHE = 8_192
_REBUILD = 200
_CHUNK = 200
_DERIVED_ID = "cnv_"


class Conversations:
    """``on_destroyed`` is told after a message is gone."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        sealer: Sealer,
        *,
        key: bytes,
        random: Randomness = pooled,
    ) -> None:
        self._database = database
        self._audit = audit
        self._sealer = sealer
        self._key = key
        self._ids = MessageIds(hashlib.sha256(b"message-ids" + key).digest()[:16])
        self._random = random
        self._cache: OrderedDict[str, Conversation] = OrderedDict()
        self._numbers = 0
        self.on_destroyed: list[Callable[[Destroyed], None]] = []

    async def load(self) -> None:
        """Reads where numbering stands. Call once before use."""
        self._numbers = await store.last_number(self._database)

    # -- conversations

    async def open(self, owner: Principal, bot: str, now: Instant, *, lane: Lane, derived: str = "") -> Conversation:
        """A new conversation. With *derived* the id follows from that text, and an existing one is returned."""
        conversation_id = self._derive(derived) if derived else new_id("cnv", self._random)
        if derived:
            known = self._cache.get(conversation_id) or await self._load(conversation_id, now)
            if known is not None and known.owner == owner.id:
                return known
            if known is not None:  # moved to a person at login: this session begins another
                conversation_id = new_id("cnv", self._random)
        self._numbers += 1
        conversation = Conversation(self._numbers, conversation_id, bot, owner.id, owner.id, "bot", now)
        tx = Transaction()
        store.insert_conversation(tx, conversation)
        self._audit.append(
            tx, Event.CONVERSATION_OPENED, lane=lane, actor=owner.id, at=now, object=conversation.id, reason=bot
        )
        try:
            await self._database.commit(tx)
        except Stale:
            if not derived:
                raise
            # Two first requests at once: the other one made it.
            return await self.access(owner, conversation_id, now)
        self._remember(conversation)
        return conversation

    def derived(self, owner: Principal, text: str) -> Conversation | None:
        """The cached conversation whose id follows from *text*, if *owner* owns it."""
        known = self._cache.get(self._derive(text))
        return known if known is not None and known.owner == owner.id else None

    def _derive(self, text: str) -> str:
        return _DERIVED_ID + hashlib.blake2b(text.encode(), digest_size=16, key=self._key[:32]).hexdigest()

    async def access(self, principal: Principal, conversation_id: str, now: Instant) -> Conversation:
        """The conversation, if it is *principal*'s own. Raises NotFound."""
        conversation = self._cache.get(conversation_id)
        if conversation is None:
            if not is_id(conversation_id, "cnv"):
                raise NotFound
            conversation = await self._load(conversation_id, now)
        if conversation is None or conversation.owner != principal.id:
            raise NotFound
        return conversation

    async def owned(self, principal: Principal, limit: int) -> list[Conversation]:
        """One's own, newest first."""
        return await store.owned(self._database, principal.id, limit)

    async def move(self, old: Principal, new: Principal, now: Instant) -> None:
        """A visitor has said who they are: the conversations become the person's."""
        tx = Transaction()
        store.move(tx, old.id, new.id)
        self._audit.append(
            tx, Event.CONVERSATION_MOVED, lane=Lane.CLIENT, actor=new.id, at=now, object=old.id, reason="login"
        )
        await self._database.commit(tx)
        for conversation in self._cache.values():
            if conversation.owner == old.id:
                conversation.owner = conversation.subject = new.id

    def set_state(self, tx: Transaction, conversation: Conversation, new: str, before: Collection[str]) -> None:
        """Writes a new hand-off state into *tx*, for a conversation in a state of *before*; another one stays where it
        is. The caller sets it in memory after the commit.
        """
        store.set_conversation_state(tx, conversation.no, before, new)

    async def _load(self, conversation_id: str, now: Instant) -> Conversation | None:
        conversation = await store.by_id(self._database, conversation_id)
        if conversation is None:
            return None
        for row in await store.newest(self._database, conversation.no, _REBUILD):
            memory.put_back(conversation, self._message(conversation, row, now))
        # Another request may have loaded it meanwhile: one object per conversation.
        return self._cache.get(conversation_id) or self._remember(conversation)

    def _remember(self, conversation: Conversation) -> Conversation:
        self._cache[conversation.id] = conversation
        if len(self._cache) > _CACHE:
            self._cache.popitem(last=False)
        return conversation

    # -- messages

    async def write(
        self,
        tx: Transaction,
        conversation: Conversation,
        *,
        source: Source,
        text: str,
        items: tuple[Item, ...],
        at: Instant,
        destroy_at: Instant,
        state: MessageState = MessageState.LIVE,
        reply_to: int | None = None,
        client_id: str = "",
        seq: int | None = None,
    ) -> Message:
        """Seals a message and adds its row to *tx*. Storage sees ciphertext only."""
        if seq is None:
            seq = self.next_seq(conversation)
        if not self._sealer.ready(destroy_at):
            await self._sealer.prepare(destroy_at)
        aad = payload.associated_data(conversation.no, seq, source, at, destroy_at)
        sealed = self._sealer.seal(destroy_at, aad, payload.encode(text, items, client_id))
        message = Message(
            self._ids.encode(conversation.no, seq), seq, source, at, destroy_at, state, text, items, client_id,
            reply_to, hashlib.sha256(sealed.blob).hexdigest(), sealed.bucket,
        )  # fmt: skip
        key = payload.client_key(self._key, conversation.no, client_id) if client_id else None
        store.insert_message(tx, conversation.no, message, sealed, key)
        return message

    def next_seq(self, conversation: Conversation) -> int:
        """Takes the next place in a conversation. A place that is not used stays empty."""
        seq = conversation.next_seq
        conversation.next_seq += 1
        return seq

    async def page(
        self, conversation: Conversation, after: str | None, limit: int, now: Instant
    ) -> tuple[list[Message], str | None]:
        """Messages and tombstones after the message *after*, oldest first, and the id to go on from, if any."""
        start = 0
        if after is not None:
            start = self.place(conversation, after)
        listed = await self.since(conversation, start, limit + 1, now)
        more = listed[limit - 1].id if len(listed) > limit else None
        return listed[:limit], more

    async def since(self, conversation: Conversation, seq: int, limit: int, now: Instant) -> list[Message]:
        """Messages and tombstones after a sequence number, oldest first."""
        rows = await store.messages(self._database, conversation.no, seq, limit)
        dead = await store.tombstones(self._database, conversation.no, seq, limit)
        live = [self._message(conversation, row, now) for row in rows]
        gone = [self._tombstone(conversation, row) for row in dead]
        return sorted(live + gone, key=lambda message: message.seq)[:limit]

    async def destroyed_since(self, conversation: Conversation, mark: int) -> tuple[list[Destroyed], int]:
        """What was destroyed after *mark*, and the new mark."""
        rows = await store.tombstones_since(self._database, conversation.no, mark)
        told = [
            Destroyed(conversation.id, self._ids.encode(conversation.no, cast("int", row[1])), cast("int", row[4]),
                      cast("str", row[5]))
            for row in rows
        ]  # fmt: skip
        return told, cast("int", rows[-1][0]) if rows else mark

    def reply_id(self, conversation: Conversation, message: Message) -> str | None:
        """The id of the message that *message* answers."""
        return None if message.reply_to is None else self._ids.encode(conversation.no, message.reply_to)

    async def message(self, conversation: Conversation, message_id: str, now: Instant) -> Message:
        """One message of this conversation, living or held. Raises NotFound."""
        row = await store.message(self._database, conversation.no, self.place(conversation, message_id))
        if row is None:
            raise NotFound
        message = self._message(conversation, row, now)
        if message.state is MessageState.DESTROYED:
            raise NotFound
        return message

    async def at(self, conversation: Conversation, places: Iterable[int], now: Instant) -> list[Message]:
        """The messages with these sequence numbers that live or are held."""
        rows = [await store.message(self._database, conversation.no, seq) for seq in places]
        found = [self._message(conversation, row, now) for row in rows if row is not None]
        return [message for message in found if message.state is not MessageState.DESTROYED]

    async def sent_before(
        self, conversation: Conversation, client_id: str, now: Instant
    ) -> tuple[Message, list[Message]] | None:
        """The message that was sent under this client id, and the answers to it."""
        key = payload.client_key(self._key, conversation.no, client_id)
        assert key is not None
        row = await store.by_client_key(self._database, conversation.no, key)
        if row is None:
            return None
        answers = await store.replies(self._database, conversation.no, cast("int", row[0]))
        return self._message(conversation, row, now), [self._message(conversation, r, now) for r in answers]

    async def shorten(
        self, tx: Transaction, conversation: Conversation, message: Message, *, destroy_at: Instant,
        items: tuple[Item, ...],
    ) -> Message:  # fmt: skip
        """Seals *message* anew, with these items and an earlier end, and adds the change of its row to *tx*."""
        if not self._sealer.ready(destroy_at):
            await self._sealer.prepare(destroy_at)
        aad = payload.associated_data(conversation.no, message.seq, message.source, message.at, destroy_at)
        sealed = self._sealer.seal(destroy_at, aad, payload.encode(message.text, items, message.client_id))
        store.reseal(tx, conversation.no, message, sealed, destroy_at)
        return replace(
            message, items=items, destroy_at=destroy_at, bucket=sealed.bucket,
            commitment=hashlib.sha256(sealed.blob).hexdigest(),
        )  # fmt: skip

    async def move_on(self, tx: Transaction, conversation: Conversation, message: Message, new: MessageState) -> None:
        """Moves a held message on, within *tx*."""
        store.set_message_state(tx, conversation.no, message, new)

    def place(self, conversation: Conversation, message_id: str) -> int:
        """The sequence number of a message id of this conversation. Raises NotFound for any other."""
        place = self._ids.decode(message_id)
        if place is None or place[0] != conversation.no or place[1] >= 1 << 62:
            raise NotFound
        return place[1]

    def _message(self, conversation: Conversation, row: Row, now: Instant) -> Message:
        seq, bucket, page, index, source, at, destroy_at, state, reply_to, blob = row
        seq, bucket, at, destroy_at = cast("tuple[int, int, int, int]", (seq, bucket, at, destroy_at))
        source = Source(cast("str", source))
        message_id = self._ids.encode(conversation.no, seq)
        plain = None
        if destroy_at > now:
            aad = payload.associated_data(conversation.no, seq, source, at, destroy_at)
            plain = self._sealer.unseal(bucket, cast("int", page), cast("int", index), cast("bytes", blob), aad)
        if plain is None:
            return Message(message_id, seq, source, at, destroy_at, MessageState.DESTROYED)
        text, items, client_id = payload.decode(plain)
        return Message(
            message_id, seq, source, at, destroy_at, MessageState(cast("str", state)), text, items, client_id,
            cast("int | None", reply_to), bucket=bucket,
        )  # fmt: skip

    def _tombstone(self, conversation: Conversation, row: Row) -> Message:
        _, seq, source, at, destroyed_at, _ = row
        seq = cast("int", seq)
        return Message(
            self._ids.encode(conversation.no, seq), seq, Source(cast("str", source)), cast("int", at),
            cast("int", destroyed_at), MessageState.DESTROYED,
        )  # fmt: skip

    # -- destruction

    async def destroy(
        self, conversation: Conversation, message_id: str, now: Instant, *, reason: str, actor: str, lane: Lane
    ) -> Receipt:
        """Destroys one message now: row out, tombstone in, entry in the log. Raises NotFound when it is not there."""
        row = await store.message(self._database, conversation.no, self.place(conversation, message_id))
        if row is None:
            raise NotFound
        seq, bucket = cast("tuple[int, int]", row[:2])
        tx = Transaction()
        store.destroy(tx, conversation.no, seq, bucket, now, reason)
        entry = self._audit.append(
            tx, Event.MESSAGE_DESTROYED, lane=lane, actor=actor, at=now, object=message_id, reason=reason
        )
        try:
            await self._database.commit(tx)
        except Stale:
            raise NotFound from None
        memory.forget(conversation, seq)
        self._tell(Destroyed(conversation.id, message_id, now, reason))
        return Receipt(message_id, now, reason, entry)

    async def message_ids(self, conversation: Conversation) -> list[str]:
        """The id of every message of a conversation that has a row."""
        rows = await store.messages(self._database, conversation.no, 0, 1 << 31)
        return [self._ids.encode(conversation.no, cast("int", row[0])) for row in rows]

    def number(self, message_id: str) -> int | None:
        """The number of the conversation that a message id belongs to."""
        place = self._ids.decode(message_id)
        return None if place is None else place[0]

    async def numbers_of(self, bot: str) -> set[int]:
        """The number of every conversation with a bot."""
        return await store.numbers_of(self._database, bot)

    async def find_message(self, message_id: str) -> Conversation:
        """The conversation of a message, for staff who erase. Raises NotFound."""
        place = self._ids.decode(message_id)
        found = None if place is None or place[0] >= 1 << 62 else await store.numbered(self._database, place[0])
        if found is None:
            raise NotFound
        return self._cache.get(found.id) or found

    async def find(self, conversation_id: str) -> Conversation:
        """A conversation by id, for staff who erase. Raises NotFound."""
        found = self._cache.get(conversation_id) or await store.by_id(self._database, conversation_id)
        if found is None:
            raise NotFound
        return found

    async def about(self, subject: str) -> list[Conversation]:
        """Every conversation about one subject, for an erasure."""
        return [self._cache.get(found.id) or found for found in await store.about(self._database, subject)]

    async def destroy_due(self, now: Instant) -> int:
        """Removes every row whose time has come, in chunks that let messages through in between; returns how many."""
        names: dict[int, str] = {}
        total = 0
        while rows := await store.due(self._database, now, _CHUNK):
            tx = Transaction()
            told = []
            for row in rows:
                no, seq, bucket, at = cast("tuple[int, int, int, int]", row)
                message_id = self._ids.encode(no, seq)
                store.destroy(tx, no, seq, bucket, at, "expired", expect=None)
                self._audit.append(
                    tx, Event.MESSAGE_DESTROYED, lane=Lane.SYSTEM, actor="system", at=now, object=message_id,
                    reason="expired",
                )  # fmt: skip
                if no not in names:
                    found = await store.numbered(self._database, no)
                    names[no] = found.id if found else ""
                told.append(Destroyed(names[no], message_id, at, "expired"))
            await self._database.commit(tx)
            total += len(rows)
            for one in told:
                self._tell(one)
        return total

    async def forget(self, now: Instant, tombstones_before: Instant) -> None:
        """Drops old tombstones, and what memory still derives from messages that are gone."""
        for conversation in self._cache.values():
            memory.expire(conversation, now)
        tx = Transaction()
        store.forget_tombstones(tx, tombstones_before)
        await self._database.commit(tx)

    def _tell(self, destroyed: Destroyed) -> None:
        for told in self.on_destroyed:
            told(destroyed)
