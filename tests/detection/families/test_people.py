"""The gates: most messages have none of what is looked for, and end in the one pass over all patterns."""

import pytest
import re2

from chatwarden.detection.families.people import PEOPLE


@pytest.mark.parametrize(
    "text",
    [
        "what is the fee for a transfer abroad?",
        "can you cancel order 4711 please",
        "wie hoch ist mein limit?",
        "où est ma commande",
        "the app is slow today",
    ],
)
def test_an_ordinary_question_opens_no_gate(text: str) -> None:
    assert [pattern.regex[:40] for pattern in PEOPLE if re2.search(pattern.regex, text)] == []


def test_every_gate_has_a_rule_behind_it() -> None:
    assert all(pattern.find is not None for pattern in PEOPLE)
