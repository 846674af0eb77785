"""An account of a person."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatwarden.errors import InvalidRequest
from chatwarden.principal import Kind, Principal, Role

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
PASSWORD_MIN = 15  # NIST SP 800-63B-4 section 3.1.1.2: single factor
PASSWORD_MAX = 256


@dataclass(frozen=True, slots=True)
class User:
    """One person's account. ``password`` is an Argon2id string or None before enrolment."""

    id: str
    name: str
    role: Role
    enabled: bool
    password: str | None

    @property
    def principal(self) -> Principal:
        """The person as a principal."""
        return Principal(self.id, Kind.PERSON, self.name, (self.role,))


def parse_name(text: str) -> str:
    """A user name. Raises InvalidRequest."""
    if not _NAME.fullmatch(text):
        raise InvalidRequest("a user name has 1 to 64 letters, digits or ._@+- and begins with a letter or digit")
    return text


def parse_new_password(text: str) -> str:
    """A password that may be set: 15 to 256 characters, no composition rules. Raises InvalidRequest."""
    if len(text) < PASSWORD_MIN:
        raise InvalidRequest(f"a password has at least {PASSWORD_MIN} characters", status=422)
    if len(text) > PASSWORD_MAX:
        raise InvalidRequest(f"a password has at most {PASSWORD_MAX} characters", status=422)
    return text
