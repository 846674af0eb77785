"""Making a backup: what is in it, and what never is."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from contextlib import aclosing, closing
from pathlib import Path

import pytest
from tests.world.backups import FOR_OPERATOR, OPERATOR, STRICT, home_key, made, opened, talk
from tests.world.disk import no_file_longer_than
from tests.world.house import House, Open
from tests.world.postgres import Record
from tests.world.search import forms

from chatwarden.app import apply_reload
from chatwarden.app import opened as at
from chatwarden.backup.model import LEFT_OUT, OF_HOME, RING
from chatwarden.backup.reading import Keys, inside
from chatwarden.config.home import Home
from chatwarden.config.parse import parse, read
from chatwarden.ephemeral import carried
from chatwarden.errors import Conflict
from chatwarden.metrics import Metrics
from chatwarden.storage.model import StorageFailed

MARKERS = ("wilhelmina.quill@mail.example", "4111 1111 1111 1111", "tr0ub4dor-secret")
SECRET = "tr0ub4dor-secret"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


async def test_both_engines_are_copied_beside_an_open_home(open_house: Open, record: Record, home: Path) -> None:
    async with open_house(record.toml or None) as house:
        await talk(house)
        backup = opened(await made(house), Keys(home_key(home)))
        names = {name for name, _ in backup.record}
    engine = record.engine.name
    assert backup.manifest.engine == engine
    assert names == {"sqlite"} if engine == "sqlite" else "postgresql/table/messages" in names
    assert backup.manifest.home == Home(home).mark


async def test_without_a_recipient_there_is_no_key_in_it(open_house: Open, home: Path) -> None:
    async with open_house() as house:
        await talk(house)
        backup = opened(await made(house), Keys(home_key(home)))
        list(backup.record)
    assert backup.sealed == b""
    assert backup.manifest.recipient == ""


async def test_for_a_recipient_ordinary_keys_and_the_files_of_the_home_are_sealed_and_no_strict_key(
    open_house: Open, home: Path
) -> None:
    Home(home).prepare()
    (home / "secrets" / "shop").write_text(SECRET)
    (home / "secrets" / "half.new").write_text("not yet written")
    async with open_house(FOR_OPERATOR) as house:
        await talk(house)
        ordinary = {key.key for key in house.node.ring.export()}
        data = await made(house)
    backup = opened(data, Keys(None, OPERATOR))
    parts: dict[str, bytes] = {}
    for name, piece in inside(backup.sealed, OPERATOR):
        parts[name] = parts.get(name, b"") + piece
    assert {key.key for key in carried.read(parts[RING], 0)} == ordinary
    files = {name.removeprefix(OF_HOME) for name in parts if name != RING}
    assert {"keys/record", "keys/pepper", "keys/people", "keys/backup", "secrets/shop"} <= files
    assert not any(name.startswith(LEFT_OUT) or name.endswith(".new") for name in files)
    slots = (home / "keys" / "ring").read_bytes()
    strict = [slots[at + 20 : at + 52] for at in range(0, len(slots), 64) if slots[at : at + 4] == b"CWR2"]
    strict = [key for key in strict if key not in ordinary]
    assert len(strict) == 1  # the test can see: the page of the card
    assert strict[0] not in b"".join(parts.values())


async def test_nothing_in_it_can_be_read_without_a_key(open_house: Open, home: Path) -> None:
    Home(home).prepare()
    (home / "secrets" / "shop").write_text(SECRET)
    async with open_house(FOR_OPERATOR) as house:
        await talk(house)
        data = await made(house)
    inner = b"".join(piece for _, piece in inside(opened(data, Keys(None, OPERATOR)).sealed, OPERATOR))
    assert SECRET.encode() in inner  # the test can see
    assert not any(form in data for marker in MARKERS for form in forms(marker))
    assert (home / "keys" / "record").read_bytes() not in data
    with pytest.raises(ValueError, match="begins"):
        house.node.services.backups.use("nobody")


async def test_the_entry_in_the_log_is_there_before_the_first_byte_and_in_the_backup(house: House) -> None:
    services = house.node.services
    async with aclosing(services.backups.make(services.clock.now(), actor="control")) as pieces:
        await anext(pieces)
        entries = [entry async for _, entry in services.audit.read()]
        assert [(e.event.value, e.lane.value, e.reason) for e in entries][-1] == ("backup:made", "staff", "record")
        assert entries[-1].object.startswith("bak_")


async def test_one_at_a_time_and_one_that_was_left_is_no_hindrance(house: House) -> None:
    services = house.node.services
    async with aclosing(services.backups.make(services.clock.now(), actor="control")) as first:
        await anext(first)
        with pytest.raises(Conflict):
            await made(house)
    assert await made(house)


async def test_messages_go_on_while_it_is_made_and_are_not_in_it(house: House, tmp_path: Path) -> None:
    services = house.node.services
    await talk(house, "before")
    async with aclosing(services.backups.make(services.clock.now(), actor="control")) as pieces:
        found = [await anext(pieces)]
        await asyncio.wait_for(talk(house, "meanwhile"), 20)
        found += [piece async for piece in pieces]
    backup = opened(b"".join(found), Keys(home_key(tmp_path / "home")))
    (tmp_path / "copy.db").write_bytes(b"".join(piece for _, piece in backup.record))
    with closing(sqlite3.connect(tmp_path / "copy.db")) as base:
        assert base.execute("SELECT count(*) FROM conversations").fetchone() == (1,)


async def test_what_is_destroyed_while_it_is_made_has_no_key_in_it(open_house: Open, home: Path) -> None:
    async with open_house(FOR_OPERATOR) as house:
        one = await talk(house, "to be destroyed", "to stay")
        services = house.node.services
        async with aclosing(services.backups.make(services.clock.now(), actor="control")) as pieces:
            found = [await anext(pieces)]  # the snapshot of the record is taken
            told = await house.ask("DELETE", f"/api/v1/conversations/{one.id}/messages/{one.said[0]}", None, one.token)
            assert told.status == 200
            found += [piece async for piece in pieces]
        left = {key.name for key in house.node.ring.export()}
    backup = opened(b"".join(found), Keys(home_key(home)))
    ring = b"".join(piece for name, piece in inside(backup.sealed, OPERATOR) if name == RING)
    assert {key.name for key in carried.read(ring, 0)} == left


async def test_a_full_disk_is_told_and_the_next_one_is_made(house: House) -> None:
    await talk(house)
    with no_file_longer_than(60_000), pytest.raises(StorageFailed):
        await made(house)
    assert await made(house)


async def test_a_reload_names_another_recipient(open_house: Open, home: Path) -> None:
    async with open_house() as house:
        services = house.node.services
        new = parse(FOR_OPERATOR)
        apply_reload(services, new, Home(home))
        backup = opened(await made(house), Keys(home_key(home)))
        assert backup.manifest.recipient == str(OPERATOR.recipient)
        assert backup.sealed


async def test_the_configuration_goes_along(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text("# mine\n")
    home = Home(tmp_path / "home")
    home.prepare()
    async with at(home, read(config), Metrics()) as node:
        data = b"".join([piece async for piece in node.services.backups.make(node.services.clock.now(), actor="x")])
    assert opened(data, Keys(home_key(home.path))).configuration == b"# mine\n"
    assert STRICT.encode() not in data
    assert io.BytesIO(data).read(18) == b"chatwarden backup "
