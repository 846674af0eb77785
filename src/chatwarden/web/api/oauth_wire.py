"""How OAuth looks on the wire: forms in, JSON out, refusals in the form of RFC 6749 section 5.2.

A form is bounded, in UTF-8, and gives each parameter once; a parameter without a value counts as left out (section 3.2).
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from chatwarden.clock import SECOND, Instant
from chatwarden.config.model import Rate
from chatwarden.errors import ChatwardenError, InvalidToken
from chatwarden.identity.grants import NotGranted
from chatwarden.log import get_logger
from chatwarden.storage.model import StorageFailed
from chatwarden.web.context import Services
from chatwarden.web.doors import one_kind
from chatwarden.web.http import Reply, Request, json_reply

BODY_MAX = 65_536
_FIELDS = 32
_FORM = "application/x-www-form-urlencoded"
_log = get_logger("oauth")
_Form = TypeVar("_Form")

Text = Annotated[str, msgspec.Meta(max_length=4_096)]
Token = Annotated[str, msgspec.Meta(max_length=16_384)]
Handler = Callable[[Services, Request], Awaitable[Reply]]


class ClientAuthentication(msgspec.Struct):
    """How a client shows who it is in a form (RFC 6749 section 2.3.1, RFC 7521 section 4.2). HTTP Basic will do too."""

    client_id: Text = ""
    client_secret: Text = ""
    client_assertion_type: Text = ""
    client_assertion: Token = ""


class Refused(ChatwardenError):
    """A refusal: a registered word, a text for whoever writes the client, a status."""

    def __init__(
        self, error: str, description: str = "", status: int = 400, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers or {}


def answering(handler: Handler) -> Handler:
    """*handler*, with what it refuses in OAuth's form."""

    @functools.wraps(handler)
    async def answered(services: Services, request: Request) -> Reply:
        try:
            await one_kind(services, request, door=None)
            return await handler(services, request)
        except InvalidToken:
            return _refusal(services, invalid_client(request))
        except Refused as refused:
            return _refusal(services, refused)
        except NotGranted as refused:
            return _refusal(services, Refused(refused.error, refused.description))
        except StorageFailed:
            _log.error("storage-failed")
            unavailable = "nothing was stored; try again later"
            return _refusal(services, Refused("temporarily_unavailable", unavailable, 503, {"Retry-After": "5"}))

    return answered


def _refusal(services: Services, refused: Refused) -> Reply:
    services.metrics.refusal(refused.error.replace("_", "-"))
    told = {"error": refused.error, "error_description": refused.description}
    headers = [(name.lower().encode(), value.encode()) for name, value in refused.headers.items()]
    return json_reply({name: value for name, value in told.items() if value}, refused.status, headers)


async def form(request: Request, kind: type[_Form]) -> _Form:
    """The body as *kind*; parameters that it does not know are passed over (RFC 6749 section 3.2). Raises Refused."""
    if request.header(b"content-type").partition(";")[0].strip().lower() != _FORM:
        raise Refused("invalid_request", f"send {_FORM}")
    body = await request.body()
    if len(body) > BODY_MAX:
        raise Refused("invalid_request", "the body is too large", 413)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError:
        raise Refused("invalid_request", f"the body is a form in UTF-8 of at most {_FIELDS} parameters") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("invalid_request", "a parameter is given twice")
    try:
        return msgspec.convert({name: value for name, value in found.items() if value}, kind)
    except msgspec.ValidationError:
        raise Refused("invalid_request", "a parameter is too long") from None


def basic(request: Request) -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic (RFC 6749 section 2.3.1: both are form-encoded first), or None without it.
    Raises Refused.
    """
    value = request.header(b"authorization")
    if not value:
        return None
    scheme, _, rest = value.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)  # noqa: TRY301  one answer for all that is wrong with it
        name, colon, secret = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
        if not colon:
            raise ValueError(colon)  # noqa: TRY301
    except ValueError:
        raise invalid_client(request) from None
    return unquote_plus(name), unquote_plus(secret)


def invalid_client(request: Request) -> Refused:
    """One answer for everything that is wrong with a client."""
    field = {"WWW-Authenticate": 'Basic realm="chatwarden"'} if request.header(b"authorization") else {}
    return Refused("invalid_client", "the client was not accepted", 401, field)


def limited(services: Services, key: str, rate: Rate | None, now: Instant, *, charge: bool = True) -> None:
    """Raises Refused when *key* did too much; otherwise charges it, if asked to."""
    throttle = services.throttle
    wait = 0 if rate is None else throttle.take(key, rate, now) if charge else throttle.peek(key, rate, now)
    if wait:
        raise Refused(
            "temporarily_unavailable", "too many requests", 429, {"Retry-After": str(-(-wait // SECOND))}
        )  # fmt: skip


def answer(value: Any) -> Reply:
    """*value* as JSON, not to be kept (RFC 6749 section 5.1)."""
    return json_reply(value)
