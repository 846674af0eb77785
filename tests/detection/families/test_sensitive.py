"""Health needs a person; a place must be exact; a link is a link whatever it carries."""

import pytest
import re2

from chatwarden.classes import DataClass
from chatwarden.detection.families.sensitive import SENSITIVE
from chatwarden.detection.scan import Scanner


@pytest.mark.parametrize(
    "word", ["diabetes", "Bluthochdruck", "épilepsie", "esquizofrenia", "emicrania", "borstkanker", "warfarin"]
)
def test_a_condition_without_a_person_is_possible_and_with_one_it_is_found(word: str) -> None:
    scanner = Scanner(SENSITIVE)
    assert scanner.scan(f"{word} is a word").findings == ()
    assert scanner.scan(f"{word} is a word").possible == {DataClass.HEALTH}
    assert [f.data_class for f in scanner.scan(f"diagnosed with {word}").findings] == [DataClass.HEALTH]


def test_the_person_stands_in_the_same_sentence() -> None:
    assert Scanner(SENSITIVE).scan("I have a question. Diabetes equipment?").findings == ()


@pytest.mark.parametrize("text", ["open until 18.30, closed on sunday", "price 12.99, 13.49", "C++ and 2+2", "1.2.3"])
def test_ordinary_figures_open_no_gate(text: str) -> None:
    assert [pattern.regex[:40] for pattern in SENSITIVE if re2.search(pattern.regex, text)] == []
