"""Passwords, one-time codes, keys and tokens: vendors' documentation of their prefixes, RFC 7468, RFC 7519."""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v
from chatwarden.detection.pattern import Pattern


def _key(regex: str, group: int = 0, check: Callable[[str], bool] | None = None) -> Pattern:
    return Pattern(DataClass.CREDENTIAL, regex, 0.95, check, group, counter=False)


SECRETS: tuple[Pattern, ...] = (
    _key(r"(?i)\b(?:password|passwd|passphrase|passwort|kennwort|pwd|contraseña|mot de passe)(?: is| was| ist| lautet|:|=| =| :)+ ?[\"'`«]?([^\s\"'`»\[\]]{4,64})", 1, v.secret_word),
    _key(r"(?i)\b(?:one[ \-]?time (?:code|password)|otp|verification code|login code|sms code|2fa code|mfa code|auth code|tan)\b[^0-9\n]{0,16}(\d{4,8})\b", 1),
    _key(r"\b(?:sk|pk|rk)[_\-](?:live|test|proj|ant|or)?[_\-]?[A-Za-z0-9_\-]{16,200}"),
    _key(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    _key(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_\-]{20,64})"),
    _key(r"\bxox[abprs]-[A-Za-z0-9\-]{10,250}"),
    _key(r"\bAIza[0-9A-Za-z_\-]{35}"),
    _key(r"\bcw[sbtk]_[0-9a-f]{64}\b"),
    _key(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"),
    _key(r"(?i)\bbearer +([A-Z0-9._~+/\-]{20,}=*)", 1),
    _key(r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)"),
)  # fmt: skip
