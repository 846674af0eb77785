"""Notices to a program of the house: Standard Webhooks 1.0.0, one POST each, signed with every line of the secret file.

The body is ``{"type": "notice.EVENT", "timestamp", "data": {"account", "user", "role", "gateway"}}``; ``data`` has what
is known. ``webhook-id`` is the same at every try, by which a receiver knows what it has already; the time and the
signature are those of the try. Any 2xx says that it was taken; 410 that it is not wanted any more.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from chatwarden import signing
from chatwarden.clock import SECOND, Instant, rfc3339
from chatwarden.config.files import private_lines
from chatwarden.config.model import NotifyConfig
from chatwarden.errors import ConfigurationError
from chatwarden.notify.model import Account, NotSent
from chatwarden.outgoing import Outgoing, Unreachable

_GONE = 410
_WAIT = 10.0


def body(event: str, user_id: str, account: Account, at: Instant, place: str) -> bytes:
    """What is said of one event."""
    known = {"account": account.name, "user": user_id, "role": account.role, "gateway": place}
    data = {name: value for name, value in known.items() if value}
    return msgspec.json.encode({"type": f"notice.{event}", "timestamp": rfc3339(at), "data": data})


class Hook:
    """The address that notices are posted to. Raises ConfigurationError."""

    def __init__(self, config: NotifyConfig, home: Path, wait: float = _WAIT) -> None:
        assert config.webhook_secret_file is not None  # the configuration demands it
        self._url = config.webhook
        self._secrets = _secrets(home / config.webhook_secret_file)
        self._outgoing = Outgoing(None if config.ca_file is None else home / config.ca_file, wait)

    async def post(self, notice_id: str, data: bytes, now: Instant) -> None:
        """Returns when the other side has taken it. Raises NotSent."""
        signature = signing.signatures(self._secrets, notice_id, now // SECOND, data)
        headers = {
            "Content-Type": "application/json", "webhook-id": notice_id, "webhook-timestamp": str(now // SECOND),
            "webhook-signature": signature.decode("ascii"),
        }  # fmt: skip
        try:
            answer = await self._outgoing.fetch("POST", self._url, headers, data)
        except Unreachable as error:
            certificate = str(error) == "SSLCertVerificationError"
            raise NotSent("certificate" if certificate else "unreachable") from None
        if answer.status == _GONE:
            raise NotSent("gone", for_good=True)
        if not 200 <= answer.status < 300:
            raise NotSent("refused", str(answer.status))


def _secrets(path: Path) -> tuple[bytes, ...]:
    try:
        return signing.secrets(private_lines(path, "webhook_secret_file"))
    except ValueError as error:
        raise ConfigurationError(
            f"{path} does not hold secrets: {error}", hint='for example: echo "whsec_$(openssl rand -base64 32)"',
            setting="webhook_secret_file",
        ) from None  # fmt: skip
