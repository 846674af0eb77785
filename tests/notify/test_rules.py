"""Who is told, when again, when no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import DAY, HOUR, SECOND
from chatwarden.notify.model import NOBODY, Account, Notice, Receiver
from chatwarden.notify.rules import FIRST_WAIT, LONGEST_WAIT, concerned, next_try, over, receivers
from chatwarden.notify.texts import TELLINGS
from chatwarden.principal import Role

ADA, BEA = Account("ada", Role.CUSTOMER), Account("bea", Role.AGENT)


def least(_: int) -> bytes:
    return b"\0\0"


def most(_: int) -> bytes:
    return b"\xff\xff"


def test_nobody_is_told_where_no_way_is_configured() -> None:
    assert receivers("password-changed", mail=False, webhook=False) == ()


def test_everybody_who_may_be_concerned_has_a_notice_of_their_own() -> None:
    assert receivers("password-changed", mail=True, webhook=True) == tuple(Receiver)
    assert receivers("password-changed", mail=False, webhook=True) == (Receiver.WEBHOOK,)
    assert receivers("hostile-token", mail=True, webhook=False) == (Receiver.ADMINISTRATORS,)


@pytest.mark.parametrize("event", TELLINGS)
def test_administrators_are_told_of_alarms_and_of_their_own_people(event: str) -> None:
    alarm = TELLINGS[event].alarm
    assert concerned(Receiver.ADMINISTRATORS, event, BEA, "")
    assert concerned(Receiver.ADMINISTRATORS, event, ADA, "") is alarm
    assert concerned(Receiver.ADMINISTRATORS, event, NOBODY, "") is alarm


def test_a_person_is_told_where_they_have_an_address_and_the_webhook_always() -> None:
    assert concerned(Receiver.PERSON, "password-changed", ADA, "ada@example.org")
    assert not concerned(Receiver.PERSON, "password-changed", ADA, "")
    assert concerned(Receiver.WEBHOOK, "password-changed", NOBODY, "")


def test_it_is_tried_again_ever_later_up_to_an_hour() -> None:
    waits = [next_try(tries, 0, most) for tries in range(40)]
    assert waits[:4] == [2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT == HOUR


@given(st.integers(0, 10_000), st.binary(min_size=2, max_size=2))
def test_chance_moves_a_try_within_the_second_half_of_its_wait(tries: int, drawn: bytes) -> None:
    low, high = next_try(tries, 5, least), next_try(tries, 5, most)
    assert low <= next_try(tries, 5, lambda _: drawn) <= high
    assert high - 5 == 2 * (low - 5)
    assert low - 5 >= FIRST_WAIT // 2


def test_it_is_over_when_it_was_tried_for_long_enough() -> None:
    notice = Notice("ntc_1", Receiver.PERSON, "password-changed", "usr_1", HOUR, 9)
    assert not over(notice, HOUR + 3 * DAY - 1, 3 * DAY)
    assert over(notice, HOUR + 3 * DAY, 3 * DAY)
