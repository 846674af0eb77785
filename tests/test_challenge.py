"""Time and attempts are both limited, and both only shrink."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.challenge import Challenge, Purpose, after_wrong, ask, attempted, spent
from chatwarden.clock import SECOND


def asked(expires_at: int = 60 * SECOND, attempts: int = 3) -> Challenge:
    return ask(Purpose.LOGIN, ("totp", "recovery"), expires_at, attempts, lambda size: b"r" * size)


def test_the_first_kind_is_what_is_asked_for() -> None:
    assert asked().kind == "totp"


def test_a_question_is_over_at_its_end_and_not_before() -> None:
    assert not spent(asked(), 60 * SECOND - 1)
    assert spent(asked(), 60 * SECOND)


def test_a_question_is_over_when_no_attempt_is_left() -> None:
    assert spent(attempted(asked(attempts=1)), 0)


def test_a_wrong_answer_halves_what_is_left_of_the_time() -> None:
    assert after_wrong(asked(), 20 * SECOND).expires_at == 40 * SECOND
    assert after_wrong(after_wrong(asked(), 20 * SECOND), 20 * SECOND).expires_at == 30 * SECOND


@given(st.integers(0, 100), st.integers(0, 200), st.integers(1, 10))
def test_nothing_ever_gives_time_or_attempts_back(end: int, now: int, attempts: int) -> None:
    before = asked(end * SECOND, attempts)
    after = after_wrong(attempted(before), now * SECOND)
    assert after.attempts_left < before.attempts_left
    assert after.expires_at <= max(before.expires_at, now * SECOND)
    assert after.id == before.id


@pytest.mark.asvs("6.7.2")
def test_no_question_is_ever_like_another_and_each_is_128_random_bits() -> None:
    ids = {ask(Purpose.LOGIN, ("passkey",), 0, 1, os.urandom).id for _ in range(10_000)}
    assert len(ids) == 10_000
    assert {len(one) for one in ids} == {len("chl_") + 32}
