"""The rows of ``[oauth]``, ``[clients.NAME]`` and ``[sites.NAME]``."""

from __future__ import annotations

import re
from collections.abc import Callable

from chatwarden.clock import HOUR
from chatwarden.config import values as v
from chatwarden.config.model import GRANTS, ClientConfig, LimitsConfig, OAuthConfig, SiteConfig
from chatwarden.config.setting import Setting, row

_OAUTH, _LIMITS, _CLIENT, _SITE = OAuthConfig(), LimitsConfig(), ClientConfig(""), SiteConfig("")
_LISTED = 32


def some_of(*allowed: str) -> Callable[[object], tuple[str, ...]]:
    """A parser of lists of words from a closed set."""

    def parse(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or any(one not in allowed for one in value):
            raise ValueError(f"this is a list of {', '.join(allowed)}")
        return tuple(dict.fromkeys(value))

    return parse


def services(value: object) -> tuple[str, ...]:
    """Names under which services know themselves: the ``aud`` of tokens."""
    wrong = not isinstance(value, list) or len(value) > _LISTED
    if wrong or not all(isinstance(one, str) and re.fullmatch(r"[!-~]{1,255}", one) for one in value):  # type: ignore[attr-defined]
        raise ValueError('this is a list of names like ["https://orders.example.org"], without spaces')
    return tuple(dict.fromkeys(value))  # type: ignore[call-overload]


PROVIDER_SETTINGS: tuple[Setting, ...] = (
    row("oauth.algorithm", v.one_of("EdDSA", "ES256", "RS256"), _OAUTH.algorithm,
        "how tokens for other services are signed: EdDSA (Ed25519), ES256 or RS256", reload=True),
    row("oauth.rotate", v.duration, _OAUTH.rotate,
        "a new signing key is made after this; earlier ones stay known until what they signed is over", reload=True,
        floor=HOUR),
    row("clients.*.secret_file", v.path, None,
        "file with the secret of this client: 32 to 256 of A-Za-z0-9._~-, a line each while one is replaced",
        reload=True),
    row("clients.*.key_file", v.path, None, "file with the public key of this client (PEM), instead of a secret",
        reload=True),
    row("clients.*.jwks_file", v.path, None, "file with the public keys of this client (JWK Set), instead of a secret",
        reload=True),
    row("clients.*.grants", some_of(*GRANTS), _CLIENT.grants,
        "what it may ask tokens with: client_credentials (for itself), token-exchange (on behalf of a person)",
        reload=True),
    row("clients.*.scopes", v.rights, _CLIENT.scopes,
        "rights that its tokens may carry; on behalf of a person, only those that the person has too", reload=True),
    row("clients.*.audiences", services, _CLIENT.audiences,
        "services that its tokens may be for (aud); a request names one of them, where there is more than one",
        reload=True),
    row("sites.*.issuer", v.word, _SITE.issuer,
        "how the website names itself in its assertions (iss), for example its address", reload=True),
    row("sites.*.key_file", v.path, None, "file with the public key of the website (PEM)", reload=True),
    row("sites.*.jwks_file", v.path, None, "file with the public keys of the website (JWK Set), instead of key_file",
        reload=True),
    row("sites.*.role", v.one_of("customer"), _SITE.role.value, "role of the website's visitors: customer",
        reload=True),
    row("limits.tokens", v.rate, _LIMITS.tokens, "OAuth requests per client or website", reload=True),
    row("limits.token_failures", v.rate, _LIMITS.token_failures,
        "refused OAuth requests per source; and the refusals of credentials at a door where they do not belong that "
        "are put on record, per source: those beyond are refused all the same, without an entry",
        reload=True),
)  # fmt: skip
