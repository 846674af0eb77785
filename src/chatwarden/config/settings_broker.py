"""The rows of ``[broker]``."""

from __future__ import annotations

import re

from chatwarden.config import values as v
from chatwarden.config.model import BrokerConfig
from chatwarden.config.setting import Setting, row

_BROKER = BrokerConfig()


def user(value: object) -> str:
    """A user of this machine (useradd(8)), or nothing."""
    if not isinstance(value, str) or not re.fullmatch(r"|[a-z_][a-z0-9_-]{0,31}", value):
        raise ValueError('this is the name of a user, for example "chatwarden-broker"')
    return value


BROKER_SETTINGS: tuple[Setting, ...] = (
    row("broker.socket", v.path, None,
        "socket of a broker that runs as a service of its own; not set, the gateway starts one that is its own user"),
    row("broker.user", user, _BROKER.user, "user of that service: nobody else is believed at that socket"),
)  # fmt: skip
