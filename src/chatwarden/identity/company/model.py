"""The nouns of a company login: what a browser carries while it is away, who arrives, who was logged out."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from chatwarden.clock import Instant
from chatwarden.identity.model import User


class Attempt(msgspec.Struct, frozen=True):
    """A login on its way. The browser carries it, sealed; nothing of it is kept here. ``challenge`` is the page's own
    (RFC 7636), ``verifier`` the one for the provider.
    """

    company: str
    state: str
    nonce: str
    verifier: str
    challenge: str
    page: str
    began: Instant


@dataclass(frozen=True, slots=True)
class Arrived:
    """A person whom a company vouched for. ``subject`` and ``sid`` are how the company names person and session there;
    ``at`` is when their browser came back.
    """

    user: User
    rights: tuple[str, ...]
    factors: tuple[str, ...]
    company: str
    issuer: str
    subject: str
    sid: str
    at: Instant


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Whom a company logged out: a session there, all of a person's, or one that is both. One of the two may be empty."""

    company: str
    issuer: str
    subject: str
    sid: str
