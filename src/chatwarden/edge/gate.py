"""How many connections may be open, and how many may come in a second, per peer and in total; asked at accept, before
TLS and before a byte is read.

Contract: ``admit`` returns a slot, or None when the peer or the house is full. A slot is given back exactly once,
however often ``release`` is called. A peer is an IPv4 address or an IPv6 /64, and loopback is a peer like any other.
Unix sockets (no address) are not limited: their file mode decides who connects. One peer can never hold more than its
share; many peers together can fill the house, which no server can tell from a good day.
A trusted proxy counts in total only, since all its clients come through it; each of those has the share of a peer.
"""

from __future__ import annotations

from chatwarden.clock import Instant
from chatwarden.config.model import Rate
from chatwarden.edge.gcra import MemoryThrottle, peer_key


class Slot:
    """One admitted connection: a place in the house, a share of a peer, or both."""

    __slots__ = ("_gate", "_key", "_place")

    def __init__(self, gate: ConnectionGate, key: str | None, *, place: bool) -> None:
        self._gate: ConnectionGate | None = gate
        self._key = key
        self._place = place

    def claim(self, address: str) -> bool:
        """Counts the place of a proxy as the share of the peer it speaks for; False when that peer is full."""
        key = peer_key(address)
        if self._gate is None or self._key is not None or not self._gate.enter(key):
            return False
        self._key = key
        return True

    def release(self) -> None:
        """Gives everything back; the second call does nothing."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.leave(self._key, place=self._place)


class ConnectionGate:
    """Counts open connections."""

    def __init__(self, per_peer: int, total: int) -> None:
        self._per_peer = per_peer
        self._total = total
        self._open = 0
        self._peers: dict[str, int] = {}

    @property
    def open(self) -> int:
        """Connections admitted and not yet gone."""
        return self._open

    @property
    def peers(self) -> int:
        """Peers with at least one open connection."""
        return len(self._peers)

    def admit(self, address: str | None) -> Slot | None:
        """A slot for a connection from *address* (None: a unix socket), or None: close it."""
        if address is None:
            return Slot(self, None, place=False)
        key = peer_key(address)
        if self._open >= self._total or not self.enter(key):
            return None
        self._open += 1
        return Slot(self, key, place=True)

    def admit_proxy(self) -> Slot | None:
        """A slot for a connection of a trusted proxy: a place in the house and nobody's share yet."""
        if self._open >= self._total:
            return None
        self._open += 1
        return Slot(self, None, place=True)

    def share(self, address: str) -> Slot | None:
        """A slot for a request of *address* on a connection of a proxy, whose place is counted already."""
        key = peer_key(address)
        return Slot(self, key, place=False) if self.enter(key) else None

    def enter(self, key: str) -> bool:
        """One more of the peer *key*, unless it has its share. For ``Slot`` only."""
        here = self._peers.get(key, 0)
        if here >= self._per_peer:
            return False
        self._peers[key] = here + 1
        return True

    def leave(self, key: str | None, *, place: bool) -> None:
        """A connection of the peer *key* is gone. For ``Slot`` only."""
        self._open -= place
        if key is None:
            return
        left = self._peers[key] - 1
        if left:
            self._peers[key] = left
        else:
            del self._peers[key]


class Pace:
    """How many new connections a peer and the house accept in a second (GCRA). None is off."""

    def __init__(self, per_peer: Rate | None, total: Rate | None) -> None:
        self._per_peer = per_peer
        self._total = total
        self._throttle = MemoryThrottle()

    def permits(self, address: str, now: Instant) -> bool:
        """Whether *address* may open one more connection. Who is above its own rate costs the house nothing."""
        return self.permits_announced(address, now) and self.permits_any(now)

    def permits_any(self, now: Instant) -> bool:
        """The same for a trusted proxy, which has no rate of its own."""
        return self._total is None or not self._throttle.take("house", self._total, now)

    def permits_announced(self, address: str, now: Instant) -> bool:
        """The same for whom a proxy announces, on a connection that the house has counted already."""
        return self._per_peer is None or not self._throttle.take(f"peer:{peer_key(address)}", self._per_peer, now)
