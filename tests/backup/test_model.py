"""The nouns of backups, as they are stored."""

from __future__ import annotations

import pytest

from chatwarden.backup.model import KEY_SIZE, Manifest, Restoration, decode, encode, note, restoration
from chatwarden.ephemeral.carried import written
from chatwarden.ephemeral.slots import Key, Name
from chatwarden.errors import Damaged

ONE = Manifest(id="bak_1", made_at=5, program="0", home="ab", engine="sqlite", ring=("cd", 7), recipient="")


def test_a_manifest_begins_with_its_version_and_comes_back() -> None:
    assert encode(ONE).startswith(b'{"v":1,')
    assert decode(encode(ONE)) == ONE


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", encode(ONE).replace(b'"v":1', b'"v":2')])
def test_another_one_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        decode(data)


def test_a_note_comes_back() -> None:
    todo = Restoration("bak_1", 5, 9, planted=True)
    assert restoration(note(todo)) == todo


def test_a_key_of_the_ring_has_the_size_that_is_counted_with() -> None:
    assert len(written([Key(Name(1, 2), bytes(32))])) == KEY_SIZE
