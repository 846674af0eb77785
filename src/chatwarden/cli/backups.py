"""``chatwarden backup`` and ``restore``: a file that is whole or not there, read back before it gets its name."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from chatwarden.cli import control
from chatwarden.cli.commands import configured, say, show
from chatwarden.clock import SystemClock, rfc3339
from chatwarden.config import files
from chatwarden.config.home import Home, write_private
from chatwarden.errors import CannotRun, ConfigurationError

if TYPE_CHECKING:
    from chatwarden.backup.keys import Identity
    from chatwarden.backup.reading import Contents

_MEGABYTE = 1_000_000


def backup(options: argparse.Namespace) -> int:
    """Writes a backup, reads one, or makes an identity."""
    if options.new_identity:
        return _new_identity(options)
    if options.verify:
        return _show(options, _verified(options, options.file), "")
    if options.identity is not None:
        raise ConfigurationError("--identity goes with --verify", hint="[backup] recipient says to whom it is sealed")
    home, config = configured(options)
    _require_new(options.file)
    new = options.file.with_name(f".{options.file.name}.{os.getpid()}.new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotRun(f"cannot write {options.file}: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as written, _Progress("written") as progress:

            def write(piece: bytes) -> None:
                written.write(piece)
                progress.add(len(piece))

            control.run(home, config, "backup", {}, write)
            written.flush()
            os.fsync(written.fileno())
        contents = _verified(options, new)
        _require_new(options.file)
        new.rename(options.file)
        _sync(options.file.parent)
    except OSError as error:
        raise CannotRun(f"cannot write {options.file}: {error.strerror}") from error
    finally:
        new.unlink(missing_ok=True)
    return _show(options, contents, f"wrote {options.file}\n")


def restore(options: argparse.Namespace) -> int:
    """Puts a backup back."""
    from chatwarden import restoring  # noqa: PLC0415  the whole house

    home = Home(options.home)
    config = None
    if options.config is not None or home.config.exists():
        config = replace(configured(options)[1], source=options.config or home.config)
    wish = restoring.Wish(
        options.file, config, _identity(options.identity), replace=options.replace, accept_ring=options.accept_ring
    )
    try:
        manifest = restoring.restore(home, wish, lambda text: sys.stderr.write(f"{text}\n"))
    except OSError as error:
        raise CannotRun(f"cannot restore {options.file}: {error.strerror}") from error
    result = {"id": manifest.id, "made_at": rfc3339(manifest.made_at), "home": str(home.path)}
    return show(
        options, result,
        lambda shown: say(f"restored {shown['id']}, made {shown['made_at']}, into {shown['home']}; every session is ended"),
    )  # fmt: skip


# -- parts of it


def _new_identity(options: argparse.Namespace) -> int:
    from chatwarden.backup.keys import Identity  # noqa: PLC0415  where it is used

    _require_new(options.file)
    identity = Identity(os.urandom(32))
    text = (
        f"# identity for backups of chatwarden, made {rfc3339(SystemClock().now())}; keep it offline, and a copy of it\n"
        f"# its recipient: {identity.recipient}\n{identity.written()}\n"
    )
    try:
        write_private(options.file, text.encode())
    except OSError as error:
        raise CannotRun(f"cannot write {options.file}: {error.strerror}") from error
    shown = {"file": str(options.file), "recipient": str(identity.recipient)}
    text = f'wrote {options.file}; name its recipient in the configuration:\n\n[backup]\nrecipient = "{identity.recipient}"'
    return show(options, shown, lambda _: say(text))


def _identity(path: Path | None) -> Identity | None:
    from chatwarden.backup import keys  # noqa: PLC0415  where it is used

    if path is None:
        return None
    return keys.identity(files.private(path.absolute(), "--identity").decode("utf-8", "replace"))


def _verified(options: argparse.Namespace, path: Path) -> Contents:
    from chatwarden.backup import reading  # noqa: PLC0415  where it is used
    from chatwarden.restoring import keys_of  # noqa: PLC0415

    keys = keys_of(Home(options.home), _identity(options.identity))
    try:
        with path.open("rb") as file, _Progress("read back") as progress:
            return reading.verified(file, keys, progress.add)
    except OSError as error:
        raise CannotRun(f"cannot read {path}: {error.strerror}") from error


def _show(options: argparse.Namespace, contents: Contents, before: str) -> int:
    manifest = contents.manifest
    result = {
        "id": manifest.id, "made_at": rfc3339(manifest.made_at), "program": manifest.program, "home": manifest.home[:16],
        "engine": manifest.engine, "recipient": manifest.recipient, "record": contents.record,
        "configuration": contents.configuration, "keys": contents.keys, "files": contents.files, "size": contents.size,
        "sha256": contents.digest,
    }  # fmt: skip

    def human(shown: Any) -> None:
        say(f"{before}{shown['id']}, made {shown['made_at']} by chatwarden {shown['program']}, of home {shown['home']}")
        say(f"  record         {shown['engine']}, {shown['record']} bytes")
        say(f"  configuration  {shown['configuration']} bytes")
        if not shown["recipient"]:
            say("  keys           none: it can be restored only beside HOME/keys of this home")
        elif shown["keys"] is None:
            say(f"  keys           sealed to {shown['recipient']}, not looked into")
        else:
            say(f"  keys           {shown['keys']} of ordinary messages, {shown['files']} file(s) of the home")
        say(f"sound: {shown['size']} bytes, sha-256 {shown['sha256']}")

    return show(options, result, human)


def _require_new(path: Path) -> None:
    if path.exists():
        raise CannotRun(f"{path} exists already", hint="name a new file; backups are never overwritten")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Progress:
    """How far it is, on a terminal only."""

    def __init__(self, what: str, shown: Callable[[], bool] = sys.stderr.isatty) -> None:
        self._what = what
        self._shown = shown()
        self._bytes = 0
        self._told = -1

    def __enter__(self) -> Self:
        return self

    def add(self, size: int) -> None:
        """So much more."""
        self._bytes += size
        if self._shown and self._bytes // _MEGABYTE != self._told:
            self._told = self._bytes // _MEGABYTE
            sys.stderr.write(f"\r{self._what}: {self._told} MB")
            sys.stderr.flush()

    def __exit__(self, *_: object) -> None:
        if self._told >= 0:
            sys.stderr.write("\n")
