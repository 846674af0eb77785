"""A text is what the names say under which it stands."""

from __future__ import annotations

import pytest

from chatwarden.classes import DataClass
from chatwarden.detection.named import NAMES, under
from chatwarden.detection.scan import Scanner

SCANNER = Scanner()
PASSWORD = "hunter2-of-ada"


@pytest.mark.parametrize(
    "names", [("password",), ("value", "password"), ("", "x", "password"), ("password", "value", "user")]
)
def test_each_of_the_nearest_names_may_say_it(names: tuple[str, ...]) -> None:
    (found,) = under(SCANNER, names, PASSWORD).findings
    assert (found.data_class, found.start, found.end) == (DataClass.CREDENTIAL, 0, len(PASSWORD))


@pytest.mark.parametrize("names", [(), ("value",), ("note", "order"), ("a",) * NAMES + ("password",)])
def test_without_such_a_name_it_is_a_word(names: tuple[str, ...]) -> None:
    assert under(SCANNER, names, PASSWORD).findings == ()


def test_what_says_itself_is_found_once_and_where_it_stands() -> None:
    text = "write to ada@example.org or 4111 1111 1111 1111"
    found = under(SCANNER, ("value", "email", "contact"), text).findings
    assert [(one.data_class, text[one.start : one.end]) for one in found] == [
        (DataClass.EMAIL, "ada@example.org"), (DataClass.PAYMENT_CARD, "4111 1111 1111 1111"),
    ]  # fmt: skip


def test_a_name_is_no_part_of_the_text() -> None:
    assert under(SCANNER, ("ada@example.org",), "sent").findings == ()


def test_what_cannot_be_checked_under_one_name_is_not_checked() -> None:
    assert under(SCANNER, ("value", "x"), "a" * 70_000).unknown
