"""``chatwarden scan``: lines in, lines out."""

import io
import json
from typing import Any

import pytest

from chatwarden.detection.command import scan_stream


def scan(raw: bytes) -> tuple[int, list[Any]]:
    sink = io.BytesIO()
    wrong = scan_stream(io.BytesIO(raw), sink)
    return wrong, [json.loads(line) for line in sink.getvalue().splitlines()]


def test_every_line_is_answered_with_its_id_its_findings_and_a_verdict() -> None:
    wrong, lines = scan(b'{"id": "a", "text": "card 4111111111111111"}\n\n{"id": 2, "text": "hello"}')
    assert wrong == 0
    assert lines == [
        {
            "id": "a",
            "findings": [{"class": "payment-card", "start": 5, "end": 21, "score": 1.0}],
            "verdict": "found",
        },
        {"id": 2, "findings": [], "verdict": "clean"},
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b'{"id": 1}',
        b'{"id": 1, "text": 5}',
        b'{"id": null, "text": ""}',
        b'{"id": 1, "text": "\xff"}',
        b'{"id": 1, "text": "' + b"a" * 1_048_576 + b'"}',
        b"[" * 100_000,
    ],
    ids=lambda line: line[:24].decode("latin-1"),
)
def test_a_line_that_cannot_be_read_is_answered_and_the_next_is_scanned(line: bytes) -> None:
    wrong, lines = scan(line + b'\n{"id": 7, "text": "a@b.example"}\n')
    assert wrong == 1
    assert lines[0]["line"] == 1
    assert lines[0]["error"]
    assert lines[1]["id"] == 7
    assert lines[1]["verdict"] == "found"


def test_an_error_repeats_nothing_of_the_text() -> None:
    _, lines = scan(b'{"id": 1, "text": 4111111111111111}\n')
    assert "4111" not in json.dumps(lines)


def test_a_text_too_long_to_check_is_unknown() -> None:
    _, lines = scan(json.dumps({"id": 1, "text": "a" * 70_000}).encode())
    assert lines == [{"id": 1, "findings": [], "verdict": "unknown"}]


def test_nothing_in_gives_nothing_out() -> None:
    assert scan(b"") == (0, [])
