"""docs/data-classes.md tells what detection does and how often it is right; both are looked at again here."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.world.personal import corpus, held_out, sentences
from tests.world.personal.page import ANNOUNCED, EXAMPLES, LEAST, MOST_FALSE, Figures, level, measured, page, what

from chatwarden.classes import DataClass
from chatwarden.detection.patterns import PATTERNS
from chatwarden.detection.scan import Scanner

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def figures() -> dict[DataClass, Figures]:
    return measured()


def test_the_page_is_what_the_tables_and_the_measurement_make(figures: dict[DataClass, Figures]) -> None:
    assert (DOCS / "data-classes.md").read_text() == page(figures), (
        "python -m tests.world.personal.page > docs/data-classes.md"
    )


@pytest.mark.parametrize("data_class", DataClass)
def test_less_is_not_found_and_wolf_is_not_cried_more_often(
    data_class: DataClass, figures: dict[DataClass, Figures]
) -> None:
    told = figures[data_class]
    assert told.masked >= LEAST[data_class]
    assert told.noticed >= told.masked
    assert told.false_masked <= MOST_FALSE
    assert told.false_noticed >= told.false_masked


@pytest.mark.parametrize("data_class", DataClass)
def test_the_example_on_the_page_is_found(data_class: DataClass) -> None:
    assert [f.data_class for f in Scanner().scan(EXAMPLES[data_class]).findings] == [data_class]


@pytest.mark.parametrize("data_class", DataClass)
def test_every_class_says_what_is_found_of_it(data_class: DataClass) -> None:
    assert what(data_class)
    assert all(len(line) > 5 for line in what(data_class))


def test_every_table_of_announced_numbers_is_on_the_page() -> None:
    assert {p.data_class for p in PATTERNS if p.digit} == set(ANNOUNCED)


def test_the_level_is_told_as_it_is_kept() -> None:
    assert level(DataClass.PAYMENT_CARD) == "E3"
    assert level(DataClass.EMAIL) == "E1"
    assert level(DataClass.CARD_CODE) == "not written"


def test_the_same_seed_is_the_same_set_and_each_value_stands_where_it_is_said_to() -> None:
    for one in DataClass:
        cases = corpus.personal(one, 5, 20)
        assert cases == corpus.personal(one, 5, 20)
        assert cases != corpus.personal(one, 6, 20)
        assert all(0 <= case.start < case.end <= len(case.text) for case in cases)
    assert corpus.ordinary(5, 50) == corpus.ordinary(5, 50)


def test_what_was_held_out_shares_no_sentence_with_what_was_looked_at() -> None:
    for name in (
        "WITH_WORD",
        "ALONE",
        "CARDS",
        "CODES",
        "NAMES",
        "BIRTHS",
        "ADDRESSES",
        "PASSWORDS",
        "ONE_TIME",
        "WITHOUT",
    ):
        assert not set(getattr(sentences, name)) & set(getattr(held_out, name))
