"""One bot's HTTP: connections kept and reused, every wait and every size bounded."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from chatwarden.bots.bearer import ClientCredentials
from chatwarden.bots.http1 import Connection, Pool
from chatwarden.bots.model import BotFailed, Link, Turn
from chatwarden.bots.sse import EventReader
from chatwarden.clock import SECOND, Duration
from chatwarden.config.certificates import load_pair
from chatwarden.config.files import credential, private, readable
from chatwarden.config.model import BotConfig, TokenConfig
from chatwarden.errors import ConfigurationError

BODY_MAX = 4 * 1024 * 1024
_TOKEN_WAIT: Duration = 10 * SECOND


class Upstream:
    """The client of one bot: POST to one address, *path* below the configured one. *kept* names the fields of an answer
    that the connector wants to see.
    """

    def __init__(self, config: BotConfig, home: Path, path: str, kept: frozenset[bytes] = frozenset()) -> None:
        self._config = config
        self._kept = kept
        self._home = home
        parts = urlsplit(config.url)
        self._context = _context(config, home) if parts.scheme == "https" else None
        # RFC 9112 section 3.2.2: a proxy that reads the request needs the whole address.
        origin = f"{parts.scheme}://{parts.netloc}" if config.egress_proxy and self._context is None else ""
        target = f"{origin}{(parts.path.rstrip('/') + path if path else parts.path) or '/'}"
        self._line = f"POST {target} HTTP/1.1\r\nhost: {parts.netloc}\r\nuser-agent: chatwarden\r\n".encode()
        self._first_byte = config.first_byte_timeout / SECOND
        self._total = config.total_timeout / SECOND
        self._pool: Pool | None = None
        self._provider: Upstream | None = None
        self._bearer: ClientCredentials | None = None
        if config.token is not None:
            self._provider = _provider(config, home, config.token)
            self._bearer = ClientCredentials(config.token, _client_secret(home, config.token), self._provider.whole)

    async def whole(self, fields: bytes, body: bytes, content_type: str) -> bytes:
        """The whole body of a 200 answer of this content type. Never waits longer than the configured total."""
        return (await self.exchange(fields, body, content_type))[0]

    async def exchange(self, fields: bytes, body: bytes, content_type: str) -> tuple[bytes, dict[bytes, bytes]]:
        """The same with those of its fields that are kept."""
        connection, until = await self._asked(fields, body)
        try:
            await self._accepted(connection, until, content_type)
            data = await self._chunk(connection, until)
            whole = data or b""
            while data is not None:
                data = await self._chunk(connection, until)
                whole += data or b""
                if len(whole) > BODY_MAX:
                    raise BotFailed("oversized")
            return whole, connection.fields
        finally:
            connection.finish()

    async def events(self, fields: bytes, body: bytes, last: bytes) -> AsyncGenerator[list[bytes]]:
        """The data of a stream of server-sent events up to and with *last*; what came together is one list."""
        connection, until = await self._asked(fields, body)
        reader = EventReader()
        size = 0
        try:
            await self._accepted(connection, until, "text/event-stream")
            while (piece := await self._chunk(connection, until)) is not None:
                size += len(piece)
                if size > BODY_MAX:
                    raise BotFailed("oversized")
                together = reader.feed(piece)
                if last in together:
                    yield together[: together.index(last) + 1]
                    connection.leave()
                    return
                if together:
                    yield together
        finally:
            connection.finish()

    async def reach(self) -> Link:
        """Makes a new connection, as a request would, and lets it go. Raises BotFailed."""
        connection = await self._connections().open()
        link = connection.link
        connection.close()
        return link

    def _connections(self) -> Pool:
        if self._pool is None:
            self._pool = Pool(
                self._config.url, context=self._context, connect_seconds=self._config.connect_timeout / SECOND,
                proxy=self._config.egress_proxy, kept=self._kept,
            )  # fmt: skip
        return self._pool

    async def _asked(self, fields: bytes, body: bytes) -> tuple[Connection, float]:
        pool = self._connections()
        until = pool.loop.time() + self._total
        if self._bearer is not None:
            fields += await self._bearer.field()
        connection = await pool.take()
        connection.send(b"%s%scontent-length: %d\r\n\r\n%s" % (self._line, fields, len(body), body))
        return connection, until

    async def _accepted(self, connection: Connection, until: float, content_type: str) -> None:
        await connection.head(min(self._first_byte, until - connection.loop.time()))
        if connection.status != 200:
            if connection.status == 401 and self._bearer is not None:
                self._bearer.forget()
            raise BotFailed("status", str(connection.status))
        if connection.content_type != content_type:
            raise BotFailed("content-type")

    async def _chunk(self, connection: Connection, until: float) -> bytes | None:
        return await connection.chunk(min(self._first_byte, until - connection.loop.time()))

    def reload(self) -> None:
        """Reads authority, client certificate and the secret for tokens again, for what is opened and fetched next.
        Raises ConfigurationError, and then goes on with what it had.
        """
        token = self._config.token
        secret = "" if token is None else _client_secret(self._home, token)
        if self._provider is not None:
            self._provider.reload()
        if self._context is not None:
            self._context = _context(self._config, self._home)
            if self._pool is not None:
                self._pool.context = self._context
        if self._bearer is not None:
            self._bearer.renew(secret)

    async def close(self) -> None:
        """Closes kept connections."""
        if self._bearer is not None:
            self._bearer.close()
        if self._provider is not None:
            await self._provider.close()
        if self._pool is not None:
            self._pool.close()


def _provider(config: BotConfig, home: Path, token: TokenConfig) -> Upstream:
    """The client of the provider of one bot's tokens: the same way out, an authority of its own."""
    wait = min(config.total_timeout, _TOKEN_WAIT)
    try:
        return Upstream(
            replace(
                config, url=token.url, ca_file=token.ca_file, client_certificate_file=None, client_key_file=None,
                token=None, first_byte_timeout=wait, total_timeout=wait,
            ), home, "",
        )  # fmt: skip
    except ConfigurationError as error:
        error.setting = f"token.{error.setting}"
        raise


def _client_secret(home: Path, token: TokenConfig) -> str:
    assert token.secret_file is not None  # the configuration demands it
    return credential(home / token.secret_file, "token.secret_file")


def standing_fields(config: BotConfig, home: Path) -> bytes:
    """What every request to a bot begins with: JSON, and the bot's credential where it has one. Raises
    ConfigurationError.
    """
    fields = "content-type: application/json\r\n"
    if config.credential_file is not None:
        fields += f"authorization: Bearer {credential(home / config.credential_file)}\r\n"
    return fields.encode("ascii")


def with_turn(fields: bytes, turn: Turn) -> bytes:
    """The same with the turn token, if there is one: a test of the gateway itself has none."""
    return b"%schatwarden-turn: %s\r\n" % (fields, turn.turn_token.encode("ascii")) if turn.turn_token else fields


def _context(config: BotConfig, home: Path) -> ssl.SSLContext:
    """Trusts the public authorities, or the configured one and no other."""
    context = ssl.create_default_context() if config.ca_file is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if config.ca_file is not None:
        try:
            context.load_verify_locations(cadata=readable(home / config.ca_file, "ca_file").decode("ascii"))
        except (ssl.SSLError, ValueError):
            raise ConfigurationError(
                f"{home / config.ca_file} holds no certificate", hint="PEM is expected", setting="ca_file"
            ) from None
    if config.client_certificate_file is not None and config.client_key_file is not None:
        chain, key = home / config.client_certificate_file, home / config.client_key_file
        readable(chain, "client_certificate_file")
        private(key, "client_key_file")
        load_pair(context, chain, key, setting="client_certificate_file")
    return context
