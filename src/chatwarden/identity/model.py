"""An account of a person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chatwarden.errors import InvalidRequest
from chatwarden.ids import is_id
from chatwarden.principal import Kind, Principal, Role

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
PASSWORD_MAX = 256


@dataclass(frozen=True, slots=True)
class User:
    """One person's account. ``password`` is an Argon2id string, or None before enrolment and for whom somebody else
    vouches. ``failures`` are wrong passwords in a row.
    """

    id: str
    name: str
    role: Role
    enabled: bool
    password: str | None
    failures: int = field(default=0, compare=False)

    @property
    def principal(self) -> Principal:
        """The person as a principal."""
        return Principal(self.id, Kind.PERSON, self.name, (self.role,))


def parse_name(text: str) -> str:
    """A user name. Raises InvalidRequest."""
    if is_id(text, "bin") or is_id(text, "bot"):
        raise InvalidRequest("this is the id of a bot: a person has a name of their own")
    if not _NAME.fullmatch(text):
        raise InvalidRequest("a user name has 1 to 64 letters, digits or ._@+- and begins with a letter or digit")
    return text
