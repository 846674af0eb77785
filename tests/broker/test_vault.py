"""What is kept is sealed, bound to its name, and read by nobody without the key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatwarden.broker.vault import Kept, Vault
from chatwarden.broker.wire import Application
from chatwarden.crypto import Tampered
from chatwarden.errors import CannotRun

SECRET = "a-secret-of-a-bot"
CRM = Application(name="crm", url="https://crm.example.org", sign_in="bearer")


def kept(name: str = "crm") -> Kept:
    return Kept(application=Application(name=name, url=CRM.url, sign_in="bearer"), secret=SECRET)


def test_what_was_kept_is_there_for_the_next_process(tmp_path: Path) -> None:
    vault = Vault(tmp_path, os.urandom)
    vault.put(kept())
    vault.put(kept("erp"))
    vault.remove("erp")
    vault.remove("never")
    assert Vault(tmp_path, os.urandom).load() == {"crm": kept()}


def test_no_file_shows_a_credential_and_only_its_owner_reads_them(tmp_path: Path) -> None:
    Vault(tmp_path, os.urandom).put(kept())
    for path in tmp_path.iterdir():
        assert SECRET.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_a_copy_without_the_key_opens_nothing(tmp_path: Path) -> None:
    Vault(tmp_path, os.urandom).put(kept())
    (tmp_path / "key").unlink()
    with pytest.raises(CannotRun, match=r"crm\.app is damaged"):
        Vault(tmp_path, os.urandom).load()


def test_no_file_can_be_put_in_the_place_of_another(tmp_path: Path) -> None:
    vault = Vault(tmp_path, os.urandom)
    vault.put(kept())
    (tmp_path / "crm.app").rename(tmp_path / "erp.app")
    with pytest.raises(CannotRun, match=r"erp\.app is damaged"):
        vault.load()


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(CannotRun, match="key is damaged"):
        Vault(tmp_path, os.urandom)


def test_what_is_sealed_for_one_name_opens_under_no_other(tmp_path: Path) -> None:
    vault = Vault(tmp_path, os.urandom)
    sealed = vault.seal("one", b"data")
    assert vault.open("one", sealed) == b"data"
    with pytest.raises(Tampered):
        vault.open("two", sealed)


def test_its_representation_has_no_credential() -> None:
    assert repr(kept()) == "Kept(crm)"
