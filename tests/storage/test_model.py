"""A unit of work is data."""

from chatwarden.errors import ChatwardenError
from chatwarden.storage.model import Stale, Statement, StorageFailed, Transaction


def test_statements_keep_the_order_in_which_they_were_added() -> None:
    tx = Transaction()
    tx.add("INSERT INTO t VALUES (?)", (1,))
    tx.add("UPDATE t SET a = ?", (2,), expect=1)
    assert tx.statements == [
        Statement("INSERT INTO t VALUES (?)", (1,), None),
        Statement("UPDATE t SET a = ?", (2,), 1),
    ]


def test_two_units_share_nothing() -> None:
    one, other = Transaction(), Transaction()
    one.add("SELECT 1")
    assert other.statements == []


def test_both_failures_are_the_packages_own_and_differ() -> None:
    assert issubclass(Stale, ChatwardenError)
    assert issubclass(StorageFailed, ChatwardenError)
    assert not issubclass(Stale, StorageFailed)
    assert not issubclass(StorageFailed, Stale)
