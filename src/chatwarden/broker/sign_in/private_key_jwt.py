"""OAuth 2.0 client credentials, shown by a key (RFC 7523 section 2.2): the application knows the public half only."""

from __future__ import annotations

from chatwarden.broker.sign_in import oauth
from chatwarden.broker.sign_in.model import Means, NotSignedIn, Shown


async def sign_in(means: Means) -> Shown:
    """A token. Raises NotSignedIn or Unreached."""
    if not oauth.is_key(means.secret):
        raise NotSignedIn("no-key")
    return await oauth.token(means, {"grant_type": "client_credentials"})
