"""One bot's HTTP: connections kept and reused, every wait and every size bounded.

A thin port over pyreqwest (hyper underneath). No redirect is followed, no proxy is taken from the environment, no cookie
is kept, nothing is retried: a bot that was asked once may have acted. Every failure is a BotFailed with a constant word.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import ConnectError, ConnectTimeoutError, PyreqwestError, RequestTimeoutError
from pyreqwest.response import Response

from chatwarden.bots.model import BotFailed
from chatwarden.clock import Duration
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError

BODY_MAX = 4 * 1024 * 1024
_IDLE = timedelta(seconds=50)


class Upstream:
    """The client of one bot."""

    def __init__(self, config: BotConfig, home: Path) -> None:
        builder = (
            ClientBuilder()
            .no_proxy()
            .follow_redirects(enable=False)
            .default_cookie_store(enable=False)
            .referer(enable=False)
            .http1_only()
            .gzip(enable=False)
            .brotli(enable=False)
            .zstd(enable=False)
            .deflate(enable=False)
            .user_agent("chatwarden")
            .tcp_nodelay(enabled=True)
            .connect_timeout(_delta(config.connect_timeout))
            .read_timeout(_delta(config.first_byte_timeout))
            .timeout(_delta(config.total_timeout))
            .pool_idle_timeout(_IDLE)
            .pool_max_idle_per_host(1024)
        )
        if config.ca_file is not None:
            builder = builder.add_root_certificate_pem(_file(home / config.ca_file, "ca_file"))
        self._client: Client = builder.build()

    async def whole(self, url: str, headers: dict[str, str], body: bytes, content_type: str) -> bytes:
        """The whole body of a 200 answer of this content type."""
        async with self._answer(url, headers, body, content_type) as response:
            data = await response.body_reader.read(BODY_MAX + 1)
            if data is None:
                return b""
            if len(data) > BODY_MAX:
                raise BotFailed("oversized")
            return bytes(data)

    async def pieces(self, url: str, headers: dict[str, str], body: bytes, content_type: str) -> AsyncGenerator[bytes]:
        """The body of a 200 answer of this content type, as it comes."""
        total = 0
        async with self._answer(url, headers, body, content_type) as response:
            reader = response.body_reader
            while (chunk := await reader.read_chunk()) is not None:
                total += len(chunk)
                if total > BODY_MAX:
                    raise BotFailed("oversized")
                yield bytes(chunk)

    @asynccontextmanager
    async def _answer(
        self, url: str, headers: dict[str, str], body: bytes, content_type: str
    ) -> AsyncGenerator[Response]:
        try:
            request = self._client.post(url).headers(headers).body_bytes(body).build_streamed()
            async with request as response:
                if response.status != 200:
                    raise BotFailed("status", str(response.status))
                kind = (response.get_header("content-type") or "").partition(";")[0].strip().lower()
                if kind != content_type:
                    raise BotFailed("content-type")
                yield response
        except (ConnectError, ConnectTimeoutError) as error:
            raise BotFailed("unreachable") from error
        except RequestTimeoutError as error:
            raise BotFailed("timeout") from error
        except PyreqwestError as error:
            raise BotFailed("truncated", type(error).__name__) from error

    async def close(self) -> None:
        """Closes kept connections."""
        await self._client.close()


def credential(path: Path) -> str:
    """The key in *path*, which nobody else may read. Raises ConfigurationError."""
    data = _file(path, "credential_file")
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path} can be read by others", hint=f"chmod 600 {path}")
    text = data.decode("ascii", "replace").strip()
    if not text or not text.isprintable() or " " in text:
        raise ConfigurationError(f"{path} does not hold one key", hint="one line of printable characters")
    return text


def _file(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {name} {path}: {error.strerror}") from error


def _delta(duration: Duration) -> timedelta:
    return timedelta(microseconds=duration)
