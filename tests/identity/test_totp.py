"""One-time codes: the vectors of RFC 6238, and each step once."""

import base64

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import SECOND
from chatwarden.identity.totp import STEP, accepted_step, new_secret, uri

RFC = b"12345678901234567890"  # RFC 6238, appendix B
VECTORS = [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
           (2000000000, "69279037"), (20000000000, "65353130")]  # fmt: skip


def code(secret: bytes, at: int) -> str:
    return pyotp.TOTP(base64.b32encode(secret).decode()).at(at // SECOND)


@pytest.mark.parametrize(("seconds", "eight"), VECTORS)
def test_the_vectors_of_the_standard_hold(seconds: int, eight: str) -> None:
    assert accepted_step(RFC, eight[-6:], seconds * SECOND, 0) == seconds // 30


def test_a_code_is_taken_in_its_step_and_ten_seconds_after_it_and_never_before() -> None:
    step = 1_000_000
    right = code(RFC, step * STEP)
    for offset, taken in (
        (-1, False),
        (0, True),
        (30 * SECOND - 1, True),
        (40 * SECOND - 1, True),
        (40 * SECOND, False),
    ):
        assert (accepted_step(RFC, right, step * STEP + offset, 0) == step) is taken


def test_the_same_code_is_not_taken_again_also_not_in_the_next_step() -> None:
    step = 1_000_000
    right = code(RFC, step * STEP)
    assert accepted_step(RFC, right, step * STEP, step) is None
    assert accepted_step(RFC, right, step * STEP + 35 * SECOND, step) is None


@given(st.integers(0, 40), st.lists(st.integers(0, 100), max_size=30))
def test_no_code_is_ever_taken_twice(shift: int, moves: list[int]) -> None:
    now, last, used = 1_000_000 * STEP + shift * SECOND, 0, []
    for move in moves:
        now += move * SECOND
        step = accepted_step(RFC, code(RFC, now), now, last)
        if step is not None:
            used.append(step)
            last = step
    assert sorted(set(used)) == used


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34 5", "123456\n7", "-12345"])
def test_what_is_no_code_is_not_looked_at(text: str) -> None:
    assert accepted_step(RFC, text, 59 * SECOND, 0) is None


def test_a_code_may_be_typed_in_groups() -> None:
    assert accepted_step(RFC, "287 082", 59 * SECOND, 0) == 1


def test_a_key_has_160_bits_and_its_address_names_account_and_issuer() -> None:
    assert len(new_secret(bytes)) == 20
    shown = uri(RFC, "anna", "Chat of Example")
    assert shown.startswith("otpauth://totp/")
    assert base64.b32encode(RFC).decode() in shown
    assert "issuer=Chat%20of%20Example" in shown
