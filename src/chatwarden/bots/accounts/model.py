"""The nouns of bots' accounts. An account belongs to one configured bot and has one access level; an instance is one
running copy of that bot, with credentials of its own, so that a stolen one stops one copy and not the bot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from chatwarden.clock import MINUTE, Duration, Instant
from chatwarden.storage.model import Transaction

TOKEN_PREFIX = "cwb_"  # noqa: S105  scanners find leaked tokens by it
SECRET_PREFIX = "cwk_"  # noqa: S105  and leaked secrets by this
LIFETIME: Duration = 5 * MINUTE

Tell = Callable[[Transaction, str, str, Instant], None]
"""Puts a notice about an account into a unit of work."""


class State(StrEnum):
    """Whether an account or an instance may be used. Only an instance is locked: somebody else seems to have its
    credential, and nothing but another credential helps.
    """

    ENABLED = "enabled"
    DISABLED = "disabled"
    LOCKED = "locked"


class Method(StrEnum):
    """How an instance shows who it is."""

    SECRET = "secret"  # noqa: S105  a word
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential of an instance. ``material`` is the SHA-256 of a secret, or a public key in PEM; ``generation``
    counts its sign-ins, the last of which was at ``moved_at``.
    """

    number: int
    method: Method
    material: bytes = field(repr=False)
    generation: int
    moved_at: Instant
    expires_at: Instant
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """One running copy of a bot. ``id`` is its OAuth client id; ``plain``: its sign-ins are not counted; ``reason`` says
    why it is not enabled, ``since`` from when on it is expected to be used.
    """

    id: str
    account: str
    label: str
    plain: bool
    state: State
    reason: str
    created_at: Instant
    since: Instant
    used_at: Instant | None
    credentials: tuple[Credential, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A bot as somebody who signs in. ``name`` is the configured bot."""

    id: str
    name: str
    level: str
    state: State
    created_at: Instant
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True, slots=True)
class BotCaller:
    """Who calls with a bot's token, and what it may do at most."""

    account: str
    name: str
    instance: str
    level: str
    rights: frozenset[str]
    generation: int
    expires_at: Instant = 0


@dataclass(frozen=True, slots=True)
class Issued:
    """A new credential. ``secret`` is shown once, and empty where the instance has a key of its own."""

    account: Account
    instance: Instance
    credential: Credential
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proved:
    """An instance that showed one of its credentials."""

    account: Account
    instance: Instance
    credential: Credential


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A token, and what the next sign-in must carry (0 where sign-ins are not counted)."""

    token: str = field(repr=False)
    expires_at: Instant
    generation: int
    rights: tuple[str, ...]
