"""Records have the place and the leaf hash by which a copy is matched with the tree."""

from __future__ import annotations

import hashlib

from tests.world.log import entry

from chatwarden.audit.model import Event, Lane, encode
from chatwarden.audit.records import Records
from chatwarden.audit.service import AuditLog
from chatwarden.storage.model import Database, Transaction


async def fill(database: Database, count: int) -> None:
    log, tx = AuditLog(database), Transaction()
    for n in range(count):
        log.append(tx, Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor="shop", at=n)
    await database.commit(tx)


async def opened(database: Database, year: int, first: int) -> None:
    tx = Transaction()
    tx.add("INSERT INTO audit_years (year, first_seq) VALUES (?, ?)", (year, first))
    await database.commit(tx)


async def test_a_leaf_is_hashed_as_rfc_6962_wants_it(database: Database) -> None:
    data = encode(entry())
    tx = Transaction()
    tx.add("INSERT INTO audit (entry) VALUES (?)", (data,))
    await database.commit(tx)
    (record,) = await Records(database).page(0)
    assert record.data == data
    assert record.entry == entry()
    assert record.leaf == hashlib.sha256(b"\x00" + data).hexdigest()


async def test_an_index_counts_within_its_year(database: Database) -> None:
    await fill(database, 2_500)
    await opened(database, 2025, 1)
    await opened(database, 2026, 1_501)
    whole = [record async for record in Records(database).all()]
    assert [record.number for record in whole] == list(range(1, 2_501))
    assert [(one.year, one.index) for one in whole] == [(2025, n) for n in range(1_500)] + [
        (2026, n) for n in range(1_000)
    ]


async def test_a_page_from_the_middle_has_the_same_places(database: Database) -> None:
    await fill(database, 300)
    await opened(database, 2025, 1)
    await opened(database, 2026, 201)
    whole = [record async for record in Records(database).all()]
    records = Records(database)
    for after in (0, 7, 150, 199, 200, 201, 150, 299):
        assert await records.page(after, 60) == whole[after : after + 60]
    assert await records.page(300) == []
    assert await records.last_number() == 300


async def test_before_the_first_year_a_record_has_its_own_count(database: Database) -> None:
    assert await Records(database).last_number() == 0
    await fill(database, 3)
    assert [(one.year, one.index) async for one in Records(database).all()] == [(0, 0), (0, 1), (0, 2)]


async def test_two_who_read_at_the_same_time_do_not_confuse_each_other(database: Database) -> None:
    await fill(database, 2_200)
    records = Records(database)
    one, other = records.all(), records.all(after=1_100)
    for n in range(1_050):
        assert (await anext(one)).index == n
        assert (await anext(other)).index == 1_100 + n


async def test_rows_are_read_backwards_and_get_the_same_places(database: Database) -> None:
    await fill(database, 300)
    await opened(database, 2025, 1)
    await opened(database, 2026, 201)
    records = Records(database)
    whole = [record async for record in records.all()]
    back = await records.rows_back(251, 60)
    assert [number for number, _ in back] == list(range(250, 190, -1))
    assert await records.placed(back[::-1]) == whole[190:250]
    assert await records.placed([back[3], back[0]]) == [whole[246], whole[249]]
    assert await records.rows_back(1, 5) == []
    assert await records.rows(298, 5) == [(one.number, one.data) for one in whole[298:]]
