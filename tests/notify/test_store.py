"""The outbox, on every engine."""

import pytest

from chatwarden.notify import store
from chatwarden.notify.model import Notice, Receiver, Way
from chatwarden.storage.model import Database, Stale, Transaction


def notice(
    number: int = 1, receiver: Receiver = Receiver.PERSON, event: str = "password-changed", at: int = 10
) -> Notice:
    return Notice(f"ntc_{number}", receiver, event, "usr_1", at, 0)


async def put(database: Database, *notices: Notice, once: bool = False) -> None:
    tx = Transaction()
    for one in notices:
        store.insert(tx, one, once=once)
    await database.commit(tx)


async def test_what_is_due_comes_by_its_way_the_oldest_first_and_not_too_much(database: Database) -> None:
    mails = [notice(1, at=20), notice(2, at=10), notice(1, Receiver.ADMINISTRATORS, at=30)]
    await put(database, *mails, notice(1, Receiver.WEBHOOK, at=20), notice(3, Receiver.WEBHOOK, at=31))
    assert await store.due(database, Way.MAIL, 30, 9) == [mails[1], mails[0], mails[2]]
    assert await store.due(database, Way.MAIL, 30, 1) == [mails[1]]
    assert await store.due(database, Way.WEBHOOK, 30, 9) == [notice(1, Receiver.WEBHOOK, at=20)]
    assert await store.due(database, Way.MAIL, 9, 9) == []


async def test_what_is_postponed_comes_later_with_its_tries_and_what_is_removed_never(database: Database) -> None:
    await put(database, notice(1), notice(2))
    tx = Transaction()
    store.postpone(tx, notice(1), 50, 3)
    store.remove(tx, notice(2))
    await database.commit(tx)
    assert await store.due(database, Way.MAIL, 49, 9) == []
    [one] = await store.due(database, Way.MAIL, 50, 9)
    assert (one.id, one.at, one.tries) == ("ntc_1", 10, 3)


async def test_the_same_alarm_waits_once_for_each_receiver(database: Database) -> None:
    for number in (1, 2, 3):
        await put(
            database, notice(number, Receiver.ADMINISTRATORS, "hostile-token"),
            notice(number, Receiver.WEBHOOK, "hostile-token"), once=True,
        )  # fmt: skip
    await put(database, notice(4, Receiver.WEBHOOK, "many-wrong-attempts"), once=True)
    assert [one.id for one in await store.due(database, Way.MAIL, 99, 9)] == ["ntc_1"]
    assert [one.id for one in await store.due(database, Way.WEBHOOK, 99, 9)] == ["ntc_1", "ntc_4"]


async def test_an_account_is_found_with_its_address(database: Database) -> None:
    tx = Transaction()
    tx.add(
        "INSERT INTO users (id, name, role, state, created_at) VALUES (?, ?, ?, ?, ?)",
        ("usr_1", "ada", "customer", "enabled", 1),
    )
    store.set_contact(tx, "usr_1", b"sealed")
    await database.commit(tx)
    assert await store.account(database, "usr_1") == ("ada", "customer", b"sealed")
    assert await store.account(database, "usr_2") is None


async def test_a_bot_is_found_by_its_name_and_has_no_address(database: Database) -> None:
    bot = "bot_" + "0" * 32
    assert await store.account(database, bot) is None
    tx = Transaction()
    tx.add(
        "INSERT INTO bot_accounts (id, name, level, state, created_at) VALUES (?, ?, ?, ?, ?)",
        (bot, "helpdesk", "reader", "enabled", 1),
    )
    await database.commit(tx)
    assert await store.account(database, bot) == ("helpdesk", "bot", None)


async def test_nobody_has_no_address(database: Database) -> None:
    tx = Transaction()
    store.set_contact(tx, "usr_9", None)
    with pytest.raises(Stale):
        await database.commit(tx)
