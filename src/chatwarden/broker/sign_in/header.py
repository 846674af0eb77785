"""A bearer token (RFC 6750 section 2.1) or an API key in a field of its own: the credential is what is shown."""

from __future__ import annotations

from chatwarden.broker.sign_in.model import Means, Shown


async def sign_in(means: Means) -> Shown:
    """The field."""
    name = means.application.header or "authorization"
    value = f"Bearer {means.secret}" if name == "authorization" else means.secret
    return Shown((name, value), (means.secret,))
