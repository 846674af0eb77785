"""A session and its challenge."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatwarden.clock import Duration, Instant
from chatwarden.principal import Principal


class State(StrEnum):
    """Where a session stands."""

    ACTIVE = "active"
    PROMPTED = "prompted"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a session is over."""

    IDLE = "idle"
    ABSOLUTE = "absolute"
    WRONG_ANSWERS = "wrong-answers"
    REVOKED = "revoked"
    LOGOUT = "logout"
    REPLACED = "replaced"
    DISABLED = "disabled"
    CREDENTIAL_CHANGED = "credential-changed"
    COMPANY_LOGOUT = "company-logout"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question that only the right answer, in time, makes go away."""

    id: str
    purpose: str
    kind: str
    expires_at: Instant


@dataclass(slots=True)
class Session:
    """The living record of one session. ``attempts_left`` counts wrong answers to the present challenge."""

    id: str
    token_hash: bytes
    principal: Principal
    created_at: Instant
    last_input_at: Instant
    idle: Duration
    idle_deadline: Instant
    absolute_deadline: Instant
    answer_within: Duration
    confirmation: str
    attempts: int
    attempts_left: int
    factors: tuple[str, ...]
    authenticated_at: Instant
    origin: str
    ended_at: Instant | None = None
    end_reason: EndReason | None = None
    challenge: Challenge | None = None
    prompt_told: bool = False
    stored_deadline: Instant = 0

    @property
    def role(self) -> str:
        """The first role: it names the limits that apply."""
        return self.principal.roles[0].value
