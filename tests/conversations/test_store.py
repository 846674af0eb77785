"""Where messages of a conversation may lie is asked first; what lies apart is read as one list."""

from chatwarden.clock import HOUR
from chatwarden.conversations import store
from chatwarden.conversations.model import Conversation
from chatwarden.storage.model import Database, Transaction

ROW = (
    "INSERT INTO messages (conversation, seq, bucket, page, idx, source, at, destroy_at, state, reply_to, client_key, "
    "payload) VALUES (?, ?, ?, 0, 0, 'client', 0, ?, 'live', ?, ?, ?)"
)


async def filled(database: Database, places: list[tuple[int, int, int]]) -> None:
    """Rows at (conversation, seq, hour)."""
    tx = Transaction()
    for no in {place[0] for place in places}:
        store.insert_conversation(tx, Conversation(no, f"cnv_{no}", "bot", "o", "s", "bot", 0))
    await database.commit(tx)
    for no, seq, hour in places:
        await database.prepare(hour * HOUR)
        tx = Transaction()
        tx.add(ROW, (no, seq, hour * HOUR, hour * HOUR, seq - 1 or None, f"{seq}".encode(), b"x"))
        await database.commit(tx)


async def test_rows_of_far_hours_are_one_ordered_list_with_one_limit(database: Database) -> None:
    await filled(database, [(1, 1, 900), (1, 2, 5), (1, 3, 901), (1, 4, 6), (2, 1, 5)])
    assert [row[0] for row in await store.messages(database, 1, 0, 10)] == [1, 2, 3, 4]
    assert [row[0] for row in await store.messages(database, 1, 1, 2)] == [2, 3]
    assert [row[0] for row in await store.newest(database, 1, 3)] == [2, 3, 4]
    assert [row[0] for row in await store.messages(database, 2, 0, 10)] == [1]
    assert await store.messages(database, 3, 0, 10) == []


async def test_one_message_its_key_and_its_replies_are_found_wherever_they_lie(database: Database) -> None:
    await filled(database, [(1, 1, 900), (1, 2, 5)])
    one = await store.message(database, 1, 2)
    assert one is not None
    assert one[:2] == (2, 5 * HOUR)
    assert await store.message(database, 1, 3) is None
    keyed = await store.by_client_key(database, 1, b"1")
    assert keyed is not None
    assert keyed[0] == 1
    assert await store.by_client_key(database, 1, b"3") is None
    assert [row[0] for row in await store.replies(database, 1, 1)] == [2]


async def test_numbering_goes_on_behind_what_was_destroyed(database: Database) -> None:
    await filled(database, [(1, 1, 5), (1, 2, 900)])
    tx = Transaction()
    store.destroy(tx, 1, 2, 900 * HOUR, 1, "person")
    await database.commit(tx)
    found = await store.by_id(database, "cnv_1")
    assert found is not None
    assert found.next_seq == 3


async def test_what_is_due_comes_in_order_of_its_end(database: Database) -> None:
    await filled(database, [(1, 1, 7), (1, 2, 5), (1, 3, 6)])
    assert await store.due(database, 6 * HOUR, 10) == [
        (1, 2, 5 * HOUR, 0, 5 * HOUR), (1, 3, 6 * HOUR, 0, 6 * HOUR)
    ]  # fmt: skip
    assert await store.due(database, 6 * HOUR, 1) == [(1, 2, 5 * HOUR, 0, 5 * HOUR)]


async def test_conversations_of_everybody_are_listed_backwards_by_what_is_asked(database: Database) -> None:
    tx = Transaction()
    for no, bot, state, owner in ((1, "a", "bot", "o"), (2, "b", "queued", "o"), (3, "a", "queued", "p")):
        store.insert_conversation(tx, Conversation(no, f"cnv_{no}", bot, owner, owner, state, 0))
    await database.commit(tx)

    async def numbers(limit: int = 9, before: int = 99, **given: str) -> list[int]:
        asked = {"bot": "", "state": "", "owner": ""} | given
        return [one.no for one in await store.listed(database, **asked, before=before, limit=limit)]

    assert await numbers() == [3, 2, 1]
    assert await numbers(limit=2) == [3, 2]
    assert await numbers(before=3) == [2, 1]
    assert await numbers(bot="a") == [3, 1]
    assert await numbers(state="queued", owner="o") == [2]
    assert await numbers(owner="nobody") == []
