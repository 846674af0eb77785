"""The schema moves forward, once, and whole."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatwarden.errors import CannotRun
from chatwarden.storage.migrations import MIGRATIONS, load, migrate


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "some.db", isolation_level=None)
    yield opened
    opened.close()


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def test_an_empty_database_is_brought_to_the_newest_schema(connection: sqlite3.Connection) -> None:
    assert migrate(connection, MIGRATIONS) == len(MIGRATIONS) == version(connection)
    assert {"messages", "audit", "sessions", "tombstones"} <= {name for name, _ in schema(connection)}


def test_migrating_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection, MIGRATIONS)
    before = schema(connection)
    assert migrate(connection, MIGRATIONS) == len(MIGRATIONS)
    assert schema(connection) == before


def test_each_migration_is_applied_once_and_only_what_is_new(connection: sqlite3.Connection) -> None:
    migrate(connection, ["CREATE TABLE a (x);"])
    connection.execute("INSERT INTO a VALUES (1)")
    assert migrate(connection, ["CREATE TABLE a (x);", "CREATE TABLE b (y);"]) == 2
    assert [name for name, _ in schema(connection)] == ["a", "b"]
    assert connection.execute("SELECT x FROM a").fetchall() == [(1,)]


def test_a_newer_schema_is_refused_and_left_alone(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA user_version = 99")
    with pytest.raises(CannotRun, match="schema 99") as refused:
        migrate(connection, MIGRATIONS)
    assert refused.value.hint
    assert schema(connection) == []
    assert version(connection) == 99


def test_a_migration_that_fails_leaves_nothing_of_itself(connection: sqlite3.Connection) -> None:
    good = "CREATE TABLE a (x);"
    with pytest.raises(sqlite3.Error):
        migrate(connection, [good, "CREATE TABLE b (y);\nINSERT INTO nowhere VALUES (1);"])
    assert [name for name, _ in schema(connection)] == ["a"]
    assert version(connection) == 1
    assert not connection.in_transaction
    assert migrate(connection, [good, "CREATE TABLE b (y);"]) == 2


def test_migrations_are_read_in_the_order_of_their_numbers() -> None:
    assert load("sqlite") == MIGRATIONS
    assert "CREATE TABLE messages" in MIGRATIONS[0]


@pytest.mark.parametrize(
    "sql", ["UPDATE audit SET entry = x'00'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 1"]
)
def test_the_audit_table_refuses_to_be_changed_or_shortened(connection: sqlite3.Connection, sql: str) -> None:
    migrate(connection, MIGRATIONS)
    connection.execute("INSERT INTO audit (entry) VALUES (x'01')")
    with pytest.raises(sqlite3.IntegrityError, match="only grows"):
        connection.execute(sql)
    assert connection.execute("SELECT seq, entry FROM audit").fetchall() == [(1, b"\x01")]


def test_what_no_desk_could_take_is_the_bots_again(connection: sqlite3.Connection) -> None:
    migrate(connection, MIGRATIONS[:7])
    for no, state in enumerate(("bot", "offered", "queued"), start=1):
        connection.execute(
            "INSERT INTO conversations VALUES (?, ?, 'shop', 'vis_1', 'vis_1', ?, 0)", (no, str(no), state)
        )
    migrate(connection, MIGRATIONS)
    assert connection.execute("SELECT state FROM conversations").fetchall() == [("bot",)] * 3
