"""Restores from end to end, over real homes: which messages open afterwards and which do not, what comes back, and what is
refused.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatwarden.backup.keys import Identity
from chatwarden.clock import DAY, HOUR
from chatwarden.errors import CannotRun, Damaged
from chatwarden.principal import Role
from chatwarden.storage import engine
from chatwarden.storage.migrations import load
from tests.world.backups import FOR_OPERATOR, OPERATOR, ORDINARY, STRICT, Talk, events, made, read, talk
from tests.world.house import House
from tests.world.keepers import end_keeper
from tests.world.postgres import PostgresEngine, Record
from tests.world.restores import Site, destroy


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


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
    refused(good[:100_000] + bytes([good[100_000] ^ 1]) + good[100_001:], Damaged, "was changed")
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
