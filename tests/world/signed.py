"""A bot behind a signed webhook, on the reference library of Standard Webhooks: it believes nothing that is not signed
and signs what it says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from chatwarden.clock import SECOND, SystemClock
from tests.world.upstream import Asked, Upstream, Writer, head

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + "dGhlIHNlY3JldCBvZiBzb21lYm9keSBlbHNl"


def answer(text: str, **more: Any) -> dict[str, Any]:
    """An answer as the connector expects it."""
    return {"type": "message.answered", "timestamp": "2026-01-01T00:00:00Z", "data": {"text": text, **more}}


@dataclass
class SignedBot:
    """Serve it like any behaviour. What it says and how it signs can be changed."""

    secret: str = SECRET
    says: Callable[[dict[str, Any]], Any] = lambda asked: answer(f"You said: {asked['data']['text']}")
    message_id: Callable[[str], str] = lambda asked: asked
    late: timedelta = timedelta()
    changed: bytes = b""
    signing: bool = True
    believed: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        webhook = Webhook(self.secret)
        try:
            question = webhook.verify(asked.raw, asked.headers)
        except WebhookVerificationError as error:
            body = json.dumps({"error": str(error)}).encode()
            writer.write(head("application/json", len(body), "401 Unauthorized") + body)
            await writer.drain()
            return
        self.believed.append(question)
        said = self.says(question)
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        extra = self._signature(webhook, asked.headers["webhook-id"], body) if self.signing else ""
        sent = body + self.changed
        writer.write(head("application/json", len(sent), extra=extra) + sent)
        await writer.drain()

    def _signature(self, webhook: Webhook, asked: str, body: bytes) -> str:
        at = datetime.fromtimestamp(SystemClock().now() // SECOND, UTC) + self.late
        message = self.message_id(asked)
        signature = webhook.sign(message, at, body.decode())
        stamp = int(at.timestamp())
        return f"Webhook-Id: {message}\r\nWebhook-Timestamp: {stamp}\r\nWebhook-Signature: {signature}\r\n"
