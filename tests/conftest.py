"""Fixtures that every test may use."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database
from tests.world import happened, memory
from tests.world.gateway import Gateway, running
from tests.world.house import House, Open, at_home
from tests.world.keepers import keepers_below
from tests.world.nodejs import installed
from tests.world.outside import Outside, World, at_work
from tests.world.postgres import Cluster, Engine, PostgresEngine, Record, SqliteEngine, cluster

# A slow machine is no fault of the code: no wall-clock time is asserted.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the suite's own."""
    parser.addoption("--events", action="store_true", help="say which events of the log did not happen in this run")


# Where gateways, commands and browsers run: few tests that take long. What takes long goes first, so that no worker sits
# idle at the end beside one that has just begun on such a file.
LONG = ("tests/journeys/", "tests/web/demo/", "tests/web/console/", "tests/web/widget/", "tests/cli/", "tests/deploy/")


def pytest_configure(config: pytest.Config) -> None:
    """Watches from the first test on."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory.ROOT))
    happened.watch()
    config.pluginmanager.register(happened.Happened())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files, in the order in which workers take them."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


UNLIMITED = """
[limits]
messages = "off"
visitors = "off"
logins = "off"
connections_per_peer = 2000
new_connections_per_peer = "off"
"""


@pytest.fixture(scope="session", autouse=True)
def no_keeper_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keepers outlive their gateways; those of test homes end with the tests."""
    yield
    for pid in keepers_below(tmp_path_factory.getbasetemp()):
        os.kill(pid, signal.SIGTERM)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One real gateway in lab mode, shared: tests make sessions and conversations of their own in it."""
    home: Path = tmp_path_factory.mktemp("shared") / "home"
    with running(home, UNLIMITED) as started:
        yield started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL cluster, started when the first test asks for it; each test takes a database of its own."""
    with cluster() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine in turn, empty."""
    if request.param == "sqlite":
        yield SqliteEngine(tmp_path / "record.db")
        return
    started: Cluster = request.getfixturevalue("postgres")
    name = started.empty()
    yield PostgresEngine(started, name)
    started.drop(name)


@pytest.fixture
def record(engine: Engine, tmp_path: Path) -> Record:
    """Where a gateway keeps its record, each engine in turn."""
    return Record(engine, tmp_path)


@pytest.fixture
async def database(engine: Engine) -> AsyncIterator[Database]:
    """An open database of each engine with the newest schema."""
    opened = await engine.open(load(engine.name))
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """Where programs of others for Node.js are installed; tests/world/nodejs.py runs them."""
    return installed()


@pytest.fixture
def open_house(tmp_path: Path) -> Open:
    """Opens the house of this test under a configuration; the next time it finds what it left."""
    return partial(at_home, tmp_path / "home")


@pytest.fixture
async def house(open_house: Open) -> AsyncIterator[House]:
    """A gateway without a socket."""
    async with open_house() as opened:
        yield opened


@pytest.fixture
async def world(open_house: Open, tmp_path: Path) -> AsyncIterator[World]:
    """A gateway without a socket, with websites and clients around it."""
    async with at_work(open_house, tmp_path / "home", Outside()) as made:
        yield made
