"""The nouns of the broker's gate: what is granted, who asks for what, and what the world looks like at that moment."""

from __future__ import annotations

from dataclasses import dataclass

from chatwarden.classes import DataClass
from chatwarden.clock import Duration
from chatwarden.config.model import Rate

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Grant:
    """A bot may ask an application, where it stood at the time, for something. ``right`` must be in the bot's level,
    ``person_right`` (if any) among those of the person for whom it asks, who must have proved who they are within
    ``step_up`` (if not 0). ``classes`` may be put in for placeholders on the way out, and may come back.
    """

    id: str
    bot: str
    application: str
    origin: str
    right: str
    methods: tuple[str, ...]
    paths: tuple[str, ...]
    classes: frozenset[DataClass] = frozenset()
    person_right: str = ""
    step_up: Duration = 0
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A bot asks an application for something. ``parts``: the path, decoded; None for one that is unclear."""

    bot: str
    application: str
    method: str
    parts: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so at this moment. ``origin`` is where the application stands, empty if there is none; ``rights`` are those
    of the bot's level; ``person_rights`` those of the person; ``session``: the session lives and waits for no answer;
    ``own_turn``: the turn is one of this very bot; ``proved_ago``: how long ago the person proved who they are.
    """

    origin: str
    rights: frozenset[str]
    person_rights: frozenset[str]
    session: bool
    own_turn: bool
    proved_ago: Duration | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions, whether it holds, and what it says of itself to an administrator."""

    name: str
    holds: bool
    said: str


@dataclass(frozen=True, slots=True)
class Allow:
    """By this grant."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class Deny:
    """The first condition of the nearest grant that does not hold."""

    reason: str
    grant: Grant | None = None
