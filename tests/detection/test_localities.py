"""What follows a street."""

import pytest

from chatwarden.detection import localities


@pytest.mark.parametrize(
    ("text", "rest", "located"),
    [
        (", 10969 Berlin und", " und", True),
        (", Apt 4B, Springfield, IL 62704 now", " now", True),
        (", flat 2", "", False),
        (" in Leeds today", " today", True),
        ("\nLeeds\nLS1 4AB\nThanks", "\nThanks", True),
        (", and so on", ", and so on", False),
        (", 12345 is my code", ", 12345 is my code", False),
        (", 20121 Milano (MI), Italy", "", True),
        ("", "", False),
    ],
)
def test_the_tail_of_an_address_ends_where_it_ends(text: str, rest: str, *, located: bool) -> None:
    end, found = localities.tail(text, 0)
    assert (text[end:], found) == (rest, located)


def test_a_town_is_of_the_list_or_stands_behind_a_postcode() -> None:
    assert localities.town(" Berlin ist", 0, listed=True) == 7
    assert localities.town(" Qrrzhausen ist", 0, listed=True) is None
    assert localities.town(" Qrrzhausen ist", 0, listed=False) == 11


def test_the_town_before_a_postcode() -> None:
    assert localities.town_before("nice New York City, ", 20) == 5
    assert localities.town_before("in qrrz ", 8) == 8
