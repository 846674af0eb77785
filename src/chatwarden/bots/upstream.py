"""One bot's HTTP: connections kept and reused, every wait and every size bounded."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from chatwarden.bots.http1 import Connection, Pool
from chatwarden.bots.model import BotFailed
from chatwarden.clock import SECOND
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError

BODY_MAX = 4 * 1024 * 1024


class Upstream:
    """The client of one bot: POST to one address."""

    def __init__(self, config: BotConfig, home: Path, path: str) -> None:
        self._config = config
        self._context = _context(config, home) if config.url.startswith("https") else None
        parts = urlsplit(config.url)
        self._line = f"POST {parts.path}{path} HTTP/1.1\r\nhost: {parts.netloc}\r\nuser-agent: chatwarden\r\n".encode()
        self._first_byte = config.first_byte_timeout / SECOND
        self._total = config.total_timeout / SECOND
        self._pool: Pool | None = None

    async def whole(self, fields: bytes, body: bytes, content_type: str) -> bytes:
        """The whole body of a 200 answer of this content type."""
        parts: list[bytes] = []
        async for piece in self.pieces(fields, body, content_type):
            parts.append(piece)  # noqa: PERF401  an asynchronous comprehension costs a frame more
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def pieces(self, fields: bytes, body: bytes, content_type: str) -> AsyncGenerator[bytes]:
        """The body of a 200 answer of this content type, as it comes. Never longer than the configured total."""
        size = 0
        async with self._asked(fields, body) as (connection, until):
            await connection.head(min(self._first_byte, until - connection.loop.time()))
            if connection.status != 200:
                raise BotFailed("status", str(connection.status))
            if connection.content_type != content_type:
                raise BotFailed("content-type")
            while (piece := await connection.chunk(min(self._first_byte, until - connection.loop.time()))) is not None:
                size += len(piece)
                if size > BODY_MAX:
                    raise BotFailed("oversized")
                yield piece

    @asynccontextmanager
    async def _asked(self, fields: bytes, body: bytes) -> AsyncGenerator[tuple[Connection, float]]:
        if self._pool is None:
            self._pool = Pool(
                self._config.url, context=self._context, connect_seconds=self._config.connect_timeout / SECOND
            )
        until = self._pool.loop.time() + self._total
        connection = await self._pool.take()
        try:
            connection.send(b"%s%scontent-length: %d\r\n\r\n%s" % (self._line, fields, len(body), body))
            yield connection, until
        finally:
            connection.finish()

    async def close(self) -> None:
        """Closes kept connections."""
        if self._pool is not None:
            self._pool.close()


def credential(path: Path) -> str:
    """The key in *path*, which nobody else may read. Raises ConfigurationError."""
    data = _file(path, "credential_file")
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path} can be read by others", hint=f"chmod 600 {path}")
    text = data.decode("ascii", "replace").strip()
    if not text or not text.isprintable() or not text.isascii() or " " in text:
        raise ConfigurationError(f"{path} does not hold one key", hint="one line of printable characters")
    return text


def _context(config: BotConfig, home: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if config.ca_file is not None:
        try:
            context.load_verify_locations(cadata=_file(home / config.ca_file, "ca_file").decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError):
            raise ConfigurationError(f"{home / config.ca_file} holds no certificate", hint="PEM is expected") from None
    return context


def _file(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {name} {path}: {error.strerror}") from error
