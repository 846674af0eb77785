"""A session: what is stored of it, and what this process remembers besides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from chatwarden.challenge import Asked
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


class Why(StrEnum):
    """Why an active person is asked for a factor."""

    NOTHING = ""
    INTERVAL = "interval"
    ADDRESS = "address"
    CLIENT = "client"
    PACE = "pace"


@dataclass(frozen=True, slots=True)
class Client:
    """From where a request comes: the peer's address and the client's own name for itself (User-Agent)."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How far apart a person's inputs are, in microseconds: usually, and of late (moving averages)."""

    usual: float = 0.0
    recent: float = 0.0
    inputs: int = 0


@dataclass(slots=True)
class Session:
    """The living record of one session. ``means`` are the factors by which its person can answer; ``attempts_left``
    counts wrong answers in a row; ``answer_deadline`` stands where an answer is due before the idle deadline.
    """

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
    means: tuple[str, ...] = ()
    incomplete: bool = False
    asked: Why = Why.NOTHING
    answer_deadline: Instant | None = None
    recheck_at: Instant | None = None
    known: bytes = b""  # fingerprints of the clients it was used from, eight bytes each

    # What this process remembers besides; after a restart people are asked again.
    question: Asked | None = None
    step_up: Asked | None = None
    approvals: dict[str, Instant] = field(default_factory=dict)
    client: Client | None = None
    pace: Pace = Pace()
    prompt_told: bool = False
    stored_deadline: Instant = 0
    due_at: Instant = 0

    @property
    def role(self) -> str:
        """The first role: it names the limits that apply."""
        return self.principal.roles[0].value
