"""The nouns of the log: lanes, events and entries.

An entry names pseudonyms, decisions and commitments, never content, so that erasing a message leaves the log valid
(house plan, decision 5). The commitment of a message is the SHA-256 of its sealed form: it proves which ciphertext was
stored and says nothing once the key is gone.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Lane(StrEnum):
    """Whose act it is."""

    CLIENT = "client"
    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"


class Event(StrEnum):
    """Every act that is recorded, as ``object:verb``. Names are never changed or reused."""

    GATEWAY_STARTED = "gateway:started"
    GATEWAY_STOPPED = "gateway:stopped"
    GATEWAY_RELOADED = "gateway:reloaded"
    USER_ADDED = "user:added"
    USER_ENABLED = "user:enabled"
    USER_DISABLED = "user:disabled"
    USER_ENROLMENT_ISSUED = "user:enrolment-issued"
    USER_ENROLLED = "user:enrolled"
    USER_RESET = "user:reset"
    USER_ROLE_CHANGED = "user:role-changed"
    USER_CONTACT_CHANGED = "user:contact-changed"
    FACTOR_ADDED = "factor:added"
    FACTOR_RENAMED = "factor:renamed"
    FACTOR_REMOVED = "factor:removed"
    PASSWORD_CHANGED = "password:changed"  # noqa: S105  a word
    RECOVERY_RENEWED = "recovery:renewed"
    RECOVERY_USED = "recovery:used"
    LOGIN_REFUSED = "login:refused"
    LOGIN_FACTOR_REFUSED = "login:factor-refused"
    COMPANY_LOGOUT = "company:logout"
    COMPANY_LOGOUT_REFUSED = "company:logout-refused"
    SESSION_STARTED = "session:started"
    SESSION_ISSUED = "session:issued"
    SESSION_ASKED = "session:asked"
    SESSION_CONFIRMED = "session:confirmed"
    SESSION_CONFIRMATION_REFUSED = "session:confirmation-refused"
    STEP_UP_CONFIRMED = "step-up:confirmed"
    STEP_UP_REFUSED = "step-up:refused"
    SESSION_ENDED = "session:ended"
    CONVERSATION_OPENED = "conversation:opened"
    CONVERSATION_MOVED = "conversation:moved"
    CONVERSATION_HANDOFF_REQUESTED = "conversation:handoff-requested"
    CONVERSATION_HANDOFF_OFFERED = "conversation:handoff-offered"
    MESSAGE_RECEIVED = "message:received"
    MESSAGE_HELD = "message:held"
    MESSAGE_RELEASED = "message:released"
    MESSAGE_BLOCKED = "message:blocked"
    MESSAGE_SHORTENED = "message:shortened"
    MESSAGE_WITHDRAWN = "message:withdrawn"
    MESSAGE_ANSWERED = "message:answered"
    MESSAGE_DESTROYED = "message:destroyed"
    ERASURE_REQUESTED = "erasure:requested"
    EXPORT_MADE = "export:made"
    KEY_MADE = "key:made"
    TOKEN_ISSUED = "token:issued"  # noqa: S105  the name of an act
    TOKEN_REFUSED = "token:refused"  # noqa: S105
    TOKEN_REVOKED = "token:revoked"  # noqa: S105
    BOT_FAILED = "bot:failed"
    BOT_PAUSED = "bot:paused"
    BOT_RESUMED = "bot:resumed"
    BOT_ADDED = "bot:added"
    BOT_INSTANCE_ADDED = "bot:instance-added"
    BOT_LEVEL_CHANGED = "bot:level-changed"
    BOT_ROTATED = "bot:rotated"
    BOT_ENABLED = "bot:enabled"
    BOT_DISABLED = "bot:disabled"
    BOT_LOCKED = "bot:locked"
    BOT_SIGNED_IN = "bot:signed-in"
    BOT_CREDENTIAL_ENDED = "bot:credential-ended"
    CREDENTIAL_MISPLACED = "credential:misplaced"
    NOTICE_GIVEN_UP = "notice:given-up"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One act. ``cause`` is the id of the entry that led to it; ``late`` marks an entry written after its act."""

    v: int = 1
    id: str
    at: int
    lane: Lane
    event: Event
    actor: str
    cause: str = ""
    object: str = ""
    decision: str = "allow"
    reason: str = ""
    commitment: str = ""
    late: bool = False


# A default that is left out must never be the version.
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Entry)


def encode(entry: Entry) -> bytes:
    """The stored form: JSON, at most 65,535 bytes (C2SP tlog-tiles), beginning with its version."""
    return b'{"v":1,' + _ENCODER.encode(entry)[1:]


def decode(data: bytes) -> Entry:
    """The entry in *data*. Raises msgspec.ValidationError."""
    return _DECODER.decode(data)
