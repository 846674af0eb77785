"""How messages end: at their deadline, on wish, or because what they were sealed with is lost.

A message that dies before its deadline loses its row, gets its tombstone and its entry in the log, and the place of its
key is marked, all in one transaction; then the key is destroyed, then the mark removed. Whatever happens in between, the
marks are worked off at the next start: nothing that was acknowledged as destroyed has a key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.conversations import memory, store
from chatwarden.conversations.model import Conversation, Destroyed, Receipt, Sealer, Where
from chatwarden.conversations.rows import Rows
from chatwarden.errors import NotFound
from chatwarden.storage.model import Database, Stale, StorageFailed, Transaction

_CHUNK = 200


class Endings:
    """``on_destroyed`` is told after a message is gone."""

    def __init__(self, database: Database, audit: AuditLog, sealer: Sealer, rows: Rows) -> None:
        self._database = database
        self._audit = audit
        self._sealer = sealer
        self._rows = rows
        self._owed: list[Callable[[], Awaitable[object]]] = []
        self.on_destroyed: list[Callable[[Destroyed], None]] = []

    async def destroy(
        self, conversation: Conversation, message_id: str, now: Instant, *, reason: str, actor: str, lane: Lane,
        cause: str = "",
    ) -> Receipt:  # fmt: skip
        """Destroys one message now. Raises NotFound when it is not there."""
        receipts = await self.destroy_all(
            conversation, [message_id], now, reason=reason, actor=actor, lane=lane, cause=cause
        )
        if not receipts:
            raise NotFound
        return receipts[0]

    async def destroy_all(
        self, conversation: Conversation, ids: Sequence[str], now: Instant, *, reason: str, actor: str, lane: Lane,
        cause: str = "", late: bool = False,
    ) -> list[Receipt]:  # fmt: skip
        """Destroys these messages of a conversation now: rows out, tombstones in, entries in the log, keys overwritten.
        Those that are not there have no receipt. *cause*: the entry of the request that led to it. Raises StorageFailed when
        that cannot be written: the keys are gone all the same, and the rest follows with the next sweep, marked late.
        """
        receipts: list[Receipt] = []
        failure: StorageFailed | None = None
        for start in range(0, len(ids), _CHUNK):
            chunk = {self._rows.place(conversation, one): one for one in ids[start : start + _CHUNK]}
            places = await store.where(self._database, conversation.no, list(chunk))
            tx = Transaction()
            done = []
            for seq, where in places.items():
                store.destroy(tx, conversation.no, seq, where[0], now, reason)
                store.mark_ending(tx, where)
                entry = self._audit.append(
                    tx, Event.MESSAGE_DESTROYED, lane=lane, actor=actor, at=now, cause=cause, object=chunk[seq],
                    reason=reason, late=late,
                )  # fmt: skip
                done.append(Receipt(chunk[seq], now, reason, entry))
            try:
                await self._database.commit(tx)
            except StorageFailed as failed:
                self._owed.append(
                    partial(
                        self.destroy_all, conversation, list(chunk.values()), now, reason=reason, actor=actor, lane=lane,
                        cause=cause, late=True,
                    )
                )  # fmt: skip
                gone = [Destroyed(conversation.id, one.message, now, reason) for one in done]
                await self._destroy_at_once(conversation, places, gone)
                failure = failed
                continue
            except Stale:  # somebody else ends one of them at this moment: one by one
                if len(chunk) == 1:
                    continue
                for one in chunk.values():
                    receipts += await self.destroy_all(
                        conversation, [one], now, reason=reason, actor=actor, lane=lane, cause=cause, late=late
                    )
                continue
            for seq in places:
                memory.forget(conversation, seq)
            for receipt in done:
                self._tell(Destroyed(conversation.id, receipt.message, now, reason))
            await self.settle(list(places.values()))
            receipts += done
        if failure is not None:
            raise failure
        return receipts

    async def _destroy_at_once(
        self, conversation: Conversation, places: dict[int, Where], gone: Sequence[Destroyed]
    ) -> None:
        """What takes away does not wait for the log (house plan, decision 5)."""
        for seq in places:
            memory.forget(conversation, seq)
        for one in gone:
            self._tell(one)
        with suppress(StorageFailed):  # forgotten in memory all the same, and overwritten with the next sweep
            await self._sealer.destroy(list(places.values()))

    async def _catch_up(self) -> None:
        """Writes what was destroyed while nothing could be written. Raises StorageFailed: then it is tried again."""
        owed, self._owed = self._owed, []
        while owed:
            again = owed.pop(0)
            try:
                await again()
            except StorageFailed:
                self._owed += owed  # it put itself back
                raise

    async def settle(self, places: Sequence[Where]) -> None:
        """Destroys the keys at places that were marked, and removes the marks. Raises StorageFailed: they stay marked."""
        if not places:
            return
        await self._sealer.destroy(places)
        tx = Transaction()
        for where in places:
            store.unmark_ending(tx, where)
        await self._database.commit(tx)

    async def settle_marked(self) -> None:
        """Works off what is marked: what a crash, or a disk that refused, left undone."""
        await self.settle(await store.marked_endings(self._database))

    async def destroy_due(self, now: Instant) -> int:
        """Removes every row whose time has come, in chunks that let messages through in between; returns how many."""
        await self._catch_up()
        total = 0
        while rows := await store.due(self._database, now, _CHUNK):
            await self._bury([cast("tuple[int, int, int, int]", row) for row in rows], now, "expired")
            total += len(rows)
        return total

    async def lose_what_is_lost(self, now: Instant) -> int:
        """Buries strict messages whose shares the keeper no longer has; returns how many."""
        total = after_no = after_seq = 0
        while rows := await store.strict(self._database, after_no, after_seq, _CHUNK):
            places = [cast("Where", row[3:]) for row in rows]
            held = await self._sealer.held(places)
            lost = [
                cast("tuple[int, int, int, int]", (*row[:2], where[0], now))
                for row, where, still in zip(rows, places, held, strict=True)
                if not still and cast("int", row[2]) > now
            ]
            if lost:
                await self._bury(lost, now, "holder-lost")
            total += len(lost)
            after_no, after_seq = cast("tuple[int, int]", rows[-1][:2])
        return total

    async def _bury(self, rows: Sequence[tuple[int, int, int, int]], now: Instant, reason: str) -> None:
        """Rows of ``(conversation, seq, bucket, destroyed_at)``: out, with tombstones and entries."""
        names: dict[int, str] = {}
        tx = Transaction()
        told = []
        for no, seq, bucket, at in rows:
            message_id = self._rows.id_of(no, seq)
            store.destroy(tx, no, seq, bucket, at, reason, expect=None)
            self._audit.append(
                tx, Event.MESSAGE_DESTROYED, lane=Lane.SYSTEM, actor="system", at=now, object=message_id, reason=reason
            )
            if no not in names:
                found = await store.numbered(self._database, no)
                names[no] = found.id if found else ""
            told.append(Destroyed(names[no], message_id, at, reason))
        await self._database.commit(tx)
        for one in told:
            self._tell(one)

    def _tell(self, destroyed: Destroyed) -> None:
        for told in self.on_destroyed:
            told(destroyed)
