"""A connection in a house that has proxies in front: whose it is, and whose each request on it is.

Contract: made only where ``server.trusted_proxies`` names somebody, so that a house without proxies pays nothing. The
peer is the socket's, or the one that a trusted proxy announced with a PROXY header. From a trusted peer ``Forwarded``
decides whose request it is (``forwarded.py``); from anybody else that field is refused, because it is either a forgery
or a proxy that nobody listed, whose clients would all look like one. Whoever comes through a proxy has, while requests
of theirs are worked on, the same share of the house as with connections of their own.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from chatwarden.edge.forwarded import Trusted, client_of
from chatwarden.edge.gate import ConnectionGate, Slot
from chatwarden.edge.head import Refusal
from chatwarden.edge.protocol import GuardedProtocol
from chatwarden.edge.proxy_protocol import Source


class BehindProxies(GuardedProtocol):
    """One connection. Use the subclass that ``make_proxied_protocol`` returns."""

    trusted: ClassVar[Trusted]
    gate: ClassVar[ConnectionGate]

    announced: Source | None = None

    _share: Slot | None = None
    _believed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The peer is connected, after its PROXY header and TLS handshake."""
        super().connection_made(transport)
        self.client = self.announced or self.client
        self._believed = self.client is not None and self.client[0] in self.trusted

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._leave()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """The application has answered."""
        self._leave()
        super().on_response_complete()

    def _start(self) -> None:
        if not self.cycle.started:
            said = [value for name, value in self.headers if name == b"forwarded"]
            if said:
                self._take_word(said)
        super()._start()

    def _take_word(self, said: list[bytes]) -> None:
        if not self._believed or self.client is None:
            raise Refusal(400, "forwarded", "the Forwarded field is taken from trusted proxies only")
        client = client_of(self.client[0], said, self.trusted)
        if client not in self.trusted:
            self._share = self.gate.share(client)
            if self._share is None:
                raise Refusal(429, "connections", "too many requests of this address are worked on")
        self.cycle.scope["client"] = (client, 0)

    def _leave(self) -> None:
        share, self._share = self._share, None
        if share is not None:
            share.release()


def make_proxied_protocol(base: type[GuardedProtocol], trusted: Trusted, gate: ConnectionGate) -> type[BehindProxies]:
    """The class *base* of ``make_protocol``, for a house with these proxies in front."""
    return type("ProxiedProtocol", (BehindProxies, base), {"trusted": trusted, "gate": gate})
