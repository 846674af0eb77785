"""Asks witnesses to cosign checkpoints, so that whoever holds this home cannot rewrite the log unseen.

Sources: c2sp.org/tlog-witness (``add-checkpoint``) and c2sp.org/tlog-cosignature. A witness remembers the largest tree it
saw and cosigns only what continues it. One that cannot be reached is asked again, later each time, and holds nothing up:
messages do not wait for it, nor does the tree. One that saw more than this log has, or something else, is an alarm.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chatwarden.audit import checkpoint as cp
from chatwarden.audit import note
from chatwarden.audit.checkpoint import Checkpoint
from chatwarden.audit.folder import CHECKPOINT, Folder
from chatwarden.audit.merkle import WrongProof, consistency_proof
from chatwarden.audit.note import COSIGNATURE, BadNote, Note, Signature, VerifierKey
from chatwarden.audit.tiles import TornTile, hashes_of
from chatwarden.clock import MINUTE, SECOND, Duration, Instant
from chatwarden.config.model import WitnessConfig
from chatwarden.errors import ConfigurationError
from chatwarden.log import get_logger
from chatwarden.outgoing import Answer, Unreachable

Fetch = Callable[[str, str, Mapping[str, str], bytes], Awaitable[Answer]]
"""Method, URL, headers and body; raises Unreachable."""
Alarm = Callable[[str, str, Instant], Awaitable[None]]
"""Told the name of a witness and what it found: ``fork`` or ``rollback``."""

_LONGEST: Duration = 5 * MINUTE
_OLD_SIZE_MAX = 20
_log = get_logger("witness")


class Refused(Exception):
    """A witness saw another history than this one: ``kind`` is ``fork`` or ``rollback``."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class _State:
    """Where one witness stands: the size it cosigned last, as far as is known, and when it is asked next."""

    key: VerifierKey
    url: str
    origin: str = ""
    size: int = 0
    done: int = -1
    tries: int = 0
    next_try: Instant = 0
    alarmed: str = field(default="")


class Witnesses:
    """Those that the configuration names. Raises ConfigurationError for a key that is none."""

    def __init__(self, configured: Sequence[WitnessConfig], fetch: Fetch, alarm: Alarm) -> None:
        self._states = [_State(witness_key(one), one.url.rstrip("/")) for one in configured]
        self._fetch = fetch
        self._alarm = alarm

    async def ask(self, folder: Folder, now: Instant) -> tuple[Note, list[Signature]] | None:
        """The newest checkpoint of the log in *folder* with the cosignatures it got now; None when there are none."""
        vkey, data = await asyncio.to_thread(lambda: (folder.vkey, folder.read(CHECKPOINT)))
        if vkey is None or data is None or not self._states:
            return None
        head, signed = cp.opened(data, vkey)
        due = [
            one for one in self._states if one.next_try <= now and (one.origin, one.done) != (head.origin, head.size)
        ]
        answers = await asyncio.gather(*(self._one(state, folder, head, signed, now) for state in due))
        cosigned = [signature for answer in answers for signature in answer]
        return (signed, cosigned) if cosigned else None

    async def _one(
        self, state: _State, folder: Folder, head: Checkpoint, signed: Note, now: Instant
    ) -> list[Signature]:
        """What one witness gives. Whatever goes wrong with it is its own."""
        if state.origin != head.origin:
            state.origin, state.size, state.done = head.origin, 0, -1
        try:
            cosigned = await self._cosigned(state, folder, head, signed)
        except Refused as refused:
            if state.alarmed != refused.kind:
                state.alarmed = refused.kind
                _log.error("witness-refused", witness=state.key.name, kind=refused.kind)
                await self._alarm(state.key.name, refused.kind, now)
            _later(state, now)
            return []
        except (Unreachable, BadNote, TornTile, WrongProof, ValueError) as error:
            _log.warning("witness-failed", witness=state.key.name, kind=type(error).__name__, tries=state.tries)
            _later(state, now)
            return []
        state.size = state.done = head.size
        state.tries, state.next_try, state.alarmed = 0, 0, ""
        return cosigned

    async def _cosigned(self, state: _State, folder: Folder, head: Checkpoint, signed: Note) -> list[Signature]:
        """Asks, once more when the witness says at which size it is. Raises Refused, and Unreachable for the rest."""
        for _ in range(2):
            answer = await self._add(state, folder, head, signed)
            if answer.status == 200:
                found = note.signature_lines(answer.body.decode("utf-8", "replace"))
                cosigned = note.signed_by(Note(signed.text, found), [state.key])
                if not cosigned:
                    raise BadNote("the answer has no cosignature of this witness")
                return cosigned[:1]
            if answer.status == 422:
                raise Refused("fork")
            if answer.status != 409:
                raise Unreachable(f"it answered {answer.status}")
            has = _size(answer.body)
            if has > head.size:
                raise Refused("rollback")
            if has == state.size:  # it has that size, and another root
                raise Refused("fork")
            state.size = has
        raise Unreachable("it answered 409 twice")

    async def _add(self, state: _State, folder: Folder, head: Checkpoint, signed: Note) -> Answer:
        proof = await asyncio.to_thread(consistency_proof, state.size, head.size, hashes_of(folder.tile, head.size))
        lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
        body = f"old {state.size}\n{lines}\n{signed}".encode()
        return await self._fetch("POST", f"{state.url}/add-checkpoint", {"Content-Type": "text/plain"}, body)


def witness_key(one: WitnessConfig) -> VerifierKey:
    """The key of a witness. Raises ConfigurationError."""
    try:
        key = VerifierKey.parse(one.vkey)
    except BadNote as error:
        raise ConfigurationError(f"the vkey of the witness {one.url}: {error}", setting="witnesses") from error
    if key.kind != COSIGNATURE:
        raise ConfigurationError(
            f"the vkey of the witness {one.url} is not one for cosignatures (type 4)", setting="witnesses"
        )
    return key


def _later(state: _State, now: Instant) -> None:
    state.next_try = now + min(_LONGEST, SECOND << min(state.tries, 16))
    state.tries += 1


def _size(body: bytes) -> int:
    """The size in an answer 409. Raises ValueError."""
    text = body[: _OLD_SIZE_MAX + 1].decode("ascii").strip()
    if not text.isdecimal() or len(text) > _OLD_SIZE_MAX:
        raise ValueError("not a size")
    return int(text)
