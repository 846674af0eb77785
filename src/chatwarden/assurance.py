"""How sure we are of a person, in the words of others: ``amr`` (RFC 8176) and ``acr`` (OpenID Connect Core section 2).

Pure. What is no method of authentication of ours (the word of a company or a website) has no ``amr``; ``acr`` says what it
stands for here.
"""

from __future__ import annotations

_AMR = {
    "password": ("pwd",),
    "totp": ("otp",),
    "recovery": ("otp",),
    "passkey": ("pop", "user"),
    "passkey-presence": ("pop", "user"),
}
NONE, ONE, TWO = (f"urn:chatwarden:acr:{name}" for name in ("none", "one-factor", "two-factors"))
LEVELS = (NONE, ONE, TWO)


def amr(factors: tuple[str, ...]) -> list[str]:
    """The methods behind *factors*, each once; ``mfa`` is among them where there were two factors."""
    found = dict.fromkeys(method for factor in factors for method in _AMR.get(factor, ()))
    return [*found, *(["mfa"] if acr(factors) == TWO else [])]


def two_factors(factors: tuple[str, ...]) -> bool:
    """Whether two factors were shown (ASVS 6.3.3): a passkey with its user verified is two by itself (NIST SP 800-63B-4,
    appendix B). A company's word is one, unless the company says that it saw two; two things that one has are not two.
    """
    shown = set(factors)
    if "passkey" in shown or {"company", "mfa"} <= shown:
        return True
    return bool(shown & {"password", "company"}) and bool(shown & {"totp", "passkey-presence", "recovery"})


def acr(factors: tuple[str, ...]) -> str:
    """What *factors* amount to."""
    return NONE if not factors else TWO if two_factors(factors) else ONE
