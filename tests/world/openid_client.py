"""An unmodified openid-client (Node.js) as a client of a gateway."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from tests.world import nodejs
from tests.world.gateway import Gateway


class NodeClient:
    """An openid-client in a process of its own."""

    def __init__(self, gateway: Gateway, client: str, **who: str) -> None:
        self._process = nodejs.started("client.mjs", authority=gateway.home / "tls" / "ca.pem")
        self.metadata = self("discovery", issuer=gateway.url, client=client, **who)["result"]

    def __call__(self, call: str, **fields: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": call, **fields}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return json.loads(line)

    def right(self, call: str, **fields: str) -> Any:
        told = self(call, **fields)
        assert "result" in told, told
        return told["result"]

    def close(self) -> None:
        self._process.communicate(timeout=20)


@contextlib.contextmanager
def node_client(gateway: Gateway, client: str, **who: str) -> Iterator[NodeClient]:
    made = NodeClient(gateway, client, **who)
    try:
        yield made
    finally:
        made.close()
