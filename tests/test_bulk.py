"""Reading in bulk is noticed and held up by nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.audit.model import Event, Lane
from chatwarden.bulk import READERS, Kind, Reader, Window
from chatwarden.clock import MINUTE, SECOND
from chatwarden.config.alarms import AlarmsConfig, Threshold
from chatwarden.storage.model import StorageFailed, Transaction
from tests.web.test_operations import RIGHT, run, say
from tests.world import orders
from tests.world.errand_house import TOML, scene
from tests.world.house import HEAD, House, Open

FEW = HEAD + '[alarms]\nbulk_conversations = "3/10m"\nbulk_exports = "1/1h"\nbulk_lookups = "2/1m"\n'
MAIL = FEW + '[notify]\nsmtp = "127.0.0.1:9"\nsmtp_tls = "off"\nfrom = "a@b.example"\nto = "admin@b.example"\n'
THREE = Threshold(3, 10 * MINUTE)


async def noticed(house: House) -> list[tuple[str, str, str, str]]:
    await house.node.sweep()
    return [
        (e.lane, e.actor, e.object, e.reason)
        async for _, e in house.node.services.audit.read()
        if e.event is Event.BULK_READ_NOTICED
    ]


def test_the_same_thing_again_and_again_is_not_many() -> None:
    window = Window()
    assert not any(window.note(what, THREE, at) for at, what in enumerate("abcabcabcabc"))
    assert window.note("d", THREE, 12)


def test_what_was_read_slowly_is_not_many() -> None:
    window = Window()
    assert not any(window.note(str(n), THREE, n * 4 * MINUTE) for n in range(50))


def test_it_is_told_once_a_window_while_it_goes_on() -> None:
    window = Window()
    told = [n for n in range(40) if window.note(str(n), THREE, n * MINUTE)]
    assert told == [3, 13, 23, 33]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, MINUTE))), st.integers(1, 5))
def test_a_window_tells_exactly_when_more_than_the_threshold_are_in_it(steps: list[tuple[int, int]], most: int) -> None:
    window, now, threshold = Window(), 0, Threshold(most, 2 * MINUTE)
    read: list[tuple[int, str]] = []
    quiet = 0
    for what, wait in steps:
        now += wait
        read.append((now, str(what)))
        many = len({name for at, name in read if at > now - threshold.within}) > most
        assert window.note(str(what), threshold, now) is (many and now >= quiet)
        if many and now >= quiet:
            quiet = now + threshold.within
        assert len(window.seen) <= most + 1


async def test_a_person_who_reads_many_conversations_is_noticed_and_not_stopped(open_house: Open) -> None:
    async with open_house(FEW) as house:
        token, other = await house.visitor(), await house.visitor()
        talks = [await house.conversation(token) for _ in range(5)]
        who = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
        for talk in (*talks[:3], *talks[:3]):
            assert (await house.ask("GET", f"/api/v1/conversations/{talk}/messages", None, token)).status == 200
        await house.ask("GET", f"/api/v1/conversations/{await house.conversation(other)}/messages", None, other)
        assert await noticed(house) == []
        for talk in talks:
            assert (await house.ask("GET", f"/api/v1/conversations/{talk}/messages", None, token)).status == 200
        assert await noticed(house) == [("client", who, "", "conversations more than 3 in 600s")]
        assert await noticed(house) == [("client", who, "", "conversations more than 3 in 600s")]


async def test_single_messages_and_streams_count_as_reading(open_house: Open) -> None:
    async with open_house(FEW) as house:
        token = await house.visitor()
        for _ in range(4):
            talk = await house.conversation(token)
            message = (await say(house, token, talk, "hello")).json["message"]["id"]
            await house.ask("GET", f"/api/v1/conversations/{talk}/messages/{message}", None, token)
        assert len(await noticed(house)) == 1


async def test_somebody_elses_conversation_is_not_read_and_not_counted(open_house: Open) -> None:
    async with open_house(FEW) as house:
        owner, stranger = await house.visitor(), await house.visitor()
        for _ in range(6):
            talk = await house.conversation(owner)
            assert (await house.ask("GET", f"/api/v1/conversations/{talk}/messages", None, stranger)).status == 404
        assert await noticed(house) == []


async def test_exports_of_many_people_are_noticed(open_house: Open) -> None:
    async with open_house(FEW) as house:
        for name in ("anna", "bert"):
            await run(house, "user.add", name=name, role="customer", password=RIGHT)
        await run(house, "export", user="anna")
        await run(house, "export", user="anna")
        assert await noticed(house) == []
        await run(house, "export", user="bert")
        assert await noticed(house) == [("staff", "control", "", "exports more than 1 in 3600s")]


async def test_who_erases_many_conversations_is_noticed(open_house: Open) -> None:
    async with open_house(FEW) as house:
        token = await house.visitor()
        for _ in range(4):
            await run(house, "erase", conversation=await house.conversation(token))
        assert await noticed(house) == [("staff", "control", "", "conversations more than 3 in 600s")]


async def test_a_bot_that_looks_up_much_for_one_person_is_noticed_and_one_that_serves_many_is_not(
    open_house: Open,
) -> None:
    async with open_house(FEW) as house:
        bulk, now = house.node.services.bulk, house.clock.now()
        for n in range(50):
            bulk.note(Kind.LOOKUPS, Reader("bot_1", Lane.BOT, f"usr_{n}"), f"app:crm /orders/{n}", now)
        assert await noticed(house) == []
        for n in range(3):
            bulk.note(Kind.LOOKUPS, Reader("bot_1", Lane.BOT, "usr_0"), f"app:crm /orders/{n}", now)
        assert await noticed(house) == [("bot", "bot_1", "usr_0", "lookups more than 2 in 60s")]


async def test_administrators_are_told(open_house: Open) -> None:
    async with open_house(MAIL) as house:
        token = await house.visitor()
        for _ in range(4):
            await house.ask("GET", f"/api/v1/conversations/{await house.conversation(token)}/messages", None, token)
        assert len(await noticed(house)) == 1
        waiting = await house.node.database.fetch("SELECT id, event FROM notices")
        assert [(str(name).partition(":")[0], event) for name, event in waiting] == [("administrators", "bulk-read")]


async def test_what_cannot_be_written_now_is_written_later(open_house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_house(FEW) as house:
        bulk, database = house.node.services.bulk, house.node.database
        for n in range(3):
            bulk.note(Kind.LOOKUPS, Reader("bot_1", Lane.BOT, "usr_0"), str(n), house.clock.now())
        commit = database.commit

        async def full(tx: Transaction) -> None:
            raise StorageFailed("disk full")

        monkeypatch.setattr(database, "commit", full)
        with pytest.raises(StorageFailed):
            await bulk.settle(house.clock.now())
        monkeypatch.setattr(database, "commit", commit)
        assert len(await noticed(house)) == 1


async def test_thresholds_are_taken_over_and_may_be_off(open_house: Open) -> None:
    async with open_house(FEW) as house:
        bulk = house.node.services.bulk
        bulk.config = AlarmsConfig(bulk_lookups=None)
        for n in range(100):
            bulk.note(Kind.LOOKUPS, Reader("bot_1", Lane.BOT, "usr_0"), str(n), house.clock.now())
        assert await noticed(house) == []


async def test_readers_beyond_a_bound_do_not_fill_the_memory(open_house: Open) -> None:
    async with open_house(FEW) as house:
        bulk = house.node.services.bulk
        for n in range(READERS + 500):
            bulk.note(Kind.LOOKUPS, Reader(f"bot_{n}", Lane.BOT, ""), "x", house.clock.now() + n * SECOND)
        assert len(bulk._windows) == READERS


async def test_what_was_noticed_before_the_end_is_in_the_log_after_it(open_house: Open, tmp_path: Path) -> None:
    async with open_house(FEW) as house:
        for n in range(3):
            house.node.services.bulk.note(Kind.LOOKUPS, Reader("bot_1", Lane.BOT, ""), str(n), house.clock.now())
    async with open_house(FEW) as house:
        assert len(await noticed(house)) == 1


async def test_look_ups_through_the_broker_are_counted_for_the_bot_and_the_person(tmp_path: Path) -> None:
    few = TOML + '[alarms]\nbulk_lookups = "2/1m"\n'
    with orders.started(tmp_path / "orders") as app:
        async with scene(tmp_path / "home", app, few) as shop:
            await shop.add()
            await shop.grant("/**")
            for query in ("", "", "?page=1"):
                assert (await shop.ask(f"/broker/orders/me{query}")).status == 200
            assert await noticed(shop.house) == []
            await shop.ask("/broker/orders/me?page=2")
            (told,) = await noticed(shop.house)
            assert (told[0], told[2:]) == ("bot", (shop.session.principal.id, "lookups more than 2 in 60s"))
            assert told[1].startswith("bot_")
