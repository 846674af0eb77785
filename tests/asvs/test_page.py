"""The page about ASVS is held to the marks: every row is held by a test or says why not, and never both."""

from __future__ import annotations

from collections import Counter

from tests.asvs.page import PAGE, marks, page, rows

ROWS = rows()
MARKS = marks()


def test_the_page_is_what_the_rows_and_marks_make() -> None:
    assert PAGE.read_text() == page(), "python -m tests.asvs.page > docs/asvs.md"


def test_every_row_is_held_or_says_why_not_and_never_both() -> None:
    for row in ROWS:
        reasons = [bool(tests := MARKS.get(row.id)), bool(row.absent), bool(row.open)]
        assert sum(reasons) == 1, (row.id, tests)


def test_no_test_is_marked_with_a_row_that_does_not_exist() -> None:
    assert sorted(set(MARKS) - {row.id for row in ROWS}) == []


def test_no_row_of_the_standard_is_missing() -> None:
    """The numbers of requirements per chapter and level in OWASP's own table, less the one that is left out."""
    counted = Counter((row.number[0], row.level) for row in ROWS)
    assert {chapter: tuple(counted[chapter, level] for level in (1, 2, 3)) for chapter in range(6, 11)} == {
        6: (13, 21, 12), 7: (6, 12, 1), 8: (4, 3, 6), 9: (4, 3, 0), 10: (5, 24, 7),
    }  # fmt: skip
    assert [row.number for row in ROWS] == sorted({row.number for row in ROWS})


def test_a_mark_says_which_rows_it_holds_once() -> None:
    for id_, tests in MARKS.items():
        assert len(set(tests)) == len(tests), id_
