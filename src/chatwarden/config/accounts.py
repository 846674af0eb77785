"""``[bots]`` itself and ``[levels.NAME]``: what holds for the accounts of bots, and what each access level permits."""

from __future__ import annotations

from chatwarden.config.model import AccountsConfig
from chatwarden.config.written import Written


def accounts(written: Written) -> AccountsConfig:
    """What holds for every account."""
    return AccountsConfig(**written.table("bots"))


def levels(written: Written) -> dict[str, tuple[str, ...]]:
    """The rights of every access level. Raises ConfigurationError for one without any."""
    found = {name: written.table("levels", name).get("rights", ()) for name in written.names("levels")}
    for name, rights in found.items():
        if not rights:
            raise written.error(("levels", name), f"levels.{name} needs rights", 'for example rights = ["orders:read"]')
    return found
