"""Files that the configuration names: read with an error that names the setting and says what to do.

A secret lies in a file that only the gateway's user can read; one that others can read is refused, since who else read it
is not known.
"""

from __future__ import annotations

from pathlib import Path

from chatwarden.errors import ConfigurationError


def credential(path: Path, setting: str = "credential_file") -> str:
    """The one line in *path*, which nobody else may read. Raises ConfigurationError."""
    lines = private_lines(path, setting)
    text = lines[0] if len(lines) == 1 else ""
    if not text or not text.isprintable() or not text.isascii() or " " in text:
        raise ConfigurationError(
            f"{path} does not hold one key", hint="one line of printable characters", setting=setting
        )
    return text


def private_lines(path: Path, setting: str) -> list[str]:
    """The lines in *path*, which nobody else may read, without empty ones. Raises ConfigurationError."""
    text = private(path, setting).decode("ascii", "replace")
    return [line.strip() for line in text.splitlines() if line.strip()]


def private(path: Path, name: str) -> bytes:
    """What is in *path*, which nobody else may read. Raises ConfigurationError."""
    data = readable(path, name)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path} can be read by others", hint=f"chmod 600 {path}", setting=name)
    return data


def readable(path: Path, name: str) -> bytes:
    """What is in *path*. Raises ConfigurationError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {name} {path}: {error.strerror}",
            hint="relative paths start at the home; the gateway's user must be able to read it", setting=name,
        ) from error  # fmt: skip
