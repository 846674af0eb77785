"""When a message dies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import DAY, HOUR, MINUTE, SECOND
from chatwarden.ephemeral.rules import destroy_at


@pytest.mark.parametrize(
    ("now", "lifetime", "bucket", "expected"),
    [
        (0, MINUTE, MINUTE, MINUTE),
        (1, MINUTE, MINUTE, MINUTE),
        (MINUTE - 1, MINUTE, MINUTE, MINUTE),
        (MINUTE, MINUTE, MINUTE, 2 * MINUTE),
        (30 * SECOND, 5 * MINUTE, MINUTE, 5 * MINUTE),
        (59 * SECOND, 90 * SECOND, MINUTE, 2 * MINUTE),
    ],
)
def test_a_message_dies_at_an_edge(now: int, lifetime: int, bucket: int, expected: int) -> None:
    assert destroy_at(now, lifetime, bucket) == expected


@given(
    now=st.integers(0, 10**17),
    bucket=st.integers(SECOND, HOUR),
    more=st.integers(0, 400 * DAY),
)
def test_never_later_than_asked_and_less_than_one_bucket_earlier(now: int, bucket: int, more: int) -> None:
    lifetime = bucket + more
    edge = destroy_at(now, lifetime, bucket)
    assert edge % bucket == 0
    assert now < edge <= now + lifetime
    assert now + lifetime - edge < bucket


@pytest.mark.parametrize(("lifetime", "bucket"), [(MINUTE - 1, MINUTE), (0, MINUTE), (-1, MINUTE), (5, 0), (5, -1)])
def test_a_lifetime_below_one_bucket_is_refused(lifetime: int, bucket: int) -> None:
    with pytest.raises(ValueError, match="at least one bucket"):
        destroy_at(1_000, lifetime, bucket)
