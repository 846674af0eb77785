"""Names: what the words around them say, and what they must not be taken for."""

import pytest

from chatwarden.detection import names
from chatwarden.detection.names import Spans


def told(find: str, text: str, trigger: str) -> list[str]:
    """What a rule makes of *text* behind *trigger*, from the point where it masks."""
    start = text.index(trigger)
    spans: Spans = getattr(names, find)(text, start, start + len(trigger))
    return [text[low:high] for low, high, score in spans if score >= 0.5]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my name is john smith and i", "john smith"),
        ("my name is Khaleesi", "Khaleesi"),
        ("my name is priya venkataramanan.", "priya venkataramanan"),
        ("my name is J. R. Hartley", "J. R. Hartley"),
        ("my name is Ana de la Cruz y vivo", "Ana de la Cruz"),
        ("my name is sarah young.", "sarah young"),
    ],
)
def test_after_my_name_is_nearly_anything_is_a_name(text: str, name: str) -> None:
    assert told("introduced", text, "my name is") == [name]


@pytest.mark.parametrize(
    "text",
    [
        "my name is wrong",
        "my name is misspelled.",
        "my name is not Bob",
        "my name is",
        "my name is on it",
        "my name is: 5",
    ],
)
def test_an_ordinary_word_alone_is_never_a_name(text: str) -> None:
    assert told("introduced", text, "my name is") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I am Sarah", ["Sarah"]),
        ("I am sarah connor.", ["sarah connor"]),
        ("I am Grace Hopper", ["Grace Hopper"]),
        ("I am Mark", ["Mark"]),
        ("I am Thulani Dlamini", ["Thulani Dlamini"]),
        ("I am grace", []),
        ("I am German", []),
        ("I am interested", []),
        ("I am John Deere", []),
        ("I am Premium Customer", []),
        ("I am Paris", []),
    ],
)
def test_after_i_am_a_name_must_look_like_one(text: str, found: list[str]) -> None:
    assert told("mentioned", text, "I am ") == found


def test_a_family_name_alone_is_taken_where_the_sentence_ends() -> None:
    assert told("mentioned", "hier Schneider.", "hier ") == ["Schneider"]
    assert told("mentioned", "hier Schneider wartet", "hier ") == []


@pytest.mark.parametrize(
    ("text", "title", "found"),
    [
        ("Mrs Xylophonopoulos called", "Mrs ", ["Xylophonopoulos"]),
        ("frau schneider", "frau ", ["schneider"]),
        ("Frau Kollegin", "Frau ", []),
        ("i miss john", "miss ", []),
        ("at 12 Oak Dr Springfield", "Dr ", []),
        ("a can of Dr Pepper", "Dr ", []),
        ("Dear Sir or Madam", "Sir ", []),
        ("don carlos", "don ", []),
        ("Don Carlos", "Don ", ["Carlos"]),
    ],
)
def test_titles_stand_before_persons(text: str, title: str, found: list[str]) -> None:
    assert told("titled", text, title) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Regards,\nJohn Smith", ["John Smith"]),
        ("Regards,\n\nKhaleesi Targaryen\n+49", ["Khaleesi Targaryen"]),
        ("Regards, anna", ["anna"]),
        ("Regards,\nCustomer Service", []),
        ("Regards,\nJohn Smith Ltd", []),
        ("Regards,\nPlease reply", []),
        ("Regards, John was right", []),
    ],
)
def test_a_signature_is_a_line_with_nothing_but_a_name(text: str, found: list[str]) -> None:
    assert told("signed", text, "Regards,") == found


@pytest.mark.parametrize(
    ("text", "label", "found"),
    [
        ("Name: Jane Roe, Berlin", "Name:", ["Jane Roe"]),
        ("Name: Smith, John", "Name:", ["Smith, John"]),
        ("Product name: Blue Berry", "name:", []),
        ("Username: Paul", "Username:", []),
        ("Name: unknown", "Name:", []),
    ],
)
def test_a_form_tells_whose_name_it_is(text: str, label: str, found: list[str]) -> None:
    assert told("labelled", text, label) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello John Smith", ["John Smith"]),
        ("Maria Garcia Lopez", ["Maria Garcia Lopez"]),
        ("JOHN SMITH", ["JOHN SMITH"]),
        ("Smith, John", ["Smith, John"]),
        ("Ludwig van Beethoven", ["Ludwig van Beethoven"]),
        ("Via Giuseppe Verdi", []),
        ("Martin Luther King Boulevard", []),
        ("Santa Maria", []),
        ("San Francisco Giants", []),
        ("Calvin Klein", []),
        ("Paris Berlin", []),
        ("Good Morning", []),
        ("JOHN AND MARY", []),
    ],
)
def test_a_pair_of_capitals_is_a_name_if_the_first_is_a_given_name(text: str, found: list[str]) -> None:
    assert told("paired", text, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("john smith here", ["john smith"]), ("click here", []), ("it is john here", []), ("john here", ["john"])],
)
def test_who_announces_himself(text: str, found: list[str]) -> None:
    assert told("announced", text, "here") == found


def test_a_name_and_a_half_is_possible_and_no_more() -> None:
    ((_, _, score),) = names.mentioned("I am Qrrz Wxyz", 0, 5)
    assert 0.3 <= score < 0.5
