"""Everything that may go wrong, once.

Each leaf is an RFC 9457 problem type: ``name`` becomes ``urn:chatwarden:problem:NAME``. A leaf exists only where a
caller branches on it. ``detail`` is shown to people outside: it never holds a secret, personal data or the reason
that tells "absent" from "not yours" (house plan, decision 13).
"""

from __future__ import annotations

from typing import ClassVar


class ChatwardenError(Exception):
    """Root of what this package raises on purpose."""


class Problem(ChatwardenError):
    """A refusal that a client is told about.

    ``extra`` are extension members of the problem document (RFC 9457 section 3.2); ``headers`` go beside it.
    """

    name: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong here"
    status: int = 500

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.extra = extra
        self.headers = headers or {}
        if status is not None:
            self.status = status

    @property
    def type(self) -> str:
        """The problem type as a URN."""
        return f"urn:chatwarden:problem:{self.name}"


class InvalidRequest(Problem):
    """The request is malformed: 400, or 405, 413, 415, 422, 431 where the more precise status fits."""

    name, title, status = "invalid-request", "The request could not be understood", 400


class InvalidCredentials(Problem):
    """Unknown user, wrong password, disabled: one answer for all."""

    name, title, status = "invalid-credentials", "The credentials were not accepted", 401


class InvalidToken(Problem):
    """No token, or one that this gateway does not know."""

    name, title, status = "invalid-token", "The session token was not accepted", 401


class SessionEnded(Problem):
    """The bearer's own session is over; ``reason`` says why, for 24 hours."""

    name, title, status = "session-ended", "The session has ended", 401


class SecondFactorRequired(Problem):
    """Name and password were right, or a second factor must be set up before anything else works."""

    name, title, status = "second-factor-required", "A second factor is needed", 401


class StepUpRequired(Problem):
    """The operation wants a fresh factor (RFC 9470); ``challenge`` is the question."""

    name, title, status = "step-up-required", "Please confirm that it is you", 401


class ConfirmationRequired(Problem):
    """The session is prompted: the person must say that they are still there."""

    name, title, status = "confirmation-required", "Are you still there?", 401


class TooManyAttempts(Problem):
    """Wrong answers or passwords came too often; ``Retry-After`` says when to come back."""

    name, title, status = "too-many-attempts", "Too many attempts", 429


class TooManyRequests(Problem):
    """A rate limit was reached; ``Retry-After`` says when to come back."""

    name, title, status = "too-many-requests", "Too many requests", 429


class Forbidden(Problem):
    """The principal is known and may not do this."""

    name, title, status = "forbidden", "This is not allowed", 403


class NotFound(Problem):
    """Absent or not yours: the same answer."""

    name, title, status = "not-found", "Nothing was found here", 404


class Conflict(Problem):
    """The thing changed meanwhile, or exists already."""

    name, title, status = "conflict", "The state does not allow this", 409


class AttachmentRefused(Problem):
    """The file was not accepted."""

    name, title, status = "attachment-refused", "The attachment was not accepted", 422


class MessageBlocked(Problem):
    """The message holds data that this bot does not accept (``classes``); nothing of it was stored or sent."""

    name, title, status = "message-blocked", "The message was not accepted", 422


class AnswerStopped(Problem):
    """The bot's answer ended where it held data that must not go out (``classes``); what came before is on record."""

    name, title, status = "answer-stopped", "The answer was stopped", 502


class Unavailable(Problem):
    """The gateway cannot do it safely now (storage, drain): nothing was acknowledged."""

    name, title, status = "unavailable", "Not possible at the moment", 503


class ConfigurationError(ChatwardenError):
    """The configuration is wrong. ``line`` is 1-based where it is known; ``setting`` is the last part of the name of
    the setting that leads to it, for whoever can find its line. CLI exit code 2.
    """

    def __init__(self, message: str, *, line: int | None = None, hint: str = "", setting: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.hint = hint
        self.setting = setting


class CannotRun(ChatwardenError):
    """The command could not run (home locked, port in use, read-only home). CLI exit code 3."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Damaged(CannotRun):
    """A file is not as it was written: a check that failed. CLI exit code 1."""


class NotAccepted(ChatwardenError):
    """A credential is not what it must be. ``reason`` is a constant word for the log, never for whoever showed it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
