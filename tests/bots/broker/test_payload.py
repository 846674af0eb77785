"""Texts are found and replaced wherever they stand, and what is around them stays as it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.bots.broker.payload import Names, NoPayload, fields, form, kind, rewritten, told

JSON = "application/json"


def upper(_names: Names, text: str) -> str:
    return text.upper()


def same(_names: Names, text: str) -> str:
    return text


def test_only_strings_of_a_json_change_and_the_rest_stays_byte_for_byte() -> None:
    body = b'{ "a" : [1.50, -2e9, true, null, "x\\u00e4"],\n "b":{"c":"" } }'
    assert rewritten(JSON, body, lambda _, text: text) == body
    assert rewritten(JSON, body, lambda _, text: "y" if text.startswith("x") else text) == (
        b'{ "a" : [1.50, -2e9, true, null, "y"],\n "b":{"c":"" } }'
    )


def test_a_text_comes_with_the_names_that_it_stands_under_the_nearest_first() -> None:
    seen = []

    def note(names: Names, text: str) -> str:
        seen.append((names, text))
        return text

    rewritten(JSON, b'{"iban": "DE1", "list": ["a", {"in": "b"}], "n": 4111111111111111, "small": 12345}', note)
    assert seen == [
        ((), "iban"), (("iban",), "DE1"), ((), "list"), (("list",), "a"), ((), "in"), (("in", "list"), "b"), ((), "n"),
        (("n",), "4111111111111111"), ((), "small"),
    ]  # fmt: skip
    seen.clear()
    rewritten(JSON, b'[{"a": {"b": [["x"]], "c": "y"}, "d": "z"}, "w"]', note)
    assert [one for one in seen if one[0]] == [(("b", "a"), "x"), (("c", "a"), "y"), (("d",), "z")]
    assert ((), "w") in seen


def test_a_number_that_is_hidden_becomes_a_text_and_the_json_stays_one() -> None:
    hidden = rewritten(
        JSON, b'{"card": 4111111111111111, "n": 1}', lambda names, text: "****" if names == ("card",) else text
    )
    assert json.loads(hidden) == {"card": "****", "n": 1}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_any_json_stays_what_it_is_and_stays_json_when_all_of_it_changes(value: object) -> None:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        body.decode()
        kept = rewritten(JSON, body, same)
    except (UnicodeDecodeError, NoPayload):  # a lone surrogate is no UTF-8; too deep
        return
    assert kept == body
    json.loads(rewritten(JSON, body, lambda _, text: f'"{text}\\\n'))


@pytest.mark.parametrize(
    ("media", "body", "word"),
    [
        (JSON, b"{", "json"),
        (JSON, b'{"a": NaN}', "json"),
        (JSON, b"[" * 100 + b"]" * 100, "depth"),
        (JSON, b'"\xff"', "charset"),
        ("application/json; charset=utf-16", b"{}", "charset"),
        ("application/octet-stream", b"x", "media"),
        ("text/event-stream", b"data: x", "media"),
        ("multipart/form-data", b"x", "media"),
        ("", b"x", "media"),
        ("application/x-www-form-urlencoded", b"a=%ff", "form"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(300)), "form"),
    ],
)
def test_what_cannot_be_looked_into_is_no_payload(media: str, body: bytes, word: str) -> None:
    with pytest.raises(NoPayload, match=word):
        rewritten(media, body, same)


@pytest.mark.parametrize(
    ("media", "what"),
    [
        ("application/json", "json"), ("application/problem+json; charset=utf-8", "json"), ("Text/HTML", "text"),
        ('text/csv; charset="UTF-8"', "text"), ("application/x-www-form-urlencoded", "form"),
    ],
)  # fmt: skip
def test_media_types_are_known_by_what_can_be_done_with_them(media: str, what: str) -> None:
    assert kind(media) == what


def test_forms_and_texts_are_rewritten_too() -> None:
    assert rewritten("application/x-www-form-urlencoded", b"a=x%20y&b=", upper) == b"A=X+Y&B="
    assert rewritten("text/plain", "straße".encode(), upper) == b"STRASSE"
    assert form("", upper) == ""
    assert form("flag&a=%5Bb%5D&c", same) == "flag&a=%5Bb%5D&c"
    assert rewritten("anything", b"", upper) == b""


@pytest.mark.parametrize(
    ("media", "body", "names"),
    [
        ("application/x-www-form-urlencoded", b"a=1&_method=DELETE&b=", ["a", "_method", "b"]),
        ("application/json", b'{"a": {"b": 1}, "_m\\u0065thod": 2}', ["a", "_method"]),
        ("application/json", b'[{"a": 1}]', []),
        ("text/plain", b"_method=DELETE", []),
    ],
)
def test_the_fields_of_a_body_have_names(media: str, body: bytes, names: list[str]) -> None:
    assert fields(media, body) == names


@pytest.mark.parametrize(
    ("media", "shown"),
    [
        ("application/json", "application/json"),
        ("Application/Problem+JSON; charset=utf-8; profile=x", "application/problem+json"),
        ("application/4111111111111111+json", "application/json"),
        ("application/a b+json", "application/json"),
        ('text/html; charset="UTF-8"; session=abc', "text/html; charset=utf-8"),
        ("text/4111111111111111", "text/plain; charset=utf-8"),
        ("application/x-www-form-urlencoded; x=y", "application/x-www-form-urlencoded"),
    ],
)
def test_of_a_content_type_only_what_is_looked_into_goes_on(media: str, shown: str) -> None:
    assert told(media, lambda text: "4111" not in text) == shown


def test_a_content_type_that_cannot_be_looked_into_is_none() -> None:
    with pytest.raises(NoPayload):
        told("image/png", lambda _: True)
