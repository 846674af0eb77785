"""How messages end: at their deadline, on wish, or because what they were sealed with is lost.

A message that dies before its deadline loses its row, gets its tombstone and its entry in the log, and the place of its
key is marked, all in one transaction; then the key is destroyed, then the mark removed. Whatever happens in between, the
marks are worked off at the next start: nothing that was acknowledged as destroyed has a key. With the mark goes what
the record notes of the key ring (``on_settled``), so that from the receipt on an older copy of the ring is known for one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.conversations import memory, store
from chatwarden.conversations.model import NOTES, Conversation, Destroyed, Receipt, Sealer, Where
from chatwarden.conversations.rows import Rows
from chatwarden.errors import NotFound
from chatwarden.storage.model import Database, Row, Stale, StorageFailed, Transaction

_CHUNK = 200
_Select = Callable[[Database, int, int, int], Awaitable[list[Row]]]
_Look = Callable[[Sequence[Where]], Awaitable[list[bool]]]
_Dead = tuple[int, int, int, int, int]
"""``(conversation, seq, bucket, page, destroyed_at)`` of a row."""


async def _reached() -> str:
    return ""


class Endings:
    """``on_destroyed`` is told after a message is gone; ``on_settled`` adds to what is written after keys were destroyed.
    ``shortfall`` says why strict messages do not reach their erasure level: their receipts say so too.
    """

    def __init__(self, database: Database, audit: AuditLog, sealer: Sealer, rows: Rows) -> None:
        self._database = database
        self._audit = audit
        self._sealer = sealer
        self._rows = rows
        self._owed: list[Callable[[], Awaitable[object]]] = []
        self.on_destroyed: list[Callable[[Destroyed], None]] = []
        self.on_settled: list[Callable[[Transaction], None]] = []
        self.shortfall: Callable[[], Awaitable[str]] = _reached

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
            chunk = {self._rows.place_of_any(conversation, one): one for one in ids[start : start + _CHUNK]}
            places = await store.where(self._database, conversation.no, list(chunk))
            short = await self._short(places.values())
            tx = Transaction()
            done = []
            for seq, where in places.items():
                store.destroy(tx, conversation.no, seq, where[0], now, reason)
                store.mark_ending(tx, where)
                note = short if store.is_strict(where) else ""
                entry = self._audit.append(
                    tx, Event.MESSAGE_DESTROYED, lane=lane, actor=actor, at=now, cause=cause, object=chunk[seq],
                    reason=reason, late=late, note=note,
                )  # fmt: skip
                done.append(Receipt(chunk[seq], now, reason, entry, note, seq >= NOTES))
            try:
                await self._database.commit(tx)
            except StorageFailed as failed:
                self._owed.append(
                    partial(
                        self.destroy_all, conversation, list(chunk.values()), now, reason=reason, actor=actor, lane=lane,
                        cause=cause, late=True,
                    )
                )  # fmt: skip
                gone = [
                    Destroyed(conversation.id, one.message, now, reason, seq >= NOTES)
                    for seq, one in zip(places, done, strict=True)
                ]
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
            for seq, receipt in zip(places, done, strict=True):
                self._tell(Destroyed(conversation.id, receipt.message, now, reason, seq >= NOTES))
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
        for note in self.on_settled:
            note(tx)
        await self._database.commit(tx)

    async def settle_marked(self) -> None:
        """Works off what is marked: what a crash, or a disk that refused, left undone."""
        await self.settle(await store.marked_endings(self._database))

    async def destroy_due(self, now: Instant) -> int:
        """Removes every row whose time has come, in chunks that let messages through in between; returns how many."""
        await self._catch_up()
        total = 0
        while rows := await store.due(self._database, now, _CHUNK):
            await self._bury([cast("_Dead", row) for row in rows], now, "expired")
            total += len(rows)
        return total

    async def lose_what_is_lost(self, now: Instant) -> int:
        """Buries strict messages whose shares the keeper no longer has; returns how many."""
        return await self._lose(now, store.strict, self._sealer.held, lambda _: "holder-lost")

    async def lose_what_has_no_key(self, now: Instant, *, planted: bool) -> int:
        """Buries messages that a backup brought back and whose keys are gone before their time; returns how many. *planted*:
        the ring came with the backup, so that it never had the keys of strict ones.
        """

        def reason(where: Where) -> str:
            return "holder-lost" if planted and store.is_strict(where) else "destroyed-before"

        return await self._lose(now, store.every, self._sealer.keyed, reason)

    async def _lose(self, now: Instant, select: _Select, look: _Look, reason: Callable[[Where], str]) -> int:
        total = after_no = after_seq = 0
        while rows := await select(self._database, after_no, after_seq, _CHUNK):
            places = [cast("Where", row[3:]) for row in rows]
            lost: dict[str, list[_Dead]] = {}
            for row, where, still in zip(rows, places, await look(places), strict=True):
                if not still and cast("int", row[2]) > now:
                    lost.setdefault(reason(where), []).append(cast("_Dead", (*row[:2], *where[:2], now)))
            for why, found in lost.items():
                await self._bury(found, now, why)
                total += len(found)
            after_no, after_seq = cast("tuple[int, int]", rows[-1][:2])
        return total

    async def _bury(self, rows: Sequence[_Dead], now: Instant, reason: str) -> None:
        """Rows out, with tombstones and entries."""
        names: dict[int, str] = {}
        short = await self._short((bucket, page, 0) for _, _, bucket, page, _ in rows)
        tx = Transaction()
        told = []
        for no, seq, bucket, page, at in rows:
            message_id = self._rows.id_of(no, seq)
            store.destroy(tx, no, seq, bucket, at, reason, expect=None)
            self._audit.append(
                tx, Event.MESSAGE_DESTROYED, lane=Lane.SYSTEM, actor="system", at=now, object=message_id, reason=reason,
                note=short if store.is_strict((bucket, page, 0)) else "",
            )  # fmt: skip
            if no not in names:
                found = await store.numbered(self._database, no)
                names[no] = found.id if found else ""
            told.append(Destroyed(names[no], message_id, at, reason, seq >= NOTES))
        await self._database.commit(tx)
        for one in told:
            self._tell(one)

    async def _short(self, places: Iterable[Where]) -> str:
        """What the receipts of the strict ones among *places* have to say."""
        return await self.shortfall() if any(store.is_strict(where) for where in places) else ""

    def _tell(self, destroyed: Destroyed) -> None:
        for told in self.on_destroyed:
            told(destroyed)
