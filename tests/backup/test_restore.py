"""What a restore insists on before it changes anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatwarden.backup import parts
from chatwarden.backup.keys import Identity
from chatwarden.backup.model import OF_HOME, RING, Manifest
from chatwarden.backup.reading import Opened
from chatwarden.backup.restore import Living, Secrets, require_home, require_ring, secrets_of
from chatwarden.backup.stream import Sealer
from chatwarden.config.home import Home
from chatwarden.errors import CannotRun, Damaged

MINE = Identity(os.urandom(32))
NONE = Living()


def manifest(home: str = "ab", ring: tuple[str, int] = ("ring", 5), recipient: str = "cwr1-x") -> Manifest:
    return Manifest(
        id="bak_1", made_at=1, program="0", home=home, engine="sqlite", ring=ring, recipient=recipient
    )  # fmt: skip


def backup_with(*inner: tuple[str, bytes]) -> Opened:
    key = os.urandom(32)
    sealer = Sealer(key, [MINE.recipient.wrap(key)])
    content = b"".join(parts.whole(name, data) for name, data in inner) + parts.END
    return Opened(manifest(), b"", sealer.head + sealer.update(content) + sealer.finish(), iter(()))


def test_what_is_sealed_comes_back_by_name() -> None:
    found = secrets_of(
        backup_with((RING, b"keys"), (OF_HOME + "keys/record", b"k"), (OF_HOME + "tls/ca.pem", b"")), MINE
    )
    assert found == Secrets(b"keys", {"keys/record": b"k", "tls/ca.pem": b""})
    assert secrets_of(backup_with((RING, b"keys")), None) is None


@pytest.mark.parametrize(
    "name",
    [
        "keys/../../etc/passwd", "/etc/passwd", "data/chatwarden.db", "chatwarden.toml", "keys/ring", "keys/oauth/1.pem",
        "run/control.sock", "keys", "", "secrets/../keys/ring", "keys/a\0b",
    ],
)  # fmt: skip
def test_a_file_that_does_not_belong_into_a_home_is_refused_whoever_made_the_backup(name: str) -> None:
    with pytest.raises(Damaged, match="does not know"):
        secrets_of(backup_with((OF_HOME + name, b"x")), MINE)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(Damaged, match="too large"):
        secrets_of(backup_with((OF_HOME + "secrets/large", bytes((1 << 24) + 1))), MINE)


def test_a_home_takes_its_own_backup_only(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    home.key("record", 32)
    require_home(home, manifest(home.mark), None)
    with pytest.raises(CannotRun, match="another home"):
        require_home(home, manifest("another"), Secrets(b"", {"keys/record": b"x"}))


def test_a_home_without_keys_needs_those_of_the_backup(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(CannotRun, match="has no keys") as told:
        require_home(home, manifest(), None)
    assert "cwr1-x" in told.value.hint
    with pytest.raises(CannotRun, match="has no keys") as told:
        require_home(home, manifest(recipient=""), None)
    assert "names no recipient" in told.value.hint
    with pytest.raises(Damaged, match="no keys of its home"):
        require_home(home, manifest(), Secrets(b"", {}))
    require_home(home, manifest(), Secrets(b"", {"keys/record": b"x"}))


@pytest.mark.parametrize(
    ("present", "living", "carried", "fits"),
    [
        (("ring", 5), NONE, False, True),
        (("ring", 900), NONE, False, True),
        (("ring", 900), Living(1, ("ring", 900)), True, True),
        (("ring", 4), NONE, False, False),  # older than the backup
        (("ring", 899), Living(1, ("ring", 900)), False, False),  # older than the record that is there
        (("other", 900), NONE, True, False),
        (("ring", 900), Living(1, ("other", 1)), False, False),
        (None, NONE, False, False),
        (None, NONE, True, True),
        (None, Living(1, ("ring", 900)), True, True),  # the ring was lost, and keys came along
    ],
)  # fmt: skip
def test_the_ring_is_the_backups_own_or_a_later_one(
    present: tuple[str, int] | None, living: Living, carried: bool, fits: bool
) -> None:
    if fits:
        require_ring(present, manifest(), living, carried=carried, accept=False)
    else:
        with pytest.raises(CannotRun, match="key ring"):
            require_ring(present, manifest(), living, carried=carried, accept=False)
        require_ring(present, manifest(), living, carried=carried, accept=True)
