"""Inserts of a kind run together; nothing moves across anything else."""

from chatwarden.storage.batches import Batch, batches, is_plain_insert
from chatwarden.storage.model import Statement

A, B = "INSERT INTO a (x) VALUES (?)", "INSERT INTO b (x) VALUES (?)"
UPDATE = "UPDATE a SET x = ?"


def test_inserts_of_one_kind_are_one_batch_whatever_unit_they_are_in() -> None:
    units = [[Statement(A, (1,)), Statement(B, (2,))], [Statement(A, (3,)), Statement(B, (4,))]]
    assert batches(units) == [Batch(A, [(1,), (3,)], None), Batch(B, [(2,), (4,)], None)]


def test_no_insert_moves_across_another_statement() -> None:
    units = [[Statement(A, (1,)), Statement(UPDATE, (2,)), Statement(A, (3,))]]
    assert batches(units) == [Batch(A, [(1,)], None), Batch(UPDATE, [(2,)], None), Batch(A, [(3,)], None)]


def test_what_must_touch_a_number_of_rows_runs_alone() -> None:
    units = [[Statement(A, (1,))], [Statement(A, (2,), 1)], [Statement(A, (3,))]]
    assert [(batch.rows, batch.expect) for batch in batches(units)] == [([(1,)], None), ([(2,)], 1), ([(3,)], None)]


def test_an_insert_that_selects_is_not_plain() -> None:
    assert is_plain_insert(A)
    assert not is_plain_insert("INSERT INTO a (x) SELECT x FROM b")
    assert not is_plain_insert(UPDATE)
