"""Rows of messages: sealed before storage sees anything, opened while their keys live."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from chatwarden.classes import STRICT, Action
from chatwarden.clock import Instant
from chatwarden.conversations import payload, store
from chatwarden.conversations.model import (
    NOTES,
    PLACES,
    Conversation,
    Item,
    Message,
    MessageState,
    Sealer,
    Source,
    Where,
)
from chatwarden.errors import NotFound
from chatwarden.ids import MessageIds
from chatwarden.storage.model import Row, Transaction


class Rows:
    """Writes and reads rows for the record. *key* (32 bytes) is the home's own."""

    def __init__(self, sealer: Sealer, key: bytes) -> None:
        self._sealer = sealer
        self._key = key
        self._ids = MessageIds(hashlib.sha256(b"message-ids" + key).digest()[:16])

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
        strict: bool = False,
        now: Instant | None = None,
        anonymous: bool = False,
        author: str = "",
    ) -> Message:
        """Seals a message at the next place, or at one that was taken, and adds its row to *tx*. It is strict when asked
        for, or for what is in it. *now* is given where it is not the time of the message;
        *anonymous*: it is not found again by its client id; *author*: by what name an agent is shown.
        """
        if seq is None:
            seq = conversation.take_place()
        aad = payload.associated_data(conversation.no, seq, source, at, destroy_at)
        plain = payload.encode(text, items, client_id, author)
        if strict or any(item.data_class in STRICT and item.action is not Action.REMOVED for item in items):
            lives_for = destroy_at - (at if now is None else now)
            sealed = await self._sealer.seal_strict(destroy_at, aad, plain, lives_for)
        else:
            if not self._sealer.ready(destroy_at):
                await self._sealer.prepare(destroy_at)
            sealed = self._sealer.seal(destroy_at, aad, plain)
        message = Message(
            self.id_of(conversation.no, seq), seq, source, at, destroy_at, state, text, items, client_id, reply_to,
            hashlib.sha256(sealed.blob).hexdigest(), (sealed.bucket, sealed.page, sealed.index), author=author,
        )  # fmt: skip
        key = None if anonymous else self.client_key(conversation.no, client_id)
        store.insert_message(tx, conversation.no, message, sealed, key)
        return message

    async def shorten(
        self,
        tx: Transaction,
        conversation: Conversation,
        message: Message,
        now: Instant,
        *,
        destroy_at: Instant,
        text: str | None = None,
        items: tuple[Item, ...] | None = None,
        strict: bool = False,
    ) -> Message:
        """Writes a live message anew towards an earlier death, with what was found in it since. The key it had is
        marked in *tx* as to be destroyed; ``Endings.settle`` does that after the commit. Nothing lives longer by it.
        """
        store.remove_message(tx, conversation.no, message)
        store.mark_ending(tx, message.where)
        return await self.write(
            tx, conversation, seq=message.seq, source=message.source,
            text=message.text if text is None else text, items=message.items if items is None else items,
            at=message.at, destroy_at=min(destroy_at, message.destroy_at), state=message.state,
            reply_to=message.reply_to, client_id=message.client_id, strict=strict or store.is_strict(message.where),
            now=now, author=message.author,
        )  # fmt: skip

    async def opened(self, conversation: Conversation, rows: Sequence[Row], now: Instant) -> list[Message]:
        """The messages of these rows; one whose time has come, or whose key is gone, is destroyed."""
        found: list[Message] = []
        closed: list[tuple[Where, bytes, bytes]] = []
        for row in rows:
            seq, bucket, page, index, source, at, destroy_at, state, reply_to, blob = row
            message = Message(
                self.id_of(conversation.no, cast("int", seq)), cast("int", seq), Source(cast("str", source)),
                cast("int", at), cast("int", destroy_at), MessageState(cast("str", state)),
                reply_to=cast("int | None", reply_to), where=cast("Where", (bucket, page, index)),
            )  # fmt: skip
            if message.destroy_at > now:
                aad = payload.associated_data(
                    conversation.no, message.seq, message.source, message.at, message.destroy_at
                )
                closed.append((message.where, cast("bytes", blob), aad))
            else:
                message = replace(message, state=MessageState.DESTROYED, ended="expired")
            found.append(message)
        plain = iter(await self._sealer.open(closed)) if closed else iter(())
        return [
            message if message.state is MessageState.DESTROYED else _with(message, next(plain)) for message in found
        ]

    def tombstone(self, conversation: Conversation, row: Row) -> Message:
        """What is left of a destroyed message."""
        _, seq, source, at, destroyed_at, reason = row
        return Message(
            self.id_of(conversation.no, cast("int", seq)), cast("int", seq), Source(cast("str", source)),
            cast("int", at), cast("int", destroyed_at), MessageState.DESTROYED, ended=cast("str", reason),
        )  # fmt: skip

    # -- names

    def id_of(self, no: int, seq: int) -> str:
        """The id of the message at a place."""
        return self._ids.encode(no, seq)

    def number(self, message_id: str) -> int | None:
        """The number of the conversation that a message id belongs to."""
        place = self._ids.decode(message_id)
        return None if place is None or place[0] >= PLACES else place[0]

    def place(self, conversation: Conversation, message_id: str) -> int:
        """The sequence number of a message id of this conversation. Raises NotFound for any other, and for a note."""
        place = self.place_of_any(conversation, message_id)
        if place >= NOTES:
            raise NotFound
        return place

    def is_note(self, conversation: Conversation, message_id: str) -> bool:
        """Whether it is the id of a note. Raises NotFound for one of another conversation."""
        return self.place_of_any(conversation, message_id) >= NOTES

    def place_of_any(self, conversation: Conversation, message_id: str) -> int:
        """The same for a note too: for agents, and for those who erase."""
        place = self._ids.decode(message_id)
        if place is None or place[0] != conversation.no or place[1] >= PLACES:
            raise NotFound
        return place[1]

    def client_key(self, no: int, client_id: str) -> bytes | None:
        """The column by which a repeated client id is found again."""
        return payload.client_key(self._key, no, client_id) if client_id else None


def _with(message: Message, plain: bytes | None) -> Message:
    if plain is None:
        # Its deadline has not come: when and why its key went, the tombstone will say.
        return replace(message, state=MessageState.DESTROYED, reply_to=None)
    text, items, client_id, author = payload.decode(plain)
    return replace(message, text=text, items=items, client_id=client_id, author=author)
