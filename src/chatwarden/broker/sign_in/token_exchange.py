"""OAuth 2.0 token exchange (RFC 8693): the bot on behalf of a person.

The subject token is a JWT that the gateway signed a moment ago for this one application: ``sub`` is the person, and
``may_act`` (section 4.4) names the only client that may use it, the bot's account there. The application answers with a
token whose ``sub`` is the person and whose ``act.sub`` is the bot (section 4.1). Without a person there is none.
"""

from __future__ import annotations

from chatwarden.broker.sign_in import oauth
from chatwarden.broker.sign_in.model import Means, NotSignedIn, Shown

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  the name of a kind


async def sign_in(means: Means) -> Shown:
    """A token. Raises NotSignedIn or Unreached."""
    if not means.subject:
        raise NotSignedIn("no-person")
    form = {
        "grant_type": GRANT, "subject_token": means.subject, "subject_token_type": JWT,
        "requested_token_type": ACCESS_TOKEN,
    }  # fmt: skip
    return await oauth.token(means, form)
