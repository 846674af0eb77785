"""The engine that the configuration names is the one that is opened, with its secret and its TLS."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world.postgres import Cluster, cluster

from chatwarden.config.model import DatabaseServer, StorageConfig
from chatwarden.errors import CannotRun
from chatwarden.storage.engine import open_database
from chatwarden.storage.model import StorageFailed, Transaction

SECRET = Path("secrets/database")


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for localhost that is its own authority, and its key."""
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
         key, "-out", chain, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return chain, key


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    return tmp_path


@pytest.fixture
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Path]]:
    """A cluster that speaks TLS and nothing else, and its authority."""
    folder = tmp_path_factory.mktemp("guarded")
    with cluster() as started:
        chain, key = certificate(folder, "server")
        data = started.folder / "data"
        for source, name in ((chain, "server.crt"), (key, "server.key")):
            shutil.copy(source, data / name)
            shutil.chown(data / name, data.owner())
            (data / name).chmod(0o600)
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        started.run("ALTER SYSTEM SET ssl = on")
        started.run("SELECT pg_reload_conf()")
        yield started, chain


async def test_sqlite_is_a_file_and_needs_nothing_else(home: Path) -> None:
    database = await open_database(StorageConfig(), home, home / "record.db")
    assert await database.fetch("SELECT count(*) FROM messages") == [(0,)]
    await database.close()
    assert (home / "record.db").exists()


async def test_postgresql_takes_its_password_from_a_file(home: Path, postgres: Cluster) -> None:
    (home / SECRET).write_text(postgres.password + "\n")
    config = StorageConfig(postgres.server(await _empty(postgres)), password_file=SECRET)
    database = await open_database(config, home, home / "record.db")
    await database.commit(Transaction())
    await database.close()
    assert not (home / "record.db").exists()


async def test_a_missing_secret_or_authority_is_named(home: Path, postgres: Cluster) -> None:
    server = postgres.server("postgres")
    for config in (StorageConfig(server, password_file=SECRET), StorageConfig(server, ca_file=Path("absent.pem"))):
        with pytest.raises(CannotRun, match="cannot read") as refused:
            await open_database(config, home, home / "record.db")
        assert refused.value.hint


async def test_tls_is_verified_against_the_named_authority(home: Path, guarded: tuple[Cluster, Path]) -> None:
    started, authority = guarded
    (home / SECRET).write_text(started.password)
    server = DatabaseServer("localhost", started.port, "chatwarden", "postgres")
    with pytest.raises(StorageFailed):  # without TLS this server lets nobody in
        await open_database(StorageConfig(server, SECRET), home, home / "record.db")
    other, _ = certificate(home, "other")
    with pytest.raises(StorageFailed, match=r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError"):
        await open_database(StorageConfig(server, SECRET, other), home, home / "record.db")
    database = await open_database(StorageConfig(server, SECRET, authority), home, home / "record.db")
    assert await database.fetch("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [(True,)]
    await database.close()


def test_another_machine_is_never_spoken_to_in_the_clear() -> None:
    assert not DatabaseServer("db.example.org", 5432, "a", "b").local
    assert not DatabaseServer("10.0.0.1", 5432, "a", "b").local


async def _empty(postgres: Cluster) -> str:
    return await asyncio.to_thread(postgres.empty)
