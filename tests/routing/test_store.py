"""Hand-offs in each engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatwarden.config.desk import DeskConfig
from chatwarden.routing import store
from chatwarden.routing.model import Handoff, Reason, Why
from chatwarden.routing.moves import begun, moved
from chatwarden.routing.rules import Happening
from chatwarden.routing.store import Only
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


async def test_what_was_asked_for_in_a_time_is_listed_the_newest_first(database: Database) -> None:
    for no, at in ((1, 1_000), (2, 2_000), (3, 3_000)):
        await write(database, None, asked(f"hnd_{no}", no, at))
    await write(database, None, replace(asked("hnd_4", 4), queued_at=None))  # an offer that nobody took up
    assert [one.id for one in await store.asked_for(database, 2_000, 10_000)] == ["hnd_3", "hnd_2"]
    assert [one.id for one in await store.asked_for(database, 0, 3_000)] == ["hnd_2", "hnd_1"]
    assert [one.id for one in await store.asked_for(database, 0, 9_000, skip=1, limit=1)] == ["hnd_2"]


async def test_hand_offs_are_listed_by_reason_bot_outcome_and_how_far_they_came(database: Database) -> None:
    taken = moved(asked("hnd_1", 1), Happening.TAKE, 2_000, CONFIG, agent="usr_a")
    done = moved(
        moved(asked("hnd_2", 2), Happening.TAKE, 2_000, CONFIG, agent="usr_a"), Happening.FINISH, 3_000, CONFIG
    )
    given_up = moved(replace(asked("hnd_3", 3), bot="bank", why=Why(Reason.TONE)), Happening.GIVE_UP, 3_000, CONFIG)
    for one in (taken, done, given_up):
        await write(database, None, one)
    for only, names in (
        (Only(), ["hnd_1", "hnd_2", "hnd_3"]), (Only(reason="tone"), ["hnd_3"]), (Only(bot="shop"), ["hnd_1", "hnd_2"]),
        (Only(outcome="give-up"), ["hnd_3"]), (Only(stage="taken"), ["hnd_1", "hnd_2"]), (Only(stage="finished"), ["hnd_2"]),
        (Only(reason="topic", stage="finished"), ["hnd_2"]), (Only(reason="tone", stage="taken"), []),
    ):  # fmt: skip
        assert [one.id for one in await store.asked_for(database, 0, 9_000, only)] == names, only


async def test_inquiries_are_counted_and_listed_by_who_answered(database: Database) -> None:
    tx = Transaction()
    for no, bot, at in ((1, "shop", 1_000), (2, "shop", 2_050), (3, "bank", 2_060), (4, "shop", 2_150)):
        row = (no, f"cnv_{no}", bot, "vis_1", "vis_1", "bot", at)
        tx.add(
            "INSERT INTO conversations (no, id, bot, owner, subject, state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )  # fmt: skip
    await database.commit(tx)
    await write(database, None, asked("hnd_2", 2, 2_060))
    await write(database, None, replace(asked("hnd_4", 4, 2_160), queued_at=None))
    assert await store.begun(database, 2_000, 3_000, 100) == [(0, 2, 1), (1, 1, 1)]
    assert await store.begun(database, 5_000, 6_000, 100) == []

    async def listed(by: str = "", bot: str = "", before: int = 99, limit: int = 9) -> list[int]:
        found = await store.inquiries(database, 2_000, 3_000, by=by, bot=bot, before=before, limit=limit)
        return [one.no for one in found]

    assert (await listed(), await listed("bot"), await listed("people")) == ([4, 3, 2], [4, 3], [2])
    assert (await listed(bot="shop"), await listed(before=4, limit=1)) == ([4, 2], [3])
    [one] = await store.inquiries(database, 2_000, 2_055, by="", bot="", before=99, limit=9)
    assert one == (2, "cnv_2", "shop", "bot", 2_050, False)
