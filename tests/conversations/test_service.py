"""The one door to conversations: whose they are, what is in them, how they end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.conversations.conftest import made

from chatwarden.audit.model import Lane
from chatwarden.audit.service import AuditLog
from chatwarden.classes import Action, DataClass
from chatwarden.clock import HOUR, MINUTE, ManualClock
from chatwarden.conversations import store
from chatwarden.conversations.model import Conversation, Destroyed, Item, Message, MessageState, Source
from chatwarden.conversations.service import Conversations
from chatwarden.crypto import Tampered
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.errors import NotFound
from chatwarden.principal import Kind, Principal, Role
from chatwarden.storage.model import Database, Row, Stale, StorageFailed, Transaction

ANNA = Principal("usr_" + "a" * 32, Kind.PERSON, "anna", (Role.CUSTOMER,))
BERT = Principal("usr_" + "b" * 32, Kind.PERSON, "bert", (Role.CUSTOMER,))
LANE = Lane.CLIENT


async def begun(conversations: Conversations, clock: ManualClock, who: Principal = ANNA) -> Conversation:
    return await conversations.open(who, "helpdesk", clock.now(), lane=LANE)


async def said(
    database: Database, conversations: Conversations, talk: Conversation, clock: ManualClock, text: str = "hello",
    life: int = 15 * MINUTE, **more: object,
) -> Message:  # fmt: skip
    tx = Transaction()
    message = await conversations.rows.write(
        tx, talk, source=Source.CLIENT, text=text, items=more.pop("items", ()), at=clock.now(),  # type: ignore[arg-type]
        destroy_at=(clock.now() + life) // MINUTE * MINUTE, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    await database.commit(tx)
    return message


@pytest.mark.asvs("8.2.2")
async def test_somebody_elses_and_absent_are_the_same(conversations: Conversations, clock: ManualClock) -> None:
    talk = await begun(conversations, clock)
    assert await conversations.access(ANNA, talk.id, clock.now()) is talk
    for wrong in (talk.id, "cnv_" + "0" * 32, "nonsense", talk.id.upper(), "msg_" + "0" * 32):
        with pytest.raises(NotFound):
            await conversations.access(BERT, wrong, clock.now())


async def test_what_was_written_is_read_in_order_after_a_restart(
    database: Database, ring: KeyRing, shares: Holder, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    items = (Item(DataClass.EMAIL, 0, 5, Action.PLACEHOLDER, "[email-1]"),)
    observed = (Item(DataClass.EMAIL, 0, 5, Action.ALLOWED, would=Action.PLACEHOLDER),)
    first = await said(database, conversations, talk, clock, "a@b.c", items=items, client_id="one")
    # Messages of one conversation die in hours far apart: they lie in different partitions and are one list all the same.
    for number in range(4):
        await said(database, conversations, talk, clock, f"line {number}", life=(1 + 50 * number) * HOUR)
    await said(database, conversations, talk, clock, "d@e.f", items=observed)
    after = await made(database, ring, shares)
    again = await after.access(ANNA, talk.id, clock.now())
    assert again.next_seq == 7
    listed, following = await after.page(again, None, 4, clock.now())
    rest, end = await after.page(again, following, 4, clock.now())
    assert [m.text for m in (*listed, *rest)] == ["a@b.c", "line 0", "line 1", "line 2", "line 3", "d@e.f"]
    assert end is None
    assert (listed[0].id, listed[0].items, listed[0].client_id) == (first.id, items, "one")
    assert rest[-1].items == observed
    assert again.tokens.name(DataClass.EMAIL, "a@b.c", seq=9, dies_at=first.destroy_at, now=clock.now()) == "[email-1]"


async def test_a_message_past_its_deadline_is_a_tombstone_before_any_sweep(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    message = await said(database, conversations, talk, clock)
    clock.advance(message.destroy_at - clock.now())
    (shown,) = await conversations.since(talk, 0, 10, clock.now())
    assert (shown.state, shown.text) == (MessageState.DESTROYED, "")
    with pytest.raises(NotFound):
        await conversations.message(talk, message.id, clock.now())


async def test_the_sweep_leaves_tombstones_and_entries_and_tells_once(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    told: list[Destroyed] = []
    conversations.endings.on_destroyed.append(told.append)
    talk = await begun(conversations, clock)
    short = await said(database, conversations, talk, clock, "short", life=2 * MINUTE)
    long = await said(database, conversations, talk, clock, "long", life=5 * HOUR)
    clock.advance(3 * MINUTE)
    assert await conversations.endings.destroy_due(clock.now()) == 1
    assert await conversations.endings.destroy_due(clock.now()) == 0
    assert [(one.message, one.at, one.reason) for one in told] == [(short.id, short.destroy_at, "expired")]
    states = {m.id: m.state for m in await conversations.since(talk, 0, 10, clock.now())}
    assert states == {short.id: MessageState.DESTROYED, long.id: MessageState.LIVE}
    log = [e.object async for _, e in AuditLog(database).read() if e.event == "message:destroyed"]
    assert log == [short.id]
    await conversations.forget(clock.now(), clock.now() + 1)
    assert [m.id for m in await conversations.since(talk, 0, 10, clock.now())] == [long.id]
    assert (await made_again(database, conversations)).next_seq == 3


async def test_what_is_destroyed_while_it_is_read_is_shown_once(
    database: Database, conversations: Conversations, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await begun(conversations, clock)
    short = await said(database, conversations, talk, clock, "short", life=2 * MINUTE)
    long = await said(database, conversations, talk, clock, "long", life=5 * HOUR)
    read = store.messages

    async def read_before_the_sweep(*args: Any) -> list[Row]:
        rows = await read(*args)
        clock.advance(3 * MINUTE)
        assert await conversations.endings.destroy_due(clock.now()) == 1
        return rows

    monkeypatch.setattr(store, "messages", read_before_the_sweep)
    shown = await conversations.since(talk, 0, 10, clock.now())
    assert [(one.id, one.state) for one in shown] == [
        (short.id, MessageState.DESTROYED),
        (long.id, MessageState.LIVE),
    ]


async def made_again(database: Database, conversations: Conversations) -> Conversation:
    """The conversation as somebody without memory reads it."""
    return await Conversations(
        database, AuditLog(database), conversations.endings._sealer, key=b"k" * 32
    ).access(ANNA, next(iter(conversations._cache)), 0)  # fmt: skip


async def test_destroy_now_is_for_one_message_of_this_conversation_and_once(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk, other = await begun(conversations, clock), await begun(conversations, clock, BERT)
    message = await said(database, conversations, talk, clock)
    for where, what in ((other, message.id), (talk, "msg_" + "1" * 32), (talk, "nonsense")):
        with pytest.raises(NotFound):
            await conversations.endings.destroy(where, what, clock.now(), reason="person", actor=ANNA.id, lane=LANE)
    receipt = await conversations.endings.destroy(
        talk, message.id, clock.now(), reason="person", actor=ANNA.id, lane=LANE
    )
    entries = [e async for _, e in AuditLog(database).read() if e.id == receipt.entry]
    assert [(e.object, e.actor, e.reason) for e in entries] == [(message.id, ANNA.id, "person")]
    with pytest.raises(NotFound):
        await conversations.endings.destroy(talk, message.id, clock.now(), reason="person", actor=ANNA.id, lane=LANE)
    gone, mark = await conversations.destroyed_since(talk, 0)
    assert [one.message for one in gone] == [message.id]
    assert await conversations.destroyed_since(talk, mark) == ([], mark)


async def test_the_same_client_id_finds_the_message_and_its_answers(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk, other = await begun(conversations, clock), await begun(conversations, clock, BERT)
    first = await said(database, conversations, talk, clock, client_id="one")
    reply = await said(database, conversations, talk, clock, "yes", life=30 * HOUR, reply_to=first.seq)
    before = await conversations.sent_before(talk, "one", clock.now())
    assert before is not None
    assert (before[0].id, [r.id for r in before[1]]) == (first.id, [reply.id])
    assert conversations.reply_id(talk, before[1][0]) == first.id
    assert await conversations.sent_before(talk, "two", clock.now()) is None
    assert await conversations.sent_before(other, "one", clock.now()) is None
    with pytest.raises(Stale):
        await said(database, conversations, talk, clock, client_id="one")


async def test_a_held_message_moves_on_once(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    held = await said(database, conversations, talk, clock, state=MessageState.HELD)
    for expected in (None, Stale):
        tx = Transaction()
        await conversations.move_on(tx, talk, held, MessageState.LIVE)
        if expected is None:
            await database.commit(tx)
        else:
            with pytest.raises(expected):
                await database.commit(tx)
    assert (await conversations.message(talk, held.id, clock.now())).state is MessageState.LIVE


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE messages SET seq = 7",
        "UPDATE messages SET conversation = 2",
        "UPDATE messages SET destroy_at = destroy_at + 60000000",
        "UPDATE messages SET source = 'bot'",
        "UPDATE messages SET at = at - 1",
    ],
)
async def test_a_row_that_was_moved_redated_or_reattributed_does_not_open(
    database: Database, conversations: Conversations, clock: ManualClock, change: str
) -> None:
    talk, other = await begun(conversations, clock), await begun(conversations, clock)
    await said(database, conversations, other, clock)
    await said(database, conversations, talk, clock, "the only one")
    tx = Transaction()
    tx.add("DELETE FROM messages WHERE conversation = ?", (other.no,))
    tx.add(change.replace("conversation = 2", f"conversation = {other.no}"))
    await database.commit(tx)
    now = clock.now()
    read = [one for place in (talk, other) for one in [conversations.since(place, 0, 10, now)]]
    results = await asyncio.gather(*read, return_exceptions=True)
    assert [type(result) for result in results if result] == [Tampered]


async def test_a_visitors_conversations_become_the_persons(
    database: Database, ring: KeyRing, shares: Holder, conversations: Conversations, clock: ManualClock
) -> None:
    visitor = Principal("vis_" + "c" * 32, Kind.VISITOR, "visitor", (Role.VISITOR,))
    talk = await begun(conversations, clock, visitor)
    await conversations.move(visitor, ANNA, clock.now())
    for service in (conversations, await made(database, ring, shares)):
        assert (await service.access(ANNA, talk.id, clock.now())).subject == ANNA.id
        with pytest.raises(NotFound):
            await service.access(visitor, talk.id, clock.now())
        assert [one.id for one in await service.owned(ANNA, 10)] == [talk.id]
        assert [one.id for one in await service.about(ANNA.id)] == [talk.id]


async def test_a_derived_conversation_is_found_again_and_never_by_somebody_else(
    database: Database, ring: KeyRing, shares: Holder, conversations: Conversations, clock: ManualClock
) -> None:
    first = await conversations.open(ANNA, "helpdesk", clock.now(), lane=LANE, derived="session 1")
    again = await made(database, ring, shares)
    assert (await again.open(ANNA, "helpdesk", clock.now(), lane=LANE, derived="session 1")).id == first.id
    assert again.derived(ANNA, "session 1") is not None
    assert again.derived(BERT, "session 1") is None
    assert (await again.open(BERT, "helpdesk", clock.now(), lane=LANE, derived="session 1")).id != first.id


async def test_staff_find_by_message_and_by_bot(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    message = await said(database, conversations, talk, clock)
    assert (await conversations.find_message(message.id)).id == talk.id
    assert await conversations.message_ids(talk) == [message.id]
    assert conversations.rows.number(message.id) == talk.no
    assert await conversations.numbers_of("helpdesk") == {talk.no}
    assert await conversations.numbers_of("shop") == set()
    for wrong in ("msg_" + "2" * 32, "nonsense"):
        with pytest.raises(NotFound):
            await conversations.find_message(wrong)
    with pytest.raises(NotFound):
        await conversations.find("cnv_" + "2" * 32)


async def test_what_could_not_be_stored_takes_no_place_that_is_used_again(
    database: Database, conversations: Conversations, clock: ManualClock
) -> None:
    talk = await begun(conversations, clock)
    tx = Transaction()
    await conversations.rows.write(
        tx, talk, source=Source.CLIENT, text="never", items=(), at=clock.now(), destroy_at=clock.now() // MINUTE * MINUTE + HOUR
    )  # fmt: skip
    tx.add("INSERT INTO nowhere VALUES (1)")
    with pytest.raises(StorageFailed):
        await database.commit(tx)
    kept = await said(database, conversations, talk, clock, "kept")
    assert [m.id for m in await conversations.since(talk, 0, 10, clock.now())] == [kept.id]
    assert kept.seq == 2
