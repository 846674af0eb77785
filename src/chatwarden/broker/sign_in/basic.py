"""User name and password (RFC 7617), in UTF-8. The account is the bot's own."""

from __future__ import annotations

import base64

from chatwarden.broker.sign_in.model import Means, Shown


async def sign_in(means: Means) -> Shown:
    """The field."""
    pair = base64.b64encode(f"{means.application.account}:{means.secret}".encode()).decode("ascii")
    return Shown(("authorization", f"Basic {pair}"), (means.secret, pair))
