"""How many connections may be open, per peer and in total; asked at accept, before TLS and before a byte is read.

Contract: ``admit`` returns a slot, or None when the peer or the house is full. A slot is given back exactly once,
however often ``release`` is called. A peer is an IPv4 address or an IPv6 /64, and loopback is a peer like any other.
Unix sockets (no address) are not limited: their file mode decides who connects. One peer can never hold more than its
share; many peers together can fill the house, which no server can tell from a good day.
"""

from __future__ import annotations

from chatwarden.edge.gcra import peer_key


class Slot:
    """One admitted connection."""

    __slots__ = ("_gate", "_key")

    def __init__(self, gate: ConnectionGate, key: str | None) -> None:
        self._gate: ConnectionGate | None = gate
        self._key = key

    def release(self) -> None:
        """Gives the place back; the second call does nothing."""
        gate, self._gate = self._gate, None
        if gate is not None and self._key is not None:
            gate.leave(self._key)


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
            return Slot(self, None)
        key = peer_key(address)
        here = self._peers.get(key, 0)
        if here >= self._per_peer or self._open >= self._total:
            return None
        self._peers[key] = here + 1
        self._open += 1
        return Slot(self, key)

    def leave(self, key: str) -> None:
        """A connection of the peer *key* is gone. For ``Slot.release`` only."""
        self._open -= 1
        left = self._peers[key] - 1
        if left:
            self._peers[key] = left
        else:
            del self._peers[key]
