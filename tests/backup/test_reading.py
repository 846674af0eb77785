"""Reading a backup: which key opens it, and that every byte is proved."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from tests.world.backups import FOR_OPERATOR, OPERATOR, home_key, made, opened, talk
from tests.world.house import Open

from chatwarden.backup import parts
from chatwarden.backup.keys import HomeKey, Identity
from chatwarden.backup.model import CONFIGURATION, MANIFEST, SEALED, Manifest, encode
from chatwarden.backup.reading import Keys, inside, verified
from chatwarden.backup.stream import Sealer
from chatwarden.errors import CannotRun, Damaged

HOME = HomeKey(bytes(32))
MANIFEST_ONE = encode(Manifest(id="bak_1", made_at=1, program="0", home="", engine="sqlite", ring=("", 0)))


def sealed(content: bytes) -> bytes:
    key = os.urandom(32)
    sealer = Sealer(key, [HOME.wrap(key, os.urandom)])
    return sealer.head + sealer.update(content) + sealer.finish()


async def test_the_home_or_the_recipient_opens_it_and_nobody_else(open_house: Open, tmp_path: Path) -> None:
    async with open_house(FOR_OPERATOR) as house:
        await talk(house)
        data = await made(house)
    home = home_key(tmp_path / "home")
    assert opened(data, Keys(home)).manifest == opened(data, Keys(None, OPERATOR)).manifest
    stranger = Identity(os.urandom(32))
    for keys in (Keys(), Keys(HomeKey(os.urandom(32))), Keys(None, stranger), Keys(HomeKey(os.urandom(32)), stranger)):
        with pytest.raises(CannotRun, match="no key that is here"):
            opened(data, keys)
    with pytest.raises(CannotRun, match="another recipient"):
        list(inside(opened(data, Keys(home)).sealed, stranger))


async def test_verifying_says_what_is_in_it_and_counts_what_was_read(open_house: Open, tmp_path: Path) -> None:
    async with open_house(FOR_OPERATOR) as house:
        await talk(house)
        data = await made(house)
    counted: list[int] = []
    found = verified(io.BytesIO(data), Keys(home_key(tmp_path / "home")), counted.append)
    assert (found.size, sum(counted)) == (len(data), len(data))
    assert found.keys is None
    assert found.files is None
    assert found.record > 100_000
    more = verified(io.BytesIO(data), Keys(None, OPERATOR), counted.append)
    assert more.keys == 1
    assert more.files is not None
    assert more.files >= 5
    assert more.digest == found.digest


async def test_a_flipped_bit_anywhere_and_a_cut_anywhere_are_noticed(open_house: Open, tmp_path: Path) -> None:
    async with open_house(FOR_OPERATOR) as house:
        await talk(house)
        data = await made(house)
    keys = Keys(home_key(tmp_path / "home"), OPERATOR)
    for at in [*range(400), *range(400, len(data), 2_111), len(data) - 1]:
        bad = data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :]
        with pytest.raises(CannotRun):
            verified(io.BytesIO(bad), keys, lambda _: None)
        with pytest.raises(CannotRun):
            verified(io.BytesIO(data[:at]), keys, lambda _: None)


@pytest.mark.parametrize(
    "content",
    [
        parts.END,
        parts.whole(MANIFEST, b"{}") + parts.END,
        parts.whole(CONFIGURATION, b"") + parts.END,
        parts.whole(MANIFEST, MANIFEST_ONE) + parts.END,
        parts.whole(MANIFEST, MANIFEST_ONE) + parts.whole(SEALED, b"x") + parts.END,
        parts.whole(MANIFEST, MANIFEST_ONE) + parts.whole(CONFIGURATION, bytes(2 << 20)) + parts.END,
        parts.whole(MANIFEST, bytes(2 << 20)) + parts.END,
        b"noise" * 99,
    ],
    ids=["empty", "no manifest", "no order", "no configuration", "order", "large", "large manifest", "noise"],
)
def test_a_sealed_file_that_is_no_backup_is_refused(content: bytes) -> None:
    with pytest.raises(Damaged):
        opened(sealed(content), Keys(HOME))
