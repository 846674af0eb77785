"""``chatwarden desk``: what it prints for people."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from tests.world.gateway import Gateway

from chatwarden.cli import desk
from chatwarden.errors import ConfigurationError

NUMBERS: dict[str, Any] = {
    "since": "2026-11-21T00:00:00.000Z", "inquiries": 200, "answered_by_bot": 170, "handed_over": 31, "not_taken": 2,
    "by_reason": {"asked": 21, "topic": 10},
    "waiting": {"median": 34.0, "p90": 121.5}, "handling": {"median": None, "p90": None},
}  # fmt: skip


def test_numbers_are_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    desk.told(NUMBERS)
    assert capsys.readouterr().out.splitlines() == [
        "since 2026-11-21T00:00:00.000Z",
        "inquiries        200",
        "answered by bot  170 (85 %)",
        "handed over      31",
        "not taken        2",
        "waiting          median 34 s, 90 % within 122 s",
        "REASON  HANDED OVER",
        "asked   21",
        "topic   10",
    ]


def test_where_nothing_happened_nothing_is_divided(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = dict.fromkeys(("inquiries", "answered_by_bot", "handed_over", "not_taken"), 0)
    desk.told({**NUMBERS, **nothing, "by_reason": {}, "waiting": NUMBERS["handling"]})
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ["inquiries        0", "answered by bot  0", "handed over      0", "not taken        0"]


def test_a_running_gateway_is_asked(gateway: Gateway) -> None:
    lines = gateway.command("desk", "numbers", "--for", "30d").stdout.splitlines()
    assert [line.split("  ")[0] for line in lines[1:5]] == ["inquiries", "answered by bot", "handed over", "not taken"]


def test_a_span_that_is_none_is_wrong_use() -> None:
    with pytest.raises(ConfigurationError):
        desk.numbers(argparse.Namespace(span="soon", json=False))
