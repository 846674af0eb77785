"""Files that the configuration names: credentials and keys of others. Every error names the setting that led there."""

from __future__ import annotations

from pathlib import Path

from chatwarden.errors import ConfigurationError

_MAX = 1_048_576


def readable(path: Path, setting: str) -> bytes:
    """What is in *path*. Raises ConfigurationError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX + 1)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {setting} {path}: {error.strerror}",
            hint="relative paths start at the home; the gateway's user must be able to read it", setting=setting,
        ) from error  # fmt: skip
    if len(data) > _MAX:
        raise ConfigurationError(f"{path} is too large", setting=setting)
    return data


def private(path: Path, setting: str) -> bytes:
    """The same for what nobody else may read."""
    data = readable(path, setting)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path} can be read by others", hint=f"chmod 600 {path}", setting=setting)
    return data


def private_lines(path: Path, setting: str) -> list[str]:
    """The lines in *path*, which nobody else may read, without empty ones. Raises ConfigurationError."""
    text = private(path, setting).decode("ascii", "replace")
    return [line.strip() for line in text.splitlines() if line.strip()]


def credential(path: Path, setting: str = "credential_file") -> str:
    """The one line in *path*, which nobody else may read. Raises ConfigurationError."""
    lines = private_lines(path, setting)
    text = lines[0] if len(lines) == 1 else ""
    if not text or not text.isprintable() or not text.isascii() or " " in text:
        raise ConfigurationError(
            f"{path} does not hold one key", hint="one line of printable characters", setting=setting
        )
    return text
