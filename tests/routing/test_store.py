"""Hand-offs in each engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatwarden.config.desk import DeskConfig
from chatwarden.routing import store
from chatwarden.routing.model import Handoff, Reason, Why
from chatwarden.routing.moves import begun, moved
from chatwarden.routing.rules import Happening
from chatwarden.storage.model import Database, Stale, Transaction

CONFIG = DeskConfig()
WHY = Why(Reason.TOPIC, "fraud", "cards", 3)


def asked(name: str = "hnd_1", no: int = 1, at: int = 1_000) -> Handoff:
    return begun(name, no, f"cnv_{no}", "shop", WHY, Happening.REQUEST, at, CONFIG)


async def write(database: Database, before: Handoff | None, after: Handoff) -> None:
    tx = Transaction()
    store.write(tx, before, after)
    await database.commit(tx)


async def test_what_is_written_is_read_again(database: Database) -> None:
    first = asked()
    taken = moved(first, Happening.TAKE, 2_000, CONFIG, agent="usr_a")
    await write(database, None, first)
    assert await store.under_way(database) == [first]
    await write(database, first, taken)
    assert await store.under_way(database) == [taken]


async def test_of_one_conversation_one_is_under_way(database: Database) -> None:
    first = asked()
    await write(database, None, first)
    with pytest.raises(Stale):
        await write(database, None, asked("hnd_2"))
    over = moved(first, Happening.WITHDRAW, 2_000, CONFIG)
    await write(database, first, over)
    await write(database, None, asked("hnd_2", at=3_000))
    assert [one.id for one in await store.under_way(database)] == ["hnd_2"]
    assert [one.id for one in await store.of(database, 1)] == ["hnd_1", "hnd_2"]


async def test_what_was_decided_on_an_older_row_is_refused(database: Database) -> None:
    first = asked()
    await write(database, None, first)
    mine = moved(first, Happening.TAKE, 2_000, CONFIG, agent="usr_a")
    await write(database, first, mine)
    with pytest.raises(Stale):
        await write(database, first, moved(first, Happening.TAKE, 2_000, CONFIG, agent="usr_b"))
    assert (await store.under_way(database))[0].agent == "usr_a"


async def test_numbers_are_of_what_was_asked_for_since(database: Database) -> None:
    await write(database, None, asked("hnd_1", 1, 1_000))
    await write(database, None, asked("hnd_2", 2, 2_000))
    offered = replace(asked("hnd_3", 3), queued_at=None)
    await write(database, None, offered)
    assert [one.id for one in await store.asked_since(database, 2_000)] == ["hnd_2"]
    assert await store.begun_since(database, 0) == 0
