"""A program that is told by webhook: it believes what the reference library of Standard Webhooks believes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.world.upstream import Asked, Upstream, Writer, head

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Hook:
    """Serve it like any behaviour. ``status`` is what it answers; what it takes with 2xx is in ``told``, by its id."""

    secret: str = SECRET
    status: str = "204 No Content"
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def __call__(self, _: Upstream, asked: Asked, writer: Writer) -> None:
        said = Webhook(self.secret).verify(asked.raw, asked.headers)
        name = asked.headers["webhook-id"]
        if self.status.startswith("2"):
            self.told.append((name, said))
        else:
            self.refused.append(name)
        writer.write(head("text/plain", 0, self.status))
        await writer.drain()
