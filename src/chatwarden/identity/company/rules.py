"""What the claims of a company login mean here. Pure: claims and configuration in, decision out.

A claim leads to no account: people are found by issuer and subject alone. What is doubtful counts for less: no role, no
right, one factor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chatwarden.clock import MINUTE, SECOND, Duration, Instant
from chatwarden.config.model import CompanyConfig
from chatwarden.errors import NotAccepted
from chatwarden.principal import Role

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY: Duration = MINUTE  # between the provider's clock and ours, where a login may be too old
SID_MAX = 255
_CALLED_MAX = 31
_OTHER = re.compile(r"[^A-Za-z0-9._@-]+")

Claims = Mapping[str, Any]


def said(claims: Claims, name: str) -> tuple[str, ...]:
    """The values of a claim: a text, or the texts in a list. A name with dots is looked for as it is, then as a way into
    objects. Anything else says nothing.
    """
    value: Any = claims
    for part in [name] if name in claims else name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def role_of(company: CompanyConfig, claims: Claims) -> Role:
    """The first line of ``roles`` that fits, or the default. Raises NotAccepted where there is none."""
    values = frozenset(said(claims, company.role_claim)) if company.role_claim else frozenset()
    for value, role in company.roles.items():
        if value in values:
            return role
    if company.default_role is None:
        raise NotAccepted("no-role")
    return company.default_role


def rights_of(company: CompanyConfig, claims: Claims) -> tuple[str, ...]:
    """What every fitting line of ``rights`` gives."""
    values = frozenset(said(claims, company.role_claim)) if company.role_claim else frozenset()
    found = [right for value, rights in company.rights.items() if value in values for right in rights]
    return tuple(dict.fromkeys(found))


def factors_of(company: CompanyConfig, claims: Claims) -> tuple[str, ...]:
    """``company``, and ``mfa`` where ``amr`` (RFC 8176) or ``acr`` says so in words that the operator named. ``mfa`` is the
    only word of RFC 8176 that speaks of more than one factor: a key in hardware, say, is one.
    """
    shown = {*said(claims, "amr"), *said(claims, "acr")}
    return ("company", "mfa") if shown.intersection(company.strong) else ("company",)


def called(company: CompanyConfig, claims: Claims) -> str:
    """What the person is called, in letters that a user name has; it may be empty."""
    return _OTHER.sub("-", "".join(said(claims, company.name_claim)[:1]))[:_CALLED_MAX].strip("-")


def missing(company: CompanyConfig, claims: Claims) -> bool:
    """Whether a claim that the configuration names did not come with the ID token."""
    wanted = [company.name_claim, *([company.role_claim] if company.role_claim else [])]
    return any(not said(claims, name) for name in wanted)


def check_login(company: CompanyConfig, claims: Claims, *, nonce: str, now: Instant) -> None:
    """What OpenID Connect Core, section 3.1.3.7, asks of an ID token beyond what is asked of every token. Raises
    NotAccepted.
    """
    if claims.get("nonce") != nonce:
        raise NotAccepted("nonce")
    if claims.get("azp", company.client) != company.client:
        raise NotAccepted("authorized-party")
    if not company.max_age:
        return
    at = claims.get("auth_time")
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < 2**40:
        raise NotAccepted("no-auth-time")
    if now - int(at * SECOND) > company.max_age + LEEWAY:
        raise NotAccepted("too-long-ago")


def sid_of(claims: Claims) -> str:
    """The session at the provider, or nothing. Raises NotAccepted."""
    sid = claims.get("sid", "")
    if not isinstance(sid, str) or len(sid) > SID_MAX or not (sid == "" or sid.isprintable()):
        raise NotAccepted("bad-sid")
    return sid


def check_logout(claims: Claims) -> None:
    """What OpenID Connect Back-Channel Logout 1.0, section 2.6, asks of a logout token beyond what is asked of every
    token: it cannot be mistaken for an ID token, nor an ID token for it. Raises NotAccepted.
    """
    if "nonce" in claims:
        raise NotAccepted("nonce")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
        raise NotAccepted("events")
    if not claims.get("sub") and not sid_of(claims):
        raise NotAccepted("nobody")
