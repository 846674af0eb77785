"""The token space of a conversation."""

import pytest

from chatwarden.classes import DataClass
from chatwarden.conversations.tokens import NOWHERE, TokenSpace, _name

CARD = DataClass.PAYMENT_CARD


def test_the_same_value_is_the_same_placeholder_however_it_is_written() -> None:
    space = TokenSpace()
    first = space.name(CARD, "4111 1111 1111 1111", seq=1, dies_at=100, now=0)
    assert first == "[payment-card-1]"
    assert space.name(CARD, "4111-1111-1111-1111", seq=5, dies_at=200, now=10) == first


@pytest.mark.parametrize(
    ("data_class", "one", "other"),
    [
        (DataClass.EMAIL, "anna-maria@house.example", "annamaria@house.example"),
        (DataClass.EMAIL, "a+b@house.example", "ab@house.example"),
        (DataClass.URL, "https://house.example/A", "https://house.example/a"),
        (DataClass.IP_ADDRESS, "fe80::1:11", "fe80::11:1"),
        (DataClass.DATE_OF_BIRTH, "1/11/1990", "11/1/1990"),
        (DataClass.POSTAL_ADDRESS, "1-2 Baker Street", "12 Baker Street"),
        (DataClass.LOCATION, "52.5, 13.4", "-52.5, 13.4"),
    ],
)
def test_two_values_that_look_alike_are_two(data_class: DataClass, one: str, other: str) -> None:
    space = TokenSpace()
    first = space.name(data_class, one, seq=1, dies_at=9, now=0)
    assert space.name(data_class, f" {one} ".strip(), seq=2, dies_at=9, now=0) == first
    assert space.name(data_class, other, seq=3, dies_at=9, now=0) != first


@pytest.mark.parametrize(
    ("data_class", "one", "other"),
    [
        (DataClass.EMAIL, "Anna@House.Example", "anna@house.example"),
        (DataClass.PERSON_NAME, "Anna  Schmidt", "anna schmidt"),
        (DataClass.PHONE, "+49 30 1234567", "+49-30-1234567"),
    ],
)
def test_one_value_in_two_ways_is_one(data_class: DataClass, one: str, other: str) -> None:
    space = TokenSpace()
    names = {space.name(data_class, text, seq=1, dies_at=9, now=0) for text in (one, other)}
    assert len(names) == 1


def test_a_value_gets_a_new_placeholder_once_its_message_is_gone() -> None:
    space = TokenSpace()
    space.name(CARD, "4111111111111111", seq=1, dies_at=100, now=0)
    assert space.name(CARD, "4111111111111111", seq=7, dies_at=300, now=100) == "[payment-card-7]"


def test_two_values_in_one_message_have_two_placeholders() -> None:
    space = TokenSpace()
    names = {space.name(CARD, str(value), seq=3, dies_at=9, now=0) for value in range(60)}
    assert len(names) == 60
    assert {"[payment-card-3]", "[payment-card-3b]"} <= names


def test_the_same_digits_in_another_class_are_another_value() -> None:
    space = TokenSpace()
    assert space.name(DataClass.PHONE, "123", seq=1, dies_at=9, now=0) != space.name(
        CARD, "123", seq=1, dies_at=9, now=0
    )


def test_expired_names_are_forgotten() -> None:
    space = TokenSpace()
    space.name(CARD, "1", seq=1, dies_at=10, now=0)
    space.name(CARD, "2", seq=2, dies_at=20, now=0)
    space.expire(10)
    assert len(space) == 1


def test_what_a_live_message_says_is_put_back() -> None:
    space = TokenSpace()
    space.restore(CARD, "4111", "[payment-card-2]", seq=2, dies_at=50)
    assert space.name(CARD, "4111", seq=9, dies_at=60, now=0) == "[payment-card-2]"


def test_no_value_lies_about_in_memory() -> None:
    space = TokenSpace()
    space.name(CARD, "4111111111111111", seq=1, dies_at=10, now=0)
    assert "4111111111111111" not in repr([space._names, space._homes])


def test_a_name_leads_to_the_messages_that_hold_its_value_the_longest_first() -> None:
    space = TokenSpace()
    name = space.name(CARD, "1", seq=1, dies_at=10, now=0)
    assert space.name(CARD, "1", seq=2, dies_at=30, now=0) == name
    assert space.name(CARD, "1", seq=3, dies_at=20, now=0) == name
    assert space.homes(name, 0) == [2, 3, 1]
    assert space.homes(name, 20) == [2]
    assert space.homes(name, 30) == []
    assert space.homes("[payment-card-9]", 0) == []


def test_a_value_lives_on_in_the_other_message_that_holds_it() -> None:
    space = TokenSpace()
    name = space.name(CARD, "1", seq=1, dies_at=10, now=0)
    space.name(CARD, "1", seq=2, dies_at=10, now=0)
    space.forget(1)
    assert (space.homes(name, 0), space.known(0)) == ([2], frozenset({name}))
    space.forget(2)
    assert (space.known(0), len(space)) == (frozenset(), 0)
    assert space.name(CARD, "1", seq=5, dies_at=10, now=0) == "[payment-card-5]"


def test_a_value_that_no_message_holds_has_a_name_and_nothing_behind_it() -> None:
    space = TokenSpace()
    name = space.name(CARD, "1", seq=4, dies_at=10, now=0, home=NOWHERE)
    assert space.name(CARD, "1", seq=5, dies_at=10, now=0, home=NOWHERE) == name
    assert (space.homes(name, 0), space.known(0)) == ([], frozenset())
    assert space.name(CARD, "1", seq=6, dies_at=10, now=0) == name
    assert space.homes(name, 0) == [6]


def test_many_new_values_of_one_message_are_named_without_trying_every_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of thousands of people comes back from an application: each name is built once."""
    built = []

    def counted(data_class: DataClass, seq: int, nth: int) -> str:
        built.append(nth)
        return _name(data_class, seq, nth)

    monkeypatch.setattr("chatwarden.conversations.tokens._name", counted)
    space = TokenSpace()
    for value in range(2_000):
        space.name(CARD, str(value), seq=3, dies_at=9, now=0, home=NOWHERE)
    assert built == list(range(2_000))
    assert space.name(CARD, "first of the next", seq=4, dies_at=9, now=0) == "[payment-card-4]"
    assert space.name(CARD, "another of that one", seq=3, dies_at=9, now=0) not in space.known(0) - {
        _name(CARD, 3, 2_000)
    }
