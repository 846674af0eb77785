"""The nouns of notices: what is told, to whom, by which way, and why it did not arrive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatwarden.clock import Instant
from chatwarden.errors import ChatwardenError
from chatwarden.principal import STAFF, Role


class Way(StrEnum):
    """How a notice leaves."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class Receiver(StrEnum):
    """Who is told. Each gets a notice of its own, so that one who cannot be reached keeps it from nobody else."""

    PERSON = "person"
    ADMINISTRATORS = "administrators"
    WEBHOOK = "webhook"

    @property
    def way(self) -> Way:
        """How they are reached."""
        return Way.WEBHOOK if self is Receiver.WEBHOOK else Way.MAIL


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one receiver. ``id`` is the same for all receivers and at every try."""

    id: str
    receiver: Receiver
    event: str
    user_id: str
    at: Instant
    tries: int

    @property
    def key(self) -> str:
        """Its name in the outbox."""
        return f"{self.receiver}:{self.id}"


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a notice is about, as far as it may say."""

    name: str
    role: Role | None

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the house's own people."""
        return self.role in STAFF


NOBODY = Account("", None)


class NotSent(ChatwardenError):
    """It did not arrive. ``reason`` is a word of ``texts.REASONS``, ``code`` what a server answered, as a number.

    ``for_good``: another try would end the same. ``alone``: the way is open, only this one notice was refused.
    """

    def __init__(self, reason: str, code: str = "", *, for_good: bool = False, alone: bool = False) -> None:
        super().__init__(f"{reason} {code}".strip())
        self.reason = reason
        self.code = code
        self.for_good = for_good
        self.alone = alone or for_good

    @property
    def number(self) -> int | None:
        """What a server answered, as one number."""
        first = self.code.partition(" ")[0]
        return int(first) if first else None
