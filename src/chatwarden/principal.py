"""Who acts: the nouns that every capability shares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a principal is."""

    VISITOR = "visitor"
    PERSON = "person"
    BOT = "bot"


class Role(StrEnum):
    """What a principal may be asked to do. Visitors and bots hold the role of their kind."""

    VISITOR = "visitor"
    CUSTOMER = "customer"
    AGENT = "agent"
    ADMIN = "admin"
    AUDITOR = "auditor"
    TRAINER = "trainer"
    BOT = "bot"


PERSON_ROLES = (Role.CUSTOMER, Role.AGENT, Role.ADMIN, Role.AUDITOR, Role.TRAINER)
STAFF = frozenset({Role.AGENT, Role.ADMIN, Role.AUDITOR, Role.TRAINER})


@dataclass(frozen=True, slots=True)
class Principal:
    """A party that can be named in the log. ``id`` is a pseudonym (``usr_…``, ``vis_…``, ``bot_…``). ``rights`` are names
    that the configuration maps from roles and from claims of a company login; applications give them a meaning.
    """

    id: str
    kind: Kind
    name: str
    roles: tuple[Role, ...]
    rights: tuple[str, ...] = ()
