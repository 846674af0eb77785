"""OAuth 2.0 client credentials (RFC 6749 section 4.4): the bot for itself, shown by a secret."""

from __future__ import annotations

from chatwarden.broker.sign_in import oauth
from chatwarden.broker.sign_in.model import Means, Shown


async def sign_in(means: Means) -> Shown:
    """A token. Raises NotSignedIn or Unreached."""
    return await oauth.token(means, {"grant_type": "client_credentials"})
