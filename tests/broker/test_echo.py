"""A credential is found however it comes back, and nothing else is touched."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.broker.echo import LEAST, MOST, cleaned, needles

SECRET = "s3cr3t-Of+the/Bot=="
ALIAS = b"app:crm"


def percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def jsoned(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "hex": lambda text: text.encode().hex(),
    "hex upper": lambda text: text.encode().hex().upper(),
    "percent": percent,
    "quoted": lambda text: quote(text, safe=""),
    "twice quoted": lambda text: quote(quote(text, safe=""), safe=""),
    "json escapes": jsoned,
    "json escapes upper": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "json string": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "c escapes": lambda text: "".join(f"\\x{ord(char):02x}" for char in text),
    "html": html.escape,
    "references": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "hex references": lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    "mixed": lambda text: text[0] + percent(text[1]) + jsoned(text[2]) + text[3:],
    "spaced": lambda text: text[:4] + " " + text[4:9] + "\n" + text[9:],
    "base64 of percent": lambda text: quote(base64.b64encode(text.encode()).decode(), safe=""),
    "base64 in lines": lambda text: "\\n".join(
        base64.b64encode(text.encode()).decode()[at : at + 8] for at in range(0, 60, 8)
    ),
    "utf-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
    **{
        f"base64 at {shift}": lambda text, shift=shift: base64.b64encode(b"x" * shift + text.encode() + b"yz").decode()  # type: ignore[misc]
        for shift in range(6)
    },
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_it_is_found_in_every_spelling(spelling: str) -> None:
    written = SPELLINGS[spelling](SECRET)
    data = f'{{"before": "a b", "said": "{written}", "after": 1}}'.encode("utf-8", "surrogatepass")
    left, count = cleaned(data, needles([SECRET]), ALIAS)
    assert count == 1
    assert left.startswith(b'{"before": "a b", "said": "')
    assert left.endswith(b'", "after": 1}')
    assert ALIAS in left
    assert len(left) < len(b'{"before": "a b", "said": "", "after": 1}') + 20


def test_every_place_is_counted_and_what_is_between_stays() -> None:
    data = f"{SECRET} and {percent(SECRET)} and {SECRET}".encode()
    assert cleaned(data, needles([SECRET]), ALIAS) == (b"app:crm and app:crm and app:crm", 3)


def test_of_an_answer_that_is_full_of_it_nothing_is_left() -> None:
    for full in (f"{SECRET} ".encode() * (MOST + 1), percent(f"{SECRET} ").encode() * (MOST + 1)):
        assert cleaned(b"<" + full + b">", needles([SECRET]), ALIAS) == (ALIAS, 1)
    left, count = cleaned(f"{SECRET} ".encode() * MOST, needles([SECRET]), ALIAS)
    assert (left, count) == (b"app:crm " * MOST, MOST)


@given(st.binary(max_size=400))
def test_an_answer_without_it_stays_as_it_is(data: bytes) -> None:
    assert cleaned(data, needles([SECRET]), ALIAS) == (data, 0)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=LEAST, max_size=60),
    st.sampled_from(["plain", "percent", "json escapes", "hex", "base64 at 0", "base64 at 1", "base64 at 2", "quoted"]),
    st.binary(max_size=40), st.binary(max_size=40),
)  # fmt: skip
def test_whatever_the_credential_and_whatever_is_around_it_nothing_of_it_is_left(
    secret: str, spelling: str, before: bytes, after: bytes
) -> None:
    data = before + b" " + SPELLINGS[spelling](secret).encode() + b" " + after
    left, count = cleaned(data, needles([secret]), b"")
    assert count >= 1
    # What is left holds it no more: a second look finds nothing that was not put together by the first.
    assert SPELLINGS[spelling](secret).encode() not in left


@pytest.mark.parametrize("secret", ["100%41percent", "a&amp;b&lt;c-secret", "back\\\\slash\\u0041", "%25%32%35-twice"])
def test_a_credential_that_looks_like_an_escape_is_found_too(secret: str) -> None:
    for written in (secret, percent(secret), jsoned(secret)):
        assert cleaned(b"<" + written.encode() + b">", needles([secret]), ALIAS) == (b"<app:crm>", 1)


def test_of_several_values_each_is_found_and_one_inside_another_does_no_harm() -> None:
    pair = base64.b64encode(f"bot:{SECRET}".encode()).decode()
    left, count = cleaned(f"[{pair}] [{SECRET}]".encode(), needles([SECRET, pair]), ALIAS)
    assert (left, count) == (b"[app:crm] [app:crm]", 2)


def test_a_value_that_is_too_short_to_be_told_from_words_is_not_looked_for() -> None:
    assert needles(["short"]) == {}


def test_escapes_that_mean_no_single_byte_are_left_alone() -> None:
    data = b"&#300; \\u20ac %zz \\n \\q &copy;"
    assert cleaned(data, needles([SECRET]), ALIAS) == (data, 0)


def test_a_neighbour_that_is_an_escape_stays_whole() -> None:
    data = b'{"a": "\\n' + base64.b64encode(SECRET.encode()) + b'\\n"}'
    left, _ = cleaned(data, needles([SECRET]), ALIAS)
    assert json.loads(left)["a"].strip() == "app:crm"
