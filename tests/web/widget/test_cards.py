"""What the browser takes for a card number, and what it does not: the module that runs in the frame, run by Node.js."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import chatwarden.web

CARDS = Path(chatwarden.web.__file__).parent / "demo" / "cards.js"
WRITTEN = {  # a text, and what is left of it
    "My card is 4111 1111 1111 1111, please": "My card is [x], please",
    "4111111111111111": "[x]",
    "4111-1111-1111-1111 or 5555 5555 5555 4444": "[x] or [x]",
    "4111.1111.1111.1111": "[x]",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1": "[x]",
    "4111\u00a01111\u200b1111\u20111111": "[x]",
    "\uff14\uff11\uff11\uff11 1111 1111 1111": "[x]",
    "\u0664\u0661\u0661\u0661 1111 1111 1111": "[x]",
    "\U0001d7d2111 1111 1111 1111": "[x]",
    "amex 378282246310005.": "amex [x].",
    "4222222222222": "[x]",
    "6304000000000000": "[x]",
    "order 7 4111111111111111": "order 7 [x]",
    "4111\n1111\n1111\n1111": "[x]",
}
OTHERS = [
    "4111 1111 1111 1112",
    "0000000000000000",
    "1111111111111111",
    "call +49 30 901820 or 0800 1234567",
    "2026-11-28T16:00:00.123456Z",
    "tracking 1Z999AA10123456784",
    "DE89 3704 0044 0532 0130 00",
    "9780306406157",
    "123456789012",
    "1.2.3.4.5.6.7.8.9.10.11.12",
    "",
]


def left(texts: list[str]) -> list[str]:
    script = (
        f"import {{ withoutCards }} from {json.dumps(CARDS.as_uri())};"
        f"console.log(JSON.stringify({json.dumps(texts)}.map((text) => withoutCards(text, '[x]'))))"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    found: list[str] = json.loads(done.stdout)
    return found


def test_card_numbers_are_found_in_every_writing_and_nothing_else_is() -> None:
    assert dict(zip(WRITTEN, left(list(WRITTEN)), strict=True)) == {
        **WRITTEN,
        "order 7 4111111111111111": "order 7 [x]",
    }
    assert left(OTHERS) == OTHERS


def test_a_very_long_row_of_digits_is_looked_through_in_time() -> None:
    long = "7" * 16_000
    assert len(left([long])[0]) <= len(long)
