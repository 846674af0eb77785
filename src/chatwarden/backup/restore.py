"""Puts a backup back: into an empty home, or in the place of the record that is there.

Everything is read and proved before anything is replaced. In a home that has keys, these stay, and so do its key ring and its
configuration: the ring knows what was destroyed since. What is missing is put back where an identity opens it. The record
comes last and is the moment from which the backup counts; until then the home is what it was.

Not here: what the record still needs when it is there (restored.py), how keys are planted (handed over by app.py's
neighbour restoring.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chatwarden.backup.keys import Identity
from chatwarden.backup.model import FOLDERS, LEFT_OUT, NOTE, OF_HOME, RING, Manifest, Restoration, note
from chatwarden.backup.parts import Piece
from chatwarden.backup.reading import Opened, inside
from chatwarden.clock import Instant
from chatwarden.config.home import Home, write_private
from chatwarden.config.model import Config
from chatwarden.errors import CannotRun, Damaged
from chatwarden.storage import engine

Mark = tuple[str, int]
_SMALL = 1 << 24


@dataclass(frozen=True, slots=True)
class Ring:
    """The mark of the key ring that is there, and how the keys that came along are planted where there is none."""

    mark: Mark | None
    plant: Callable[[], Mark] | None


@dataclass(frozen=True, slots=True)
class Living:
    """What the record that is there says, where it can be read: the last instant of its log, and its ring's mark."""

    last: Instant = 0
    ring: Mark | None = None


@dataclass(slots=True)
class Secrets:
    """What was sealed to the recipient."""

    ring: bytes
    files: dict[str, bytes]


def secrets_of(backup: Opened, identity: Identity | None) -> Secrets | None:
    """What is sealed in it, where there is an identity that opens it. Raises CannotRun and Damaged."""
    if identity is None or not backup.sealed:
        return None
    found = Secrets(b"", {})
    for name, piece in inside(backup.sealed, identity):
        if name == RING:
            found.ring += piece
        elif name.startswith(OF_HOME) and _belongs(name.removeprefix(OF_HOME)):
            path = name.removeprefix(OF_HOME)
            found.files[path] = found.files.get(path, b"") + piece
            if len(found.files[path]) > _SMALL:
                raise Damaged("a file of the home in the backup is too large")
        else:
            raise Damaged("the backup holds what this program does not know")
    return found


def _belongs(name: str) -> bool:
    """Whether a file of this name may be put into a home: below one of its folders, whoever made the backup."""
    path = PurePosixPath(name)
    inner = not path.is_absolute() and ".." not in path.parts and "\0" not in name and len(path.parts) > 1
    left_out = any(name == one or name.startswith(one + "/") for one in LEFT_OUT)
    return inner and path.parts[0] in FOLDERS and not left_out


def require_home(home: Home, manifest: Manifest, secrets: Secrets | None) -> None:
    """The keys that the record needs are there, or come along. Raises CannotRun."""
    if home.mark and home.mark != manifest.home:
        raise CannotRun("the backup is of another home", hint="name that home, or an empty folder, with --home")
    if not home.mark and secrets is None:
        hint = (
            f"name the identity of {manifest.recipient} with --identity"
            if manifest.recipient
            else "it names no recipient, so it can be restored only beside HOME/keys of the home that made it"
        )
        raise CannotRun("this home has no keys, and the backup's cannot be opened", hint=hint)
    if not home.mark and secrets is not None and "keys/record" not in secrets.files:
        raise Damaged("the backup has no keys of its home")


def require_ring(present: Mark | None, manifest: Manifest, living: Living, *, carried: bool, accept: bool) -> None:
    """The key ring that is there is the backup's own, as it was then or later; or there is none, and keys come along.
    Raises CannotRun.
    """
    if accept:
        return
    if present is None and not carried:
        raise CannotRun(
            "there is no key ring here, and no keys in the backup that can be opened",
            hint="put HOME/keys/ring back or name --identity; or give up every message: --accept-ring",
        )
    for known in (manifest.ring, living.ring):
        if present is not None and known is not None and (present[0] != known[0] or present[1] < known[1]):
            raise CannotRun(
                "the key ring is not the one of this record, or an older copy of it",
                hint="put HOME/keys/ring back as it was; or give up what it sealed: --accept-ring",
            )


async def put_back(
    backup: Opened, home: Home, config: Config, secrets: Secrets | None, *, ring: Ring, living: Living,
    floor: Instant, replace: bool, accept_ring: bool,
) -> None:  # fmt: skip
    """Restores. *floor*: the instant before which the clock must not begin again. Raises CannotRun, Damaged and
    StorageFailed, and then the record is what it was.
    """
    manifest = backup.manifest
    if manifest.engine != engine.name(config.storage):
        raise CannotRun(
            f"the backup is of a record in {manifest.engine}",
            hint="name a configuration with that storage.url: --config",
        )
    require_home(home, manifest, secrets)
    require_ring(ring.mark, manifest, living, carried=ring.plant is not None, accept=accept_ring)
    async with engine.replacement(config.storage, home.path, home.database) as new:
        if new.occupied and not replace:
            raise CannotRun(
                "there is a record already", hint="--replace puts the backup's in its place; make a backup of it first"
            )
        await new.fill(_proved(backup.record))
        _complete(home, backup, secrets)
        planted = ring.mark is None and ring.plant is not None
        present = ring.plant() if planted and ring.plant is not None else ring.mark
        notes = {NOTE: note(Restoration(manifest.id, manifest.made_at, floor, planted, home.details.exists()))}
        await new.commit(notes if present is None else {**notes, "ring": "{}:{}".format(*present)})
    home.note_prepared()


def _proved(record: Iterator[Piece]) -> Iterator[Piece]:
    """The record; a backup without one is none."""
    empty = True
    for piece in record:
        empty = False
        yield piece
    if empty:
        raise Damaged("there is no record in the backup")


def _complete(home: Home, backup: Opened, secrets: Secrets | None) -> None:
    """Puts back what is missing; what is there stays."""
    if backup.configuration and not home.config.exists():
        write_private(home.config, backup.configuration)
    for name, data in (secrets.files if secrets is not None else {}).items():
        path: Path = home.path / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_private(path, data)
