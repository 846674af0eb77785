"""What is in the arguments of tool calls is treated, and they stay JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatwarden import calls
from chatwarden.bots.model import ToolCall
from chatwarden.classes import DataClass
from chatwarden.clock import MINUTE
from chatwarden.detection.stream import StreamGuard
from tests.test_screening import NOW, conversation, screening

CARD, IBAN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def hidden(text: str) -> str:
    return text.replace("secret", 'a "mask"\n')


@given(value=values)
def test_where_nothing_changes_not_a_byte_does(value: object) -> None:
    for written in (json.dumps(value), json.dumps(value, indent=3, ensure_ascii=False)):
        assert calls.mapped(written, str) == written


@given(value=values)
@example({"secret": ["secret", {"x": "my secret"}], "n": 1.50})
def test_what_is_changed_stays_json_and_the_rest_as_it_was(value: object) -> None:
    def expected(one: object) -> object:
        if isinstance(one, dict):
            return {hidden(key): expected(inner) for key, inner in one.items()}
        if isinstance(one, list):
            return [expected(inner) for inner in one]
        return hidden(one) if isinstance(one, str) else one

    assert json.loads(calls.mapped(json.dumps(value), hidden)) == expected(value)


def test_a_number_keeps_its_digits_or_becomes_a_string() -> None:
    big = '{"a": 123456789012345678901234567890, "b": 1.10, "c": 42}'
    assert calls.mapped(big, str) == big
    assert calls.mapped(big, lambda text: text.replace("42", "?")) == (
        '{"a":123456789012345678901234567890,"b":1.10,"c":"?"}'
    )


def test_a_name_that_stands_twice_hides_nothing() -> None:
    assert calls.mapped('{"a": "secret", "a": "b"}', hidden) == r'{"a":"a \"mask\"\n","a":"b"}'
    assert calls.mapped('{"a": [{"b": 1, "b": 2}]}', str) == '{"a":[{"b":1,"b":2}]}'


@pytest.mark.parametrize(
    "broken", ["{", "", "the secret", '{"a": secret}', "[" * 100_000, "[" * 65 + "]" * 65, "{'a': 1}"]
)
def test_what_is_no_json_is_one_text(broken: str) -> None:
    assert calls.mapped(broken, hidden) == hidden(broken)


def test_the_bot_gets_placeholders_in_the_names_of_the_conversation() -> None:
    rules, talk = screening(), conversation()
    rules.history(talk, f"my card is {CARD}", NOW)
    made = calls.to_bot(rules, talk, json.dumps({"card": CARD, "cvv": 123, "note": "by [email-1]", "count": 2}), NOW)
    seen = json.loads(made)
    assert seen["card"] == "[payment-card-1]"
    assert "123" not in made  # a card code by the name before it
    assert (seen["note"], seen["count"]) == ("by (email 1)", 2)  # what only looks like a placeholder is none


def treated(toml: str, text: str, *made: ToolCall) -> tuple[calls.Treated, StreamGuard]:
    rules = screening(toml)
    guard = rules.guard("helpdesk")
    assert isinstance(guard, StreamGuard)
    return calls.from_bot(rules, "helpdesk", guard, made, guard.whole(text)), guard


def test_what_a_bot_must_not_say_it_does_not_say_in_a_call() -> None:
    arguments = json.dumps({"iban": IBAN, "mail": "[email-1]", "card": 4111111111111111})
    made, guard = treated("", "Let me pay.", ToolCall("call_1", "pay", arguments), ToolCall("call_2", "stop", "{}"))
    assert made.blocked is None
    first, second = made.calls
    said = json.loads(first.arguments)
    assert (first.id, first.name, said["mail"], second) == (
        "call_1",
        "pay",
        "[email-1]",
        ToolCall("call_2", "stop", "{}"),
    )
    for shown in (first.arguments, made.lines):
        assert "3704" not in shown
        assert "1111111111" not in shown
    # The record knows what was hidden, and how long that may live.
    assert made.lines.startswith("\npay({")
    assert made.lines.endswith("\nstop({})")
    assert [finding.data_class for finding, _ in guard.treated] == [DataClass.IBAN, DataClass.PAYMENT_CARD]
    assert guard.lifetime == 15 * MINUTE


def test_what_is_blocked_in_a_call_ends_the_answer() -> None:
    made, _ = treated('[policy.class]\niban = "block"\n', "", ToolCall("call_1", "pay", json.dumps({"iban": IBAN})))
    assert made.blocked is DataClass.IBAN
    assert "3704" not in made.calls[0].arguments + made.lines


def test_an_answer_without_calls_is_as_it_was() -> None:
    assert treated("", "Hello")[0] == calls.NONE
