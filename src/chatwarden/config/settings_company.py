"""The rows of ``[company.NAME]``: logins that a company runs itself (OpenID Connect)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from chatwarden.config import values as v
from chatwarden.config.model import CompanyConfig
from chatwarden.config.setting import OPTIONAL, Setting, row
from chatwarden.principal import PERSON_ROLES, Role

_COMPANY = CompanyConfig("")
_LISTED = 32
# Whoever is nobody in particular neither administers nor audits.
_BY_DEFAULT = tuple(role.value for role in PERSON_ROLES if role not in {Role.ADMIN, Role.AUDITOR})


def issuer(value: object) -> str:
    """An issuer as its provider writes it, letter by letter: an address without query and fragment."""
    parts = urlsplit(value) if isinstance(value, str) and re.fullmatch(r"[!-~]{1,512}", value) else None
    try:
        sound = parts is not None and parts.scheme in {"https", "http"} and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if parts is None or not sound or parts.username is not None or "?" in str(value) or "#" in str(value):
        raise ValueError('this is written like "https://login.example.org/realms/staff", as the provider writes it')
    return str(value)


def words(value: object) -> tuple[str, ...]:
    """A list of words without spaces."""
    wrong = not isinstance(value, list) or len(value) > _LISTED
    if wrong or not all(isinstance(one, str) and re.fullmatch(r"[!-~]{1,255}", one) for one in value):  # type: ignore[attr-defined]
        raise ValueError(f'this is a list of at most {_LISTED} words like ["mfa"]')
    return tuple(dict.fromkeys(value))  # type: ignore[call-overload]


def scopes(value: object) -> tuple[str, ...]:
    """What is asked for; without ``openid`` it is no login (OpenID Connect Core section 3.1.2.1)."""
    found = words(value)
    if "openid" not in found:
        raise ValueError('this is a list of scopes with "openid" among them')
    return found


COMPANY_SETTINGS: tuple[Setting, ...] = (
    row("company.*.issuer", issuer, _COMPANY.issuer,
        "who says who people are, exactly as the provider's metadata says it", reload=True),
    row("company.*.client", v.word, _COMPANY.client, "the gateway's client id there", reload=True),
    row("company.*.secret_file", v.path, None, "file with the secret of that client", reload=True),
    row("company.*.key_file", v.path, None,
        "file with a private key (PEM) by which the client shows who it is (private_key_jwt), instead of a secret",
        reload=True),
    row("company.*.ca_file", v.path, None, "the only authority that the provider may have, if not a public one",
        reload=True),
    row("company.*.title", v.text, _COMPANY.title, "what the button says; the name if empty", reload=True),
    row("company.*.scopes", scopes, _COMPANY.scopes, "what is asked for; openid is one of them", reload=True),
    row("company.*.acr_values", words, _COMPANY.acr_values, "which kinds of login are asked for, the best first",
        reload=True),
    row("company.*.strong", words, _COMPANY.strong,
        "values of amr or acr that stand for two factors; any other login counts as one", reload=True),
    row("company.*.max_age", OPTIONAL, _COMPANY.max_age,
        "how long ago people may have signed in there; the provider asks them again after it", reload=True),
    row("company.*.name_claim", v.word, _COMPANY.name_claim,
        "the claim by which people are called; it leads to no account", reload=True),
    row("company.*.role_claim", v.word, _COMPANY.role_claim,
        "the claim with roles or groups; dots lead into it, as in realm_access.roles", reload=True),
    row("company.*.default_role", v.one_of(*_BY_DEFAULT), None,
        "role of people whom no line of roles fits; if not set they are refused", reload=True),
    row("company.*.roles.*", v.one_of(*(role.value for role in PERSON_ROLES)), None,
        "role of people whose role_claim has this value; the first line that fits counts", reload=True),
    row("company.*.rights.*", v.rights, (),
        "rights of people whose role_claim has this value, besides those of their role; all lines that fit count",
        reload=True),
)  # fmt: skip
