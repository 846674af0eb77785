"""The nouns of the log: lanes, events, entries and details.

An entry names pseudonyms, decisions and commitments, never content, so that erasing a message or a person leaves the log
valid (house plan, decision 5). It is stored as RFC 8785 JSON, and these bytes are a leaf of the log's tree; rows that an
earlier version wrote are leaves as they were stored. Not here: what an entry's ``detail`` is sealed with (details.py).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self

import msgspec

from chatwarden.errors import ChatwardenError

ENTRY_MAX = 65_535
"""Bytes of an entry: what a length prefix of C2SP tlog-tiles can say."""
_NAME = re.compile(r"[a-z-]{1,32}:[a-z-]{1,48}")


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
    CONVERSATION_HANDOFF_RAISED = "conversation:handoff-raised"
    CONVERSATION_HANDOFF_OFFERED = "conversation:handoff-offered"
    CONVERSATION_HANDOFF_DECLINED = "conversation:handoff-declined"
    CONVERSATION_HANDOFF_WITHDRAWN = "conversation:handoff-withdrawn"
    CONVERSATION_HANDOFF_NOT_TAKEN = "conversation:handoff-not-taken"
    CONVERSATION_HANDOFF_TAKEN = "conversation:handoff-taken"
    CONVERSATION_HANDOFF_ASSIGNED = "conversation:handoff-assigned"
    CONVERSATION_HANDOFF_REQUEUED = "conversation:handoff-requeued"
    CONVERSATION_HANDOFF_TRANSFERRED = "conversation:handoff-transferred"
    CONVERSATION_HANDOFF_FINISHED = "conversation:handoff-finished"
    CONVERSATION_HANDOFF_RESUMED = "conversation:handoff-resumed"
    CONVERSATION_HANDOFF_RETURNED = "conversation:handoff-returned"
    CONVERSATION_HANDOFF_CLOSED = "conversation:handoff-closed"
    CONVERSATION_HANDOFF_REOPENED = "conversation:handoff-reopened"
    MESSAGE_RECEIVED = "message:received"
    MESSAGE_HELD = "message:held"
    MESSAGE_RELEASED = "message:released"
    MESSAGE_BLOCKED = "message:blocked"
    MESSAGE_SHORTENED = "message:shortened"
    MESSAGE_ANSWERED = "message:answered"
    MESSAGE_SENT = "message:sent"
    MESSAGE_NOTED = "message:noted"
    MESSAGE_REVEALED = "message:revealed"
    MESSAGE_DESTROYED = "message:destroyed"
    ERASURE_REQUESTED = "erasure:requested"
    EXPORT_MADE = "export:made"
    BACKUP_MADE = "backup:made"
    BACKUP_RESTORED = "backup:restored"
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
    APPLICATION_ADDED = "application:added"
    APPLICATION_REMOVED = "application:removed"
    CREDENTIAL_ROTATED = "credential:rotated"
    GRANT_ADDED = "grant:added"
    GRANT_REMOVED = "grant:removed"
    BROKER_CALLED = "broker:called"
    BROKER_ANSWERED = "broker:answered"
    BROKER_REFUSED = "broker:refused"
    BROKER_ECHO_FOUND = "broker:echo-found"
    LEASE_OPENED = "lease:opened"
    LEASE_ENDED = "lease:ended"
    LEASE_REVOKED = "lease:revoked"
    LEASE_NOT_REVOKED = "lease:not-revoked"
    NOTICE_GIVEN_UP = "notice:given-up"
    SYSLOG_BEHIND = "syslog:behind"
    SYSLOG_MISSED = "syslog:missed"
    SYSLOG_CAUGHT_UP = "syslog:caught-up"
    BULK_READ_NOTICED = "bulk-read:noticed"
    CONVERSATION_SHOWN = "conversation:shown"
    AUDIT_YEAR_OPENED = "audit:year-opened"
    AUDIT_YEAR_DROPPED = "audit:year-dropped"
    AUDIT_DETAILS_ERASED = "audit:details-erased"
    AUDIT_DAMAGED = "audit:damaged"
    WITNESS_REFUSED = "witness:refused"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """A later program's event is read by its name: after a way back the log has what that one logged."""
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            return None
        later = str.__new__(cls, value)
        later._name_ = later._value_ = value
        return later


class Ocsf(msgspec.Struct, frozen=True):
    """The class and activity of the Open Cybersecurity Schema Framework."""

    activity_id: int
    class_uid: int


class Detail(msgspec.Struct, frozen=True):
    """What an entry only commits to: fields about *subject*, the pseudonym of the person concerned. They can be read until
    that person is erased.
    """

    subject: str
    fields: dict[str, str]


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One act; in the order of RFC 8785, which sorts by name.

    ``act``: on whose behalf the actor acted, outermost first. ``cause``: id of the entry that led to it. ``session``: keyed
    hash of the session's id. ``resource``: alias of what was reached, such as ``app:crm``. ``commitment``: to the message
    that the object is. ``detail``: to a sealed record beside the log. ``late``: written after its act.
    ``note``: what a reader of the receipt must know besides.
    """

    act: tuple[str, ...] = ()
    actor: str
    at: int
    cause: str = ""
    commitment: str = ""
    decision: str = "allow"
    detail: str = ""
    event: Event
    id: str
    lane: Lane
    late: bool = False
    note: str = ""
    object: str = ""
    ocsf: Ocsf | None = None
    reason: str = ""
    resource: str = ""
    session: str = ""
    v: int


VERSION = 2
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Entry)


class TooLong(ChatwardenError):
    """The entry is longer than a leaf may be; nothing was recorded, so nothing may be done."""


def encode(entry: Entry) -> bytes:
    """The stored form: RFC 8785 JSON. Raises TooLong."""
    # Keys are ASCII and declared in order, numbers are whole and below 2^53, and the encoder escapes as the RFC wants.
    data = _ENCODER.encode(entry)
    if len(data) > ENTRY_MAX:
        raise TooLong("an entry of the log is longer than 65,535 bytes")
    return data


def decode(data: bytes) -> Entry:
    """The entry in *data*, of this version or the first. Raises msgspec.ValidationError."""
    return _DECODER.decode(data)
