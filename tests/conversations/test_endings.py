"""How messages end, on each engine, with a real key ring and a real keeper."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from tests.conversations.conftest import made
from tests.conversations.test_service import ANNA, LANE, begun, said
from tests.world.disk import no_file_longer_than
from tests.world.keepers import end_keeper

from chatwarden.audit.service import AuditLog
from chatwarden.classes import Action, DataClass
from chatwarden.clock import ManualClock
from chatwarden.conversations import store
from chatwarden.conversations.model import Conversation, Destroyed, Item, Message, MessageState
from chatwarden.conversations.service import Conversations
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.errors import NotFound
from chatwarden.storage.model import Database, Stale, StorageFailed, Transaction

CARD = "card 4111 1111 1111 1111"
ITEMS = (Item(DataClass.PAYMENT_CARD, 5, len(CARD), Action.MASKED, "[payment-card-1]", "4111 11•• •••• 1111"),)


async def texts(conversations: Conversations, talk: Conversation, clock: ManualClock) -> list[str]:
    found = await conversations.since(talk, 0, 1000, clock.now())
    return [message.text for message in found if message.state is MessageState.LIVE]


async def destroy(conversations: Conversations, talk: Conversation, message: Message, clock: ManualClock) -> None:
    await conversations.endings.destroy(talk, message.id, clock.now(), reason="person", actor=ANNA.id, lane=LANE)


def keys(ring: KeyRing) -> set[bytes]:
    return {one.key for one in ring.export()}


async def test_one_that_is_destroyed_takes_its_key_with_it_and_no_other(
    database: Database, ring: KeyRing, conversations: Conversations, clock: ManualClock, tmp_path: Path
) -> None:
    talk = await begun(conversations, clock)
    three = [await said(database, conversations, talk, clock, text) for text in ("one", "two", "three")]
    [page] = keys(ring)
    await destroy(conversations, talk, three[1], clock)
    assert await texts(conversations, talk, clock) == ["one", "three"]
    assert page not in (tmp_path / "keys" / "ring").read_bytes()
    assert len(keys(ring)) == 2
    assert await store.marked_endings(database) == []
    with pytest.raises(NotFound):
        await destroy(conversations, talk, three[1], clock)


async def test_many_are_destroyed_at_once_and_those_that_are_not_there_have_no_receipt(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    ids = [(await said(database, conversations, talk, clock, str(n))).id for n in range(450)]
    receipts = await conversations.endings.destroy_all(
        talk, [*ids[:430], ids[0]], clock.now(), reason="erasure", actor="admin", lane=LANE
    )
    assert [one.message for one in receipts] == ids[:430]
    assert len(await texts(conversations, talk, clock)) == 20
    again = await conversations.endings.destroy_all(talk, ids, clock.now(), reason="erasure", actor="admin", lane=LANE)
    assert [one.message for one in again] == ids[430:]


async def test_a_crash_between_row_and_key_is_made_good_at_the_next_start(
    database: Database, ring: KeyRing, shares: Holder, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    first, second = [await said(database, conversations, talk, clock, text) for text in ("one", "two")]
    [page] = keys(ring)
    with no_file_longer_than(0), pytest.raises((StorageFailed, Stale)):
        # The ring's file cannot be written; neither can SQLite's, and then nothing happened at all.
        await destroy(conversations, talk, first, clock)
    if await store.marked_endings(database):
        again = await made(database, ring, shares)
        await again.endings.settle_marked()
        assert await store.marked_endings(database) == []
        assert page not in keys(ring)
        assert await texts(again, await again.access(ANNA, talk.id, clock.now()), clock) == ["two"]
    else:
        assert await texts(conversations, talk, clock) == ["two"]
        await conversations.endings.destroy_due(clock.now())
        assert page not in keys(ring)
        assert await store.marked_endings(database) == []
        assert second.text == "two"


async def test_a_mark_that_was_left_is_worked_off(
    database: Database, ring: KeyRing, shares: Holder, conversations: Conversations, clock: ManualClock
) -> None:
    """What a process leaves that dies right after the commit."""
    talk = await begun(conversations, clock)
    first, _ = [await said(database, conversations, talk, clock, text) for text in ("one", "two")]
    tx = Transaction()
    store.destroy(tx, talk.no, first.seq, first.where[0], clock.now(), "person")
    store.mark_ending(tx, first.where)
    await database.commit(tx)
    [page] = keys(ring)
    again = await made(database, ring, shares)
    await again.endings.settle_marked()
    assert page not in keys(ring)
    assert await store.marked_endings(database) == []
    await again.endings.settle_marked()  # nothing left to do


async def test_a_strict_message_lies_on_a_strict_page_and_opens_with_the_keepers_share(
    database: Database, ring: KeyRing, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    message = await said(database, conversations, talk, clock, CARD, items=ITEMS)
    assert store.is_strict(message.where)
    assert keys(ring) == set()  # none that a backup could take
    assert await texts(conversations, talk, clock) == [CARD]


async def test_when_the_keeper_dies_strict_messages_are_lost_and_all_others_stay(
    database: Database, conversations: Conversations, clock: ManualClock, tmp_path: Path
) -> None:
    told: list[Destroyed] = []
    conversations.endings.on_destroyed.append(told.append)
    talk = await begun(conversations, clock)
    strict = await said(database, conversations, talk, clock, CARD, items=ITEMS)
    await said(database, conversations, talk, clock, "hello")
    assert await conversations.endings.lose_what_is_lost(clock.now()) == 0
    end_keeper(tmp_path, signal.SIGKILL)
    assert await texts(conversations, talk, clock) == ["hello"]
    assert await conversations.endings.lose_what_is_lost(clock.now()) == 1
    assert [(one.message, one.reason) for one in told] == [(strict.id, "holder-lost")]
    log = [(e.object, e.reason) async for _, e in AuditLog(database).read() if e.event == "message:destroyed"]
    assert log == [(strict.id, "holder-lost")]
    assert await conversations.endings.lose_what_is_lost(clock.now()) == 0


async def test_a_strict_message_is_destroyed_now_too(
    database: Database, shares: Holder, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    one, two = [await said(database, conversations, talk, clock, CARD, items=ITEMS) for _ in range(2)]
    await destroy(conversations, talk, one, clock)
    assert await texts(conversations, talk, clock) == [CARD]
    assert len(await shares.fetch([name_of(one), name_of(two)])) == 1


def name_of(message: Message) -> bytes:
    bucket, page, index = message.where
    return bucket.to_bytes(8, "big") + page.to_bytes(8, "big") + index.to_bytes(4, "big")
