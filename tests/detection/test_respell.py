"""Ways to write a card number, an address or a telephone number so that a machine does not see it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from chatwarden.detection.respell import GATES, Respelled
from chatwarden.detection.scan import Scanner

SCANNER = Scanner()
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "disguises.json").read_text())


@pytest.mark.parametrize("one", VECTORS["found"], ids=lambda one: ascii(one["value"])[:60])
def test_a_disguise_comes_off_and_the_whole_of_it_is_marked(one: dict[str, str]) -> None:
    text, value = one["text"], one["value"]
    start = text.index(value)
    found = [f for f in SCANNER.scan(text).findings if f.data_class == one["class"]]
    assert len(found) == 1
    assert found[0].start <= start
    assert found[0].end >= start + len(value)
    assert found[0].end - found[0].start <= len(value) + 3


@pytest.mark.parametrize("text", VECTORS["not_found"])
def test_what_only_resembles_one_is_left_alone(text: str) -> None:
    verdict = SCANNER.scan(text)
    assert verdict.findings == ()
    assert verdict.possible == frozenset()


@pytest.mark.parametrize("one", VECTORS["found"], ids=lambda one: ascii(one["value"])[:60])
def test_it_is_found_within_a_longer_text_too(one: dict[str, str]) -> None:
    """Neither what stands before it nor an emoji that takes two places elsewhere moves the span."""
    before, after = "Good morning 👩‍👩‍👧! I have a question. ", "\nThank you, that is all — bye. 🎉"
    plain = SCANNER.scan(one["text"]).findings
    longer = SCANNER.scan(before + one["text"] + after).findings
    assert [(f.data_class, f.start - len(before), f.end - len(before)) for f in longer] == [
        (f.data_class, f.start, f.end) for f in plain
    ]


def test_every_character_of_a_new_text_knows_where_it_came_from() -> None:
    source = random.Random(7)
    pieces = [
        "four",
        "one",
        "double",
        "4",
        "11",
        " ",
        "-",
        ", ",
        "O",
        "l",
        "at",
        "dot",
        "@",
        "a",
        "com",
        "plus",
        "x",
        "aGVsbG8gd29ybGQsIHlvdQ==",
    ]
    for _ in range(2_000):
        text = "".join(source.choice(pieces) + source.choice(["", " "]) for _ in range(source.randint(1, 30)))
        for gate in GATES:
            for other in gate.respell(text):
                assert len(other.text) == len(other.starts) == len(other.ends)
                assert all(0 <= start < end <= len(text) for start, end in zip(other.starts, other.ends, strict=True))
                assert other.starts == sorted(other.starts)


def test_a_span_covers_all_that_it_was_made_from() -> None:
    assert Respelled("41", [0, 5], [4, 8]).span(0, 2) == (0, 8)


@pytest.mark.parametrize(
    "text",
    [
        "one " * 15_000,
        "l1 " * 20_000,
        "a at " * 12_000,
        "A" * 60_000,
        "QUJD" * 15_000 + "=",
        "a " * 30_000,
        "@ " * 30_000,
    ],
    ids=["words", "letters", "signs", "long", "base64", "spaced", "at"],
)
def test_texts_that_are_made_to_keep_it_busy_are_answered(text: str) -> None:
    assert SCANNER.scan(text).word in {"clean", "found", "unknown"}
