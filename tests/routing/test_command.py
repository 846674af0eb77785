"""``chatwarden triage``: lines in, decisions out."""

import io
import json
from typing import Any

import pytest

from chatwarden.config.inquiries import TriageConfig
from chatwarden.routing.command import PAST_MAX, Summary, triage_stream
from chatwarden.routing.triage import rules_of

RULES = rules_of(TriageConfig())[""]


def asked(*lines: object) -> tuple[Summary, list[Any]]:
    raw = b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)
    sink = io.BytesIO()
    summary = triage_stream(io.BytesIO(raw), RULES, sink)
    return summary, [json.loads(line) for line in sink.getvalue().splitlines()]


def test_every_line_is_answered_with_where_it_goes_and_why() -> None:
    summary, told = asked({"id": "a", "text": "When do you open?"}, {"id": 2, "text": "agent please"})
    assert told[0] == {"id": "a", "outcome": "bot"}
    assert told[1]["id"] == 2
    assert (told[1]["outcome"], told[1]["reason"]) == ("queue", "asked")
    assert {"feature": "is nothing but the word for one", "weight": 1.0} in told[1]["because"]
    assert told[1]["score"] == pytest.approx(sum(one["weight"] for one in told[1]["because"]))
    assert summary.wrong == 0


def test_the_past_and_the_answer_are_looked_at_where_they_are_told() -> None:
    _, told = asked(
        {"id": 1, "text": "Where is my order?", "past": ["Where is my order?"]},
        {"id": 2, "text": "Where is my order?", "answer": "I do not know."},
        {"id": 3, "text": "Where is my order?", "answered": "failed"},
        {"id": 4, "text": "Where is my order?", "past": ["Where is my order?"] + ["no"] * PAST_MAX},
    )
    assert [one.get("reason") for one in told] == ["repeated", "bot-did-not-know", "bot-failed", None]


@pytest.mark.parametrize(
    "line", [b"not json", {"id": 1}, {"id": None, "text": ""}, {"id": 1, "text": "a", "past": "b"}]
)
def test_a_line_that_cannot_be_read_is_told_with_its_number_and_the_next_is_answered(line: object) -> None:
    summary, told = asked(line, {"id": 7, "text": "hello"})
    assert summary.wrong == 1
    assert summary.inquiries == 1
    assert told[0]["line"] == 1
    assert told[0]["error"]
    assert told[1] == {"id": 7, "outcome": "bot"}


def test_an_answer_and_an_error_repeat_nothing_of_the_text() -> None:
    _, told = asked(
        {"id": 1, "text": "Zacharias was scammed, talk to a person now", "past": ["Zacharias"], "answer": "Zacharias, no"},
        {"id": 2, "text": 4111111111111111},
    )  # fmt: skip
    written = json.dumps(told).casefold()
    assert told[0]["outcome"] == "queue"
    assert "zacharias" not in written
    assert "4111" not in written


def test_the_summary_counts_what_goes_where_and_needs_no_lines_written() -> None:
    raw = [json.dumps({"id": 1, "text": text}) for text in ("hello", "my card was stolen", "hi", "agent")]
    summary = triage_stream(io.BytesIO("\n".join(raw).encode()), RULES)
    assert summary.rows() == [
        {"outcome": "bot", "reason": "", "detail": "", "inquiries": 2, "share": "50.0 %"},
        {"outcome": "queue", "reason": "asked", "detail": "", "inquiries": 1, "share": "25.0 %"},
        {"outcome": "offer", "reason": "topic", "detail": "fraud", "inquiries": 1, "share": "25.0 %"},
    ]


def test_nothing_in_gives_nothing_out() -> None:
    summary, told = asked()
    assert (summary.inquiries, summary.rows(), told) == (0, [], [])
