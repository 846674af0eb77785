"""HTTPS to other machines of the company, a few times an hour: discovery, keys, tokens, notices. Not for bots.

No redirect is followed, no proxy is taken from the environment, the certificate is always verified, sizes and times are
bounded. It runs in a thread: the standard library's client is blocking.
"""

from __future__ import annotations

import asyncio
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chatwarden.errors import ChatwardenError, ConfigurationError

BODY_MAX = 1_048_576
_WAIT = 10.0


class Unreachable(ChatwardenError):
    """There was no usable answer; the text names no secret."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Field names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outgoing:
    """A client that trusts the public authorities, or the one in *ca_file* and no other. Raises ConfigurationError."""

    def __init__(self, ca_file: Path | None = None) -> None:
        try:
            self._context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"cannot use the authority {ca_file}", setting="ca_file") from error

    async def fetch(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request; at most ``BODY_MAX`` bytes come back. Raises Unreachable."""
        try:
            async with asyncio.timeout(_WAIT):
                return await asyncio.to_thread(self._fetch, method, url, dict(headers or {}), body)
        except TimeoutError:
            raise Unreachable("no answer in time") from None

    def _fetch(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(host, port, timeout=_WAIT, context=self._context)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=_WAIT)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target, body, {"User-Agent": "chatwarden", "Connection": "close", **headers})
            response = connection.getresponse()
            data = response.read(BODY_MAX + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(type(error).__name__) from error
        finally:
            connection.close()
        if len(data) > BODY_MAX:
            raise Unreachable("the answer is too large")
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, data)
