"""What bots say in other ways than words, as calm text."""

import pytest

from chatwarden.bots.plain import choices, joined, picture


def test_parts_become_one_utterance() -> None:
    assert joined(["  one ", "", " \n", "two\nlines"]) == "one\n\ntwo\nlines"
    assert joined([]) == ""


def test_choices_are_a_list_of_what_stands_on_them() -> None:
    assert choices([("great", ""), ("super\n\tsad", ""), (" ", ""), ("", "")]) == "- great\n- super sad"
    assert choices([("x" * 1_000, "")]) == "- " + "x" * 200
    assert choices([]) == ""


def test_a_choice_that_leads_somewhere_says_where() -> None:
    found = [("Pay", "https://example.com/pay"), ("Run", "javascript:alert(1)"), ("", "https://example.com/")]
    assert choices(found) == "- Pay: https://example.com/pay\n- Run"


def test_a_picture_is_an_address_on_the_web() -> None:
    assert picture("https://example.com/a.jpg") == "Picture: https://example.com/a.jpg"


@pytest.mark.parametrize(
    "address",
    [
        "", "javascript:alert(1)", "data:image/png;base64,AAAA", "file:///etc/passwd", "https://e.com/a b",
        "https://e.com/\na", "https://e.com/\u202ea", "https://e.com/" + "a" * 2_048,
    ],
)  # fmt: skip
def test_what_is_no_address_on_the_web_is_not_shown(address: str) -> None:
    assert picture(address) == ""
