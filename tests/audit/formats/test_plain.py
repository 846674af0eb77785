"""JSON lines hold the entry as it is stored; CSV is safe to open."""

from __future__ import annotations

import csv as library
import hashlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world.log import record

from chatwarden.audit.formats import plain
from chatwarden.audit.formats.plain import COLUMNS, row
from chatwarden.audit.model import Event, Lane


def test_a_json_line_holds_the_very_bytes_of_the_leaf() -> None:
    one = record(number=3, reason="ä\u2028")
    line = plain.json(one)
    assert b"\n" not in line
    said = json.loads(line)
    assert (said["log"], said["index"], said["leaf_hash"]) == (2026, 2, one.leaf)
    stored = line[line.index(b'"entry":') + 8 : -1]
    assert hashlib.sha256(b"\0" + stored).hexdigest() == said["leaf_hash"]
    assert "log" not in json.loads(plain.json(record(year=0)))


def test_a_csv_line_has_a_cell_for_every_column() -> None:
    one = record(Event.SESSION_ENDED, lane=Lane.SYSTEM, act=("usr_1", "bot_2"), reason="idle", late=True)
    (cells,) = library.reader([plain.csv(one).decode()])
    said = dict(zip(COLUMNS, cells, strict=True))
    assert said["at"] == "2026-11-28T15:00:00.123Z"
    assert (said["leaf_hash"], said["index"], said["act"], said["late"]) == (one.leaf, "0", "usr_1 bot_2", "late")
    assert (said["class_uid"], said["activity_id"]) == ("3002", "99")
    (bare,) = library.reader([plain.csv(record(ocsf=None)).decode()])
    assert bare[-2:] == ["", ""]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_a_formula(start: str) -> None:
    hostile = start + 'HYPERLINK("https://evil.example","x")'
    line = plain.csv(record(actor=hostile, reason=hostile, object=hostile))
    cells = next(library.reader(io.StringIO(line.decode(), newline="")))
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert cells.count("'" + hostile) == 3


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
def test_any_text_is_read_back_as_one_line_of_the_same_cells(cells: list[str]) -> None:
    found = list(library.reader(io.StringIO(row(tuple(cells)).decode(), newline="")))
    assert [[one.removeprefix("'") for one in cell_row] for cell_row in found or [[""]]] == [
        [cell.removeprefix("'") for cell in cells]
    ]
