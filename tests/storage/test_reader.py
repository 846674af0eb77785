"""Reads beside the owner, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.world.postgres import Cluster, PostgresEngine, SqliteEngine

from chatwarden.config.model import StorageConfig
from chatwarden.errors import CannotRun
from chatwarden.storage.migrations import load
from chatwarden.storage.model import StorageFailed, Transaction
from chatwarden.storage.reader import reading


async def put(opened: object) -> None:
    tx = Transaction()
    tx.add("INSERT INTO meta (name, value) VALUES (?, ?)", ("a", "b"))
    await opened.commit(tx)  # type: ignore[attr-defined]


async def test_sqlite_is_read_beside_its_owner_and_not_written(tmp_path: Path) -> None:
    file = tmp_path / "record.db"
    with pytest.raises(CannotRun):
        async with reading(StorageConfig(), tmp_path, file):
            pass
    owner = await SqliteEngine(file).open(load("sqlite"))
    async with reading(StorageConfig(), tmp_path, file) as reader:
        await put(owner)
        assert await reader.fetch("SELECT value FROM meta WHERE name = ?", ("a",)) == [("b",)]
        with pytest.raises(StorageFailed):
            await reader.fetch("DELETE FROM meta")
    await owner.close()


async def test_postgresql_is_read_beside_its_owner_and_not_written(tmp_path: Path, postgres: Cluster) -> None:
    engine = PostgresEngine(postgres, await asyncio.to_thread(postgres.empty))
    owner = await engine.open(load("postgresql"))
    password = tmp_path / "password"
    password.write_text(postgres.password)
    config = StorageConfig(postgres.server(engine.database), password)
    async with reading(config, tmp_path, tmp_path) as reader:
        await put(owner)
        assert await reader.fetch("SELECT value FROM meta WHERE name = ?", ("a",)) == [("b",)]
        with pytest.raises(StorageFailed):
            await reader.fetch("DELETE FROM meta")
    await owner.close()
    password.write_text("wrong")
    with pytest.raises(StorageFailed, match="cannot be used"):
        async with reading(config, tmp_path, tmp_path):
            pass
