"""The rows of ``[bots]`` itself and ``[levels.NAME]``."""

from __future__ import annotations

from chatwarden.clock import HOUR
from chatwarden.config import values as v
from chatwarden.config.model import AccountsConfig
from chatwarden.config.setting import OPTIONAL, Setting, row

_ACCOUNTS = AccountsConfig()

ACCOUNT_SETTINGS: tuple[Setting, ...] = (
    row("bots.unused_after", OPTIONAL, _ACCOUNTS.unused_after,
        "an account's instance that did not sign in for this long is disabled, or off", reload=True, floor=HOUR),
    row("bots.warn_before", v.duration, _ACCOUNTS.warn_before,
        "administrators are told this long before a bot's credential runs out", reload=True),
    row("levels.*.rights", v.rights, (),
        "rights of this access level of bots; a bot has one level, the same in every application", reload=True),
)  # fmt: skip
