"""Keys as text."""

from __future__ import annotations

import os
import string

import pytest

from chatwarden.config.keytext import IDENTITY, RECIPIENT, read, recipient, written
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError


def test_a_key_comes_back_and_its_line_needs_no_quoting() -> None:
    key = os.urandom(32)
    line = written(RECIPIENT, key)
    assert read(RECIPIENT, line) == key
    assert set(line) <= set(string.ascii_letters + string.digits + "-_")


def test_every_typing_error_of_one_letter_is_noticed() -> None:
    line = written(RECIPIENT, bytes(range(32)))
    for at in range(len(RECIPIENT), len(line)):
        other = "A" if line[at] != "A" else "B"
        with pytest.raises(ValueError, match="typing error"):
            read(RECIPIENT, line[:at] + other + line[at + 1 :])
    for cut in (line[:-1], line + "A", line[:20], RECIPIENT, RECIPIENT + "ü" * 48):
        with pytest.raises(ValueError, match="typing error"):
            read(RECIPIENT, cut)


def test_one_kind_is_not_taken_for_the_other() -> None:
    with pytest.raises(ValueError, match="begins with cwi1-"):
        read(IDENTITY, written(RECIPIENT, bytes(32)))
    with pytest.raises(ValueError, match="typing error"):
        read(IDENTITY, written(RECIPIENT, bytes(32)).replace(RECIPIENT, IDENTITY))


def test_a_setting_may_name_nobody() -> None:
    assert recipient("") == ""
    assert recipient(written(RECIPIENT, bytes(32))) == written(RECIPIENT, bytes(32))
    with pytest.raises(ValueError, match="text"):
        recipient(7)


def test_a_wrong_recipient_is_told_with_its_line() -> None:
    with pytest.raises(ConfigurationError) as told:
        parse('[server]\nport = 0\n[backup]\nrecipient = "age1qqqq"\n')
    assert told.value.line == 4
    assert parse('[backup]\nrecipient = ""\n').backup_recipient == ""
