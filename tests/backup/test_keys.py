"""Who opens a backup."""

from __future__ import annotations

import os

import pytest

from chatwarden.backup.keys import HomeKey, Identity, identity, recipient
from chatwarden.backup.stream import Slot
from chatwarden.errors import ConfigurationError, Damaged

KEY = os.urandom(32)


def test_a_home_opens_what_it_wrapped_and_no_other_home_does() -> None:
    home = HomeKey(os.urandom(32))
    slot = home.wrap(KEY, os.urandom)
    assert home.unwrap((slot,)) == KEY
    assert HomeKey(os.urandom(32)).unwrap((slot,)) is None


def test_an_identity_opens_what_is_sealed_to_its_recipient_and_no_other_does() -> None:
    mine, other = Identity(os.urandom(32)), Identity(os.urandom(32))
    slots = (HomeKey(bytes(32)).wrap(bytes(32), os.urandom), mine.recipient.wrap(KEY))
    assert mine.unwrap(slots) == KEY
    assert other.unwrap(slots) is None


def test_sealing_twice_gives_nothing_to_compare() -> None:
    to = Identity(os.urandom(32)).recipient
    assert to.wrap(KEY).wrapped != to.wrap(KEY).wrapped


@pytest.mark.parametrize("at", [0, 20, 40, -1])
def test_a_changed_slot_is_damage_and_no_wrong_key(at: int) -> None:
    home, mine = HomeKey(os.urandom(32)), Identity(os.urandom(32))
    for opener, slot in ((home, home.wrap(KEY, os.urandom)), (mine, mine.recipient.wrap(KEY))):
        wrapped = bytearray(slot.wrapped)
        wrapped[at] ^= 1
        with pytest.raises(Damaged):
            opener.unwrap((Slot(slot.kind, slot.name, bytes(wrapped)),))


def test_the_text_of_a_recipient_and_of_an_identity_is_read_back() -> None:
    mine = Identity(os.urandom(32))
    assert recipient(str(mine.recipient)) == mine.recipient
    assert identity(f"# a comment\n\n{mine.written()}\n") == mine
    assert str(mine.recipient).startswith("cwr1-")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "cwi1-short", "two\nlines"])
def test_what_is_no_identity_is_told(text: str) -> None:
    with pytest.raises(ConfigurationError, match="identity cannot be used"):
        identity(text)


def test_a_recipient_is_no_identity_and_an_identity_shows_no_key() -> None:
    mine = Identity(os.urandom(32))
    with pytest.raises(ConfigurationError):
        identity(str(mine.recipient))
    assert mine.key.hex() not in repr(mine)
    assert mine.written() not in repr(mine)
