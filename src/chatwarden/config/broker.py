"""``[broker]``: a service of its own has both a socket and a user."""

from __future__ import annotations

from chatwarden.config.model import BrokerConfig
from chatwarden.config.written import Written


def broker(written: Written) -> BrokerConfig:
    """The table."""
    found = BrokerConfig(**written.table("broker"))
    if (found.socket is None) != (not found.user):
        raise written.error(
            ("broker",), "broker needs both socket and user, or neither",
            "the user tells the broker's service from whoever else may listen there",
        )  # fmt: skip
    return found
