"""Files with secrets: one line, nobody else's, and an error that says what to do."""

from pathlib import Path

import pytest

from chatwarden.config.files import credential, private_lines, readable
from chatwarden.errors import ConfigurationError


def key_file(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_credential_is_one_line(tmp_path: Path) -> None:
    assert credential(key_file(tmp_path / "key", b"  sk-abc \n")) == "sk-abc"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"two words", b"two\nlines", b"caf\xc3\xa9", b"a\x00b", b"a\r\nx-evil: 1"]
)
def test_what_is_not_one_key_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ConfigurationError, match="does not hold one key"):
        credential(key_file(tmp_path / "key", data))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_credential_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigurationError, match="read by others") as refused:
        credential(key_file(tmp_path / "key", b"sk-abc", mode))
    assert "chmod 600" in refused.value.hint


def test_lines_come_without_blanks_and_without_what_is_no_text(tmp_path: Path) -> None:
    assert private_lines(key_file(tmp_path / "keys", b"one\n\n  two \r\ncaf\xe9\n"), "keys_file") == [
        "one",
        "two",
        "caf\ufffd",
    ]


def test_a_file_that_is_not_there_is_told_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read ca_file") as refused:
        readable(tmp_path / "none.pem", "ca_file")
    assert refused.value.setting == "ca_file"
