"""Restores from end to end, over real homes: what opens afterwards and what does not, and what is refused."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from chatwarden.audit.model import Detail, Entry, Event, Lane, decode
from chatwarden.audit.verify import verify
from chatwarden.backup.keys import Identity
from chatwarden.bots.accounts.model import Issued
from chatwarden.bots.broker import store
from chatwarden.bots.broker.model import Grant
from chatwarden.clock import DAY, HOUR
from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from chatwarden.errors import CannotRun, Damaged, NotAccepted
from chatwarden.joints import audit_key
from chatwarden.principal import Role
from chatwarden.restoring import Wish, restore
from chatwarden.storage import engine
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Transaction
from tests.world.backups import FOR_OPERATOR, OPERATOR, ORDINARY, STRICT, Talk, events, made, read, talk
from tests.world.golang import check_log
from tests.world.house import House, at_home
from tests.world.keepers import end_keeper
from tests.world.postgres import PostgresEngine, Record

T = TypeVar("T")
LAB = "[server]\nlab = true\nport = 0\n"


class Site:
    """A home in a folder, its configuration, and a backup file beside it."""

    def __init__(self, folder: Path, toml: str = "") -> None:
        self.folder = folder
        self.toml = LAB + toml
        self.home = Home(folder / "home")
        self.file = folder / "backup"

    def inside(self, do: Callable[[House], Coroutine[Any, Any, T]], home: Path | None = None, toml: str = "") -> T:
        async def go() -> T:
            async with at_home(home or self.home.path, toml or self.toml) as house:
                await house.node.watch_keeper()
                done = await do(house)
                await whole(house, Home(home or self.home.path))
                return done

        return asyncio.run(go())

    def begin(self, *texts: str) -> Talk:
        """Somebody says something, and a backup is made."""

        async def do(house: House) -> Talk:
            said = await talk(house, *texts)
            self.file.write_bytes(await made(house))
            return said

        return self.inside(do)

    def restore(
        self, home: Path | None = None, *, identity: Identity | None = None, toml: str = "", **wish: bool
    ) -> list[str]:
        """What was told besides the two steps of every restore."""
        told: list[str] = []
        if wish.get("replace"):
            Home(home or self.home.path).note_prepared()
        config = parse(toml or self.toml)
        restore(Home(home or self.home.path), Wish(self.file, config, identity, **wish), told.append)
        assert (told[0], told[1]) == (
            f"reading {self.file}", "the record is in place; ending what it must not bring back",
        )  # fmt: skip
        return told[2:]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


async def whole(house: House, home: Home) -> None:
    """As `chatwarden audit verify`: the log is whole, over its whole record."""
    assert await house.node.integrate() == ""
    public = audit_key(home).public_key().public_bytes_raw()
    report = await verify(house.node.database, home.audit, home.audit_head, public)
    assert report.wrong is None, report.wrong.what
    assert [one.waiting for one in report.years] == [0]


async def entries(house: House) -> list[tuple[object, ...]]:
    return list(await house.node.database.fetch("SELECT entry FROM audit ORDER BY seq"))


async def detailed(house: House, subject: str) -> Entry:
    """An entry that commits to something about a person."""
    audit, tx = house.node.services.audit, Transaction()
    made = audit.append(
        tx,
        Event.BROKER_CALLED,
        lane=Lane.BOT,
        actor="bot_1",
        at=house.clock.now(),
        detail=Detail(subject, {"path": "/7"}),
    )
    await house.node.database.commit(tx)
    return next(iter([one async for _, one in audit.read() if one.id == made]))


async def destroy(house: House, of: Talk, number: int) -> None:
    told = await house.ask("DELETE", f"/api/v1/conversations/{of.id}/messages/{of.said[number]}", None, of.token)
    assert told.status == 200, told.body


def test_beside_a_living_ring_what_lives_opens_and_what_was_destroyed_since_does_not(
    tmp_path: Path, record: Record
) -> None:
    """Property A.5.5, on both engines; the messages that nobody destroyed are the positive control."""
    site = Site(tmp_path, record.toml)
    said = site.begin("stays", "is destroyed", STRICT, "my iban is DE89 3704 0044 0532 0130 00")

    async def since(house: House) -> None:
        assert all(await read(house, said))
        await destroy(house, said, 1)
        await destroy(house, said, 3)
        await talk(house, "after the backup")

    site.inside(since)
    site.restore(replace=True)

    async def afterwards(house: House) -> list[tuple[str, str, str]]:
        assert await read(house, said) == ["stays", "", STRICT, ""]
        told = await house.ask("GET", "/api/v1/session", None, said.token)
        assert (told.problem, told.json["reason"]) == ("session-ended", "revoked")
        await talk(house, "and on")
        return await events(house)

    log = site.inside(afterwards)
    ended = [(event, object_, reason) for event, object_, reason in log if object_ in said.said]
    assert ("message:destroyed", said.said[1], "destroyed-before") in ended
    assert ("message:destroyed", said.said[3], "destroyed-before") in ended
    names = [event for event, _, _ in log]
    assert names.index("backup:made") < names.index("backup:restored")
    made_id, restored_id = [object_ for event, object_, _ in log if event.startswith("backup:")]
    assert made_id == restored_id
    end_keeper(site.home.path)


def test_on_a_new_machine_ordinary_messages_open_for_the_recipient_and_strict_ones_are_lost(
    tmp_path: Path, record: Record
) -> None:
    site = Site(tmp_path, record.toml + FOR_OPERATOR)
    said = site.begin()
    toml = site.toml
    if isinstance(record.engine, PostgresEngine):
        empty = record.engine.cluster.empty()
        toml = toml.replace(record.engine.database, empty)
    site.restore(tmp_path / "new", identity=OPERATOR, toml=toml)

    async def look(house: House) -> list[tuple[str, str, str]]:
        assert await read(house, said) == [*ORDINARY, ""]
        return await events(house)

    log = site.inside(look, tmp_path / "new", toml)
    assert ("message:destroyed", said.said[2], "holder-lost") in log
    for folder in ("", "keys", "tls", "secrets", "data", "run"):
        assert (tmp_path / "new" / folder).stat().st_mode & 0o077 == 0
    assert (tmp_path / "new" / "keys" / "record").read_bytes() == (site.home.path / "keys" / "record").read_bytes()
    end_keeper(site.home.path)
    end_keeper(tmp_path / "new")


def test_a_backup_and_the_ring_without_the_keeper_open_nothing_strict(site: Site, tmp_path: Path) -> None:
    said = site.begin()
    end_keeper(site.home.path)
    site.restore(replace=True)

    async def look(house: House) -> list[tuple[str, str, str]]:
        assert await read(house, said) == [*ORDINARY, ""]
        return await events(house)

    assert ("message:destroyed", said.said[2], "holder-lost") in site.inside(look)
    end_keeper(site.home.path)


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


def test_what_expired_opens_nowhere_and_the_clock_does_not_fall_behind(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restored on a new machine after a month, and then with its clock set back to the day of the backup."""
    site.toml += FOR_OPERATOR
    said = site.begin(*ORDINARY)
    real = time.time_ns
    with monkeypatch.context() as later:
        later.setattr(time, "time_ns", lambda: real() + 31 * DAY * 1_000)
        site.restore(tmp_path / "new", identity=OPERATOR)
    sealed = ring_keys(site.home.path)
    assert sealed
    assert not sealed & ring_keys(tmp_path / "new")

    async def look(house: House) -> int:
        assert await read(house, said) == ["", ""]
        return house.clock.now()

    assert site.inside(look, tmp_path / "new") >= real() // 1_000 + 31 * DAY - HOUR
    end_keeper(site.home.path)
    end_keeper(tmp_path / "new")


def ring_keys(home: Path) -> set[bytes]:
    raw = (home / "keys" / "ring").read_bytes()
    slots = [raw[at : at + 64] for at in range(0, len(raw), 64)]
    return {slot[20:52] for slot in slots if slot[:4] in {b"CWR1", b"CWR2", b"CWM2"}}


def test_one_time_links_of_the_backup_count_no_more(site: Site) -> None:
    async def before(house: House) -> str:
        services = house.node.services
        user = await services.identity.add("ada", Role.CUSTOMER, services.clock.now(), actor="control")
        token = await services.identity.enrolment(user.name, services.clock.now(), actor="control")
        site.file.write_bytes(await made(house))
        return token

    token = site.inside(before)
    site.restore(replace=True)

    async def use(house: House) -> int:
        told = await house.ask("POST", "/api/v1/enrolments", {"token": token, "password": "a very long password"})
        return told.status

    assert site.inside(use) == 404


def test_a_home_in_use_is_refused_and_one_that_a_gateway_holds(site: Site) -> None:
    said = site.begin(*ORDINARY)
    site.home.note_prepared()
    with pytest.raises(CannotRun, match="in use") as told:
        site.restore()
    assert "--replace" in told.value.hint
    site.home.lock()
    with pytest.raises(CannotRun, match="another chatwarden"):
        site.restore(replace=True)
    site.home.unlock()

    async def look(house: House) -> list[str]:
        return await read(house, said)

    assert site.inside(look) == list(ORDINARY)


def test_a_damaged_backup_a_strangers_and_another_engines_change_nothing(site: Site, tmp_path: Path) -> None:
    said = site.begin(*ORDINARY)
    other = Site(tmp_path / "other", FOR_OPERATOR)
    other.folder.mkdir()
    other.begin("of another home")
    good = site.file.read_bytes()

    def refused(data: bytes, error: type[Exception], message: str, identity: Identity | None = None) -> None:
        site.file.write_bytes(data)
        with pytest.raises(error, match=message):
            site.restore(replace=True, identity=identity)

    refused(good[:-1], Damaged, "changed or cut")
    refused(good[:-70_000], Damaged, "changed or cut")
    refused(good[:100_000] + b"\0" + good[100_001:], Damaged, "was changed")
    refused(b"SQLite format 3\0" * 99, CannotRun, "no backup")
    refused(good.replace(b"backup 1", b"backup 2", 1), CannotRun, "does not know")
    refused(other.file.read_bytes(), CannotRun, "no key that is here")
    refused(other.file.read_bytes(), CannotRun, "another home", OPERATOR)
    site.file.write_bytes(good)
    with pytest.raises(CannotRun, match="record in sqlite"):
        site.restore(replace=True, toml='[storage]\nurl = "postgresql://a@127.0.0.1:1/b"\n')

    async def look(house: House) -> list[str]:
        assert [event for event, _, _ in await events(house)].count("backup:restored") == 0
        return await read(house, said)

    assert site.inside(look) == list(ORDINARY)


def test_a_configuration_that_cannot_be_used_here_is_told_and_the_next_start_finishes(site: Site) -> None:
    said = site.begin(*ORDINARY)
    broken = site.toml + '[notify]\nwebhook = "https://example.org/hook"\nwebhook_secret_file = "secrets/absent"\n'
    with pytest.raises(CannotRun, match=r"record is in place.*secrets/absent") as told:
        site.restore(replace=True, toml=broken)
    assert "next start" in told.value.hint

    async def look(house: House) -> tuple[list[str], int]:
        names = [event for event, _, _ in await events(house)]
        return await read(house, said), names.count("backup:restored")

    assert site.inside(look) == (list(ORDINARY), 1)


def test_a_newer_record_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.begin("said")
    older = load("sqlite")[:1]
    monkeypatch.setattr(engine, "load", lambda _: older)
    with pytest.raises(CannotRun, match="knows only up to 1"):
        site.restore(replace=True)


def test_an_older_copy_of_the_ring_is_refused_as_at_a_start(site: Site, tmp_path: Path) -> None:
    said = site.begin(*ORDINARY)
    older = tmp_path / "older-ring"
    shutil.copy(site.home.ring, older)

    async def do(house: House) -> None:
        await destroy(house, said, 0)

    site.inside(do)
    shutil.copy(older, site.home.ring)
    with pytest.raises(CannotRun, match="older copy"):
        site.restore(replace=True)
    with pytest.raises(CannotRun, match="older copy"):
        site.inside(do)


def test_without_a_ring_the_keys_of_the_backup_are_planted_or_every_message_is_given_up(site: Site) -> None:
    site.toml += FOR_OPERATOR
    said = site.begin(*ORDINARY)
    site.home.ring.unlink()
    with pytest.raises(CannotRun, match="no key ring here"):
        site.restore(replace=True)

    async def look(house: House) -> list[str]:
        return await read(house, said)

    site.restore(replace=True, identity=OPERATOR)
    assert site.inside(look) == list(ORDINARY)
    site.home.ring.unlink()
    site.restore(replace=True, accept_ring=True)
    assert site.inside(look) == ["", ""]


def test_a_record_that_cannot_be_read_any_more_is_replaced(site: Site) -> None:
    said = site.begin(*ORDINARY)
    site.home.database.write_bytes(os.urandom(50_000))
    site.restore(replace=True)

    async def look(house: House) -> list[str]:
        return await read(house, said)

    assert site.inside(look) == list(ORDINARY)


def test_what_is_there_stays_and_what_is_missing_comes_back(site: Site) -> None:
    site.toml += FOR_OPERATOR
    site.home.prepare()
    (site.home.path / "secrets" / "shop").write_text("then")
    (site.home.path / "secrets" / "mail").write_text("then")
    site.begin("said")
    (site.home.path / "secrets" / "shop").write_text("now")
    (site.home.path / "secrets" / "mail").unlink()
    site.restore(replace=True, identity=OPERATOR)
    assert (site.home.path / "secrets" / "shop").read_text() == "now"
    assert (site.home.path / "secrets" / "mail").read_text() == "then"


@pytest.mark.parametrize("stride", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_a_restore_that_is_killed_anywhere_leaves_a_home_that_opens(tmp_path: Path, stride: int) -> None:
    """A child is killed at every file operation in turn (by default at every fourth). Afterwards the home holds what it
    held, or what the backup brings, whole; and never a session of the backup.
    """
    site = Site(tmp_path)
    said = site.begin("then")

    async def since(house: House) -> Talk:
        return await talk(house, "since")

    later = site.inside(since)
    before = tmp_path / "before"
    shutil.copytree(site.home.path, before, ignore=shutil.ignore_patterns("*.sock"))
    seen: set[str] = set()
    for number in range(1, 200, stride):
        home = tmp_path / "killed"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(before, home)
        finished = _killed_at(number, lambda home=home: site.restore(home, replace=True))  # type: ignore[misc]

        async def look(house: House) -> str:
            old = await house.ask("GET", f"/api/v1/conversations/{later.id}/messages", None, later.token)
            if old.status == 200:
                assert await read(house, later) == ["since"]
                return "old"
            assert await read(house, said) == ["then"]
            told = await house.ask("GET", "/api/v1/session", None, said.token)
            assert told.json["reason"] == "revoked"
            assert [event for event, _, _ in await events(house)].count("backup:restored") == 1
            return "new"

        seen.add(site.inside(look, home))
        if finished:
            break
    assert seen == {"old", "new"}
    assert finished
    assert number > 20
    for folder in (site.home.path, tmp_path / "killed"):
        end_keeper(folder)


_OPERATIONS = {"open", "os.rename", "os.remove", "sqlite3.connect", "os.mkdir", "os.chmod"}


def _killed_at(number: int, do: Callable[[], object]) -> bool:
    """Runs *do* in a child that is killed at its file operation of this number; whether it got to its end."""
    pid = os.fork()
    if pid == 0:
        left = number

        def hook(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            if event in _OPERATIONS and ("killed" in str(args[0])):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            do()
        except BaseException:  # noqa: BLE001  a child has nobody to raise to
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0
        return True
    return False


def test_a_note_that_was_left_is_worked_off_by_whoever_opens_the_record(site: Site) -> None:
    said = site.begin("said")
    with closing(sqlite3.connect(site.home.database)) as base, base:
        base.execute('INSERT INTO meta VALUES (\'restored\', \'{"id":"bak_1","made_at":5,"floor":5}\')')

    async def look(house: House) -> str:
        told = await house.ask("GET", "/api/v1/session", None, said.token)
        return str(told.json["reason"])

    assert site.inside(look) == "revoked"
    with closing(sqlite3.connect(site.home.database)) as base:
        assert base.execute("SELECT count(*) FROM meta WHERE name = 'restored'").fetchone() == (0,)
