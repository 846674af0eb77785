"""What an application and its credential must be before they are kept. Pure; what is said about a fault names no secret."""

from __future__ import annotations

import ipaddress
import re
import ssl
from urllib.parse import SplitResult, urlsplit

from chatwarden.broker import echo
from chatwarden.broker.http import Origin
from chatwarden.broker.sign_in.oauth import is_key, key_of
from chatwarden.broker.vault import SECRET_MAX
from chatwarden.broker.wire import KINDS, NAME, Application
from chatwarden.errors import ChatwardenError

OAUTH = frozenset({"client-credentials", "private-key-jwt", "token-exchange"})
_WITH_ACCOUNT = OAUTH | {"basic"}
_FIELD = re.compile(r"[a-z0-9-]{1,64}")
_CHECK = re.compile(r"/[A-Za-z0-9._~!$&'()*+,=:@/?-]*")
# Fields of HTTP itself and of this gateway: a key does not belong there.
_TAKEN = re.compile(
    r"(host|connection|cookie|te|trailer|upgrade|expect|accept-encoding|(content|transfer|proxy|chatwarden)-.*)"
)


class Faulty(ChatwardenError):
    """It cannot be kept; the text says why."""


def check(application: Application, secret: str) -> None:
    """Raises Faulty."""
    if not re.fullmatch(NAME, application.name):
        raise Faulty("a name is small letters, digits and dashes, at most 32")
    if application.sign_in not in KINDS:
        raise Faulty(f"a way to sign in is one of {', '.join(KINDS)}")
    for name in ("url", "token_url", "revoke_url"):
        _address(application, name)
    for name in ("account", "scope", "audience"):
        if not re.fullmatch(r"[ -~]{0,255}", getattr(application, name)):
            raise Faulty(f"{name} is at most 255 printable characters of ASCII")
    if not _CHECK.fullmatch(application.check):
        raise Faulty("the path to check is written like /me")
    _kind(application)
    try:
        Origin(application.url, private=application.private, ca=application.ca).close()
    except (ValueError, ssl.SSLError):
        raise Faulty("the authority is no certificate in PEM") from None
    credential(application, secret)


def credential(application: Application, secret: str) -> None:
    """The same for a credential alone."""
    if len(secret) > SECRET_MAX:
        raise Faulty(f"a credential has at most {SECRET_MAX} characters")
    if application.sign_in in OAUTH and (is_key(secret) or application.sign_in == "private-key-jwt"):
        try:
            key_of(secret)
        except ValueError as error:
            raise Faulty(str(error)) from None
    elif not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", secret):
        raise Faulty("a credential is one line of printable ASCII")
    elif len(secret.replace(" ", "")) < echo.LEAST:
        raise Faulty(
            f"a credential has at least {echo.LEAST} characters: a shorter one cannot be told from other words"
        )


def _kind(application: Application) -> None:
    kind = application.sign_in
    if (kind in _WITH_ACCOUNT) != bool(application.account):
        said = "needs the account of the bot there" if kind in _WITH_ACCOUNT else "knows no account"
        raise Faulty(f"{kind} {said}")
    if kind == "basic" and ":" in application.account:
        raise Faulty("a user name has no colon (RFC 7617)")
    if (kind in OAUTH) != bool(application.token_url):
        raise Faulty(f"{kind} {'needs' if kind in OAUTH else 'knows no'} token address")
    if kind not in OAUTH and (application.revoke_url or application.scope or application.audience):
        raise Faulty(f"{kind} knows no scope, no audience and nothing to revoke")
    if (kind == "api-key") != bool(application.header):
        raise Faulty("api-key, and only that, needs the name of a header field")
    if application.header and (not _FIELD.fullmatch(application.header) or _TAKEN.fullmatch(application.header)):
        raise Faulty("a header field for a key is written like x-api-key and is none of HTTP's own")


def _address(application: Application, name: str) -> None:
    text = getattr(application, name)
    if not text and name != "url":
        return
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and (parts.port or 1) > 0 and re.fullmatch(r"[!-~]{1,1024}", text)
    except ValueError:
        raise Faulty(f"{name} is no address") from None
    if not sound or parts.scheme not in {"https", "http"} or parts.username or parts.query or parts.fragment:
        raise Faulty(f"{name} is written like https://orders.example.org/api")
    if parts.scheme == "http" and not (_is_loopback(parts) and application.private):
        raise Faulty(f"{name} is plain http to another machine: use https (to this machine, http with --private)")


def _is_loopback(parts: SplitResult) -> bool:
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"
