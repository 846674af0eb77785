"""What a token for another service may say: pure rules over what was asked, what the client may and who the person is.

Allowed is what all of them allow: the client's list AND the person's rights (ASVS 5.0, 8.3.3). A token is for one
service, lives for five minutes at most and never longer than the session that it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatwarden import assurance
from chatwarden.clock import SECOND, Instant
from chatwarden.config.model import ClientConfig
from chatwarden.errors import ChatwardenError
from chatwarden.identity.signing import LONGEST

ACCESS_TOKEN = "at+jwt"  # noqa: S105  RFC 9068 section 2.1


class NotGranted(ChatwardenError):
    """A word of RFC 6749 section 5.2 or RFC 8707 section 2 that a client is told, and what it can do."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Behalf:
    """The person for whom a client asks, and the session on which that rests."""

    subject: str
    session: str
    rights: tuple[str, ...]
    factors: tuple[str, ...]
    authenticated_at: Instant
    until: Instant


def audience(client: ClientConfig, asked: str) -> str:
    """The service that a token is for. Raises NotGranted."""
    if not asked:
        if len(client.audiences) == 1:
            return client.audiences[0]
        raise NotGranted("invalid_target", "name the service that the token is for: audience")
    if asked not in client.audiences:
        raise NotGranted("invalid_target", "this client gets no token for that service")
    return asked


def scope(client: ClientConfig, asked: str | None, behalf: Behalf | None) -> tuple[str, ...]:
    """The rights that a token carries; all that are possible where none were asked for. Raises NotGranted."""
    possible = [one for one in client.scopes if behalf is None or one in behalf.rights]
    if asked is None:
        return tuple(possible)
    found = tuple(one for one in dict.fromkeys(asked.split(" ")) if one in possible)
    if not found:
        raise NotGranted("invalid_scope", "none of these rights can be given")
    return found


def claims(
    client: ClientConfig,
    *,
    issuer: str,
    service: str,
    rights: tuple[str, ...],
    behalf: Behalf | None,
    token_id: str,
    now: Instant,
) -> dict[str, Any]:
    """The claims of an access token (RFC 9068 section 2.2); on behalf of a person with ``act`` (RFC 8693 section 4.1)."""
    ends = now + LONGEST if behalf is None else min(now + LONGEST, behalf.until)
    found: dict[str, Any] = {
        "iss": issuer,
        "sub": client.name if behalf is None else behalf.subject,
        "aud": service,
        "client_id": client.name,
        "iat": now // SECOND,
        "exp": ends // SECOND,
        "jti": token_id,
    }
    if rights:
        found["scope"] = " ".join(rights)
    if behalf is not None:
        found |= {
            "act": {"sub": client.name},
            "sid": behalf.session,
            "auth_time": behalf.authenticated_at // SECOND,
            "acr": assurance.acr(behalf.factors),
        }
        if methods := assurance.amr(behalf.factors):
            found["amr"] = methods
    return found
