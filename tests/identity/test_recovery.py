"""Recovery codes: random, readable, known by a keyed hash only."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.identity.recovery import lookup, new_codes

KEY = b"k" * 32


def test_ten_codes_of_eighty_bits_none_like_another() -> None:
    codes = new_codes(os.urandom)
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in codes)


@pytest.mark.asvs("6.5.4")
def test_every_bit_of_the_randomness_is_in_the_code() -> None:
    numbers = iter([(1 << bit).to_bytes(10, "big") for bit in range(80)])
    assert len(set(new_codes(lambda _size: next(numbers), 80))) == 80


def test_a_code_is_found_however_it_is_typed() -> None:
    code = new_codes(os.urandom, 1)[0]
    typed = [code, code.lower(), code.replace("-", " "), f"  {code.replace('-', '')} "]
    assert len({lookup(one, KEY) for one in typed}) == 1
    assert lookup("O0I1-L111-0000-0000", KEY) == lookup("0011-1111-0000-0000", KEY)


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_two_codes_never_share_a_hash(one: bytes, other: bytes) -> None:
    first, second = (new_codes(lambda _size, made=made: made, 1)[0] for made in (one, other))  # type: ignore[misc]
    assert (lookup(first, KEY) == lookup(second, KEY)) is (one == other)


def test_a_code_has_the_form_that_people_copy() -> None:
    assert new_codes(lambda _size: bytes(range(10)), 1) == ["000G-40R4-0M30-E209"]


@pytest.mark.asvs("6.5.2")
def test_without_the_key_the_hash_says_nothing() -> None:
    code = new_codes(os.urandom, 1)[0]
    assert lookup(code, KEY) != lookup(code, b"K" * 32)


@pytest.mark.parametrize(
    "text", ["", "0000", "0000-0000-0000-000", "U000-0000-0000-0000", "0" * 65, "é" * 16, "ß" * 8, "1" * 17]
)
def test_what_is_no_code_has_no_hash(text: str) -> None:
    assert lookup(text, KEY) is None
