"""What was signed in for which session, and what is still to be taken back at an application.

A token is written down, sealed, before it is shown to anybody, and the line goes when the application has confirmed its
end (or the token's own time is over): whatever happens to this process, what is to be revoked is known to the next one. A
revocation that fails is tried again, later each time, with jitter; after `TRIES` failures it is *not-revoked*: shown,
told, and tried once a day until the token is over by itself.

    open ──end──▶ ending ──200──▶ revoked          (forgotten once the gateway has put it on record)
                    │ ├──its time──▶ expired
                    └─six failures──▶ not-revoked ──200──▶ revoked
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from pathlib import Path

import msgspec

from chatwarden.broker.sign_in.model import Shown
from chatwarden.broker.vault import Vault
from chatwarden.broker.wire import PAGE, Lease
from chatwarden.clock import DAY, Duration, Instant
from chatwarden.config.home import write_private
from chatwarden.crypto import Tampered
from chatwarden.ids import Randomness

TRIES = 6
_OVER_MAX = 10_000
_EARLY = 10_000_000  # a token is not used in its last ten seconds, or the last half of a shorter life
OVER = frozenset({"revoked", "expired"})


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    v: int = 1
    lease: Lease
    token: str
    header: tuple[str, str]
    secrets: tuple[str, ...]


class Leases:
    """Over *folder*. ``base``: how long after its first failure a revocation is tried again."""

    def __init__(self, folder: Path, vault: Vault, random: Randomness, base: Duration) -> None:
        self._folder = folder
        self._vault = vault
        self._random = random
        self._base = base
        self._lines: dict[str, _Line] = {}
        self._over: OrderedDict[str, None] = OrderedDict()  # ended before they had a token, or while they got it
        for path in folder.glob("*.lease"):
            try:
                line = msgspec.json.decode(vault.open(path.name, path.read_bytes()), type=_Line)
            except (Tampered, msgspec.MsgspecError):
                continue  # torn or of another key: nothing can be done with it
            self._lines[line.lease.id] = line

    def shown(self, lease: str, now: Instant) -> Shown | None:
        """What may be shown for an open lease."""
        line = self._lines.get(lease)
        if line is None or line.lease.state != "open":
            return None
        life = line.lease.until - line.lease.opened_at
        if now >= line.lease.until - min(_EARLY, life // 2):
            return None
        return Shown(line.header, line.secrets, line.token, line.lease.until)

    def is_over(self, lease: str) -> bool:
        """Whether it was ended."""
        line = self._lines.get(lease)
        return lease in self._over or (line is not None and line.lease.state != "open")

    def hold(self, lease: Lease, shown: Shown, now: Instant) -> None:
        """Writes a token down before it is used. One that came too late is on its way out already."""
        if not shown.token:
            return
        self._write(
            _Line(lease=msgspec.structs.replace(lease, until=shown.until), token=shown.token, header=shown.header,
                  secrets=shown.secrets)
        )  # fmt: skip
        if lease.id in self._over:
            self.end(lease.id, now)

    def forget_token(self, lease: str, token: str) -> None:
        """The application did not accept *token* any more. Not one that came meanwhile, and none that is to be taken back."""
        line = self._lines.get(lease)
        if line is not None and line.lease.state == "open" and line.token == token:
            self._drop(lease)

    def end(self, lease: str, now: Instant) -> None:
        """It is over: nothing is shown for it from now on, and what it got is to be taken back."""
        self._over[lease] = None
        while len(self._over) > _OVER_MAX:
            self._over.popitem(last=False)
        line = self._lines.get(lease)
        if line is not None and line.lease.state == "open":
            self._move(line, state="ending", next_try=now)

    def of(self, application: str) -> list[str]:
        """The leases of one application that something is still to be done for."""
        return [
            name
            for name, line in self._lines.items()
            if line.lease.application == application and line.lease.state not in OVER
        ]

    def due(self, now: Instant) -> list[Lease]:
        """Those that are to be revoked now."""
        for line in list(self._lines.values()):
            if line.lease.state in {"ending", "not-revoked"} and now >= line.lease.until:
                self._move(line, state="expired")
        return [
            line.lease
            for line in self._lines.values()
            if line.lease.state in {"ending", "not-revoked"} and now >= line.lease.next_try
        ]

    def token(self, lease: str) -> str:
        """What is to be taken back; empty if that is over meanwhile."""
        line = self._lines.get(lease)
        return "" if line is None or line.lease.state in OVER else line.token

    def settled(self, lease: str) -> None:
        """The application took it back, or has nothing to take it back by: ``until`` ends it then."""
        if self.token(lease):
            self._move(self._lines[lease], state="revoked")

    def failed(self, lease: str, now: Instant) -> None:
        """It did not."""
        if not self.token(lease):
            return
        line = self._lines[lease]
        tries = line.lease.tries + 1
        if tries >= TRIES:
            self._move(line, state="not-revoked", tries=tries, next_try=now + DAY)
            return
        wait = self._base << (tries - 1)
        jitter = wait * int.from_bytes(self._random(2), "big") // 65_536
        self._move(line, tries=tries, next_try=now + wait // 2 + jitter)

    def told(self, lease: str) -> None:
        """The gateway put its end on record."""
        line = self._lines.get(lease)
        if line is None:
            return
        if line.lease.state in OVER:
            self._drop(lease)
        elif line.lease.state == "not-revoked":
            self._move(line, told=True)

    def listed(self, after: str = "") -> list[Lease]:
        """Those behind the id *after*, in the order of ids, as many as fit into one answer (`wire.PAGE`)."""
        following = heapq.nsmallest(PAGE, (name for name in self._lines if name > after))
        return [self._lines[name].lease for name in following]

    @property
    def busy(self) -> bool:
        """Whether something is still to be done."""
        return any(line.lease.state == "ending" for line in self._lines.values())

    def _move(self, line: _Line, **changes: str | int) -> None:
        self._write(msgspec.structs.replace(line, lease=msgspec.structs.replace(line.lease, **changes)))

    def _write(self, line: _Line) -> None:
        name = f"{line.lease.id}.lease"
        write_private(self._folder / name, self._vault.seal(name, msgspec.json.encode(line)))
        self._lines[line.lease.id] = line

    def _drop(self, lease: str) -> None:
        del self._lines[lease]
        (self._folder / f"{lease}.lease").unlink(missing_ok=True)
