"""The one door to conversations and messages.

``access`` is the only way to hold a conversation; absent and not-yours are the same NotFound. Every read compares the
deadline with ``now``: a message whose time has come is a tombstone at once, whether or not the sweep has been here.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.conversations import memory, store
from chatwarden.conversations.endings import Endings
from chatwarden.conversations.model import (
    NOTES,
    PLACES,
    Conversation,
    Destroyed,
    Message,
    MessageState,
    Sealer,
)
from chatwarden.conversations.rows import Rows
from chatwarden.errors import NotFound
from chatwarden.ids import Randomness, is_id, new_id, pooled
from chatwarden.principal import Principal
from chatwarden.storage.model import Database, Stale, Transaction

_CACHE = 8_192
_REBUILD = 200
_NOTES_MAX = 500
_DERIVED_ID = "cnv_"
NUMBERS_END = 1 << 62


class Conversations:
    """``rows`` reads and writes messages, ``endings`` ends them."""

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
        self._key = key
        self.rows = Rows(sealer, key)
        self.endings = Endings(database, audit, sealer, self.rows)
        self._random = random
        self._cache: OrderedDict[str, Conversation] = OrderedDict()
        self._numbers = 0

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
        conversation = await self.look_up(conversation_id, now)
        if conversation.owner != principal.id:
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

    def set_state(self, tx: Transaction, no: int, new: str, before: Collection[str]) -> None:
        """Writes a new hand-off state into *tx*, for a conversation in a state of *before*; another one stays where it
        is. The caller sets it in memory after the commit.
        """
        store.set_conversation_state(tx, no, before, new)

    async def _load(self, conversation_id: str, now: Instant) -> Conversation | None:
        conversation = await store.by_id(self._database, conversation_id)
        if conversation is None:
            return None
        newest = await store.newest(self._database, conversation.no, _REBUILD)
        for message in await self.rows.opened(conversation, newest, now):
            memory.put_back(conversation, message)
        # Another request may have loaded it meanwhile: one object per conversation.
        return self._cache.get(conversation_id) or self._remember(conversation)

    def _remember(self, conversation: Conversation) -> Conversation:
        self._cache[conversation.id] = conversation
        if len(self._cache) > _CACHE:
            self._cache.popitem(last=False)
        return conversation

    # -- messages

    async def page(
        self, conversation: Conversation, after: str | None, limit: int, now: Instant
    ) -> tuple[list[Message], str | None]:
        """Messages and tombstones after the message *after*, oldest first, and the id to go on from, if any."""
        start = 0
        if after is not None:
            start = self.rows.place(conversation, after)
        listed = await self.since(conversation, start, limit + 1, now)
        more = listed[limit - 1].id if len(listed) > limit else None
        return listed[:limit], more

    async def since(self, conversation: Conversation, seq: int, limit: int, now: Instant) -> list[Message]:
        """Messages and tombstones after a sequence number, oldest first."""
        rows = await store.messages(self._database, conversation.no, seq, limit)
        dead = await store.tombstones(self._database, conversation.no, seq, limit)
        live = await self.rows.opened(conversation, rows, now)
        gone = [self.rows.tombstone(conversation, row) for row in dead]
        # What was destroyed between the two readings is in both: its tombstone is what is left of it.
        found = {message.seq: message for message in live + gone}
        return [found[seq] for seq in sorted(found)][:limit]

    async def destroyed_since(self, conversation: Conversation, mark: int) -> tuple[list[Destroyed], int]:
        """What was destroyed after *mark*, and the new mark."""
        rows = await store.tombstones_since(self._database, conversation.no, mark)
        told = [
            Destroyed(conversation.id, self.rows.id_of(conversation.no, cast("int", row[1])), cast("int", row[4]),
                      cast("str", row[5]))
            for row in rows
        ]  # fmt: skip
        return told, cast("int", rows[-1][0]) if rows else mark

    def reply_id(self, conversation: Conversation, message: Message) -> str | None:
        """The id of the message that *message* answers."""
        return None if message.reply_to is None else self.rows.id_of(conversation.no, message.reply_to)

    async def message(self, conversation: Conversation, message_id: str, now: Instant) -> Message:
        """One message of this conversation, living or held. Raises NotFound."""
        row = await store.message(self._database, conversation.no, self.rows.place(conversation, message_id))
        if row is None:
            raise NotFound
        [message] = await self.rows.opened(conversation, [row], now)
        if message.state is MessageState.DESTROYED:
            raise NotFound
        return message

    async def at(self, conversation: Conversation, places: Iterable[int], now: Instant) -> list[Message]:
        """The messages with these sequence numbers that live or are held."""
        rows = [await store.message(self._database, conversation.no, seq) for seq in places]
        found = await self.rows.opened(conversation, [row for row in rows if row is not None], now)
        return [message for message in found if message.state is not MessageState.DESTROYED]

    async def sent_before(
        self, conversation: Conversation, client_id: str, now: Instant
    ) -> tuple[Message, list[Message]] | None:
        """The message that was sent under this client id, and the answers to it."""
        key = self.rows.client_key(conversation.no, client_id)
        assert key is not None
        row = await store.by_client_key(self._database, conversation.no, key)
        if row is None:
            return None
        answers = await store.replies(self._database, conversation.no, cast("int", row[0]))
        sent, *replies = await self.rows.opened(conversation, [row, *answers], now)
        return sent, replies

    async def either(self, conversation: Conversation, message_id: str, now: Instant) -> Message:
        """One message of this conversation, or what is left of it. Raises NotFound."""
        seq = self.rows.place(conversation, message_id)
        found = await self.since(conversation, seq - 1, 1, now)
        if not found or found[0].seq != seq:
            raise NotFound
        return found[0]

    async def move_on(self, tx: Transaction, conversation: Conversation, message: Message, new: MessageState) -> None:
        """Moves a held message on, within *tx*."""
        store.set_message_state(tx, conversation.no, message, new)

    # -- for staff

    async def listed(
        self, *, bot: str = "", state: str = "", owner: str = "", after: str | None = None, limit: int
    ) -> tuple[list[Conversation], str | None]:
        """Conversations of everybody, newest first, behind the one with the id *after*; and the id to go on from, if any.
        Raises NotFound.
        """
        before = NUMBERS_END if after is None else (await self.find(after)).no
        found = await store.listed(
            self._database, bot=bot, state=state, owner=owner, before=before, limit=limit + 1
        )  # fmt: skip
        shown = [self._cache.get(one.id) or one for one in found[:limit]]
        return shown, shown[-1].id if len(found) > limit else None

    async def message_ids(self, conversation: Conversation) -> list[str]:
        """The id of every message of a conversation that has a row."""
        rows = await store.messages(self._database, conversation.no, 0, 1 << 31, end=PLACES)
        return [self.rows.id_of(conversation.no, cast("int", row[0])) for row in rows]

    async def notes(self, conversation: Conversation, now: Instant) -> list[Message]:
        """The living notes about a conversation, oldest first: for agents."""
        rows = await store.messages(self._database, conversation.no, NOTES - 1, _NOTES_MAX, end=PLACES)
        return [one for one in await self.rows.opened(conversation, rows, now) if one.state is MessageState.LIVE]

    async def newest(self, conversation: Conversation, limit: int, now: Instant) -> list[Message]:
        """The newest messages that have a row, oldest first."""
        rows = await store.newest(self._database, conversation.no, limit)
        return await self.rows.opened(conversation, rows, now)

    async def look_up(self, conversation_id: str, now: Instant) -> Conversation:
        """The one object of a conversation, whosoever it is: for agents. Raises NotFound."""
        found = self._cache.get(conversation_id)
        if found is None and is_id(conversation_id, "cnv"):
            found = await self._load(conversation_id, now)
        if found is None:
            raise NotFound
        return found

    def known(self, conversation_id: str) -> Conversation | None:
        """The same, if it is in memory."""
        return self._cache.get(conversation_id)

    async def numbers_of(self, bot: str) -> set[int]:
        """The number of every conversation with a bot."""
        return await store.numbers_of(self._database, bot)

    async def find_message(self, message_id: str) -> Conversation:
        """The conversation of a message, for staff who erase. Raises NotFound."""
        no = self.rows.number(message_id)
        found = None if no is None else await store.numbered(self._database, no)
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

    async def forget(self, now: Instant, tombstones_before: Instant) -> None:
        """Drops old tombstones, and what memory still derives from messages that are gone."""
        for conversation in self._cache.values():
            memory.expire(conversation, now)
        tx = Transaction()
        store.forget_tombstones(tx, tombstones_before)
        await self._database.commit(tx)
