"""What a new password must be: long enough for where it is used, on no list, nobody's name.

Length by use (NIST SP 800-63B-4, section 3.1.1.2); no rule of composition, except letters and digits for the staff of a
bank, which PCI DSS 8.3.6 asks for. The whole password is compared with lists, never a part of what was typed is kept.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

from chatwarden.config.model import Config
from chatwarden.errors import ConfigurationError, InvalidRequest
from chatwarden.identity.blocklist import WHY, refused
from chatwarden.identity.model import PASSWORD_MAX
from chatwarden.principal import STAFF, Role

_FILE_MAX = 64 * 1024 * 1024


class PasswordPolicy:
    """The rules of one configuration. Raises ConfigurationError when the file of refused passwords cannot be read."""

    def __init__(self, config: Config, home: Path) -> None:
        self._passwords = config.passwords
        self._session = config.session
        host = urlsplit(config.server.public_url).hostname or ""
        self._context = ["chatwarden", *host.split("."), *config.bots, *(bot.title for bot in config.bots.values())]
        self._refused = _read(None if config.passwords.refused_file is None else home / config.passwords.refused_file)

    def least(self, role: Role) -> int:
        """The least length for people of *role*."""
        if role in STAFF:
            return self._passwords.staff
        needed = self._session.roles[role].second_factor == "required"
        return self._passwords.beside if needed else self._passwords.alone

    def check(self, password: str, role: Role, name: str) -> str:
        """*password*, when people of *role* called *name* may have it. Raises InvalidRequest 422 with the reason."""
        least = self.least(role)
        if len(password) < least:
            raise InvalidRequest(
                f"a password has at least {least} characters", status=422, reason="password-short", n=least
            )
        if len(password) > PASSWORD_MAX:
            raise InvalidRequest(
                f"a password has at most {PASSWORD_MAX} characters", status=422, reason="password-long", n=PASSWORD_MAX
            )
        digits = role in STAFF and self._passwords.staff_digits
        if digits and not (any(map(str.isalpha, password)) and any(map(str.isdigit, password))):
            raise InvalidRequest("a staff password has a letter and a digit", status=422, reason="password-plain")
        reason = refused(password, [*self._context, name])
        if not reason and _folded(password) in self._refused:
            reason = "password-breached"
        if reason:
            raise InvalidRequest(WHY[reason], status=422, reason=reason)
        return password


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _read(path: Path | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    try:
        if path.stat().st_size > _FILE_MAX:
            raise ConfigurationError(f"{path} is larger than 64 MiB", setting="refused_file")
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}", setting="refused_file") from error
    return frozenset(_folded(line) for line in lines if line)
