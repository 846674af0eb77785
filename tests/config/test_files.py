"""Files that the configuration names: what is wrong with one is told with the setting that led there."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.config.files import credential, private, private_lines, readable
from chatwarden.errors import ConfigurationError


def private_file(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_what_nobody_else_may_read_is_read(tmp_path: Path) -> None:
    path = private_file(tmp_path / "secret", "one\n\n two \n")
    assert private(path, "secret_file") == b"one\n\n two \n"
    assert private_lines(path, "secret_file") == ["one", "two"]
    assert credential(private_file(tmp_path / "key", "k-1\n")) == "k-1"


def test_what_others_may_read_is_refused(tmp_path: Path) -> None:
    path = private_file(tmp_path / "secret", "one\n")
    path.chmod(0o640)
    assert readable(path, "key_file") == b"one\n"
    with pytest.raises(ConfigurationError, match="read by others") as refused:
        private_lines(path, "secret_file")
    assert refused.value.setting == "secret_file"
    assert "chmod 600" in refused.value.hint


@pytest.mark.parametrize("name", ["absent", "."])
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot read key_file") as refused:
        readable(tmp_path / name, "key_file")
    assert refused.value.setting == "key_file"


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(ConfigurationError, match="too large"):
        readable(Path("/dev/zero"), "key_file")


@pytest.mark.parametrize("text", ["", "a b\n", "one\ntwo\n", "ä\n"])
def test_a_credential_is_one_word_on_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="does not hold one key"):
        credential(private_file(tmp_path / "key", text))
