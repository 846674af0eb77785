"""The table of patterns: every row is used and can reach the threshold."""

import pytest
import re2

from chatwarden.detection.pattern import COUNTER_WORDS, LIKELY, POSSIBLE, Pattern
from chatwarden.detection.patterns import PATTERNS


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: f"{pattern.data_class}-{pattern.regex[:30]}")
def test_every_pattern_compiles_has_its_group_and_can_be_a_finding(pattern: Pattern) -> None:
    compiled = re2.compile(pattern.regex)
    assert pattern.group <= compiled.groups
    best = pattern.score + (0.3 if pattern.keywords else 0)
    assert best >= (POSSIBLE if pattern.find else LIKELY)
    assert pattern.score <= 1
    assert not pattern.needed or pattern.keywords
    assert not compiled.search("")
    if pattern.keywords:
        re2.compile(f"(?i){pattern.keywords}")


def test_no_pattern_is_written_twice() -> None:
    assert len({pattern.regex for pattern in PATTERNS}) == len(PATTERNS)


@pytest.mark.parametrize(
    ("before", "counts"),
    [
        ("order ", True),
        ("Invoice no. ", False),
        ("ticket #", True),
        ("my card ", False),
        ("border ", False),
        ("v", True),
    ],
)
def test_a_counter_word_stands_right_before_the_number(before: str, *, counts: bool) -> None:
    assert (re2.compile(COUNTER_WORDS).search(before) is not None) is counts
