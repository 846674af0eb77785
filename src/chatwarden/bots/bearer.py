"""A bearer token for a bot, from the company's identity provider: OAuth 2.0 client credentials (RFC 6749 section 4.4).

Fetched when a question needs one, kept in memory until a while before its end, forgotten when the bot refuses it. The
questions that come meanwhile wait for one fetch and share how it ends. Client and secret are shown to the provider
alone (HTTP Basic, section 2.3.1), the token to the bot alone. Not here: how the provider is reached.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote_plus, urlencode

import msgspec

from chatwarden.bots.model import BotFailed
from chatwarden.config.model import TokenConfig

# RFC 6749 section 5.1 recommends expires_in; a provider that leaves it out is asked again this soon.
_LIFE = 300.0
_EARLY = 60.0
_LIFE_MAX = 86_400.0
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,16384}=*")  # RFC 6750 section 2.1

Post = Callable[[bytes, bytes, str], Awaitable[bytes]]


class _Granted(msgspec.Struct):
    access_token: str
    token_type: str
    expires_in: float | None = None


_granted = msgspec.json.Decoder(_Granted, strict=False).decode  # some providers write the seconds as a string


class ClientCredentials:
    """What is shown to one bot. ``post`` sends fields and body to the provider and gives the body of its answer; it
    raises BotFailed and never waits for ever. Use it on one event loop.
    """

    def __init__(self, config: TokenConfig, secret: str, post: Post) -> None:
        self._config = config
        self._post = post
        form = {"grant_type": "client_credentials", **({"scope": config.scope} if config.scope else {})}
        self._body = urlencode(form).encode("ascii")
        self._fetching: asyncio.Future[bytes | BotFailed] | None = None
        self._field = b""
        self._until = 0.0
        self.renew(secret)

    def renew(self, secret: str) -> None:
        """The secret was read again; the next question fetches with it."""
        pair = f"{quote_plus(self._config.client)}:{quote_plus(secret)}".encode("ascii")
        self._fields = (
            b"content-type: application/x-www-form-urlencoded\r\naccept: application/json\r\nauthorization: Basic %s\r\n"
            % base64.b64encode(pair)
        )
        self.forget()

    def forget(self) -> None:
        """The bot did not accept it: the next question fetches another."""
        self._field = b""

    async def field(self) -> bytes:
        """``authorization: Bearer …`` with its line end. Raises BotFailed(token)."""
        if not self._field or asyncio.get_running_loop().time() >= self._until:
            if self._fetching is None or self._fetching.done():
                self._fetching = asyncio.ensure_future(self._fetch())
            # Shielded: a person who goes away does not take the token from those who wait for it too.
            fetched = await asyncio.shield(self._fetching)
            if isinstance(fetched, BotFailed):
                raise BotFailed("token", str(fetched))
            return fetched
        return self._field

    async def _fetch(self) -> bytes | BotFailed:
        begun = asyncio.get_running_loop().time()
        try:
            granted = _granted(await self._post(self._fields, self._body, "application/json"))
        except BotFailed as failure:
            return failure
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return BotFailed("malformed")
        if granted.token_type.lower() != "bearer" or not _TOKEN.fullmatch(granted.access_token):
            return BotFailed("malformed")
        life = _LIFE if granted.expires_in is None else min(max(granted.expires_in, 0.0), _LIFE_MAX)
        self._until = begun + life - min(_EARLY, life / 2)
        self._field = f"authorization: Bearer {granted.access_token}\r\n".encode("ascii")
        return self._field

    def close(self) -> None:
        """Nobody waits any more."""
        if self._fetching is not None:
            self._fetching.cancel()
