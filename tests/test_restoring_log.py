"""Restores from end to end: what becomes of the log and its details, of bots and of what they were granted."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import cast

import pytest

from chatwarden.audit.model import Entry, Event, Lane, decode
from chatwarden.bots.accounts.model import Issued
from chatwarden.bots.broker import store
from chatwarden.bots.broker.model import Grant
from chatwarden.clock import DAY
from chatwarden.config.home import Home
from chatwarden.errors import CannotRun, NotAccepted
from chatwarden.storage.model import Transaction
from tests.world.backups import FOR_OPERATOR, OPERATOR, events, made, talk
from tests.world.golang import check_log
from tests.world.house import House, at_home
from tests.world.keepers import end_keeper
from tests.world.postgres import PostgresEngine, Record
from tests.world.restores import Site, detailed, entries


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_the_log_goes_on_where_it_stood_and_old_checkpoints_hold(tmp_path: Path, record: Record) -> None:
    """Whatever was acknowledged, in the tree or not yet, is in the log after the restore; Go's library of the checksum
    database says that the new checkpoint continues the one of before.
    """
    site = Site(tmp_path, record.toml)
    site.begin("then")
    published = tmp_path / "published"

    async def since(house: House) -> list[tuple[object, ...]]:
        await talk(house, "since")
        await house.node.integrate()
        shutil.copy(next(site.home.audit.glob("*/checkpoint")), published)
        await talk(house, "acknowledged, and not in the tree yet")
        return await entries(house)

    async def with_nothing_in_the_tree() -> list[tuple[object, ...]]:
        async with at_home(site.home.path, site.toml) as house:
            return await since(house)

    logged = asyncio.run(with_nothing_in_the_tree())
    site.restore(replace=True)

    async def look(house: House) -> list[tuple[object, ...]]:
        return await entries(house)

    found = site.inside(look)
    assert found[: len(logged)] == logged
    names = [decode(bytes(cast("bytes", row[0]))).event.value for row in found[len(logged) :]]
    assert names[-1] == "backup:restored"
    assert check_log(published_in(site.home), published).ok
    end_keeper(site.home.path)


def published_in(home: Home) -> Path:
    return next(path for path in home.audit.iterdir())


def test_on_a_new_machine_the_log_is_the_backups_and_its_checkpoints_hold(tmp_path: Path) -> None:
    site = Site(tmp_path, FOR_OPERATOR)
    site.begin("then")
    published = tmp_path / "published"
    shutil.copy(published_in(site.home) / "checkpoint", published)
    first = site.file.read_bytes()

    async def again(house: House) -> None:
        await talk(house, "more")
        site.file.write_bytes(await made(house))

    site.inside(again)
    assert site.file.read_bytes() != first
    site.restore(tmp_path / "new", identity=OPERATOR)

    async def look(house: House) -> int:
        await talk(house, "and on")
        return len(await entries(house))

    assert site.inside(look, tmp_path / "new") > 0
    new, old = published_in(Home(tmp_path / "new")), published_in(site.home)
    assert (new / "log.vkey").read_text() == (old / "log.vkey").read_text()
    assert check_log(new, published).ok


def test_a_log_that_came_from_the_old_disk_loses_nothing_on_a_new_machine(tmp_path: Path) -> None:
    site = Site(tmp_path, FOR_OPERATOR)
    site.begin("then")

    async def since(house: House) -> list[tuple[object, ...]]:
        await talk(house, "since")
        return await entries(house)

    logged = site.inside(since)
    shutil.copytree(site.home.audit, tmp_path / "new" / "audit")
    site.restore(tmp_path / "new", identity=OPERATOR)

    async def look(house: House) -> list[tuple[object, ...]]:
        return await entries(house)

    assert site.inside(look, tmp_path / "new")[: len(logged)] == logged


def test_a_damaged_log_is_not_continued_and_nothing_is_replaced(site: Site) -> None:
    site.begin("then")
    site.inside(lambda house: talk(house, "since"))
    before = site.home.database.read_bytes()
    bundle = next(path for path in (published_in(site.home) / "tile" / "entries").rglob("*") if path.is_file())
    data = bundle.read_bytes()
    for other in bundle.parent.iterdir():
        other.write_bytes(data[:9] + b"X" + data[10:])
    with pytest.raises(CannotRun, match="the log in HOME/audit is damaged"):
        site.restore(replace=True)
    assert site.home.database.read_bytes() == before


def test_a_backup_of_another_branch_of_the_history_is_told(site: Site, tmp_path: Path) -> None:
    """The old machine ran on beside the restored one, and a backup of one is put over the other."""
    site.toml += FOR_OPERATOR
    site.begin("then")
    site.restore(tmp_path / "new", identity=OPERATOR)
    site.inside(lambda house: talk(house, "here"))

    async def there(house: House) -> None:
        await talk(house, "there")
        site.file.write_bytes(await made(house))

    site.inside(there, tmp_path / "new")
    with pytest.raises(CannotRun, match="not of one history"):
        site.restore(replace=True, accept_ring=True)


def test_details_of_whom_was_erased_stay_erased_and_those_since_stay(tmp_path: Path, record: Record) -> None:
    site = Site(tmp_path, record.toml + FOR_OPERATOR)

    async def before(house: House) -> tuple[Entry, Entry]:
        both = await detailed(house, "usr_gone"), await detailed(house, "usr_stays")
        site.file.write_bytes(await made(house))
        return both

    gone, stays = site.inside(before)

    async def since(house: House) -> Entry:
        details = house.node.services.audit.details
        assert details is not None
        assert await details.erase("usr_gone")
        return await detailed(house, "usr_later")

    later = site.inside(since)
    site.restore(replace=True, identity=OPERATOR)

    async def look(house: House) -> list[dict[str, str] | None]:
        audit = house.node.services.audit
        shown = [await audit.detail(one) for one in (gone, stays, later)]
        assert audit.details is not None
        assert await audit.details.erase("usr_later")  # who came after the backup can be erased, too
        return [*shown, await audit.detail(later)]

    assert site.inside(look) == [None, {"path": "/7"}, {"path": "/7"}, None]
    if isinstance(record.engine, PostgresEngine):
        site.toml = site.toml.replace(record.engine.database, record.engine.cluster.empty())
    site.restore(tmp_path / "new", identity=OPERATOR)

    async def elsewhere(house: House) -> list[dict[str, str] | None]:
        audit = house.node.services.audit
        fresh = await detailed(house, "usr_stays")
        return [*[await audit.detail(one) for one in (gone, stays)], await audit.detail(fresh)]

    assert site.inside(elsewhere, tmp_path / "new") == [None, None, {"path": "/7"}]


def test_a_record_that_cannot_be_read_takes_its_details_along_and_no_key_is_given_twice(site: Site) -> None:
    site.begin("then")

    async def since(house: House) -> Entry:
        return await detailed(house, "usr_later")

    later = site.inside(since)
    site.home.database.write_bytes(os.urandom(50_000))
    keys = site.home.details.read_bytes()
    site.restore(replace=True)

    async def look(house: House) -> dict[str, str] | None:
        assert await house.node.services.audit.detail(await detailed(house, "usr_new")) == {"path": "/7"}
        return await house.node.services.audit.detail(later)

    assert site.inside(look) is None
    after = site.home.details.read_bytes()
    assert all(keys[at : at + 32] not in after for at in range(32, len(keys), 32))


def test_bots_need_another_credential_and_their_tokens_are_over(tmp_path: Path, record: Record) -> None:
    site = Site(
        tmp_path, record.toml + '[levels.sales]\nrights = ["orders:read"]\n[bots.shop]\nconnector = "builtin"\n'
    )

    async def before(house: House) -> tuple[Issued, str]:
        services, now = house.node.services, house.clock.now()
        issued = await services.administration.add("shop", "sales", now, life=DAY, actor="control")
        await services.administration.add("shop", "sales", now, life=DAY, label="off", plain=True, actor="control")
        await services.administration.set_enabled("shop", "off", now, enabled=False, actor="control")
        signed = await sign_in(house, issued, 0)
        site.file.write_bytes(await made(house))
        await sign_in(house, issued, 1)
        return issued, signed

    issued, token = site.inside(before)
    told = site.restore(replace=True)
    assert told == ["bots need another credential, chatwarden bot rotate: shop"]

    async def look(house: House) -> None:
        services, now = house.node.services, house.clock.now()
        with pytest.raises(NotAccepted):
            await services.accounts.caller(token, now)
        account = await services.administration.find("shop")
        assert {one.label: (one.state.value, one.reason) for one in account.instances} == {
            "main": ("locked", "restored"),
            "off": ("disabled", "administrator"),
        }
        assert ("bot:locked", issued.instance.id, "restored") in await events(house)
        await services.administration.set_enabled("shop", "off", now, enabled=True, actor="control")
        for generation in (0, 1, 2):
            with pytest.raises(NotAccepted):
                await sign_in(house, issued, generation)
        rotated = await services.administration.rotate("shop", "main", now, life=DAY, overlap=DAY, actor="control")
        fresh = await sign_in(house, rotated, 0)
        assert (await services.accounts.caller(fresh, now)).name == "shop"

    site.inside(look)


async def sign_in(house: House, issued: Issued, generation: int) -> str:
    services, now = house.node.services, house.clock.now()
    proved = await services.accounts.with_secret(issued.instance.id, issued.secret, now)
    return (await services.accounts.sign_in(proved, generation, now)).token


def test_grants_that_were_taken_away_since_stay_away(tmp_path: Path, record: Record) -> None:
    site = Site(tmp_path, record.toml)

    async def before(house: House) -> None:
        tx = Transaction()
        for name, application in (("gnt_stays", "orders"), ("gnt_revoked", "orders"), ("gnt_of_removed", "crm")):
            store.insert(
                tx,
                Grant(
                    name, "shop", application, "https://orders.example:443", "orders:read", ("GET",), ("/**",),
                    frozenset(), "", 0, None,
                ),
            )  # fmt: skip
        await house.node.database.commit(tx)
        await house.node.services.errands.applications.load()
        site.file.write_bytes(await made(house))
        now = house.clock.now()
        await house.node.services.errands.applications.revoke("gnt_revoked", now, actor="control")
        tx = Transaction()
        house.node.services.audit.append(
            tx, Event.APPLICATION_REMOVED, lane=Lane.STAFF, actor="control", at=now, resource="app:crm"
        )
        await house.node.database.commit(tx)

    site.inside(before)
    assert site.restore(replace=True) == [
        "applications and their credentials are never in a backup: chatwarden app add"
    ]

    async def look(house: House) -> list[str]:
        return [one.id for one in house.node.services.errands.applications.grants]

    assert site.inside(look) == ["gnt_stays"]
